"""Tests of the tests: without any one row of a library's models, something else is said of some fixture of that library.

Findings of low confidence count: without its join, a handle that goes into a call nobody knows is one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Request, check
from lint_lambda.knowledge import loader
from lint_lambda.knowledge.location import rules_directory
from tests.oracle.fixture import Fixture, read
from tests.rules.pages import FIXTURES

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
    return [
        read(path)
        for path in found
        if ".fixed" not in path.name and not any(path.stem.startswith(f"{other}_") for other in longer)
    ]


def said(fixture: Fixture, folder: Path) -> list[str]:
    """What the linter says of a fixture, in words that tell any change."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.py").write_bytes(fixture.path.read_bytes())
    (folder / "lambda-lint.toml").write_text('min-confidence = "low"', encoding="utf-8")
    report = check(Request([folder], load_config(folder)))
    assert report.problems == ()
    return [f"{f.location.span.line} {f.code} {f.fate} {f.confidence}" for f in report.findings]


@cache
def said_with_every_row(fixture: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        return said(read(fixture), Path(folder))


@pytest.mark.parametrize(("stem", "verb", "number"), list(rows()), ids=str)
def test_without_the_row_some_fixture_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stem: str, verb: str, number: int
) -> None:
    whole = loader.read_toml

    def without(path: Path) -> Mapping[str, Any]:
        tables = dict(whole(path))
        if path.stem == stem:
            tables[verb] = [table for position, table in enumerate(tables[verb]) if position != number]
        return tables

    fixtures = fixtures_of(stem)
    before = [said_with_every_row(fixture.path) for fixture in fixtures]
    monkeypatch.setattr(loader, "read_toml", without)
    assert [said(fixture, tmp_path / str(index)) for index, fixture in enumerate(fixtures)] != before


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_every_library_has_fixtures_of_both_kinds(path: Path) -> None:
    fixtures = fixtures_of(path.stem)
    assert any(fixture.claims_loss for fixture in fixtures)
    assert any(not fixture.claims_loss for fixture in fixtures)
    assert loader.read_toml(path)["library"]["verified"]
