"""Tests of the tests: without any one call of any one row of a distribution's models, some fixture fails.

The models of the language itself are not cut here: many of their rows are not yet told by any one fixture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lint_lambda import engine
from lint_lambda.config import ConfigError
from lint_lambda.knowledge import loader
from lint_lambda.knowledge.loader import load_models
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.models import Models
from tests.oracle.fixture import Fixture
from tests.test_fixtures import ALL, checked, disagreements, named

LIBRARIES = rules_directory() / "libraries" / "python"
TABLES: Mapping[str, Mapping[str, Any]] = {
    path.stem: loader.read_toml(path) for path in sorted(LIBRARIES.glob("*.toml"))
}
OURS = [stem for stem, tables in TABLES.items() if "package" in tables["library"]]
NAMES = ("call", "name", "type", "path", "aliases", "made_by", "module", "registry")
"""The keys of a row that hold what a fixture has to mention."""


class Cut(NamedTuple):
    """One row, or one of the calls that it speaks of: the file, the verb, the row's position, the call."""

    stem: str
    verb: str
    position: int
    call: str


def cuts() -> Iterator[Cut]:
    for stem in OURS:
        for verb, rows in TABLES[stem].items():
            for position, row in enumerate(rows if verb != "library" else ()):
                calls = row.get("call")
                if isinstance(calls, list) and len(calls) > 1:
                    yield from (Cut(stem, verb, position, call) for call in calls)
                else:
                    yield Cut(stem, verb, position, "")


def without(cut: Cut) -> Models:
    """The models without what is cut."""
    tables = TABLES[cut.stem]
    rows = list(tables[cut.verb])
    row = rows.pop(cut.position)
    if cut.call:
        rows.insert(cut.position, {**row, "call": [call for call in row["call"] if call != cut.call]})
    libraries = {**_libraries(), cut.stem: loader.read_library({**tables, cut.verb: rows}, cut.stem)}
    return Models(tuple(libraries.values()))


@cache
def _libraries() -> Mapping[str, Any]:
    return {stem: loader.read_library(tables, stem) for stem, tables in TABLES.items()}


@cache
def _text(files: tuple[Path, ...]) -> str:
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)


def candidates(cut: Cut) -> Sequence[Fixture]:
    """The fixtures that may notice, those most likely to first."""
    row = TABLES[cut.stem][cut.verb][cut.position]
    given = [cut.call] if cut.call else [row[key] for key in NAMES if key in row]
    symbols = [symbol for each in given for symbol in ([each] if isinstance(each, str) else each)]
    parts = {part for symbol in symbols for part in re.findall(r"\w+", symbol)[-2:]}
    word = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, parts))})(?!\w)")
    own, pattern = f"libraries/{cut.stem}_", row.get("fixture", "")

    def rank(fixture: Fixture) -> tuple[bool, bool, int]:
        name = f"{named(fixture)}.py"
        return (not fnmatch(name, pattern), not name.startswith(own), len(_text(tuple(fixture.files))))

    fitting = [each for each in ALL if rank(each)[:2] != (True, True) or word.search(_text(tuple(each.files)))]
    return sorted(fitting, key=rank)


def fails(fixture: Fixture, folder: Path) -> bool:
    folder.mkdir()
    try:
        report, files = checked(fixture, folder)
    except ConfigError:  # its settings name an adapter that is cut
        return True
    return bool(report.problems or disagreements(fixture.marks, report.findings, files))


@pytest.mark.parametrize("cut", list(cuts()), ids=lambda cut: "-".join(map(str, cut)).strip("-"))
def test_without_the_row_some_fixture_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: Cut) -> None:
    models = without(cut)
    whole = len(models.libraries)

    def load(extra: Sequence[Mapping[str, Any]] = ()) -> Models:
        return Models((*models.libraries, *load_models(extra).libraries[whole:])) if extra else models

    monkeypatch.setattr(engine, "load_models", load)
    assert any(fails(fixture, tmp_path / str(number)) for number, fixture in enumerate(candidates(cut)))


def fixtures_of(stem: str) -> list[Fixture]:
    longer = [other for other in OURS if other.startswith(f"{stem}_")]
    return [
        fixture
        for fixture in ALL
        if named(fixture).startswith(f"libraries/{stem}_")
        and not any(named(fixture).startswith(f"libraries/{other}_") for other in longer)
    ]


@pytest.mark.parametrize("stem", OURS)
def test_every_library_has_fixtures_of_both_kinds(stem: str) -> None:
    fixtures = fixtures_of(stem)
    assert any(fixture.claims_loss for fixture in fixtures)
    assert any(not fixture.claims_loss for fixture in fixtures)
    assert TABLES[stem]["library"]["verified"]
