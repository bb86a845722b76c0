"""The folder that the processes of a run share, and the order of the tests."""

from __future__ import annotations

import compileall
import gc
import os
import shutil
import signal
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lint_lambda.core.collecting import collect_rarely
from tests.libraries.environment import missing
from tests.libraries.locks import lock_for
from tests.oracle.fixture import Fixture
from tests.shared import FOLDER

FIRST = "tests/test_fixtures.py"
"""It lowers every fixture and notes what each one asks the models: what other tests want to know too."""

ROOT = Path(__file__).parent.parent
LOADED_BY_FUNCTIONS = (ROOT / "lint_lambda" / "emulator" / "inside", ROOT / "tests" / "oracle" / "supply")
"""What functions in the sandbox import. They write no bytecode, so each would compile it anew."""

# No test depends on the machine's speed.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

_made: list[str] = []


def pytest_configure() -> None:
    # Where the tests were started in the background, what they start would ignore it, too.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["PIP_COMPILE"] = "0"  # most of what the tests install is never loaded
    if FOLDER not in os.environ:  # in xdist's processes, and those of `python -m tests`, it is there already
        _made.append(tempfile.mkdtemp(prefix="lambda-lint-tests-"))
        os.environ[FOLDER] = _made[0]
        for folder in LOADED_BY_FUNCTIONS:
            compileall.compile_dir(folder, quiet=2)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that is collected stays: looking through it for garbage, again and again, took half of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        collect_rarely()


def pytest_unconfigure() -> None:
    for folder in _made:
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.pop(FOLDER, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--environment", help="run what needs libraries and has them in the environment of this lock")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    environment = config.getoption("--environment")
    if environment is not None:
        locked = {item: lock_for(_requirements(item)) for item in items}
        items[:] = [item for item, lock in locked.items() if lock is not None and lock.name == environment]
        config.hook.pytest_deselected(items=[item for item in locked if item not in set(items)])
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_runtest_setup(item: pytest.Item) -> None:
    lacking = missing(_requirements(item))
    if lacking:
        pytest.skip(f"not installed: {lacking}")


def _requirements(item: pytest.Item) -> Sequence[str]:
    """The libraries that a test needs: its fixture says so, or a mark."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    if isinstance(fixture := parameters.get("fixture"), Fixture):
        return () if fixture.is_node else fixture.requires
    return [each for mark in item.iter_markers("requires") for each in mark.args]
