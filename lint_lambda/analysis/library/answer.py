"""The verb *answer*: a call sends the response of a request, and nothing waits for what comes after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.AnswerModel, call: Call, machine: Machine) -> Value:
    machine.handles.answer(call.place, call.frame)
    for obj in call.receivers:
        call.frame.signal(obj)  # whatever goes on until then is in time
    return NOTHING
