"""The verb *shutdown*: a call sets what runs when the process is asked to end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.ShutdownModel, call: Call, machine: Machine) -> Value:
    frame = call.frame
    machine.log.set_for_shutdown(model, call.args, call.site, frame)
    beside = Frame(frame.activation, frame.path, frame.qualname)
    machine.call(machine.selectors.select(model.work, call), Args(rest=machine.universe.unknown), call.site, beside)
    return NOTHING
