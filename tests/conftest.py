"""The folder that the processes of a run share, and the order of the tests."""

from __future__ import annotations

import compileall
import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.oracle.fixture import Fixture
from tests.shared import FOLDER, UNTIL

FIRST = "tests/test_fixtures.py"
"""It lowers every fixture and notes what each one asks the models: what other tests want to know too."""

ROOT = Path(__file__).parent.parent
LOADED_BY_FUNCTIONS = (ROOT / "lint_lambda" / "emulator" / "inside", ROOT / "tests" / "oracle" / "supply")
"""What functions in the sandbox import. They write no bytecode, so each would compile it anew."""

# No test depends on the machine's speed.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

NO_TIME = "the time was over"
"""Why a test was not begun."""

_made: list[str] = []


def pytest_configure() -> None:
    # Where the tests were started in the background, what they start would ignore it, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if FOLDER not in os.environ:  # in xdist's processes, and those of `python -m tests`, it is there already
        _made.append(tempfile.mkdtemp(prefix="lambda-lint-tests-"))
        os.environ[FOLDER] = _made[0]
        for folder in LOADED_BY_FUNCTIONS:
            compileall.compile_dir(folder, quiet=2)


def pytest_unconfigure() -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop(FOLDER, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--requiring", action="store_true", help="of the fixtures, run those that need a library")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--requiring"):
        items[:] = [item for item in items if _requires(item)]
    if UNTIL in os.environ:  # where there may be no time for all, others are left out in each run
        random.Random(os.environ.get("PYTHONHASHSEED", "")).shuffle(items)
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if time.time() > float(os.environ.get(UNTIL, "inf")):
        pytest.skip(NO_TIME)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    late = [report.nodeid for report in skipped if NO_TIME in str(report.longrepr)]
    if late:
        terminalreporter.write_line(f"{len(late)} tests were not run, because {NO_TIME}:")
        terminalreporter.write_line(", ".join(sorted(nodeid.rpartition("::")[2] for nodeid in late)))


def _requires(item: pytest.Item) -> bool:
    """Whether a test is about a fixture that needs a library, or about none."""
    fixture = (
        item.callspec.params.get("fixture") if isinstance(item, pytest.Function) and hasattr(item, "callspec") else None
    )
    return not isinstance(fixture, Fixture) or any(not each.startswith("python") for each in fixture.requires)
