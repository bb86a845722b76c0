"""Runs the fixtures that tests will ask for side by side and ahead of them, so that the tests themselves hardly wait.

Under pytest-xdist the workers are side by side already, and each fixture is run when it is first asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.oracle.execute import Result, execute, unmet
from tests.oracle.fixture import Fixture
from tests.oracle.run import SIDE_BY_SIDE


class Ahead:
    """The result of one run of each fixture, observed where it can be."""

    def __init__(self, fixtures: Iterable[Fixture]) -> None:
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        self._futures: dict[Path, Future[Result]] = {}
        if "PYTEST_XDIST_WORKER" not in os.environ:
            for fixture in fixtures:
                self._ask(fixture)

    def _ask(self, fixture: Fixture) -> None:
        if fixture.path not in self._futures and unmet(fixture) is None:
            self._futures[fixture.path] = self._pool.submit(execute, fixture, observe=True)

    def result(self, fixture: Fixture) -> Result:
        """Its result; skips the test when the fixture requires what is not here."""
        self._ask(fixture)
        if fixture.path not in self._futures:
            pytest.skip(f"it requires {unmet(fixture)}")
        return self._futures[fixture.path].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
