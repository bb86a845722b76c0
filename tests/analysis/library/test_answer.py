"""answer: a call sends a response; a wait after it comes too late."""

from __future__ import annotations

from tests.analysis.library.bench import SPAWN, Bench

ANSWER = [{"call": "crane.reply"}]


def test_a_wait_after_it_waits_for_nothing() -> None:
    bench = Bench(answer=ANSWER, launch=[SPAWN])
    (load,) = bench.call("crane.spawn", bench.function("work"))
    bench.call("crane.reply")
    bench.machine.handles.join((load,), bench.frame)
    assert bench.pending() == [("work", "")]


def test_a_wait_before_it_is_in_time() -> None:
    bench = Bench(answer=ANSWER, launch=[SPAWN])
    (load,) = bench.call("crane.spawn", bench.function("work"))
    bench.machine.handles.join((load,), bench.frame)
    bench.call("crane.reply")
    assert bench.pending() == []
