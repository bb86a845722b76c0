"""Every fixture in the sandbox: what it says of its probes holds, and fits what it expects of the linter.

The fixtures run side by side, each in a sandbox of its own; under pytest-xdist the workers are already side by side.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.oracle.execute import Result, execute, unmet
from tests.oracle.fixture import Fixture, discover
from tests.oracle.run import FIXTURES, SIDE_BY_SIDE, verdict

RUNNABLE = [fixture for fixture in discover(FIXTURES) if fixture.static_only is None]


class _Runs:
    """Results of the fixtures that were asked for, started in advance when nothing else runs them side by side."""

    def __init__(self, wanted: list[Fixture]) -> None:
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE)
        self._futures: dict[Path, Future[Result]] = {one.path: self._pool.submit(execute, one) for one in wanted}

    def result(self, fixture: Fixture) -> Result:
        return self._futures[fixture.path].result() if fixture.path in self._futures else execute(fixture)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[_Runs]:
    selected = {item.name for item in request.session.items}
    wanted = [fixture for fixture in RUNNABLE if f"test_the_sandbox_agrees[{fixture.name(FIXTURES)}]" in selected]
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    running = _Runs([fixture for fixture in wanted if unmet(fixture) is None] if alone else [])
    yield running
    running.close()


@pytest.mark.parametrize("fixture", RUNNABLE, ids=lambda fixture: fixture.name(FIXTURES))
def test_the_sandbox_agrees(fixture: Fixture, runs: _Runs) -> None:
    missing = unmet(fixture)
    if missing is not None:
        pytest.skip(f"it requires {missing}")
    result = runs.result(fixture)
    assert not verdict(result), "\n".join([f"{fixture.path}", *verdict(result), result.log])


def test_there_are_fixtures() -> None:
    assert len(RUNNABLE) > 150
