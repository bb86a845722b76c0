"""The verb *scope*, as a call: it runs something to its end, and then ends what that left on its loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.heap import Fact, about
from lint_lambda.analysis.domain.values import NOTHING, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.record import replace
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.ScopeModel, call: Call, machine: Machine) -> Value:
    before = call.frame.state
    result = without_exit(model, call, machine)
    if model.runs is not None and before is not None:
        machine.handles.end_loop(model, before, call.frame)
    return result


def without_exit(model: m.ScopeModel, call: Call, machine: Machine) -> Value:
    """Run what the call runs, and leave its loop as it stands."""
    if model.serves:
        call.frame.does(Effects(serves=True))
        if call.receiver is not None:
            machine.heap.store(call.receiver, about(Fact.INITIAL, "served"), machine.universe.const(True))
    if model.runs is None or call.frame.state is None:
        return NOTHING
    work = machine.selectors.select(model.runs, call)
    if model.calls:
        start = model.runs.position + 1 if model.runs.base == "arg" else 0
        given = replace(call.args, positional=call.args.positional[start:])
        work = machine.call(work, given, call.site, call.frame)
    return machine.wait(work, call.site, call.frame)
