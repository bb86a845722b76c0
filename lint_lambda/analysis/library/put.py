"""The verb *put*: a call stores values in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, Slot, about
from lint_lambda.analysis.domain.values import FILLED, NOTHING, Const, Container, Flag, Instance, Obj, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.record import replace
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.PutModel, call: Call, machine: Machine) -> Value:
    value = machine.selectors.select(model.value, call)
    for obj in machine.selectors.select(model.into, call):
        if model.given_as:
            machine.heap.store(obj, about(Fact.INITIAL, model.given_as), value)
        elif model.members:
            _put_members(value, obj, machine)
        elif model.value.elements and isinstance(obj, Container) and obj.kind == "dict":
            whole = machine.selectors.select(replace(model.value, elements=False), call)
            others = machine.elements.copy_dict(obj, whole)
            elements = machine.elements.of(others, call.frame) if others != whole else value
            machine.elements.fill_dict(obj, elements, call.args.keywords)
        elif value:
            machine.heap.store(obj, ANY_ELEMENT, value)
        if isinstance(obj, Container):
            filled = machine.universe.make(Flag, obj.base, FILLED, True)
            if filled in machine.heap.load(obj, Fact.POLLED):
                call.frame.signal(filled)
    return NOTHING


def _put_members(given: Value, into: Obj, machine: Machine) -> None:
    """Whatever `given` has as members, the object `into` has as well."""
    for obj in given:
        if isinstance(obj, Const) and not obj.value:
            continue
        if isinstance(obj, Instance):
            for name in machine.heap.attributes(obj):
                machine.objects.set_attribute((into,), name, machine.heap.load(obj, name))
        places = machine.heap.elements(obj) if isinstance(obj, Container) and obj.kind == "dict" else []
        for place in places:
            if isinstance(place, Slot) and isinstance(place.index, str):
                machine.objects.set_attribute((into,), place.index, machine.heap.load(obj, place))
        named = all(isinstance(place, Slot) for place in places)
        if not isinstance(obj, (Instance, Container)) or not named:
            machine.classes.open((into,), overwritten=True)
