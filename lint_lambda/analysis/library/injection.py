"""The verbs *provide* and *inject*: what a framework makes, and hands to whoever asks for it by a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args
from lint_lambda.analysis.domain.heap import Element, Fact, slot
from lint_lambda.analysis.domain.values import NOTHING, ClassObj, Const, Container, Obj, Unknown, Value, union
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine

_ASKED_BY = "provide"


def provide(model: m.ProvideModel, call: Call, machine: Machine) -> Value:
    """Keep what is given for each token; whoever is annotated with a class that is one is given that, too."""
    heap = machine.heap
    for provider in machine.selectors.select(model.providers, call):
        if not isinstance(provider, Container):
            continue
        classes = union(*(heap.load(provider, slot(name)) for name in model.classes))
        made = union(*(heap.load(provider, slot(name)) for name in model.values))
        for name in model.makers:
            made = union(made, _made(heap.load(provider, slot(name)), call, machine))
        made = union(made, machine.endpoints.instances(classes, call.site, call.frame))
        for token in heap.load(provider, slot(_ASKED_BY)):
            if isinstance(token, ClassObj):
                heap.store(token, Fact.SUBCLASSES, tuple(obj for obj in classes if isinstance(obj, ClassObj)))
            for keeper in machine.selectors.select(model.into, call):
                heap.store(keeper, _place(token), made)
    return NOTHING


def _made(makers: Value, call: Call, machine: Machine) -> Value:
    """What functions make, once it is there."""
    if not makers:
        return NOTHING
    given = machine.call(makers, Args(rest=machine.universe.unknown), call.site, call.frame)
    return machine.wait(given, call.site, call.frame) if machine.endpoints.is_awaited(given) else given


def inject(model: m.InjectModel, call: Call, machine: Machine) -> Value:
    """What is given for a token: what is kept for it, or an instance of the class that it is."""
    found: list[Value] = []
    for token in machine.selectors.select(model.token, call):
        for keeper in machine.selectors.select(model.of, call):
            found.append(machine.heap.load(keeper, _place(token)))
        found.append(machine.endpoints.instances((token,), call.site, call.frame))
    return tuple(obj for obj in union(*found) if not isinstance(obj, (Const, Unknown)))


def _place(token: Obj) -> Element:
    return slot(token.value if isinstance(token, Const) else token)
