"""deferred: a call gives a handle that is done when somebody says so."""

from __future__ import annotations

from lint_lambda.analysis.domain.frame import Args
from lint_lambda.analysis.domain.heap import Fact, slot
from lint_lambda.analysis.domain.values import Instance, Resolver
from tests.analysis.library.bench import Bench

DEFER = {"call": "crane.defer", "kind": "thread", "returns": "crane.Load"}


def test_without_work_the_handle_stands_beside_what_settles_it() -> None:
    bench = Bench(deferred=[{**DEFER, "handle": "load", "settles": ["done"]}])
    (both,) = bench.call("crane.defer")
    (load,), (done,) = bench.holds(both, slot("load")), bench.holds(both, slot("done"))
    assert isinstance(load, Instance)
    assert isinstance(done, Resolver)
    bench.machine.call((done,), Args([bench.const(7)]), 1, bench.frame)
    assert bench.frame.effects.signals == frozenset({load})
    assert bench.holds(load, Fact.RESULT) == bench.const(7)


def bare(bench: Bench) -> list[bool]:
    """Of everything that is pending: whether it is nothing to lose."""
    entries = [entry for entries in (bench.frame.state or {}).values() for entry in entries]
    return [entry.launch.bare for entry in entries if entry.status == "pending" and entry.launch is not None]


def test_work_is_called_at_once_and_what_nobody_settles_is_nothing_to_lose() -> None:
    bench = Bench(deferred=[{**DEFER, "work": "arg:0"}])
    (load,) = bench.call("crane.defer", bench.function("work"))
    assert isinstance(load, Instance)
    assert bare(bench) == [True]


def test_code_out_of_sight_that_can_settle_it_is_something_to_wait_for() -> None:
    bench = Bench(deferred=[{**DEFER, "work": "arg:0"}])
    bench.call("crane.defer", bench.universe.unknown)
    assert bench.pending() == [("crane.defer", "")]
    assert bare(bench) == [False]
