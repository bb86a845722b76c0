"""Tests of the tests: without any one row of a library's models, some fixture of that library fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Request, check
from lint_lambda.knowledge import loader
from lint_lambda.knowledge.location import rules_directory
from tests.oracle.fixture import Fixture, read
from tests.rules.pages import FIXTURES
from tests.test_fixtures import disagreements

LIBRARIES = rules_directory() / "libraries" / "python"
OURS = sorted(path for path in LIBRARIES.glob("*.toml") if "package" in loader.read_toml(path)["library"])


def rows() -> Iterator[tuple[str, str, int]]:
    """Library file, verb and position of every row."""
    for path in OURS:
        for verb, tables in loader.read_toml(path).items():
            if verb != "library":
                for number in range(len(tables)):
                    yield path.stem, verb, number


def fixtures_of(stem: str) -> list[Fixture]:
    found = sorted((FIXTURES / "libraries").glob(f"{stem}_*.py"))
    longer = [path.stem for path in OURS if path.stem.startswith(f"{stem}_")]
    return [read(path) for path in found if not any(path.stem.startswith(f"{other}_") for other in longer)]


def wrong(fixture: Fixture, folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_bytes(fixture.path.read_bytes())
    (folder / "lambda-lint.toml").write_text("\n".join(fixture.config), encoding="utf-8")
    report = check(Request([folder], load_config(folder)))
    return disagreements(fixture.marks, report.findings, {"app.py": fixture.path})


@pytest.mark.parametrize(("stem", "verb", "number"), list(rows()), ids=lambda value: str(value))
def test_without_the_row_some_fixture_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stem: str, verb: str, number: int
) -> None:
    whole = loader.read_toml

    def without(path: Path) -> Mapping[str, Any]:
        tables = dict(whole(path))
        if path.stem == stem:
            tables[verb] = [table for position, table in enumerate(tables[verb]) if position != number]
        return tables

    monkeypatch.setattr(loader, "read_toml", without)
    assert any(wrong(fixture, tmp_path / str(index)) for index, fixture in enumerate(fixtures_of(stem)))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_every_library_has_fixtures_of_both_kinds(path: Path) -> None:
    fixtures = fixtures_of(path.stem)
    assert any(fixture.claims_loss for fixture in fixtures)
    assert any(not fixture.claims_loss for fixture in fixtures)
    assert loader.read_toml(path)["library"]["verified"]
