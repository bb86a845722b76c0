"""The rows of the models of JavaScript libraries that no fixture notices: `python -m tests.libraries.node_rows [LIBRARY…]`.

Each row is cut in turn, and the fixtures are linted that name its package and the last word of one of its calls, those of the
library first: the nearest so many, as few others could notice. The exit status is 1 where a row is noticed by none.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from lint_lambda.config import ConfigError
from lint_lambda.core.record import replace
from lint_lambda.knowledge import loader
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.models import Library, Models
from lint_lambda.knowledge.toml import read_toml
from tests.libraries.asking import knowing
from tests.oracle.fixture import Fixture, is_fix
from tests.test_fixtures import ALL, checked, disagreements, named

LIBRARIES = rules_directory() / "libraries" / "javascript"
TABLES: Mapping[str, Mapping[str, Any]] = {path.stem: read_toml(path) for path in sorted(LIBRARIES.glob("*.toml"))}
NAMES = ("call", "name", "type", "aliases", "made_by")
"""The keys of a row that hold what a fixture has to mention."""
OF_LANGUAGE = "js."
"""How the names of what the language itself has begin: no file imports them."""
MOST = 14
"""Fixtures that are asked about a row, at most."""


def without(stem: str, verb: str, position: int) -> Models:
    """The models of every language without one row."""
    rows = [row for number, row in enumerate(TABLES[stem][verb]) if number != position]
    shipped = loader.load_languages()
    libraries = tuple(_cut(each, stem, {**TABLES[stem], verb: rows}) for each in shipped.libraries)
    return Models(libraries, load_kinds())


def _cut(library: Library, stem: str, tables: Mapping[str, Any]) -> Library:
    if library.language != "javascript" or Path(library.source).stem != stem:
        return library
    left = loader.read_library(tables, library.source, load_kinds())
    return replace(left, of_language=library.of_language, language=library.language)


@cache
def _fixtures() -> tuple[tuple[Fixture, str], ...]:
    """Every fixture of Node with its text, shortest first; what fixes have made of one says nothing more."""
    found = [(fixture, _text(fixture)) for fixture in ALL if fixture.is_node and not is_fix(fixture.place)]
    return tuple(sorted(found, key=lambda each: len(each[1])))


def _text(fixture: Fixture) -> str:
    return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in fixture.files)


def candidates(stem: str, row: Mapping[str, Any]) -> Iterator[Fixture]:
    """The fixtures that may notice, those of the library first."""
    given = [row[key] for key in NAMES if key in row]
    symbols = [symbol for each in given for symbol in ([each] if isinstance(each, str) else each)]
    packages = [_package(symbol) for symbol in symbols]
    words = {word for symbol in symbols for word in re.findall(r"\w+", symbol)[-1:]} if "call" in row else set()
    bare = any(symbol.endswith(("()", "*")) for symbol in symbols)
    likely: list[Fixture] = []
    others: list[Fixture] = []
    for fixture, text in _fixtures():
        if not any(package in text for package in packages):
            continue
        if bare or not words or any(re.search(rf"\b{word}\b", text) for word in words):
            (likely if stem.split("_", maxsplit=1)[0] in named(fixture) else others).append(fixture)
    yield from (*likely, *others)


def _package(symbol: str) -> str:
    """What a file that uses the symbol has to name: its package, without the part that stands for Node; nothing for the language's own."""
    if symbol.startswith(OF_LANGUAGE):
        return ""
    return re.split(r"\.(?=\w|\()", symbol.removeprefix("node:"))[0].rpartition("/")[2]


def notices(fixture: Fixture, folder: Path) -> bool:
    folder.mkdir()
    try:
        report, files = checked(fixture, folder)
    except ConfigError:  # its settings name what is cut
        return True
    return bool(report.problems or disagreements(fixture.marks, report.findings, files))


def needless(stem: str) -> Iterator[str]:
    """The rows of a library that no fixture notices."""
    for verb, rows in TABLES[stem].items():
        for position, row in enumerate(rows if verb != "library" else ()):
            nearest = list(islice(candidates(stem, row), MOST))
            with tempfile.TemporaryDirectory() as folder, knowing(without(stem, verb, position)):
                places = (Path(folder) / str(number) for number in range(len(nearest)))
                if not any(notices(fixture, place) for fixture, place in zip(nearest, places)):
                    yield f"row {position + 1} of [[{verb}]]: {row.get('call', row.get('name', row))}"


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.libraries.node_rows", description=__doc__)
    parser.add_argument(
        "libraries", nargs="*", metavar="LIBRARY", help="as its file is named; all of them when left out"
    )
    libraries: list[str] = parser.parse_args().libraries
    if unknown := sorted(set(libraries) - TABLES.keys()):
        parser.error(f"rules/libraries/javascript has no {', '.join(f'{name}.toml' for name in unknown)}")
    found = 0
    for stem in libraries or TABLES:
        for row in needless(stem):
            found += 1
            print(f"{stem}.toml: {row}", flush=True)
    print(f"{found} rows are noticed by no fixture")
    return min(found, 1)


if __name__ == "__main__":
    sys.exit(main())
