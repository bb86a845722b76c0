"""`prove` condemns no fixture that loses nothing: what is still alive in it when it is frozen has nothing left to do."""

from __future__ import annotations

import pytest

from tests.oracle.ahead import Ahead
from tests.oracle.fixture import Fixture, every
from tests.oracle.run import FIXTURES

CLEAN = [
    fixture for fixture in every() if fixture.static_only is None and not fixture.claims_loss and not fixture.serve
]
ALIVE = {
    "javascript/promises/a_timeout_of_ones_own_gives_up.fixed": "a time limit still runs when the work is done, and its end is for nobody",
    "javascript/combined/a_time_limit_beside_several.fixed": "a time limit still runs when the work is done, and its end is for nobody",
    "javascript/combined/time_limits_that_only_fail": "a time limit still runs when the work is done, and its end is for nobody",
    "javascript/timers/a_time_limit_that_only_throws": "a time limit still runs when the work is done, and its end is for nobody",
    "javascript/timers/a_time_limit_destroys_a_stream": "a time limit still runs when the work is done, and its end is for nobody",
    "processes/the_result_comes_through_a_process_queue": "a process that has given its answer may not have ended yet",
    "javascript/streams/the_end_of_pipes_is_awaited": "a file that is written may not be closed yet",
}
"""Fixtures in which something is alive that does no more work, and the observer cannot know that."""


@pytest.mark.parametrize("fixture", CLEAN, ids=lambda fixture: fixture.name(FIXTURES))
def test_nothing_is_left_over(fixture: Fixture, results: Ahead) -> None:
    if fixture.name(FIXTURES) in ALIVE:
        pytest.skip(ALIVE[fixture.name(FIXTURES)])
    story = results.result(fixture).story
    assert story is not None
    assert story.left == []
    assert story.judged or any(said.errors for said in fixture.invocations), story.troubles
