"""Calls that make library objects: instances of a type, with what they were given, and the two ends of one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, about, slot
from lint_lambda.analysis.domain.values import Container, Instance, Obj, Value
from lint_lambda.analysis.library import set_up
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.names import Symbol

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def construct(type_: Symbol, call: Call, machine: Machine) -> Value:
    """Make an instance of a library type."""
    heap = machine.heap
    made = machine.universe.make(Instance, machine.universe.external(type_)[0], call.alloc)
    if call.frame.loops:
        heap.store(made, Fact.MANY, machine.universe.const(True))
    store_initial(made, type_, call.args, machine)
    if call.receiver is not None:
        heap.store(made, about(Fact.INITIAL, "self"), (call.receiver,))
    if machine.world.branching or call.frame.held:
        set_up.ready((made,), call.frame, machine)
    if machine.world.importing():
        heap.store(made, about(Fact.INITIAL, "kept"), machine.universe.const(True))
    described = machine.models.type(type_)
    if described is not None and described.holds is not None:
        held = machine.selectors.select(described.holds, call)
        heap.store(made, Fact.HOLDS, tuple(machine.handles.within(held, call.frame)))
    if described is not None and described.elements is not None:
        heap.store(made, ANY_ELEMENT, machine.selectors.select(described.elements, call))
    machine.frameworks.made_of((made,), call.args.every())
    if machine.models.is_application(type_):  # what it was given may be what is served, and serves it
        if machine.world.importing():
            machine.world.started[made] = None
        machine.frameworks.takes_over(call.args.every(), made)
    return (made,)


def store_initial(made: Obj, symbol: Symbol, args: Args, machine: Machine) -> None:
    """Remember what a library object was constructed with, by parameter name."""
    for ancestor in machine.models.ancestry(machine.models.canonical(symbol)):
        type_ = machine.models.type(ancestor)
        if type_ is not None and type_.params:
            for name, value in zip(type_.params, args.positional):
                machine.heap.store(made, about(Fact.INITIAL, name), value)
            break
    described = machine.models.type(machine.models.canonical(symbol))
    for name, value in args.keywords.items():
        machine.heap.store(made, about(Fact.INITIAL, name), value)
        if described is not None and described.attributes:
            machine.heap.store(made, name, value)


def pair(type_: Symbol, call: Call, machine: Machine) -> Value:
    """Make a tuple of two instances that are the ends of one thing, and so are one object here."""
    end = construct(type_, call, machine)
    both = machine.universe.make(Container, "tuple", call.alloc)
    machine.heap.store(both, slot(0), end)
    machine.heap.store(both, slot(1), end)
    return (both,)
