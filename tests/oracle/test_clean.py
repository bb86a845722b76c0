"""`prove` condemns no fixture that loses nothing: what is still alive in it when it is frozen has nothing left to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lint_lambda.emulator.prove import prove
from lint_lambda.emulator.story import Story
from tests.oracle.ahead import Ahead
from tests.oracle.execute import prepared
from tests.oracle.fixture import Fixture, discover
from tests.oracle.run import FIXTURES

CLEAN = [
    fixture
    for fixture in discover(FIXTURES)
    if fixture.static_only is None and not fixture.claims_loss and not fixture.serve
]


def _prove(fixture: Fixture) -> Story:
    with prepared(fixture, observe=True) as case:
        return prove(case.function, case.events, [])


@pytest.fixture(scope="module")
def stories(request: pytest.FixtureRequest) -> Iterator[Ahead[Story]]:
    ahead = Ahead(_prove, CLEAN, "test_nothing_is_left_over", request)
    yield ahead
    ahead.close()


@pytest.mark.parametrize("fixture", CLEAN, ids=lambda fixture: fixture.name(FIXTURES))
def test_nothing_is_left_over(fixture: Fixture, stories: Ahead[Story]) -> None:
    story = stories.result(fixture)
    assert story.left == []
    assert story.judged or any(said.errors for said in fixture.invocations), story.troubles
