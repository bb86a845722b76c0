"""failure: a call raises, always."""

from __future__ import annotations

from tests.analysis.library.bench import SPAWN, Bench


def test_control_leaves_with_what_is_pending_and_does_not_go_on() -> None:
    bench = Bench(launch=[SPAWN], failure=[{"call": "crane.abort", "raises": ["RuntimeError"]}])
    (handle,) = bench.call("crane.spawn", bench.function("work"))
    bench.call("crane.abort")
    assert bench.frame.state is None
    assert bench.frame.raised[-1].raises == ("RuntimeError",) and handle in bench.frame.raised[-1].state
    bench.call("crane.abort")
    assert bench.frame.state is None, "where control does not come nothing happens"
