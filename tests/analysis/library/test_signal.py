"""signal: a call signals an object that somebody may be waiting on."""

from __future__ import annotations

from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.log import Gate
from lint_lambda.core.verdict import Place
from tests.analysis.library.bench import Bench

SET = {"call": "crane.Flag.set", "target": "self"}
WAIT = Launch(Place("app.py", 1), "worker", "crane.Queue.get", "serve", "handler")


def test_the_object_has_been_signalled() -> None:
    bench = Bench(signal=[SET])
    flag = bench.made("crane.Flag")
    bench.call("crane.Flag.set", on=flag)
    assert bench.frame.effects.signals == frozenset({flag})


def test_an_extension_that_waits_for_it_is_let_go() -> None:
    bench = Bench(signal=[SET])
    flag, shut = bench.made("crane.Flag"), bench.made("crane.Shut")
    bench.machine.log.gates[flag] = Gate(shut, WAIT)
    bench.machine.handles.launch(shut, WAIT, bench.frame)
    bench.call("crane.Flag.set", on=flag)
    assert bench.pending() == []


def test_a_value_that_is_not_the_sentinel_lets_nobody_go() -> None:
    bench = Bench(signal=[{"call": "crane.Queue.put", "target": "self", "value": "arg:0"}])
    queue, shut = bench.made("crane.Queue"), bench.made("crane.Shut")
    bench.machine.log.gates[queue] = Gate(shut, WAIT, bench.const("done"))
    bench.machine.handles.launch(shut, WAIT, bench.frame)
    bench.call("crane.Queue.put", bench.const("task"), on=queue)
    assert bench.pending() == [("serve", "")]
    bench.call("crane.Queue.put", bench.const("done"), on=queue)
    assert bench.pending() == []
