"""The time of a run: it ends, and no item gets more than half of what is left."""

from __future__ import annotations

import pytest

from lint_lambda.core.budget import Budget, OutOfTime
from lint_lambda.core.guard import Guard


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def over(budget: Budget) -> bool:
    return budget.is_over


def test_without_a_limit_there_is_always_time() -> None:
    clock = Clock()
    budget = Budget(now=clock)
    with budget.share():
        clock.now += 1e9
        budget.check()
    assert not over(budget)


def test_an_item_gets_half_of_what_is_left() -> None:
    clock = Clock()
    budget = Budget(8, clock)
    with budget.share():
        clock.now += 3.9
        budget.check()
        clock.now += 0.2
        with pytest.raises(OutOfTime):
            budget.check()
    budget.check()
    with budget.share():
        clock.now += 1.9
        budget.check()
        clock.now += 0.1
        with pytest.raises(OutOfTime):
            budget.check()
    assert not over(budget)
    clock.now += 2
    assert over(budget)
    with pytest.raises(OutOfTime):
        budget.check()


def test_what_there_is_no_time_for_is_named_once() -> None:
    clock = Clock()
    guard = Guard(Budget(1, clock))
    clock.now += 2
    for item in ("a.py", "b.py", "a.py"):
        with guard(item, "reading it") as tried:
            guard.budget.check()
        assert tried.failed
    assert guard.late == ["a.py", "b.py"]
    assert guard.problems == guard.limits == []


def test_a_part_of_the_work_has_steps_of_its_own_and_no_more_time() -> None:
    clock = Clock()
    whole = Budget(8, clock)
    clock.now += 3
    part = whole.of_steps(2)
    part.check()
    part.check()
    assert part.left == 0
    with pytest.raises(OutOfTime):
        part.check()
    whole.check()
    late = whole.of_steps(2)
    clock.now += 5.1
    with pytest.raises(OutOfTime):
        late.check()
