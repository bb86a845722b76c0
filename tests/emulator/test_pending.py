"""What was pending at a freeze, where it was launched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.pending import cancelled, left_over, never_started, quiet
from lint_lambda.emulator.sandbox import Sandbox
from tests.emulator.conftest import interpreters

Make = Callable[..., Function]


@pytest.mark.parametrize("python", interpreters())
def test_every_kind_of_left_over_work_is_seen_with_its_line(function: Make, python: str) -> None:
    made = function("leaves_everything.py", observe=True, python=python)
    lines = {
        text.partition("  # ")[2]: number
        for number, text in enumerate((made.task_root / "app.py").read_text().splitlines(), 1)
    }
    with Sandbox(made) as sandbox:
        outcome = sandbox.invoke({})
    assert outcome.freeze is not None
    found = left_over(outcome.freeze)
    seen = {(one.kind, one.target, one.launched[0].line if one.launched else None) for one in found if not one.idle}
    assert seen == {
        ("thread", "work", lines["thread"]),
        ("timer", "work", lines["timer"]),
        ("executor", "work", lines["executor"]),
        ("task", "linger", lines["task"]),
        ("process", "sleep 30", lines["popen"]),
        ("process", "sleep 31", lines["system"]),
        ("process", "a fork of the function", lines["process"]),
    }
    by_kind = {one.kind: one for one in found if not one.idle}
    assert sum(one.kind == "executor" and one.name == "queued" for one in found) == 2
    assert by_kind["thread"].name == "worker" and by_kind["thread"].stack[-1].function == "work"
    assert by_kind["task"].stack[0].function == "linger"
    assert {one.name for one in found if one.kind == "process"} >= {"forked"}
    assert not any(one.idle for one in found)
    gone = cancelled(outcome.freeze)
    assert [(one.target, one.launched[0].line) for one in gone] == [("linger", lines["task"])]
    dropped = never_started(outcome.log, made.task_root)
    assert [(one.target, one.launched[0].line) for one in dropped] == [("linger", lines["coroutine"])]
    assert all(one.how for one in [*found, *gone, *dropped])


def test_the_same_thing_has_the_same_key_in_every_freeze(function: Make) -> None:
    with Sandbox(function("late_thread.py", observe=True)) as sandbox:
        first = sandbox.invoke({"order": 1}).freeze
        second = sandbox.invoke({"order": 2}).freeze
        third = sandbox.invoke({"takes": 0.4}).freeze
    assert first is not None and second is not None and third is not None
    (one,) = left_over(first)
    again, other = sorted(left_over(second), key=lambda work: work.key)
    assert one.key == again.key != other.key
    assert left_over(third) == []


def test_the_log_is_shown_without_the_stacks_that_the_observer_asked_for() -> None:
    log = (
        "before\nx.py:3: RuntimeWarning: coroutine 'f' was never awaited\nCoroutine created at (most recent call last)\n"
        '  File "/task/x.py", line 3, in handler\n    f()\n  f()\nafter\n'
    )
    assert quiet(log) == "before\nx.py:3: RuntimeWarning: coroutine 'f' was never awaited\n  f()\nafter\n"


def test_a_warning_without_a_stack_names_no_line() -> None:
    (dropped,) = never_started("x.py:3: RuntimeWarning: coroutine 'f' was never awaited\n  f()\n", Path("/task"))
    assert (dropped.target, dropped.launched) == ("f", ())
