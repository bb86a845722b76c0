"""The verbs *listen* and *emit*: functions that are called at each event of a name, and what they leave going on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame, either
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, Slot, slot
from lint_lambda.analysis.domain.values import NOTHING, Const, FunctionObj, Instance, Listener, Obj, Value, union
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.verdict import Advice
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Selector

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def listen(model: m.ListenModel, call: Call, machine: Machine) -> Value:
    """Keep the function with the emitters, under the name of its event."""
    events = _names(model.event, call, machine)
    options = NOTHING if model.options is None else machine.selectors.select(model.options, call)
    for function in machine.selectors.select(model.work, call):
        if isinstance(function, Const):
            continue
        listener = machine.universe.make(Listener, function, call.alloc, model.wild)
        if options:
            machine.heap.store(listener, Fact.REGISTERED_WITH, options)
        for emitter in _emitters(model.emitter, call, machine):
            for event in events or (None,):
                machine.heap.store(emitter, ANY_ELEMENT if event is None else slot(event), (listener,))
    return NOTHING


def emit(model: m.EmitModel, call: Call, machine: Machine) -> Value:
    """Call the listeners; what they leave going on is the call's launch."""
    result = NOTHING
    if model.returns:
        result = (machine.universe.make(Instance, machine.universe.external(model.returns)[0], call.alloc),)
    before = set(call.frame.paths)
    given = Args() if model.args is None else _passed(model.args, call)
    for emitter in _emitters(model.emitter, call, machine):
        if isinstance(emitter, Instance):
            call.frame.signal(emitter)  # whoever waits for an event of it has waited for this code
    for listener, surely in _listeners(model, call, machine):
        if call.frame.state is None:
            break
        run = partial(_run, model, listener, given, call, machine)
        made = run() if surely else union(*either(call.frame, [lambda: NOTHING, run]))
        waited = not _is_lost(model, listener, machine)
        for handle in result if waited else NOTHING:
            machine.heap.store(handle, Fact.HOLDS, made)
    if model.remedy:
        machine.world.advise(call.frame.paths.keys() - before, Advice(model.remedy))
    return result


def _run(model: m.EmitModel, listener: Listener, given: Args, call: Call, machine: Machine) -> Value:
    """One listener runs: the handles that it returns are pending, and are the emitter's launches from here on."""
    made = NOTHING
    for function in _bound(listener.function, machine, call.frame):
        made = union(made, machine.call((function,), given, call.site, call.frame))
    handles = tuple(machine.handles.within(made, call.frame))
    label = machine.objects.qualname_of(listener.function)
    machine.handles.blame(handles, call.symbol, call.place, call.frame, model.kind, label)
    return handles


def _bound(function: Obj, machine: Machine, frame: Frame) -> Value:
    """The function as the emitter calls it: a method that was decorated in its class, of an instance of that."""
    if isinstance(function, FunctionObj) and function.function.owner_class is not None:
        return machine.endpoints.method(function, frame)
    return (function,)


def _emitters(selectors: tuple[Selector, ...], call: Call, machine: Machine) -> Value:
    return union(*(machine.selectors.select(selector, call) for selector in selectors))


def _names(selector: Selector, call: Call, machine: Machine) -> list[object]:
    """The constant names that an event may have; nothing where it is not known."""
    chosen = machine.selectors.select(selector, call)
    parts = union(*(machine.heap.held(obj) or (obj,) for obj in chosen))  # several events in a list
    if not parts or not all(isinstance(obj, Const) for obj in parts):
        return []
    return [obj.value for obj in parts if isinstance(obj, Const)]


def _passed(selector: Selector, call: Call) -> Args:
    """The arguments from some position on, each in its place."""
    start = max(selector.position, 0)
    if not selector.every:
        return Args([call.args.positional[start]] if start < len(call.args.positional) else [])
    return call.arguments(start)


def _listeners(model: m.EmitModel, call: Call, machine: Machine) -> Iterator[tuple[Listener, bool]]:
    """The listeners that may be called, and whether they surely are."""
    events = _names(model.event, call, machine)
    seen: set[Obj] = set()
    for emitter in _emitters(model.emitter, call, machine):
        for element in machine.heap.elements(emitter):
            for listener in machine.heap.load(emitter, element):
                if not isinstance(listener, Listener) or listener in seen:
                    continue
                name = element.index if isinstance(element, Slot) else None
                if not events or name is None:
                    seen.add(listener)
                    yield listener, False
                elif any(_fits(name, event, listener.wild) for event in events):
                    seen.add(listener)
                    yield listener, len(events) == 1


def _fits(name: object, event: object, wild: bool) -> bool:
    if not wild or not isinstance(name, str) or not isinstance(event, str) or "*" not in name:
        return name == event
    pattern = r"\.".join(
        r"[^.]+" if part == "*" else r".*" if part == "**" else re.escape(part) for part in name.split(".")
    )
    return re.fullmatch(pattern, event) is not None


def _is_lost(model: m.EmitModel, listener: Listener, machine: Machine) -> bool:
    """Whether the handle of the call does not wait for this listener, by the options it was registered with."""
    options = machine.heap.load(listener, Fact.REGISTERED_WITH)

    def has(option: str) -> bool:
        asked = union(*(machine.heap.load(obj, slot(option)) for obj in options))
        return any(isinstance(obj, Const) and bool(obj.value) for obj in asked)

    return has(model.loses) and not has(model.keeps)
