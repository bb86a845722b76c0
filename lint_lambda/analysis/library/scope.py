"""The verb *scope*, as a call: it runs something to its end, and then ends what that left on its loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.heap import Fact, about
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.values import NOTHING, Instance, Obj, Value
from lint_lambda.analysis.library.call import Call, asking
from lint_lambda.core.finding import Fate
from lint_lambda.core.record import replace
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import parse_selector

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine

_KEPT = parse_selector("init:kept")


def apply(model: m.ScopeModel, call: Call, machine: Machine) -> Value:
    before, used = call.frame.state, call.frame.effects.uses
    result = without_exit(model, call, machine)
    if model.runs is not None and before is not None:
        machine.handles.end_loop(model, before, call.frame)
        if model.exit:
            for obj in sorted(call.frame.effects.uses - used):
                _leave_behind(obj, call, machine)
    return result


def _leave_behind(obj: Obj, call: Call, machine: Machine) -> None:
    """The loop that `obj` belongs to has been closed: where it is used in a later invocation, that fails."""
    asked = asking(obj, call.frame)
    if not isinstance(obj, Instance) or not machine.selectors.select(_KEPT, asked):
        return
    type_ = machine.models.canonical(next(iter(machine.classes.library_types(obj))))
    row = machine.models.loop_bound(type_)
    if row is None or any(machine.selectors.holds(condition, asked) for condition in row.unless):
        return
    launch = Launch(obj.alloc.place, "loop-bound", type_, type_, call.frame.qualname, fate=Fate.FAILS)
    name = machine.universe.external(f"{type_}.<loop>")[0]
    machine.handles.launch(machine.universe.make(Instance, name, obj.alloc), launch, call.frame)


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
