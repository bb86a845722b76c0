"""Runs what a parametrised test will ask for side by side and ahead of it, so that the tests themselves hardly wait.

Under pytest-xdist the workers are side by side already, and each call is made when it is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Generic, TypeVar

import pytest

from tests.oracle.execute import unmet
from tests.oracle.fixture import Fixture
from tests.oracle.run import FIXTURES, SIDE_BY_SIDE

Answer = TypeVar("Answer")


class Ahead(Generic[Answer]):
    """`call(fixture)` for each of `fixtures` that the session selected for the test named `test`."""

    def __init__(
        self, call: Callable[[Fixture], Answer], fixtures: list[Fixture], test: str, request: pytest.FixtureRequest
    ) -> None:
        self._call = call
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        self._futures: dict[Path, Future[Answer]] = {}
        if "PYTEST_XDIST_WORKER" not in os.environ:
            selected = {item.name for item in request.session.items}
            for fixture in fixtures:
                if f"{test}[{fixture.name(FIXTURES)}]" in selected and unmet(fixture) is None:
                    self._futures[fixture.path] = self._pool.submit(call, fixture)

    def result(self, fixture: Fixture) -> Answer:
        """Its answer; skips the test when the fixture requires what is not here."""
        missing = unmet(fixture)
        if missing is not None:
            pytest.skip(f"it requires {missing}")
        return self._futures[fixture.path].result() if fixture.path in self._futures else self._call(fixture)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
