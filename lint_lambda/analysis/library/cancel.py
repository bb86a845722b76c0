"""The verb *cancel*: a call gives work up on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.values import NOTHING, Probe, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.CancelModel, call: Call, machine: Machine) -> Value:
    target = machine.selectors.select(model.target, call)
    if model.begun == "goes-on":
        target = machine.handles.launched_on(target) if model.of == "scope" else target
        machine.handles.withdraw(target, call.place, call.frame)
        if model.of == "scope":
            return NOTHING
        return (machine.universe.make(Probe, tuple(machine.handles.within(target, call.frame)), True),)
    if model.of == "scope":
        machine.handles.join_scope(target, call.frame)
    else:
        machine.handles.give_up(target, call.place, call.frame)
    return NOTHING
