"""join: a call waits for work, or tells whether it is done."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import Obj, Probe
from tests.analysis.library.bench import SPAWN, Bench

WAIT = {"call": "crane.Load.wait", "target": "self"}


def launched(**rows: object) -> tuple[Bench, Obj]:
    bench = Bench(launch=[SPAWN], **rows)  # type: ignore[arg-type]
    (handle,) = bench.call("crane.spawn", bench.function("work"))
    return bench, handle


def test_what_is_waited_for_is_not_pending_any_more() -> None:
    bench, handle = launched(join=[WAIT])
    bench.call("crane.Load.wait", on=handle)
    assert bench.pending() == []


def test_waiting_for_another_leaves_it_pending() -> None:
    bench, _ = launched(join=[WAIT])
    bench.call("crane.Load.wait", on=bench.made("crane.Load"))
    assert bench.pending() == [("work", "")]


@pytest.mark.parametrize(
    ("seconds", "doubt"), [(0.1, "times-out"), (60, "times-out-late")], ids=["short", "long enough to be meant"]
)
def test_a_wait_with_a_timeout_may_end_before_the_work(seconds: float, doubt: str) -> None:
    bench, handle = launched(join=[{**WAIT, "may_when": "arg:timeout"}])
    bench.call("crane.Load.wait", on=handle, timeout=bench.const(seconds))
    assert [each for _, each in bench.pending()] == [doubt]


def test_a_wait_that_raises_when_its_time_is_over_has_waited_where_it_returns() -> None:
    bench, handle = launched(join=[{**WAIT, "may_when": "arg:timeout", "raises": ["TimeoutError"]}])
    bench.call("crane.Load.wait", on=handle, timeout=bench.const(0.1))
    assert bench.pending() == []
    assert any(edge.raises == ("TimeoutError",) for edge in bench.frame.raised)


def test_a_question_whether_it_is_done_waits_for_nothing() -> None:
    bench, handle = launched(join=[{**WAIT, "call": "crane.Load.done", "poll": "done"}])
    (answer,) = bench.call("crane.Load.done", on=handle)
    assert isinstance(answer, Probe) and answer.done and handle in answer.targets
    assert bench.pending() == [("work", "")]


def test_a_wait_for_a_scope_waits_for_what_was_launched_on_it() -> None:
    submit = {"call": "crane.Pool.submit", "kind": "future", "work": "arg:0", "scope": "self"}
    bench = Bench(launch=[submit], join=[{"call": "crane.Pool.drain", "target": "self", "of": "scope"}])
    pool, other = bench.made("crane.Pool"), bench.made("crane.Pool")
    for each in (pool, other):
        bench.call("crane.Pool.submit", bench.function("work"), on=each)
    bench.call("crane.Pool.drain", on=pool)
    assert bench.pending() == [("work", "")]


def test_a_wait_for_a_signal_waits_for_the_work_that_ends_with_it_and_doubts_what_goes_on_after_it() -> None:
    bench, handle = launched(join=[{"call": "crane.Flag.wait", "target": "self", "of": "signal"}])
    flag = bench.made("crane.Flag")
    bench.heap.store(flag, Fact.SIGNALLED_EARLY_BY, (handle,))
    bench.call("crane.Flag.wait", on=flag)
    assert [doubt for _, doubt in bench.pending()] == ["premature-signal"]
    bench.heap.store(flag, Fact.SIGNALLED_BY, (handle,))
    bench.call("crane.Flag.wait", on=flag)
    assert bench.pending() == []


def test_a_call_that_says_it_does_not_wait_leaves_the_work_pending() -> None:
    submit = {"call": "crane.Pool.submit", "kind": "future", "work": "arg:0", "scope": "self"}
    close = {"call": "crane.Pool.close", "target": "self", "of": "scope", "unless": "arg:wait = false"}
    bench = Bench(launch=[submit], join=[close])
    pool = bench.made("crane.Pool")
    bench.call("crane.Pool.submit", bench.function("work"), on=pool)
    bench.call("crane.Pool.close", on=pool, wait=bench.const(False))
    assert [label for label, _ in bench.pending()] == ["work"]
