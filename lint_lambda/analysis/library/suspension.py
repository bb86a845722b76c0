"""The verb *suspension*: a call ends the invocation, which goes on in a later one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.launch_state import Edge
from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.SuspensionModel, call: Call, machine: Machine) -> Value:
    frame = call.frame
    if frame.state is not None:
        frame.raise_as(
            Edge(
                frame.state,
                place=call.place,
                types=frozenset(model.raises),
                suspends="perhaps" if model.perhaps else "surely",
                ended=frame.effects.ended,
            )
        )
    return NOTHING
