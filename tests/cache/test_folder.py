"""The cache touches only what it can tell to be its own, wherever it is pointed to."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda.cache import Cache
from lint_lambda.cache.folder import TAG_NAME, Folder
from lint_lambda.cli import cli

DIGEST = "a" * 64
APP = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n"

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
needs_pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")


def seen(top: Path) -> dict[str, str]:
    """Every path below `top` and what is there: contents, targets of links, kinds."""

    def what(path: Path) -> str:
        if path.is_symlink():
            return f"-> {path.readlink()}"
        if path.is_file():
            return path.read_text(encoding="utf-8")
        return stat.filemode(path.lstat().st_mode)[0]

    return {path.relative_to(top).as_posix(): what(path) for path in sorted(top.rglob("*"))}


def project(tmp_path: Path, settings: str = "") -> Path:
    """A project beside somebody's home, with more in it than code."""
    root = tmp_path / "project"
    for name in (".git", "src", "data"):
        (root / name).mkdir(parents=True)
    (root / "src/app.py").write_text(APP, encoding="utf-8")
    (root / "data/kept").write_text("kept", encoding="utf-8")
    (root / ".gitignore").write_text("*.pyc\n", encoding="utf-8")
    if settings:
        (root / "lambda-lint.toml").write_text(f"{settings}\n", encoding="utf-8")
    (tmp_path / "home/.ssh").mkdir(parents=True)
    (tmp_path / "home/.ssh/key").write_text("secret", encoding="utf-8")
    return root


def lint(root: Path, *options: str) -> None:
    """Lint twice, so that a warm run is seen too; the finding is there whatever becomes of the cache."""
    for _ in range(2):
        result = CliRunner().invoke(cli, [str(root), "-v", "--output-format", "concise", *options])
        assert result.exit_code == 1, result.output
        assert "LAM201" in result.stdout
        assert "warning: nothing is kept for the next run: " in result.stderr


@pytest.mark.parametrize("name", [".", "data", "src/..", ".git"])
def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path, name: str) -> None:
    root = project(tmp_path, f'cache-dir = "{name}"')
    (root / ".git/HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    before = seen(tmp_path)
    lint(root)
    assert seen(tmp_path) == before


@needs_links
@pytest.mark.parametrize("isolated", [(), ("--isolated",)], ids=["configured", "isolated"])
def test_a_link_in_the_place_of_the_cache_is_not_followed(tmp_path: Path, isolated: tuple[str, ...]) -> None:
    root = project(tmp_path)
    (root / ".lambda-lint-cache").symlink_to("../home")
    before = seen(tmp_path)
    lint(root, *isolated)
    assert seen(tmp_path) == before


@needs_links
def test_nor_is_one_on_the_way_to_it(tmp_path: Path) -> None:
    root = project(tmp_path, 'cache-dir = "out/cache"')
    (root / "out").symlink_to("../home")
    before = seen(tmp_path)
    lint(root)
    assert seen(tmp_path) == before


@needs_links
def test_nor_one_that_leads_to_a_real_cache(tmp_path: Path) -> None:
    root = project(tmp_path)
    Cache(tmp_path / "home/cache", "1").store_spans(DIGEST, ())
    (root / ".lambda-lint-cache").symlink_to("../home/cache")
    before = seen(tmp_path)
    lint(root)
    assert seen(tmp_path) == before


def test_a_file_in_the_place_of_the_cache_stays(tmp_path: Path) -> None:
    root = project(tmp_path)
    (root / ".lambda-lint-cache").write_text("mine", encoding="utf-8")
    before = seen(tmp_path)
    lint(root)
    assert seen(tmp_path) == before


@needs_pipes
def test_nor_is_a_pipe_waited_for(tmp_path: Path) -> None:
    root = project(tmp_path)
    os.mkfifo(root / ".lambda-lint-cache")
    before = seen(tmp_path)
    lint(root)
    assert seen(tmp_path) == before


def test_another_tools_cache_is_left_alone(tmp_path: Path) -> None:
    root = project(tmp_path, 'cache-dir = ".other"')
    (root / ".other").mkdir()
    tag = "Signature: 8a477f597d28d172789f06886806bc55\n# of another tool\n"
    (root / ".other" / TAG_NAME).write_text(tag, encoding="utf-8")
    before = seen(tmp_path)
    lint(root)
    assert seen(tmp_path) == before


def cache_with(tmp_path: Path, *more: str) -> tuple[Path, Path]:
    """A cache with one entry and `more` files; the folder, and the directory of its version."""
    Cache(tmp_path / "c", "1").store_spans(DIGEST, ())
    (entry,) = (tmp_path / "c").rglob("*.spans")
    for name in more:
        (tmp_path / "c" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "c" / name).write_text("mine", encoding="utf-8")
    return tmp_path / "c", entry.parent


FOREIGN = ("notes.txt", "src/app.py", "0123456789abcdef/notes.txt", "0123456789abcdef/x.spans", f"deep/{DIGEST}.spans")


def test_cleaning_takes_entries_and_nothing_else(tmp_path: Path) -> None:
    place, _ = cache_with(tmp_path, *FOREIGN)
    assert Folder(place).clean() > 0
    left = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert left == {*FOREIGN, ".gitignore", TAG_NAME}


def test_cleaning_removes_the_folder_when_nothing_else_is_in_it(tmp_path: Path) -> None:
    place, _ = cache_with(tmp_path)
    Folder(place).clean()
    assert not place.exists()


@pytest.mark.parametrize("mark", ["none", "foreign"])
def test_cleaning_refuses_what_is_no_cache(tmp_path: Path, mark: str) -> None:
    place, _ = cache_with(tmp_path)
    (place / TAG_NAME).unlink()
    if mark == "foreign":
        (place / TAG_NAME).write_text("Signature: 8a477f597d28d172789f06886806bc55\n", encoding="utf-8")
    before = seen(tmp_path)
    with pytest.raises(OSError, match=r"holds files that are not the cache's"):
        Folder(place).clean()
    assert seen(tmp_path) == before


def test_pruning_takes_entries_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place, _ = cache_with(tmp_path, *FOREIGN)
    monkeypatch.setattr("lint_lambda.cache.LARGEST", 0)
    (other := Cache(place, "2")).store_spans("b" * 64, ())
    other.prune()
    assert other.trouble == ""
    left = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    own = f"{hashlib.sha256(b'2').hexdigest()[:16]}/{'b' * 64}.spans"
    assert left == {*FOREIGN, ".gitignore", TAG_NAME, own}


def test_an_ignore_file_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    place, _ = cache_with(tmp_path)
    (place / ".gitignore").write_text("!keep\n", encoding="utf-8")
    Cache(place, "2").store_spans(DIGEST, ())
    assert (place / ".gitignore").read_text(encoding="utf-8") == "!keep\n"


@pytest.mark.parametrize("left", ["", "Signature: 8a477f5"])
def test_a_folder_whose_making_was_cut_off_is_completed(tmp_path: Path, left: str) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c/.gitignore").write_text("", encoding="utf-8")
    (tmp_path / "c" / TAG_NAME).write_text(left, encoding="utf-8")
    cache_with(tmp_path)
    assert Cache(tmp_path / "c", "1").spans(DIGEST) == ()
    assert (tmp_path / "c/.gitignore").read_text(encoding="utf-8") == "*\n"


@needs_pipes
def test_pipes_links_and_directories_among_the_entries_are_passed_over(tmp_path: Path) -> None:
    place, version = cache_with(tmp_path)
    (tmp_path / "elsewhere").write_text((version / f"{DIGEST}.spans").read_text(encoding="utf-8"), encoding="utf-8")
    pipe, link, folder = ("1" * 64, "2" * 64, "3" * 64)
    os.mkfifo(version / f"{pipe}.spans")
    (version / f"{link}.spans").symlink_to(tmp_path / "elsewhere")
    (version / f"{folder}.spans").mkdir()
    (place / ("f" * 16)).symlink_to(tmp_path / "home")
    cache = Cache(place, "1")
    assert [cache.spans(digest) for digest in (pipe, link, folder)] == [None, None, None]
    Folder(place).clean()
    assert {path.name for path in version.iterdir()} == {f"{name}.spans" for name in (pipe, link, folder)}
    assert (place / ("f" * 16)).is_symlink()


@needs_links
def test_a_link_in_the_place_of_a_version_is_not_followed(tmp_path: Path) -> None:
    place, version = cache_with(tmp_path)
    version.rename(tmp_path / "elsewhere")
    version.symlink_to(tmp_path / "elsewhere")
    before = seen(tmp_path)
    cache = Cache(place, "1")
    assert cache.spans(DIGEST) is None
    cache.store_spans(DIGEST, ())
    assert cache.refusal.endswith("is a link")
    assert seen(tmp_path) == before
