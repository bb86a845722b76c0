"""The verb *harmless*: a call looks at its arguments and keeps none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library import patience
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.HarmlessModel, call: Call, machine: Machine) -> Value:
    if model.works:
        call.frame.works_on()
    if model.fails and call.frame.state:
        call.frame.raise_edge(call.frame.state, explicit=False)
    if model.pauses is not None and call.frame.loops:
        pause = machine.selectors.select(model.pauses, call)
        call.frame.loops[-1].pause = max(call.frame.loops[-1].pause, patience.least(pause))
    return NOTHING
