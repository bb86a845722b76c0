"""The folder that the processes of a run share, and the order of the tests."""

from __future__ import annotations

import compileall
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.shared import FOLDER

FIRST = "tests/test_fixtures.py"
"""It lowers every fixture and notes what each one asks the models: what other tests want to know too."""

ROOT = Path(__file__).parent.parent
LOADED_BY_FUNCTIONS = (ROOT / "lint_lambda" / "emulator" / "inside", ROOT / "tests" / "oracle" / "supply")
"""What functions in the sandbox import. They write no bytecode, so each would compile it anew."""

_made: list[str] = []


def pytest_configure() -> None:
    if FOLDER not in os.environ:  # in xdist's processes, and those of `python -m tests`, it is there already
        _made.append(tempfile.mkdtemp(prefix="lambda-lint-tests-"))
        os.environ[FOLDER] = _made[0]
        for folder in LOADED_BY_FUNCTIONS:
            compileall.compile_dir(folder, quiet=2)


def pytest_unconfigure() -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop(FOLDER, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
