"""shutdown: a call sets what runs when the process is asked to end; it does not run now."""

from __future__ import annotations

from tests.analysis.library.bench import Bench


def test_what_is_set_is_noted_and_does_not_touch_the_state_here() -> None:
    launch = {"call": "crane.fire", "kind": "thread", "work": "arg:0"}
    bench = Bench(
        launch=[launch],
        shutdown=[{"call": "crane.at_end", "work": "arg:0", "signal": "arg:1", "named": "signal.SIGTERM"}],
    )
    bench.call("crane.at_end", bench.function("raises"), bench.const("SIGTERM"))
    ((model, args),) = bench.machine.log.shutdowns.values()
    assert model.call == "crane.at_end" and args.positional[0] == bench.function("raises")
    assert bench.frame.state == {} and bench.frame.raised == []
