"""harmless: a call keeps none of its arguments; it may fail."""

from __future__ import annotations

from tests.analysis.library.bench import SPAWN, Bench


def test_what_is_pending_stays_so_without_doubt() -> None:
    bench = Bench(launch=[SPAWN], harmless=[{"call": "crane.log"}])
    handle = bench.call("crane.spawn", bench.function("work"))
    raised = len(bench.frame.raised)
    assert bench.call("crane.log", handle) == ()
    assert bench.pending() == [("work", "")]
    assert len(bench.frame.raised) == raised


def test_one_that_may_fail_leaves_with_what_is_pending() -> None:
    bench = Bench(launch=[SPAWN], harmless=[{"call": "crane.check", "fails": True}])
    (handle,) = bench.call("crane.spawn", bench.function("work"))
    bench.call("crane.check")
    assert not bench.frame.raised[-1].explicit and handle in bench.frame.raised[-1].state
    assert bench.frame.state is not None
