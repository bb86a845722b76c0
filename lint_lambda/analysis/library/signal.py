"""The verb *signal*: a call signals an object that somebody may be waiting on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.effects import giving_back
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.SignalModel, call: Call, machine: Machine) -> Value:
    for obj in machine.selectors.select(model.target, call):
        if model.gives_back and obj.base in call.frame.effects.waits:
            if model.excludes:
                call.frame.does(giving_back(obj))
            continue
        call.frame.signal(obj)
        if call.frame.counted:
            machine.heap.store(obj, Fact.COUNTED, machine.universe.const(True))
        machine.handles.ask_to_stop(obj, call.frame)
        gate = machine.log.gates.get(obj.base)
        value = NOTHING if model.value is None else machine.selectors.select(model.value, call)
        if gate is not None and gate.opened_by(value):
            machine.handles.join((gate.key,), call.frame)
    return NOTHING
