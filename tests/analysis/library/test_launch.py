"""launch: a call starts work that goes on without its caller."""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import Instance
from tests.analysis.library.bench import SPAWN, Bench


def test_the_work_is_pending_on_the_handle_that_is_returned() -> None:
    bench = Bench(launch=[SPAWN])
    (handle,) = bench.call("crane.spawn", bench.function("work"))
    assert isinstance(handle, Instance) and bench.pending() == [("work", "")]
    assert bench.frame.state is not None and handle in bench.frame.state


def test_work_without_a_handle_is_pending_all_the_same() -> None:
    bench = Bench(launch=[{"call": "crane.fire", "kind": "thread", "work": "arg:0"}])
    assert bench.call("crane.fire", bench.function("work")) == ()
    assert bench.pending() == [("work", "")]


def test_a_row_whose_condition_does_not_hold_launches_nothing() -> None:
    bench = Bench(launch=[{**SPAWN, "unless": "arg:sync = true"}])
    bench.call("crane.spawn", bench.function("work"), sync=bench.const(True))
    assert bench.pending() == []
    bench.call("crane.spawn", bench.function("work"), sync=bench.const(False))
    assert bench.pending() == [("work", "")]


def test_what_is_launched_on_a_scope_is_known_to_it() -> None:
    row = {"call": "crane.Pool.submit", "kind": "future", "work": "arg:0", "handle": "return", "scope": "self"}
    bench = Bench(launch=[{**row, "returns": "crane.Future"}])
    pool = bench.made("crane.Pool")
    (handle,) = bench.call("crane.Pool.submit", bench.function("work"), on=pool)
    assert bench.holds(pool, Fact.LAUNCHED) == (handle,)


def test_work_whose_fate_is_joined_is_not_pending() -> None:
    bench = Bench(launch=[{**SPAWN, "fate": "joined"}])
    bench.call("crane.spawn", bench.function("work"))
    assert bench.pending() == []


def test_a_call_that_takes_functions_only_launches_no_coroutine() -> None:
    bench = Bench(launch=[{**SPAWN, "takes": "coroutine"}])
    bench.call("crane.spawn", bench.function("work"))
    assert bench.pending() == []
