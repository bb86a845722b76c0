"""The verb *passthrough*: a call returns, or collects, what it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    ClassObj,
    Const,
    Container,
    Decorated,
    Dispatcher,
    FunctionObj,
    Identity,
    Instance,
    Managed,
    Memoised,
    Memoiser,
    Partial,
    Probe,
    Value,
    union,
)
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.join import may_give_up
from lint_lambda.core.record import replace
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Selector

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine

_DECORATED = (FunctionObj, ClassObj, Decorated, Managed, Memoised)
"""What a decorator is given; anything else is one of its settings."""


_PAIRED = (FunctionObj, ClassObj, Bound, Partial, Decorated, Instance)
"""What goes over them at once has pairs; of data nobody wants to know which half it is."""


def apply(model: m.PassthroughModel, call: Call, machine: Machine) -> Value:
    if model.decorator:
        return _decorator(model, call, machine)
    if model.loads:
        return _module(call, machine)
    if model.dispatches:
        functions = call.args.positional[0] if call.args.positional else NOTHING
        return tuple(machine.universe.make(Dispatcher, obj, call.alloc) for obj in functions)
    if model.most is not None and _takes_all(model.most, call, machine):
        values = [machine.elements.of(call.args.positional[0], call.frame)]
    elif model.shortest:
        values = [_abreast(call, machine)]
    else:
        values = [machine.selectors.select(selector, call) for selector in model.returns]
        values[:1] = [_at_key(model.key, call, machine) or values[0]] if model.key is not None else values[:1]
    if model.named is not None:
        return machine.named.of(union(*values), machine.selectors.select(model.named, call), call.frame.path)
    if model.instances and model.constructs:
        return machine.call(union(*values), machine.endpoints.anything(), call.site, call.frame)
    if model.instances:
        return machine.endpoints.instances(union(*values), call.site, call.frame)
    if model.changes:
        return _changed(union(*values), call, machine)
    if model.quantifies:
        return _quantified(model.quantifies == "all", union(*values), machine)
    if not model.collects:
        return union(*values)
    if model.paired and any(isinstance(obj, _PAIRED) for obj in values[0]):
        values[:1] = [_tuple([machine.universe.unknown, values[0]], call, machine)]
    made = machine.universe.make(Container, model.collects, call.alloc)
    if model.collects == "dict":
        whole = machine.selectors.select(replace(model.returns[0], elements=False), call)
        others = machine.elements.copy_dict(made, whole)
        elements = machine.elements.of(others, call.frame) if others != whole else values[0]
        machine.elements.fill_dict(made, elements, call.args.keywords)
        if call.args.extra:
            machine.heap.store(made, ANY_ELEMENT, call.args.extra)
    elif model.collects == "set":
        machine.heap.store(made, ANY_ELEMENT, union(*values))
    elif len(values) > 1:  # a tuple of results
        _fill_tuple(made, model, values, call, machine)
    elif values[0]:
        machine.heap.store(made, ANY_ELEMENT, values[0])
    return (made,)


def _abreast(call: Call, machine: Machine) -> Value:
    """What going over all arguments at once yields: tuples, where something stands in them that is told apart."""
    each = machine.elements.alongside([*call.args.positional, call.args.rest], call.frame)
    if each[-1] or not any(isinstance(obj, _PAIRED) for value in each for obj in value):
        return union(*each)
    return _tuple([value or machine.universe.unknown for value in each[:-1]], call, machine)


def _tuple(places: list[Value], call: Call, machine: Machine) -> Value:
    """A tuple that is an element of the result."""
    made = machine.universe.make(Container, "tuple", call.alloc)
    for position, value in enumerate(places):
        machine.heap.store(made, slot(position), value)
    return (made,)


def _at_key(key: Selector, call: Call, machine: Machine) -> Value:
    """What the receiver holds under a key, where nothing else may stand there; nothing where that is not known."""
    asked = machine.selectors.select(key, call)
    if len(asked) != 1 or not isinstance(asked[0], Const) or not isinstance(call.receiver, Container):
        return NOTHING
    held = machine.heap.load(call.receiver, slot(asked[0].value))
    return NOTHING if machine.heap.load(call.receiver, ANY_ELEMENT) else machine.elements.of_mode(held, call.receiver)


def _quantified(all_: bool, value: Value, machine: Machine) -> Value:
    """What is known where all work is done, or none is at work any more; that some is done, or at work, says nothing of the rest."""
    probes = [obj for obj in value if isinstance(obj, Probe)]
    others = tuple(obj for obj in value if not isinstance(obj, Probe))
    whole = [machine.universe.make(Probe, obj.targets, obj.done, True) for obj in probes if obj.done == all_]
    return union(others, whole)


def _takes_all(most: Selector, call: Call, machine: Machine) -> bool:
    """Whether the first argument has no more elements than the call goes over."""
    allowed = machine.selectors.select(most, call)
    length = machine.elements.length(call.args.positional[0]) if len(call.args.positional) == 2 else None
    known = allowed[0].value if len(allowed) == 1 and isinstance(allowed[0], Const) else 0
    return length is not None and isinstance(known, int) and length <= known


def _fill_tuple(made: Container, model: m.PassthroughModel, values: list[Value], call: Call, machine: Machine) -> None:
    """Of what is waited for, a part is one result, which may be empty; what is left is the other, empty when all is done."""
    parted = any(selector.part for selector in model.returns)
    for position, (selector, value) in enumerate(zip(model.returns, values)):
        if selector.part:
            value = _set_of(value, position, call, machine)
            if not may_give_up(call, machine):
                machine.heap.store(value[0], Fact.AT_LEAST_ONE, machine.universe.const(True))
        elif parted:
            rest = machine.elements.of(value, call.frame)
            value = _set_of(rest, position, call, machine)
            machine.heap.store(value[0], Fact.REST, rest)
        machine.heap.store(made, slot(position), value)


def _changed(value: Value, call: Call, machine: Machine) -> Value:
    """Copies of objects, with other attributes."""
    out: list[Value] = []
    for obj in value:
        if not isinstance(obj, Instance):
            out.append((obj,))
            continue
        copy = machine.universe.make(Instance, obj.type, call.alloc)
        for name in machine.heap.attributes(obj):
            if name not in call.args.keywords:
                machine.heap.store(copy, name, machine.heap.load(obj, name))
        for name, held in call.args.keywords.items():
            machine.heap.store(copy, name, held)
        if call.args.extra:
            machine.heap.store(copy, Fact.OPEN, machine.universe.const(True))
        out.append((copy,))
    return union(*out)


def _module(call: Call, machine: Machine) -> Value:
    """The module of the name that the call is given, imported here; nothing where the project has none."""
    names = call.args.positional[0] if call.args.positional else NOTHING
    found = (machine.load(obj.value, call.site, call.frame) for obj in names if isinstance(obj, Const))
    return union(*found)


def _set_of(value: Value, position: int, call: Call, machine: Machine) -> Value:
    """A set that holds `value`: one of several that a call returns."""
    made = machine.universe.make(Container, "set", call.alloc._replace(site=-2 - call.site - position))
    if value:
        machine.heap.store(made, ANY_ELEMENT, value)
    return (made,)


def _decorator(model: m.PassthroughModel, call: Call, machine: Machine) -> Value:
    """The function that is decorated, or, where there is none yet, what will give it back."""
    given = [machine.selectors.select(selector, call) for selector in model.returns]
    function = union(*given) if given else call.args.positional[0] if call.args.positional else NOTHING
    if not model.parameterised and any(isinstance(obj, _DECORATED) for obj in function):
        if model.memoises:
            return tuple(machine.universe.make(Memoised, obj) for obj in function)
        for obj in function if model.constructs else NOTHING:
            machine.heap.store(obj, Fact.CONSTRUCTS, machine.universe.const(True))
        return function
    if model.memoises:
        return (machine.universe.make(Memoiser),)
    shown = NOTHING if model.shows is None else machine.selectors.select(model.shows, call)
    return (machine.universe.make(Identity, shown, model.constructs),)
