"""Tests of the tests: without any one call of any one row of the library models, some fixture fails."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lint_lambda.config import ConfigError
from lint_lambda.knowledge import loader
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.models import Languages
from lint_lambda.knowledge.toml import read_toml
from tests.libraries.asking import knowing
from tests.libraries.noticing import noticing
from tests.oracle.fixture import Fixture
from tests.test_fixtures import ALL, checked, disagreements, named, observed

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

    @property
    def key(self) -> str:
        """What it says, wherever it stands."""
        said = json.dumps([self.stem, self.verb, TABLES[self.stem][self.verb][self.position], self.call], default=str)
        return hashlib.sha256(said.encode()).hexdigest()[:12]


def cuts() -> Iterator[Cut]:
    for stem, tables in TABLES.items():
        for verb, rows in tables.items():
            for position, row in enumerate(rows if verb != "library" else ()):
                calls = row.get("call")
                if isinstance(calls, list) and len(calls) > 1:
                    yield from (Cut(stem, verb, position, call) for call in calls)
                else:
                    yield Cut(stem, verb, position, "")


def without(cut: Cut) -> Languages:
    """The models without what is cut."""
    tables = TABLES[cut.stem]
    rows = list(tables[cut.verb])
    row = rows.pop(cut.position)
    if cut.call:
        rows.insert(cut.position, {**row, "call": [call for call in row["call"] if call != cut.call]})
    libraries = {**_libraries(), cut.stem: loader.read_library({**tables, cut.verb: rows}, cut.stem, load_kinds())}
    return Languages(tuple(libraries.values()), load_kinds())


@cache
def _libraries() -> Mapping[str, Any]:
    return {stem: loader.read_library(tables, stem, load_kinds()) for stem, tables in TABLES.items()}


@cache
def _shortest_first() -> Mapping[str, Fixture]:
    """Every fixture of Python, by ``area/behaviour.py``: those of Node would notice only that there are no models of their language."""
    ours = [each for each in ALL if not each.is_node]
    return {f"{named(each)}.py": each for each in sorted(ours, key=lambda each: len(_text(each)))}


def _text(fixture: Fixture) -> str:
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in fixture.files)


@cache
def _naming() -> Mapping[str, AbstractSet[str]]:
    """By word, the fixtures in whose text it stands."""
    return _by_what({name: _WORD.findall(_text(fixture)) for name, fixture in _shortest_first().items()})


@cache
def _asking() -> Mapping[str, AbstractSet[str]]:
    """By symbol, the fixtures whose analysis asks the models about it."""
    return _by_what({name: asked(name) for name in _shortest_first()})


def _by_what(said: Mapping[str, Iterable[str]]) -> Mapping[str, AbstractSet[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for name, words in said.items():
        for word in words:
            found[word].add(name)
    return found


_WORD = re.compile(r"\w+")


class Likely(NamedTuple):
    """What the fixtures are put in order by: what the row mentions, and the fixtures that are named for it."""

    symbols: AbstractSet[str]
    told: AbstractSet[str]
    own: AbstractSet[str]
    naming: AbstractSet[str]

    def order(self, name: str, asking: bool) -> tuple[bool, bool, bool, bool]:
        return (not asking, name not in self.told, name not in self.own, name not in self.naming)


def likely(cut: Cut) -> Likely:
    row = TABLES[cut.stem][cut.verb][cut.position]
    given = [cut.call] if cut.call else [row[key] for key in NAMES if key in row]
    symbols = {symbol for each in given for symbol in ([each] if isinstance(each, str) else each)}
    told, own = _told_by(row.get("fixture", "")), _told_by(f"libraries/{cut.stem}_*")
    return Likely(symbols, told, own, _mentioning(symbols, 1))


def first_candidates(cut: Cut) -> list[Fixture]:
    """The fixtures that are named for the row and ask about it, those most likely to notice first. To know them, no other is analysed."""
    sort = likely(cut)
    names = [name for name in _shortest_first() if name in sort.told | sort.own and sort.symbols & set(asked(name))]
    return [_shortest_first()[name] for name in sorted(names, key=lambda name: sort.order(name, True))]


def candidates(cut: Cut) -> Iterator[Fixture]:
    """All fixtures that may notice, those most likely to first. For a row of the standard library all are analysed, which takes minutes."""
    sort = likely(cut)
    named_for_it = sort.told | sort.own
    if cut.stem in OURS:  # what other fixtures ask about such a library does not matter
        asking: AbstractSet[str] = {name for name in named_for_it if sort.symbols & set(asked(name))}
        elsewhere: AbstractSet[str] = frozenset()
    else:
        asking = _any_of(_asking(), sort.symbols)
        elsewhere = {name for name in asking if not name.startswith("libraries/")}
    first = [name for name in _shortest_first() if name in named_for_it or name in elsewhere]
    mentioning = _mentioning(sort.symbols, 2)
    others = [name for name in _shortest_first() if name in mentioning and name not in named_for_it | elsewhere]
    for name in (*sorted(first, key=lambda name: sort.order(name, name in asking)), *others):
        yield _shortest_first()[name]


def _mentioning(symbols: AbstractSet[str], last: int) -> AbstractSet[str]:
    """The fixtures in whose text one of the last parts of a symbol stands."""
    return _any_of(_naming(), {part for symbol in symbols for part in _WORD.findall(symbol)[-last:]})


def _any_of(said: Mapping[str, AbstractSet[str]], words: Iterable[str]) -> AbstractSet[str]:
    return set[str]().union(*(said[word] for word in words if word in said))


@cache
def _told_by(pattern: str) -> AbstractSet[str]:
    """The fixtures that a pattern of a row names."""
    form = re.compile(translate(pattern))
    return {name for name in _shortest_first() if form.match(name)}


@cache
def asked(name: str) -> Collection[str]:
    """What the analysis of the fixture of this name asks the models about."""
    return frozenset(observed(_shortest_first()[name])["asked"])


def noticed_by(cut: Cut, folder: Path) -> str | None:
    """The first fixture that fails without what is cut: that which noticed last, or else the first of all that may."""
    known = _shortest_first().get(noticing().get(cut.key, ""))
    if known is not None:
        with knowing(without(cut)):
            if fails(known, folder / "known"):
                return f"{named(known)}.py"
    for number, which in enumerate((first_candidates, candidates)):
        fixtures = list(which(cut))  # before anything is cut: it asks what the whole models lead to
        with knowing(without(cut)):
            for position, fixture in enumerate(fixtures):
                if fails(fixture, folder / f"{number}-{position}"):
                    return f"{named(fixture)}.py"
    return None


def fails(fixture: Fixture, folder: Path) -> bool:
    folder.mkdir()
    try:
        report, files = checked(fixture, folder)
    except ConfigError:  # its settings name an adapter that is cut
        return True
    return bool(report.problems or disagreements(fixture.marks, report.findings, files))


@pytest.mark.parametrize("cut", list(cuts()), ids=lambda cut: "-".join(map(str, cut)).strip("-"))
def test_without_the_row_some_fixture_fails(tmp_path: Path, cut: Cut) -> None:
    assert noticed_by(cut, tmp_path), (
        f"rules/libraries/python/{cut.stem}.toml: every fixture passes without row {cut.position + 1} of [[{cut.verb}]]"
        f"{f' saying {cut.call}' if cut.call else ''}; take it out, or write a fixture tests/fixtures/libraries/{cut.stem}_*.py "
        "that fails without it"
    )


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
    place = f"tests/fixtures/libraries/{stem}_*.py"
    assert any(fixture.claims_loss for fixture in fixtures), f"{place}: write one that loses work"
    assert any(not fixture.claims_loss for fixture in fixtures), f"{place}: write the nearest one that loses nothing"
    assert TABLES[stem]["library"]["verified"], f"{stem}.toml: say in `verified` what was observed, with which version"
