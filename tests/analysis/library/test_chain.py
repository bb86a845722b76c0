"""chain: a call gives a handle of what comes after other work."""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import Container
from tests.analysis.library.bench import SPAWN, Bench

THEN = {
    "call": "crane.Load.then",
    "kind": "thread",
    "follows": "self",
    "work": "arg:0",
    "returns": "crane.Load",
}


def test_waiting_for_it_waits_for_what_it_follows() -> None:
    bench = Bench(launch=[SPAWN], chain=[THEN])
    (load,) = bench.call("crane.spawn", bench.function("work"))
    (after,) = bench.call("crane.Load.then", bench.function("work"), on=load)
    assert bench.holds(after, Fact.HOLDS) == (load,)
    bench.machine.handles.join((after,), bench.frame)
    assert bench.pending() == []


def test_what_is_called_then_and_never_waits_is_nothing_to_wait_for() -> None:
    bench = Bench(chain=[THEN])
    bench.call("crane.Load.then", bench.function("work"), on=bench.made("crane.Load"))
    assert bench.pending() == []


def test_it_gives_a_list_of_what_several_give() -> None:
    bench = Bench(chain=[{**THEN, "call": "crane.all", "follows": "arg:0[*]", "gives": "list"}])
    (both,) = bench.call("crane.all", (bench.container("list", *bench.const(1), *bench.const(2)),))
    (every,) = bench.holds(both, Fact.RESULT)
    assert isinstance(every, Container)


def test_of_several_it_may_wait_for_some() -> None:
    bench = Bench(launch=[SPAWN], chain=[{**THEN, "call": "crane.any", "follows": "arg:0[*]", "some": True}])
    (load,) = bench.call("crane.spawn", bench.function("work"))
    (first,) = bench.call("crane.any", (bench.container("list", load),))
    bench.machine.handles.join((first,), bench.frame)
    assert bench.pending() == [("work", "")]
