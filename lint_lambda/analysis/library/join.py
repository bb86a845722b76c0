"""The verb *join*: a call waits for work, or tells whether it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import DOUBTS, Doubt, Edge
from lint_lambda.analysis.domain.values import NOTHING, Instance, Probe, Suspended, Unknown, Value, in_order, union
from lint_lambda.analysis.library import patience
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.launched import launched_by
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Condition

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.JoinModel, call: Call, machine: Machine) -> Value:
    """Wait for what the model's target names; the value is what the work returns, as far as that is known."""
    target = machine.selectors.select(model.target, call)
    if model.starts:
        machine.handles.join(target, call.frame)
        return NOTHING
    doubt = doubt_of(model.may_when, call, machine) or _slight_doubt(model, call, machine)
    if model.single and model.of == "handle" and not call.frame.loops:
        doubt = "partial-wait"
    if model.of == "scope" and model.poll == "":
        machine.handles.join_scope(target, call.frame, doubt, call.place)
        return NOTHING
    if model.of == "signal":
        target = _signalled(model, target, doubt, call, machine)
    if model.poll:
        return (machine.universe.make(Probe, tuple(machine.handles.within(target, call.frame)), model.poll == "done"),)
    return _wait(model, target, doubt, call, machine)


def declined(model: m.JoinModel, call: Call, machine: Machine) -> Value:
    """The call says that it does not wait: for what was launched on a scope, that is the code's last word."""
    if model.of == "scope":
        machine.handles.decline(machine.selectors.select(model.target, call), call.frame)
    return NOTHING


def doubt_of(conditions: tuple[Condition, ...], call: Call, machine: Machine) -> Doubt:
    """Why a wait may end before the work does: the most certain of the `conditions` that hold."""
    doubts: set[Doubt] = set()
    for condition in conditions:
        if machine.selectors.holds(condition, call):
            value = machine.selectors.select(condition.selector, call)
            if not condition.selector.name.startswith("timeout"):
                doubts.add("partial-wait")
            else:
                doubts.add("times-out" if condition.op != "given" else patience.doubt_of(value, call.frame))
    return min(doubts, key=DOUBTS.index, default="")


def may_give_up(call: Call, machine: Machine) -> bool:
    """Whether a call that waits may end because of the time alone."""
    waits = (model for model in machine.models.of(call.symbol) if isinstance(model, m.JoinModel))
    limits = (each for model in waits for each in model.may_when if each.selector.name.startswith("timeout"))
    return any(machine.selectors.holds(limit, call) for limit in limits)


def _slight_doubt(model: m.JoinModel, call: Call, machine: Machine) -> Doubt:
    """The same, where it depends on what is not known."""
    if call.unsure:
        return "partial-wait"
    for condition in () if model.raises else model.may_when:
        value = machine.selectors.select(condition.selector, call)
        if condition.op != "given" and any(isinstance(obj, Unknown) for obj in value):
            return "unlikely"
    return ""


def _lasts(model: m.JoinModel, target: Value, doubt: Doubt, machine: Machine) -> bool:
    """Whether whoever waits so goes on only after a signal: nothing is free at first, and to give up is to raise."""
    if not model.single or model.poll or (doubt and (doubt == "partial-wait" or not model.raises)):
        return False
    types = [machine.classes.library_types(obj) if isinstance(obj, Instance) else () for obj in target]
    return all(types) and not any(machine.models.is_given_back(type_) for each in types for type_ in each)


def _signalled(model: m.JoinModel, target: Value, doubt: Doubt, call: Call, machine: Machine) -> Value:
    """The work that signals what is waited on. Work that signals early is in doubt from here on."""
    frame, handles = call.frame, machine.handles
    waits = frozenset(obj.base for obj in target)
    frame.does(
        Effects(
            waits=waits,
            held=waits,
            takes=not (model.latch or model.poll != ""),
            stops=waits if frame.polling else frozenset(),
            rests=waits if _lasts(model, target, doubt, machine) else frozenset(),
        )
    )
    handles.join(handles.signalling(target, Fact.SIGNALLED_EARLY_BY), frame, "premature-signal", call.place)
    found = handles.signalling(target, Fact.SIGNALLED_BY)
    counted = any(machine.heap.load(obj, Fact.COUNTED) for obj in target)
    if model.single and not frame.loops and not counted:
        return in_order({machine.universe.in_mode(obj, "some") for obj in found})
    return found


def _wait(model: m.JoinModel, target: Value, doubt: Doubt, call: Call, machine: Machine) -> Value:
    frame, handles = call.frame, machine.handles
    coroutines = [obj for obj in target if isinstance(obj, Suspended) and obj.kind == "coroutine"]
    handles.join(tuple(coroutines), frame)
    results: list[Value] = []
    for obj in coroutines:
        if frame.state is not None:
            results.append(machine.run(obj, call.site, frame))
            if any(launching.waits for launching in launched_by(obj, machine)):
                target = union(target, results[-1])
    if frame.state is None:
        return union(*results)
    if doubt and model.raises:
        time_out(model, target, call, machine, doubt)
        doubt = ""
    handles.join(target, frame, doubt, call.place, by_handle=model.of == "handle")
    if model.rethrows:
        frame.rethrow()
    elif target or model.raises:
        frame.raise_edge(frame.state, explicit=False)
    if model.of == "signal" and doubt and not model.raises and target:
        # A wait that times out without a word answers whether the signal has come.
        return (machine.universe.make(Probe, tuple(handles.within(target, frame)), True),)
    given = (handles.result_of(obj) for obj in handles.within(target, frame))
    return union(*results, *given)


def time_out(model: m.JoinModel, target: Value, call: Call, machine: Machine, doubt: Doubt = "times-out") -> None:
    """The wait for `target` may end by one of the exceptions that its row names; how likely it is, `doubt` says."""
    frame, handles = call.frame, machine.handles
    if frame.state is not None:
        if any(condition.selector.base != "self" for condition in model.may_when):
            handles.note(target, "limited", frame)
        keys = tuple(key for obj in handles.within(target, frame) for key in handles.keys(obj))
        state = dict(frame.state)
        if doubt == "unlikely":
            state.update({key: launch_state.doubt_all(launch_state.get(state, key), doubt, call.place) for key in keys})
        frame.raise_as(Edge(state, model.raises, keys, call.place))
