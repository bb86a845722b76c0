"""The verb *failure*: a call raises, always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.launch_state import Edge
from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.FailureModel, call: Call, machine: Machine) -> Value:
    if call.frame.state is not None:
        call.frame.raise_as(Edge(call.frame.state, model.raises))
    call.frame.state = None
    return NOTHING
