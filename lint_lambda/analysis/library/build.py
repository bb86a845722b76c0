"""The verb *build*: a call makes objects as a description says, and hands them to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, Slot, about, slot
from lint_lambda.analysis.domain.values import NOTHING, Const, Container, Instance, Unknown, Value, union
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine

_SCHEME = re.compile(r"\w+://")
"""What may stand before a dotted name."""


def apply(model: m.BuildModel, call: Call, machine: Machine) -> Value:
    given = machine.selectors.select(model.description, call)
    tables = [obj for obj in given if isinstance(obj, Container)]
    if len(tables) < len(given):
        tables += _of_files(given, call, machine)
    for number, table in enumerate(tables):
        _build(model, (table,), number, call, machine)
    return NOTHING


def _build(model: m.BuildModel, table: Value, number: int, call: Call, machine: Machine) -> None:
    """Do what one description says."""
    made: dict[str, Value] = {}
    for name, description in _described(table, model.objects, machine):
        made[name] = _make(model, description, 100 * number + len(made), call, machine)
    root = machine.selectors.select(model.into, call)
    everything = machine.selectors.select(model.every, call) if model.every is not None else NOTHING
    for keeper in everything:
        machine.heap.store(keeper, ANY_ELEMENT, union(*made.values()))
    _hand(model, root, _item(table, model.root, machine), made, call, machine)
    for name, description in _described(table, model.owners, machine):
        known = machine.universe.const(name) if name else machine.universe.unknown
        named = _item(description, model.name, machine) or known
        owners = machine.named.of(root, named, call.frame.path)
        _hand(model, owners, description, made, call, machine)
        for key, value in _entries(description, machine):
            for owner in owners if key else NOTHING:
                machine.heap.store(owner, key, value)


def _make(model: m.BuildModel, description: Value, number: int, call: Call, machine: Machine) -> Value:
    """Make one object: call what its description names."""
    maker: Value = NOTHING
    for key in model.makers:
        maker = maker or _item(description, key, machine)
    callee = union(*(_named(model, obj.value, call, machine) if isinstance(obj, Const) else (obj,) for obj in maker))
    if model.args or model.kwargs:
        positional, rest = machine.elements.spread(_item(description, model.args, machine), call.frame)
        given = Args(positional, machine.elements.keyword_spread(_item(description, model.kwargs, machine)), rest)
    else:
        others = {key: value for key, value in _entries(description, machine) if key and key not in model.makers}
        given = Args(keywords=others)
    # Each is an object of its own; the first stands for the call.
    site = call.site if number == 0 else -1000 * (call.site + 1) - number
    made = machine.call(callee, given, site, call.frame) if callee else NOTHING
    for obj in made:
        for key, value in _entries(description, machine):
            if isinstance(obj, Instance) and key:
                machine.heap.store(obj, about(Fact.INITIAL, key), value)
    return made


def _named(model: m.BuildModel, name: object, call: Call, machine: Machine) -> Value:
    """The object of a dotted name: of the project, or of a library."""
    parts = _SCHEME.sub("", str(name)).split(".")
    for length in range(len(parts) - 1, 0, -1):
        found = machine.load(".".join(parts[:length]), call.site, call.frame)
        if found:
            for part in parts[length:]:
                found = machine.objects.attribute(found, part, call.frame)
            return found
    names = [f"{model.within}.{'.'.join(parts)}", ".".join(parts)] if model.within else [".".join(parts)]
    known = [name for name in map(machine.models.canonical, names) if machine.models.made_type(name)]
    return machine.universe.external((known or names)[0] if known else names[-1])


def _hand(
    model: m.BuildModel, owners: Value, description: Value, made: dict[str, Value], call: Call, machine: Machine
) -> None:
    """Hand an owner the objects that its description lists; every one, where it is not known which."""
    taken: list[Value] = []
    for obj in _item(description, model.takes, machine):
        listed = machine.elements.of((obj,), call.frame) if isinstance(obj, Container) else (obj,)
        for each in listed:
            if isinstance(each, Const):
                names = re.split(r"[\s,]+", str(each.value))
                taken += [held for name, held in made.items() if name in names or not name]
            elif isinstance(each, Unknown):
                taken += made.values()
    for owner in owners if taken else NOTHING:
        machine.heap.store(owner, ANY_ELEMENT, union(*taken))


# --- tables ------------------------------------------------------------------------------------------------------------


def _item(table: Value, key: str, machine: Machine) -> Value:
    return union(*(machine.heap.load(obj, slot(key)) for obj in table if isinstance(obj, Container)))


def _entries(table: Value, machine: Machine) -> Iterator[tuple[str, Value]]:
    """What stands in a table by its name; an empty one stands for names that are not known."""
    for obj in table:
        for place in machine.heap.elements(obj) if isinstance(obj, Container) else ():
            if isinstance(place, Slot) and isinstance(place.index, str):
                yield place.index, machine.heap.load(obj, place)
            elif place is ANY_ELEMENT:
                yield "", machine.heap.load(obj, place)


def _described(table: Value, where: str, machine: Machine) -> Iterator[tuple[str, Value]]:
    """What a table describes by name at a place of the model's."""
    before, star, behind = where.partition("*")
    if not star:
        yield from _entries(_item(table, where, machine), machine)
        return
    for key, value in _entries(table, machine):
        if key.startswith(before) and key.endswith(behind):
            yield key[len(before) : len(key) - len(behind)], value


# --- files -------------------------------------------------------------------------------------------------------------


def _of_files(given: Value, call: Call, machine: Machine) -> list[Container]:
    """The tables in the files that `given`, a path or what was read from somewhere, may mean."""
    texts = [text for obj in given for text in (machine.selectors.text(obj),) if text is not None]
    name = texts[0].rpartition("/")[2].rpartition("\0")[2] if len(texts) == len(given) else ""
    found = machine.world.program.documents(call.frame.path, name)
    return [
        _table(document, [call.site * 10_000 + 1_000_000 * number], call, machine)
        for number, document in enumerate(found, 1)
    ]


def _table(document: dict[str, object], numbers: list[int], call: Call, machine: Machine) -> Container:
    """A table as a value of the program."""
    made = _container("dict", numbers, call, machine)
    for key, held in document.items():
        machine.heap.store(made, slot(key), _value(held, numbers, call, machine))
    return made


def _value(held: object, numbers: list[int], call: Call, machine: Machine) -> Value:
    if isinstance(held, dict):
        return (_table(held, numbers, call, machine),)
    if isinstance(held, (list, tuple)):
        made = _container("list", numbers, call, machine)
        for position, element in enumerate(held):
            machine.heap.store(made, slot(position), _value(element, numbers, call, machine))
        return (made,)
    if held is None or isinstance(held, (str, int, float, bool)):
        return machine.universe.const(held)
    return machine.universe.unknown


def _container(kind: str, numbers: list[int], call: Call, machine: Machine) -> Container:
    numbers[0] += 1
    return machine.universe.make(Container, kind, call.alloc._replace(site=-numbers[0]))
