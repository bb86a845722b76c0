"""Every expected finding, line by line: the sandbox saw work launched there, and it met the fate that was foretold.

`test_oracle.py` asks whether a function loses work; this asks which launch lost it, by what the observer sees in the
function's process. Where the two ways of looking disagree one of them is wrong.
"""

from __future__ import annotations

import pytest

from lint_lambda.emulator.judging import CANNOT_BE_OBSERVED, CONFIRMED
from tests.oracle.ahead import Ahead
from tests.oracle.fixture import Fixture, every
from tests.oracle.run import FIXTURES

LOSING = [
    fixture
    for fixture in every()
    if fixture.static_only is None and fixture.expected and not fixture.serve and not fixture.managed
]
"""The observer looks just before the runtime client polls: in a web server there is none, and where nothing is frozen, what
is alive then is not left over."""
FATES = {"frozen": {"lost", "late"}, "cancelled": {"cancelled"}, "never-runs": {"never-started"}}
_RAISES = "it raises at once: nothing is launched that could be looked at"
_AFTER = "deferred work runs after the observer has looked"
_KEPT = "Python lists no functions that a scheduler keeps"
_RESTS = "a worker that waits for its next turn is idle: the observer cannot know what that turn would do"
_CANCELLED = "a worker that has been cancelled leaves nothing: what it was busy with is not seen"
UNSEEN = {
    "asyncio/what_a_queue_is_given_is_not_awaited": "a worker is idle that waits for a queue into which nothing was put",
    "executors/a_queued_future_is_not_running_yet": "what waits in an executor's queue has no thread of its own yet",
    "libraries/anyio_portal_task_is_left": "the task is seen, but anyio made its coroutine in the portal's thread, so its line is not",
    "libraries/asgiref_sync_to_async_is_not_awaited": "the coroutine is seen, but it was made in a thread in which Python notes no lines",
    "javascript/promises/what_awaits_it_is_not_awaited": "a function that only waits for another promise does nothing of its own",
    "javascript/thenables/a_builder_of_ones_own_is_lazy": "an object that nobody awaits leaves no trace",
    "javascript/timers/a_signal_of_a_timeout_has_a_listener": "Node's async hooks do not tell of the timer of a signal",
    "javascript/thenables/a_query_is_built_in_steps_and_dropped": "an object that nobody awaits leaves no trace",
    "javascript/thenables/an_object_with_then_is_never_run": "an object that nobody awaits leaves no trace",
    "libraries/sched_absolute_events_are_not_run": _KEPT,
    "libraries/sched_events_are_not_run": _KEPT,
    "libraries/trio_system_task_is_cancelled": "trio keeps its tasks itself",
    "scaffold/a_coroutine_is_deferred_in_place_of_its_function": _RAISES,
    "scaffold/a_coroutine_is_handed_to_after_response": _RAISES,
    "scaffold/a_decorator_above_deferring_defers": _RAISES,
    "scaffold/a_deferred_coroutine_leaves_a_task": _AFTER,
    "scaffold/a_handler_without_deferring_defers": _RAISES,
    "scaffold/coroutines_after_the_response_leave_tasks": _AFTER,
    "scaffold/deferred_work_leaves_a_thread": _AFTER,
    "scaffold/deferring_decorates_an_async_handler": _RAISES,
    "scaffold/work_is_deferred_at_import": _RAISES,
    "asyncio/a_helper_cancels_the_workers_of_a_queue": _CANCELLED,
    "asyncio/a_pipeline_cancels_its_worker_as_it_is_left": _CANCELLED,
    "handlers/an_async_handler_under_a_decorator_of_ones_own": "Python tells of the coroutine by the name that functools.wraps has given it",
    "handlers/a_generator_handler_never_runs": "an unused generator leaves no trace",
    "javascript/generators/an_async_generator_is_never_pulled": "an unused generator leaves no trace",
    "imports/a_parameter_is_given_an_imported_launcher": "a bare thread is not listed before its first step",
    "processes/every_spawn_call_starts_without_waiting": "children alike but for their start: which line started which is a guess",
    "processes/pool_map_async_is_dropped": "leaving the pool's block kills its processes before the freeze",
    "threads/a_thread_at_import_works_when_its_time_is_up": _RESTS,
    "threads/a_worker_at_import_takes_a_lock": _RESTS,
    "threads/low_level_start_new_thread": "a bare thread is not listed before its first step",
}
"""Fixtures whose lost work the observer cannot see, and why."""


@pytest.mark.parametrize("fixture", LOSING, ids=lambda fixture: fixture.name(FIXTURES))
def test_the_launch_was_seen_and_met_its_fate(fixture: Fixture, results: Ahead) -> None:
    if fixture.name(FIXTURES) in UNSEEN:
        pytest.skip(UNSEEN[fixture.name(FIXTURES)])
    story = results.result(fixture).story
    assert story is not None
    verdicts = [one for one in story.verdicts if one.verdict != CANNOT_BE_OBSERVED]
    for one in verdicts:
        where = f"{one.finding.code} on line {one.finding.line}"
        if one.finding.confidence != "medium":
            assert one.verdict == CONFIRMED, f"{where}: nothing that was launched there was left over"
        if one.items and one.finding.fate in FATES:
            assert {item.fate for item in one.items} & FATES[one.finding.fate], f"{where}: {one.items}"
    assert not verdicts or any(one.verdict == CONFIRMED for one in verdicts), "none of the findings was confirmed"


def test_what_the_observer_cannot_see_is_still_there() -> None:
    assert set(UNSEEN) <= {fixture.name(FIXTURES) for fixture in LOSING}
