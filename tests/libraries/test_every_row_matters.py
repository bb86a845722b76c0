"""Tests of the tests: without any one call of any one row of the library models, some fixture fails."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lint_lambda.config import ConfigError
from lint_lambda.core.kinds import Kinds
from lint_lambda.engine import session
from lint_lambda.knowledge import loader
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.loader import load_models
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.models import Library, Models
from lint_lambda.knowledge.toml import read_toml
from lint_lambda.knowledge.verbs import CallModel, TypeModel
from tests.oracle.fixture import Fixture
from tests.test_fixtures import ALL, checked, disagreements, named

LIBRARIES = rules_directory() / "libraries" / "python"
TABLES: Mapping[str, Mapping[str, Any]] = {path.stem: read_toml(path) for path in sorted(LIBRARIES.glob("*.toml"))}
OURS = [stem for stem, tables in TABLES.items() if "package" in tables["library"]]
NAMES = ("call", "name", "type", "path", "aliases", "made_by", "pairs", "views", "module", "registry")
"""The keys of a row that hold what a fixture has to mention."""


class Cut(NamedTuple):
    """One row, or one of the calls that it speaks of: the file, the verb, the row's position, the call."""

    stem: str
    verb: str
    position: int
    call: str


def cuts() -> Iterator[Cut]:
    for stem, tables in TABLES.items():
        for verb, rows in tables.items():
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
    libraries = {**_libraries(), cut.stem: loader.read_library({**tables, cut.verb: rows}, cut.stem, load_kinds())}
    return Models(tuple(libraries.values()), load_kinds())


@cache
def _libraries() -> Mapping[str, Any]:
    return {stem: loader.read_library(tables, stem, load_kinds()) for stem, tables in TABLES.items()}


@contextmanager
def knowing(models: Models) -> Iterator[None]:
    """Within it the linter knows these models and no others, but for those of a project's own settings."""
    whole = len(models.libraries)

    def load(extra: Sequence[Mapping[str, Any]] = (), file: str = "") -> Models:
        if not extra:
            return models
        return Models((*models.libraries, *load_models(extra, file).libraries[whole:]), models.kinds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "load_models", load)
        yield


class Asked(Models):
    """Models that note which symbols they are asked about."""

    def __init__(self, libraries: tuple[Library, ...], kinds: Kinds) -> None:
        self.symbols: set[str] = set()
        super().__init__(libraries, kinds)

    def of(self, symbol: str) -> tuple[CallModel, ...]:
        self.symbols.add(symbol)
        return super().of(symbol)

    def type(self, symbol: str) -> TypeModel | None:
        self.symbols.add(symbol)
        return super().type(symbol)

    def made_type(self, symbol: str) -> str | None:
        self.symbols.add(symbol)
        return super().made_type(symbol)

    def pair_type(self, symbol: str) -> str | None:
        self.symbols.add(symbol)
        return super().pair_type(symbol)

    def view_type(self, symbol: str) -> str | None:
        self.symbols.add(symbol)
        return super().view_type(symbol)

    def canonical(self, symbol: str) -> str:
        self.symbols.add(symbol)
        return super().canonical(symbol)

    def ancestry(self, symbol: str) -> tuple[str, ...]:
        self.symbols.update(super().ancestry(symbol))
        return super().ancestry(symbol)


@cache
def _asked() -> Mapping[str, frozenset[str]]:
    """What the fixtures of no distribution make the analysis ask the models about, by ``area/behaviour.py``."""
    models = Asked(tuple(_libraries().values()), load_kinds())
    asked = {}
    with knowing(models), tempfile.TemporaryDirectory() as folder:
        for number, fixture in enumerate(ALL):
            if not named(fixture).startswith("libraries/") and ".fixed" not in named(fixture):
                models.symbols = set()
                fails(fixture, Path(folder) / str(number))
                asked[f"{named(fixture)}.py"] = frozenset(models.symbols)
    return asked


@cache
def _shortest_first() -> Mapping[str, Fixture]:
    """Every fixture, by ``area/behaviour.py``."""
    return {f"{named(each)}.py": each for each in sorted(ALL, key=lambda each: len(_text(tuple(each.files))))}


@cache
def _text(files: tuple[Path, ...]) -> str:
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)


def candidates(cut: Cut) -> Iterator[Fixture]:
    """The fixtures that may notice, those most likely to first."""
    row = TABLES[cut.stem][cut.verb][cut.position]
    given = [cut.call] if cut.call else [row[key] for key in NAMES if key in row]
    symbols = {symbol for each in given for symbol in ([each] if isinstance(each, str) else each)}
    asking = {name for name, asked in _asked().items() if asked & symbols} if cut.stem not in OURS else set()
    pattern, own = re.compile(translate(row.get("fixture", ""))), f"libraries/{cut.stem}_"

    def unlikely(name: str) -> tuple[bool, bool, bool]:
        return (name not in asking, pattern.match(name) is None, not name.startswith(own))

    def mentions(fixture: Fixture, last: int) -> bool:
        parts = {part for symbol in symbols for part in re.findall(r"\w+", symbol)[-last:]}
        return re.search(rf"\b(?:{'|'.join(parts)})\b", _text(tuple(fixture.files))) is not None

    likely = [name for name in _shortest_first() if not all(unlikely(name))]
    likely.sort(key=lambda name: (*unlikely(name), not mentions(_shortest_first()[name], 1)))
    yield from (_shortest_first()[name] for name in likely)
    for name, fixture in _shortest_first().items():
        if name not in likely and mentions(fixture, 2):
            yield fixture


def fails(fixture: Fixture, folder: Path) -> bool:
    folder.mkdir()
    try:
        report, files = checked(fixture, folder)
    except ConfigError:  # its settings name an adapter that is cut
        return True
    return bool(report.problems or disagreements(fixture.marks, report.findings, files))


@pytest.mark.parametrize("cut", list(cuts()), ids=lambda cut: "-".join(map(str, cut)).strip("-"))
def test_without_the_row_some_fixture_fails(tmp_path: Path, cut: Cut) -> None:
    fixtures = candidates(cut)
    with knowing(without(cut)):
        assert any(fails(fixture, tmp_path / str(number)) for number, fixture in enumerate(fixtures))


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
