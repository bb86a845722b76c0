"""The verb *non_waiting_flush*: a call, which looks as if it waited for work and does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.NonWaitingFlushModel, call: Call, machine: Machine) -> Value:
    target = machine.selectors.select(model.target, call)
    if model.of == "scope":
        target = machine.handles.launched_on(target)
    machine.handles.blame(target, call.symbol, call.place, call.frame)
    return NOTHING
