"""Every fixture in the sandbox: what it says of its probes holds, and fits what it expects of the linter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.oracle.ahead import Ahead
from tests.oracle.execute import Result, execute
from tests.oracle.fixture import Fixture, discover
from tests.oracle.run import FIXTURES, verdict

RUNNABLE = [fixture for fixture in discover(FIXTURES) if fixture.static_only is None]


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[Ahead[Result]]:
    ahead = Ahead(execute, RUNNABLE, "test_the_sandbox_agrees", request)
    yield ahead
    ahead.close()


@pytest.mark.parametrize("fixture", RUNNABLE, ids=lambda fixture: fixture.name(FIXTURES))
def test_the_sandbox_agrees(fixture: Fixture, results: Ahead[Result]) -> None:
    result = results.result(fixture)
    assert not verdict(result), "\n".join([f"{fixture.path}", *verdict(result), result.log])


def test_there_are_fixtures() -> None:
    assert len(RUNNABLE) > 150
