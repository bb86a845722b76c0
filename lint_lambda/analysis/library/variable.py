"""The verb *variable*: a call reads or sets a variable of the process.

What is set on every path, before anybody reads it, is what the variable is. Else it may be that, or whatever the process began with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.heap import Fact, about, slot
from lint_lambda.analysis.domain.values import NOTHING, Const, Obj, Value, union
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.VariableModel, call: Call, machine: Machine) -> Value:
    named = machine.selectors.select(model.name, call)
    names = [obj.value for obj in named if isinstance(obj, Const) and isinstance(obj.value, str)]
    known = len(names) == len(named) == 1
    (owner,) = machine.selectors.select(model.of, call)
    if model.value is None:
        return read(owner, names[0], machine) if known else machine.universe.unknown
    if not known:
        machine.heap.store(owner, Fact.OPEN, machine.universe.const(True))
    for name in names:
        write(owner, name, machine.selectors.select(model.value, call), machine, sure=known and not model.keeps)
    return read(owner, names[0], machine) if known and model.keeps else NOTHING


def write(owner: Obj, name: str, value: Value, machine: Machine, *, sure: bool = True) -> None:
    """Set a variable, surely or perhaps."""
    machine.heap.store(owner, slot(name), value)
    if sure and machine.world.is_sure():
        machine.heap.store(owner, about(Fact.SURE, name), machine.universe.const(True))


def read(owner: Obj, name: str, machine: Machine) -> Value:
    """What a variable is: what it has been set to, what the process began with, or either."""
    heap = machine.heap
    held = heap.load(owner, slot(name))
    if not held:
        heap.store(owner, about(Fact.EARLY, name), machine.universe.const(True))
    early, open_ = heap.load(owner, about(Fact.EARLY, name)), heap.load(owner, Fact.OPEN)
    if held and heap.load(owner, about(Fact.SURE, name)) and not early and not open_:
        return held
    return union(held, machine.universe.unknown_of("variable", owner.index, name))
