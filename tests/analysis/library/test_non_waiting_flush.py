"""non_waiting_flush: a call looks as if it waited, and does not; it is what the finding points at."""

from __future__ import annotations

from tests.analysis.library.bench import SPAWN, Bench


def test_the_work_stays_pending_and_the_call_is_to_blame() -> None:
    bench = Bench(launch=[SPAWN], non_waiting_flush=[{"call": "crane.Load.flush", "target": "self"}])
    (handle,) = bench.call("crane.spawn", bench.function("work"))
    bench.call("crane.Load.flush", on=handle)
    assert bench.frame.state is not None
    (entry,) = bench.frame.state[handle]
    assert entry.status == "pending" and entry.launch is not None
    assert (entry.launch.kind, entry.launch.call) == ("non-waiting-flush", "crane.Load.flush")


def test_where_nothing_is_pending_there_is_nothing_to_blame_it_for() -> None:
    bench = Bench(launch=[SPAWN], non_waiting_flush=[{"call": "crane.Load.flush", "target": "self"}])
    bench.call("crane.Load.flush", on=bench.made("crane.Load"))
    assert bench.pending() == []
