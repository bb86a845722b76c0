"""The folder that the processes of a run share, and the order of the tests."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

from tests.shared import FOLDER

FIRST = "tests/test_fixtures.py"
"""It lowers every fixture and notes what each one asks the models: what other tests want to know too."""

_made: list[str] = []


def pytest_configure() -> None:
    if FOLDER not in os.environ:  # in xdist's processes, and those of `python -m tests`, it is there already
        _made.append(tempfile.mkdtemp(prefix="lambda-lint-tests-"))
        os.environ[FOLDER] = _made[0]


def pytest_unconfigure() -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop(FOLDER, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
