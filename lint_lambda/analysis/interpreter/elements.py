"""The elements of containers: what iterating, indexing and unpacking give, and what storing leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, ANY_KEY, Element, Fact, Slot, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    ClassObj,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    Mode,
    ModuleObj,
    Obj,
    Partial,
    Suspended,
    Unknown,
    Value,
    in_order,
    union,
)
from lint_lambda.analysis.interpreter.objects import built_name, names_in

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

_NO_KEY = object()

MOST_STEPS = 8
"""A loop over so many functions is followed from one to the next."""


class Elements:
    """Element access; calls that it implies (generators, iterators) are asked of the machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._heap = machine.heap
        self._semantics = machine.semantics

    def of(self, value: Value, frame: Frame, mode: Mode = "all", *, whole: bool = True) -> Value:
        """Everything that iterating over `value` may yield; not `whole`: a generator is perhaps left before its end."""
        out: list[Value] = []
        for obj in value:
            if isinstance(obj, Container):
                given = self._machine.calls.call_method(obj, self._semantics.iterate, frame)
                out.append(self.of(given, frame) if given and obj not in given else self._heap.held(obj))
            elif isinstance(obj, Suspended) and obj.kind == "generator":
                out.append(self._machine.calls.run_generator(obj, frame, whole=whole))
            elif isinstance(obj, Instance):
                own = self._machine.calls.call_method(obj, self._semantics.iterate, frame)
                if own and obj not in own:
                    out.append(self.of(own, frame))
                    continue
                if self._semantics.exhausted and self._machine.classes.own_member(obj, self._semantics.advance):
                    out.append(self._machine.loops.exhaust(obj, frame, whole=whole))
                    continue
                places = self._machine.classes.places(obj)
                if places:
                    out += [self._machine.objects.attribute((obj,), name, frame) for name in places]
                    continue
                if whole:
                    self._machine.library.join_elements(obj, frame)
                stored, given = self._heap.load(obj, ANY_ELEMENT), self._heap.load(obj, Fact.HOLDS)
                out.append(union(stored, given) if self._semantics.members_are_items else stored or given)
            elif isinstance(obj, ClassObj):
                out.append(self._heap.load(obj, Fact.ENUMERATED))
            elif isinstance(obj, Unknown):
                out.append(self._universe.unknown_of("item", obj.term, "*"))
        return self._seen(union(*out), mode)

    def first(self, obj: Suspended, frame: Frame) -> Value:
        """What reading a generator's first element gives: one of those that it yields."""
        read = self._machine.calls.run_generator(obj, frame, whole=False)
        return in_order({self._universe.in_mode(element, "some") for element in read})

    def steps(self, value: Value) -> list[Value]:
        """The elements of a list one by one, in order, where that is known and they are functions or lead to one."""
        if len(value) != 1 or not isinstance(value[0], Container) or value[0].kind not in ("list", "tuple"):
            return []
        places = self._heap.elements(value[0])
        if not 1 < len(places) <= MOST_STEPS or any(slot(position) not in places for position in range(len(places))):
            return []
        steps = [self._heap.load(value[0], slot(position)) for position in range(len(places))]
        return steps if all(self._leads_to_code(step) for step in steps) else []

    def _leads_to_code(self, step: Value) -> bool:
        held = [each for obj in step if isinstance(obj, Container) for each in self._heap.held(obj)]
        return any(isinstance(obj, (FunctionObj, Bound, ClassObj, Partial)) for obj in (*step, *held))

    def alongside(self, values: list[Value], frame: Frame) -> list[Value]:
        """What going over several at once may yield, each: of those that are longer than another one only a part."""
        lengths = [self.length(value) for value in values]
        shortest = min((length for length in lengths if length is not None), default=None)
        return [
            self.of(value, frame, "all" if shortest is None or (length or 0) <= shortest else "part")
            for value, length in zip(values, lengths)
        ]

    def length(self, value: Value) -> int | None:
        """How many elements a value has; None where that is not known."""
        if len(value) != 1 or not isinstance(value[0], Container):
            return None
        made_with = self._heap.load(value[0], Fact.LENGTH)
        if made_with:
            known = made_with[0].value if len(made_with) == 1 and isinstance(made_with[0], Const) else None
            return known if isinstance(known, int) else None
        places = self._heap.elements(value[0])
        return None if not places or ANY_ELEMENT in places else sum(place is not ANY_KEY for place in places)

    def of_mode(self, value: Value, base: Obj) -> Value:
        """What a reference to `base` sees of a value stored on it: of any object, any of the values."""
        if base.mode in ("all", "some", "part"):
            return self._seen(value, base.mode)
        return value

    def _seen(self, value: Iterable[Obj], mode: Mode) -> Value:
        """What is only one of several, or a part, stays so wherever it is read from."""
        return in_order({obj if obj.mode in ("some", "part") else self._universe.in_mode(obj, mode) for obj in value})

    def item(self, base: Value, index: Value | None, frame: Frame) -> Value:
        """``base[index]``; a slice (None) is a container like the one it is cut from."""
        if index is None:
            return base
        key = index[0].value if len(index) == 1 and isinstance(index[0], Const) else _NO_KEY
        out: list[Value] = []
        for obj in base:
            if self._semantics.members_are_items and isinstance(key, str) and not isinstance(obj, (Const, Unknown)):
                out.append(self._machine.objects.attribute((obj,), key, frame))
            elif isinstance(obj, Container):
                out.append(self._container_item(obj, key, frame, turns=_is_given(index)))
            elif isinstance(obj, Unknown):
                name = key if key is not _NO_KEY else "*"
                out.append(self._universe.unknown_of("item", obj.term, name))
            elif isinstance(obj, External):
                known = self._machine.library.subscript(obj, index, frame)
                return known or (obj,)  # a generic: list[Thread], Optional[Task]
            elif isinstance(obj, ModuleObj):
                out.append(self._global(obj, index, frame))
            elif isinstance(obj, ClassObj):
                enumerated = self._heap.load(obj, Fact.ENUMERATED)
                named = self._heap.load(obj, key) if isinstance(key, str) else NOTHING
                out.append((named or enumerated) if enumerated else (obj,))
            elif isinstance(obj, Instance) and (answered := self._machine.operators.item(obj, index, frame)):
                out.append(answered)
            elif isinstance(obj, Instance) and (placed := self.at_place(obj, key, frame)):
                out.append(placed)
            elif isinstance(obj, Instance):
                held = self._heap.load(obj, slot(key)) if key is not _NO_KEY else self._heap.held(obj)
                held = held or self._heap.load(obj, ANY_ELEMENT) or self._machine.library.subscript(obj, index, frame)
                # Pairs, as zip() and items() give them, stand for what is in them: `pair[1]` is the handle itself.
                of_pair = isinstance(obj.type, External) and isinstance(key, int)
                out.append(held or ((obj,) if of_pair else NOTHING))
        return union(*out) or self._universe.unknown

    def _global(self, module: ModuleObj, names: Value, frame: Frame) -> Value:
        """The module's globals of the names that `names` may be."""
        pattern = built_name(names)
        found = self._machine.objects.members_like(module, pattern) if pattern is not None else names_in(names)
        return union(*(self._machine.modules.attribute(module, name, frame) for name in found))

    def _container_item(self, obj: Container, key: object, frame: Frame, *, turns: bool = False) -> Value:
        """`turns`: a place that is not known is the caller's, who may be in a loop."""
        places = self._heap.elements(obj)
        if key is not _NO_KEY:
            exact = self.of_mode(self._heap.load(obj, slot(key)), obj)
            anywhere = self._heap.load(obj, ANY_ELEMENT)
            if exact and not anywhere:
                return exact
            if exact or anywhere or obj.kind == "dict":
                some = {self._universe.in_mode(held, "some") for held in anywhere}
                return union(exact, in_order(some))
            # A negative or computed position in a display: one of them.
            held = union(self._heap.held(obj))
            return in_order({self._universe.in_mode(element, "some") for element in held})
        values = union(*(self._heap.load(obj, place) for place in places if place is not ANY_KEY))
        # In a loop it is another one in each turn; outside of one it is only one of them.
        mode: Mode = "all" if frame.loops or turns else "some"
        return in_order({self._universe.in_mode(element, mode) for element in values})

    def at_place(self, obj: Instance, position: object, frame: Frame) -> Value:
        """What a record holds at a position; nothing for any other object."""
        if not isinstance(position, int):
            return NOTHING
        places = self._machine.classes.places(obj)
        known = -len(places) <= position < len(places)
        return self._machine.objects.attribute((obj,), places[position], frame) if known else NOTHING

    def put(self, base: Value, index: Value | None, value: Value) -> None:
        """Store by a key. Where members are items, one that is not known may be the name of any member."""
        place: Element = ANY_ELEMENT
        if index is not None and len(index) == 1 and isinstance(index[0], Const):
            place = slot(index[0].value)
        elif index is not None and self._machine.semantics.members_are_items:
            lists = [obj for obj in base if isinstance(obj, Container) and obj.kind != "dict"]
            self._machine.classes.open(tuple(obj for obj in base if obj not in lists), overwritten=True)
        for obj in base:
            if isinstance(obj, Container):
                self._heap.store(obj, place, value)
                if obj.kind == "dict" and index is not None and _may_be_handle(index):
                    self._heap.store(obj, ANY_KEY, index)
            elif isinstance(obj, Instance):
                self._heap.store(obj, ANY_ELEMENT, value)

    def copy_dict(self, into: Obj, given: Value) -> Value:
        """Put what the dicts in `given` hold into another, key by key; returns what is no dict."""
        for obj in given:
            if isinstance(obj, Container) and obj.kind == "dict":
                for place in self._heap.elements(obj):
                    self._heap.store(into, place, self._heap.load(obj, place))
        return tuple(obj for obj in given if not isinstance(obj, Container) or obj.kind != "dict")

    def fill_dict(self, into: Obj, given: Value, keywords: Mapping[str, Value]) -> None:
        """``dict(given, **keywords)``: the values of a mapping, or what pairs hold second."""
        for name, value in keywords.items():
            self._heap.store(into, slot(name), value)
        for obj in given:
            second = self._heap.load(obj, slot(1)) if isinstance(obj, Container) and obj.kind == "tuple" else NOTHING
            self._heap.store(into, ANY_ELEMENT, self.of_mode(second, obj) or (obj,))

    def spread(self, value: Value, frame: Frame) -> tuple[list[Value], Value]:
        """``*value`` as positional arguments: the ones whose place is known, and the rest."""
        if len(value) == 1 and isinstance(value[0], Container) and value[0].kind in ("list", "tuple"):
            places = self._heap.elements(value[0])
            known: list[Value] = []
            while slot(len(known)) in places:
                known.append(self._heap.load(value[0], slot(len(known))))
            rest = self._heap.load(value[0], ANY_ELEMENT)
            return known, self._machine.handles.held(rest)
        return [], self.of(value, frame)

    def keyword_spread(self, value: Value) -> dict[str, Value]:
        """``**value`` as keyword arguments, as far as its keys are known."""
        out: dict[str, Value] = {}
        for obj in value:
            if isinstance(obj, Container) and obj.kind == "dict":
                for place in self._heap.elements(obj):
                    if isinstance(place, Slot) and isinstance(place.index, str):
                        out[place.index] = self._heap.load(obj, place)
        return out


def _is_given(index: Value) -> bool:
    """Whether an index is an argument of the function, or comes of one; what stands at a certain place of a list is always the same."""
    return any(
        isinstance(obj, Unknown)
        and "param" in (obj.term[0], *_heads(obj.term))
        and not (obj.term[0] == "item" and isinstance(obj.term[-1], int))
        for obj in index
    )


def _heads(term: tuple[object, ...]) -> Iterator[object]:
    for part in term:
        if isinstance(part, tuple) and part:
            yield part[0]
            yield from _heads(part)


def _may_be_handle(value: Value) -> bool:
    return any(isinstance(obj, (Instance, Suspended)) for obj in value)
