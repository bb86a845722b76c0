"""cancel: a call gives work up on purpose."""

from __future__ import annotations

from tests.analysis.library.bench import SPAWN, Bench


def test_what_is_given_up_is_no_loss() -> None:
    bench = Bench(launch=[SPAWN], cancel=[{"call": "crane.Load.kill", "target": "self"}])
    (handle,) = bench.call("crane.spawn", bench.function("work"))
    bench.call("crane.Load.kill", on=handle)
    assert bench.pending() == []


def test_giving_a_scope_up_gives_up_what_was_launched_on_it_and_nothing_else() -> None:
    submit = {"call": "crane.Pool.submit", "kind": "future", "work": "arg:0", "scope": "self"}
    bench = Bench(launch=[submit], cancel=[{"call": "crane.Pool.kill", "target": "self", "of": "scope"}])
    pool, other = bench.made("crane.Pool"), bench.made("crane.Pool")
    for each in (pool, other):
        bench.call("crane.Pool.submit", bench.function("work"), on=each)
    bench.call("crane.Pool.kill", on=pool)
    assert len(bench.pending()) == 1
