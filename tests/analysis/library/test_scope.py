"""scope: a call runs something to its end, and then ends what that left on its loop."""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import Fact, about
from lint_lambda.analysis.domain.values import RUNNING_LOOP
from lint_lambda.knowledge.verbs import ScopeModel
from tests.analysis.library.bench import Bench

RUN = {"call": "crane.run", "runs": "arg:0"}
TASK = {
    "call": "crane.task",
    "kind": "task",
    "work": "arg:0",
    "handle": "return",
    "returns": "crane.Task",
    "scope": "loop",
}


def test_what_it_calls_is_run_to_its_end() -> None:
    launch = {"call": "crane.fire", "kind": "thread", "work": "arg:0"}
    bench = Bench(launch=[launch], scope=[{**RUN, "calls": True}])
    bench.call("crane.fire", bench.function("work"))
    bench.call("crane.run", bench.function("raises"))
    assert bench.frame.state is None, "it raises, and so does the call that runs it"


def test_a_server_goes_on_for_ever() -> None:
    bench = Bench(scope=[{"call": "crane.Server.serve", "serves": True}])
    server = bench.made("crane.Server")
    bench.call("crane.Server.serve", on=server)
    assert bench.frame.effects.serves
    assert bench.holds(server, about(Fact.INITIAL, "served")) == bench.const(True)


def test_what_is_left_on_the_loop_meets_the_fate_that_its_end_has_for_it() -> None:
    bench = Bench(launch=[TASK], scope=[{**RUN, "exit": {"task": "cancelled"}}])
    before = bench.frame.state
    (task,) = bench.call("crane.task", bench.function("work"))
    assert bench.holds(bench.universe.external(RUNNING_LOOP)[0], Fact.LAUNCHED) == (task,)
    assert before is not None and bench.frame.state is not None
    (row,) = bench.machine.models.of("crane.run")
    assert isinstance(row, ScopeModel)
    bench.machine.handles.end_loop(row, before, bench.frame)
    (entry,) = bench.frame.state[task]
    assert entry.fate is not None and entry.fate.value == "cancelled"
