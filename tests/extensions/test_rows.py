"""No row of the model of Lambda's own APIs is dead weight: without it some fixture disagrees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.knowledge.loader import load_models
from lint_lambda.knowledge.models import Library, Models
from tests.libraries.asking import knowing
from tests.oracle.fixture import FIXTURES, discover
from tests.test_fixtures import checked, disagreements

SOURCE = "python/lambda_extensions.toml"
EXTENSIONS = next(library for library in load_models().libraries if library.source == SOURCE)
ROWS: list[Any] = [*EXTENSIONS.endpoints, *EXTENSIONS.rows]


def without(row: Any) -> Models:
    def cut(library: Library) -> Library:
        return replace(
            library,
            endpoints=tuple(endpoint for endpoint in library.endpoints if endpoint is not row),
            rows=tuple(each for each in library.rows if each is not row),
        )

    libraries = [EXTENSIONS if library.source == SOURCE else library for library in load_models().libraries]
    return Models(tuple(cut(library) for library in libraries), load_models().kinds)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: getattr(row, "path", "") or row.symbol)
def test_a_fixture_needs_it(row: Any, tmp_path: Path) -> None:
    with knowing(without(row)):
        assert any(_disagrees(number, tmp_path) for number in range(len(EXTENDING))), "every fixture agrees without it"


EXTENDING = list(discover(FIXTURES / "extensions"))


def _disagrees(number: int, tmp_path: Path) -> bool:
    folder = tmp_path / str(number)
    folder.mkdir()
    report, files = checked(EXTENDING[number], folder)
    return bool(disagreements(EXTENDING[number].marks, report.findings, files))
