"""The verb *callback*: a call invokes a function that it was given, now or later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Args, Frame, LoopFrame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Const,
    Container,
    Instance,
    Managed,
    Obj,
    Partial,
    Provided,
    Suspended,
    Unknown,
    Value,
    in_order,
    union,
)
from lint_lambda.analysis.library import launch
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Advice
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.CallbackModel, call: Call, machine: Machine) -> Value:
    work = machine.selectors.select(model.work, call)
    if model.method:
        work = tuple(obj for obj in work if isinstance(obj, (Instance, Suspended)))
        work = machine.objects.attribute(work, model.method, call.frame) if work else NOTHING
    if not work:
        return NOTHING
    if model.every:
        for each in work:
            _now(model, (each,), call, machine)
        return NOTHING
    return _later(model, work, call, machine) if model.moment in _LATER else _now(model, work, call, machine)


_LATER = frozenset({"provides", "manager", "serves", "leave", "wraps", "exit", "enter", "after", "moves", "streams"})
"""The moments that are not the call itself."""


def _later(model: m.CallbackModel, work: Value, call: Call, machine: Machine) -> Value:
    if model.moment == "provides":
        return tuple(machine.universe.make(Provided, function) for function in work)
    if model.moment == "manager":
        return tuple(machine.universe.make(Managed, function) for function in work)
    if model.moment == "serves":
        machine.serving.serve(work, call.site, call.frame)
        return NOTHING
    if model.moment == "after":
        _after(model, work, call, machine)
        return NOTHING
    if model.moment == "moves":
        return _moved(call, machine)
    if model.moment == "streams":
        streaming = machine.universe.make(Partial, call.alloc)
        machine.held_calls[streaming] = (work[0], Args())
        machine.heap.store(streaming, Fact.CALLEE, work)
        machine.heap.store(streaming, Fact.STREAMS, machine.universe.const(True))
        return (streaming,)
    if model.moment == "leave":
        machine.leave(work, call.site, call.frame)
        return NOTHING
    if model.moment == "enter":
        if call.receiver is not None:
            machine.heap.store(call.receiver, Fact.ENTERED, work)
        return machine.enter(work, call.site, call.frame)
    if model.moment == "wraps":
        if model.by:
            return _held(machine.universe.external(model.by), Args([work]), call, machine, work)
        made = _held(work, _passed(model, call, machine), call, machine)
        for each in made if model.binds else ():
            machine.heap.store(each, Fact.BINDS, machine.universe.const(1))
        return made
    _at_exit(model, work, call, machine)
    return NOTHING


def _moved(call: Call, machine: Machine) -> Value:
    """Another object exits what the receiver would have."""
    receiver = call.receiver
    if not isinstance(receiver, Instance):
        return NOTHING
    made = machine.universe.make(Instance, receiver.type, call.alloc)
    for fact in (Fact.AT_EXIT, Fact.ENTERED):
        machine.heap.store(made, fact, machine.heap.load(receiver, fact))
    call.frame.emptied.add(receiver.base)
    return (made,)


def _after(model: m.CallbackModel, work: Value, call: Call, machine: Machine) -> None:
    """The function runs once the receiver's work is done: it waits for nothing, and what it signals says so."""
    frame = call.frame
    beside = Frame(frame.activation, frame.path, frame.qualname)
    passed = _passed(model, call, machine)
    for handle in call.receivers:
        with machine.log.running(machine.universe.in_mode(handle, "one")):
            machine.call(work, passed, call.site, beside)
    for handle in call.receivers:
        for begun, entries in (beside.state or {}).items():
            if begun.base is not handle.base and launch_state.pending(entries):
                machine.heap.store(begun, Fact.FOLLOWS, (machine.universe.in_mode(handle, "one"),))
        launch.take_over(beside, handle, frame, machine)


def _at_exit(model: m.CallbackModel, work: Value, call: Call, machine: Machine) -> None:
    """The receiver will exit `work`, or call it, as it is left itself."""
    if call.receiver is None:
        return
    if all(_is_manager(obj, machine) for obj in work):
        machine.heap.store(call.receiver, Fact.ENTERED, work)
        return
    passed = _passed(model, call, machine)
    # One of many, perhaps, as what hands it over may be called again and again: at the exit every one is called.
    work = _any_of(work, machine)
    passed.positional = [_any_of(value, machine) for value in passed.positional]
    machine.heap.store(call.receiver, Fact.AT_EXIT, _held(work, passed, call, machine))


def _held(work: Value, passed: Args, call: Call, machine: Machine, callee: Value = NOTHING) -> Value:
    """Calls that are kept for later: one of each function that `work` may be, of those that something is known of if there are any.

    `callee` is what they show of themselves.
    """
    known = tuple(obj for obj in work if not isinstance(obj, (Unknown, Const)))
    made = []
    for number, function in enumerate(known or work):
        kept = machine.universe.make(Partial, call.alloc, number)
        machine.held_calls[kept] = (function, passed)
        machine.heap.store(kept, Fact.CALLEE, callee[:1] or (function,))
        made.append(kept)
    return tuple(sorted(made))


def _now(model: m.CallbackModel, work: Value, call: Call, machine: Machine) -> Value:
    if model.moment == "fold":
        return _fold(model, work, call, machine)
    before = set(call.frame.paths)
    around = call.frame.loops
    if model.repeats and call.frame.state is not None:
        call.frame.loops = [*around, LoopFrame(call.frame.state, endless=True)]
    result = machine.call(work, _passed(model, call, machine), call.site, call.frame)
    call.frame.loops = around
    if model.awaits and machine.endpoints.is_awaited(result):
        result = machine.wait(result, call.site, call.frame)
    if model.remedy:
        machine.world.advise(call.frame.paths.keys() - before, Advice(model.remedy, model.prompt))
    if model.leaves:
        return NOTHING
    if model.drops:
        for begun in result:
            if isinstance(begun, (Instance, Suspended)):
                machine.world.note(begun.alloc.place, "put-off")
                for receiver in call.receivers:
                    machine.heap.store(receiver, Fact.HOLDS, (machine.universe.in_mode(begun, "all"),))
        return NOTHING
    if model.moment == "now":
        return result
    for obj in result:
        if isinstance(obj, (Instance, Suspended)):  # one for each element, made at the same place
            machine.heap.store(obj, Fact.MANY, machine.universe.const(True))
    if model.flat:
        lists = tuple(obj for obj in result if isinstance(obj, Container))
        others = tuple(obj for obj in result if not isinstance(obj, Container))
        result = union(others, machine.elements.of(lists, call.frame))
    collected = machine.universe.make(Container, model.collects, call.alloc)
    if not all(isinstance(obj, (Unknown, Const)) for obj in result):
        machine.heap.store(collected, ANY_ELEMENT, result)
    return (collected,)


def _fold(model: m.CallbackModel, work: Value, call: Call, machine: Machine) -> Value:
    """Each call is given what the one before has returned."""
    elements = NOTHING if model.passes is None else machine.selectors.select(model.passes, call)
    passes = -1 if model.passes is None or model.passes.base != "arg" else model.passes.position
    first = max(model.work.position, passes) + 1
    held = call.args.positional[first] if len(call.args.positional) > first else elements
    unknown = machine.universe.unknown
    for _ in range(2):  # once to begin with, once with what that has given
        held = union(held, machine.call(work, Args([held or unknown, elements or unknown]), call.site, call.frame))
    return held


def _passed(model: m.CallbackModel, call: Call, machine: Machine) -> Args:
    """What the function is called with."""
    select = machine.selectors.select
    if model.args is not None and model.args.every:
        passed = call.arguments(model.args.position)
    elif model.args is not None and not model.args.elements:
        given, rest = machine.elements.spread(select(model.args, call), call.frame)
        passed = Args(given, rest=rest)
    elif model.args is not None:
        passed = Args([select(model.args, call)])
    else:
        start = max(model.work.position, 0) + 1 if model.work.base == "arg" else 0
        passed = replace(call.args, positional=call.args.positional[start:], whole=False)
    if model.kwargs is not None:
        passed.keywords = machine.elements.keyword_spread(select(model.kwargs, call))
    return passed if model.passes is None else Args([select(model.passes, call)])


def _is_manager(obj: Obj, machine: Machine) -> bool:
    """Whether an exit stack exits this object, and does not call it."""
    return isinstance(obj, Instance) and not machine.classes.own_member(obj, machine.semantics.call)


def _any_of(value: Value, machine: Machine) -> Value:
    """`value` as any of those that are made where it is made."""
    return in_order({machine.universe.in_mode(obj, "all") for obj in value})
