"""Every fixture in the sandbox: what it says of its probes holds, and fits what it expects of the linter."""

from __future__ import annotations

import pytest

from tests.oracle.ahead import Ahead
from tests.oracle.fixture import Fixture, every
from tests.oracle.run import FIXTURES, verdict

RUNNABLE = [fixture for fixture in every() if fixture.static_only is None]


@pytest.mark.parametrize("fixture", RUNNABLE, ids=lambda fixture: fixture.name(FIXTURES))
def test_the_sandbox_agrees(fixture: Fixture, results: Ahead) -> None:
    result = results.result(fixture)
    assert not verdict(result), "\n".join([f"{fixture.path}", *verdict(result), result.log])


def test_there_are_fixtures() -> None:
    assert len(RUNNABLE) > 150
