"""The compiled file: it says what the sources say, and counts only beside the sources that it was made from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lint_lambda.knowledge import kinds, loader, rulebook, shipped, texts
from lint_lambda.knowledge.compile import compile_rules
from lint_lambda.knowledge.errors import KnowledgeError
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.tables import OTHER_TABLES


@pytest.fixture(scope="module")
def compiled() -> bytes:
    return compile_rules(rules_directory())


@pytest.fixture
def directory(tmp_path: Path, compiled: bytes) -> Path:
    """The sources, and the file that was made from them."""
    directory = tmp_path / "rules"
    shutil.copytree(rules_directory(), directory)
    (directory / shipped.COMPILED).write_bytes(compiled)
    return directory


def test_beside_its_sources_it_counts(directory: Path, compiled: bytes) -> None:
    read, made = shipped.read_compiled(directory), shipped.Compiled(compiled)
    assert read is not None and read.rules == made.rules and read.names("libraries") == made.names("libraries")
    assert all(read.table(name) == made.table(name) for name in (*made.names("libraries"), "kinds.toml", "texts.toml"))


@pytest.mark.parametrize(
    "change",
    [
        lambda directory: (directory / "libraries" / "python" / "trio.toml").write_text(
            "[library]\n", encoding="utf-8"
        ),
        lambda directory: (directory / "libraries" / "python" / "trio.toml").unlink(),
        lambda directory: (directory / "libraries" / "python" / "another.toml").touch(),
        lambda directory: (directory / "kinds.toml").rename(directory / "sorts.toml"),
        lambda directory: (directory / "LAM201-orphan-thread.md").write_text("More.\n", encoding="utf-8"),
    ],
    ids=["changed", "gone", "new", "renamed", "page"],
)
def test_beside_others_it_is_ignored(directory: Path, change: object) -> None:
    assert callable(change)
    change(directory)
    assert shipped.read_compiled(directory) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"\xff"', b'{"tables": {}}'])
def test_what_is_no_such_file_is_ignored(directory: Path, content: bytes) -> None:
    (directory / shipped.COMPILED).write_bytes(content)
    assert shipped.read_compiled(directory) is None


def test_without_it_there_are_the_sources(directory: Path) -> None:
    (directory / shipped.COMPILED).unlink()
    assert shipped.read_compiled(directory) is None


def test_what_is_wrong_in_the_sources_is_said_when_it_is_made(directory: Path) -> None:
    with (directory / "libraries" / "python" / "trio.toml").open("a", encoding="utf-8") as file:
        file.write('[[join]]\ncall = "trio.wait"\n')
    with pytest.raises(KnowledgeError, match=r"trio.toml: \[\[join\]\] number \d+ \(trio.wait\): `target` is missing"):
        compile_rules(directory)


def test_both_say_the_same(compiled: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "compiled", lambda: None)
    models, of_rules = loader._shipped_models.__wrapped__(), rulebook._shipped_rules.__wrapped__()
    others = kinds.load_kinds.__wrapped__(), texts._tables.__wrapped__()
    monkeypatch.setattr(shipped, "compiled", lambda: shipped.Compiled(compiled))
    again = loader._shipped_models.__wrapped__()
    assert [library.source for library in again.libraries] == [library.source for library in models.libraries]
    for library, other in zip(again.libraries, models.libraries):
        assert library.models == other.models
        assert [row.symbol for row in library.rows] == [row.symbol for row in other.rows]
        for name in ("name", "docs", "package", "verified", *(f"{table}s" for table in OTHER_TABLES)):
            assert getattr(library, name) == getattr(other, name)
    assert list(rulebook._shipped_rules.__wrapped__()) == list(of_rules)
    assert (kinds.load_kinds.__wrapped__(), texts._tables.__wrapped__()) == others


def test_a_model_is_made_when_it_is_asked_for(compiled: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "compiled", lambda: shipped.Compiled(compiled))
    models = loader._shipped_models.__wrapped__().together
    made = [row for library in models.libraries for row in library.rows if row.is_made]
    assert not [row for row in made if row.verb.__name__ != "ScopeModel"]
    assert models.of("threading.Thread.start")
    assert sum(row.is_made for library in models.libraries for row in library.rows) == len(made) + 1


def test_files_that_import_a_library_hold_a_word_of_it() -> None:
    tokens = loader.load_languages().of("javascript").tokens
    assert [token for token in tokens if not token.isidentifier()] == []
