"""`prove` condemns no fixture that loses nothing: what is still alive in it when it is frozen has nothing left to do."""

from __future__ import annotations

import pytest

from tests.oracle.ahead import Ahead
from tests.oracle.fixture import Fixture, discover
from tests.oracle.run import FIXTURES

CLEAN = [
    fixture
    for fixture in discover(FIXTURES)
    if fixture.static_only is None and not fixture.claims_loss and not fixture.serve
]


@pytest.mark.parametrize("fixture", CLEAN, ids=lambda fixture: fixture.name(FIXTURES))
def test_nothing_is_left_over(fixture: Fixture, results: Ahead) -> None:
    story = results.result(fixture).story
    assert story is not None
    assert story.left == []
    assert story.judged or any(said.errors for said in fixture.invocations), story.troubles
