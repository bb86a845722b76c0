"""What is known of classes: their bases, their members, and whether everything that is stored in them is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.heap import Fact, about, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    ClassObj,
    Const,
    Container,
    External,
    Instance,
    Obj,
    Record,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.core.names import Symbol
from lint_lambda.knowledge.verbs import RecordModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_INHERITANCE = 12


class Classes:
    """Classes of the project and of libraries."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._semantics = machine.semantics

    def mro(self, class_: Obj) -> list[Obj]:
        """The class and its bases, nearest first; bases that are not known are left out."""
        walked: list[Obj] = []
        self._walk_bases(class_, walked, 0)
        # A class that several others inherit from comes after all of them: its last place counts.
        return list(dict.fromkeys(reversed(walked)))[::-1]

    def _walk_bases(self, class_: Obj, walked: list[Obj], depth: int) -> None:
        walked.append(class_)
        if not isinstance(class_, ClassObj) or depth > DEEPEST_INHERITANCE:
            return
        for position in range(len(class_.class_.bases)):
            for base in self._heap.load(class_, about(Fact.BASE, position)):
                if isinstance(base, Bound):
                    base = base.function
                if isinstance(base, (ClassObj, External, Record)):
                    self._walk_bases(base, walked, depth + 1)

    def metaclasses(self, class_: Obj) -> list[Obj]:
        """The class that this class is an instance of, and its bases; nothing where that is the language's own."""
        own = (meta for base in self.mro(class_) for meta in self._heap.load(base, Fact.METACLASS))
        nearest = next((meta for meta in own if isinstance(meta, ClassObj)), None)
        return [] if nearest is None else self.mro(nearest)

    def enumerates(self, class_: ClassObj) -> bool:
        """Whether what the class assigns to names are its only instances."""
        types = (self._models.type(base.symbol) for base in self.mro(class_) if isinstance(base, External))
        return any(type_ is not None and type_.enumerates for type_ in types)

    def library_types(self, obj: Obj) -> list[str]:
        """The library classes an instance belongs to, nearest first."""
        if isinstance(obj, Suspended):
            kinds = {"running": self._semantics.async_type, "generator": self._semantics.generator_type}
            return [kinds[obj.kind]] if kinds.get(obj.kind) else []
        if not isinstance(obj, Instance):
            return []
        return [base.symbol for base in self.mro(obj.type) if isinstance(base, (External, Record))]

    def fields(self, class_: Obj) -> list[str]:
        """The names of what an instance is constructed with, in order, where its class lists them."""
        return [name for base in reversed(self.mro(class_)) for name in _fields(base)]

    def places(self, obj: Instance) -> list[str]:
        """The attributes that an instance gives by position, as records do; nothing for any other."""
        is_record = isinstance(obj.type, Record) or any(
            isinstance(base, Record) or (isinstance(base, External) and self._makes_records(base.symbol))
            for base in (self.mro(obj.type) if isinstance(obj.type, ClassObj) else ())
        )
        return self.fields(obj.type) if is_record else []

    def _makes_records(self, symbol: Symbol) -> bool:
        return any(isinstance(model, RecordModel) for model in self._models.of(self._models.canonical(symbol)))

    def member(self, classes: list[Obj], name: str) -> Value:
        """What the first class that has `name` says of it."""
        for class_ in classes:
            if isinstance(class_, ClassObj):
                found = self._heap.load(class_, name)
                if found:
                    return found
        return NOTHING

    def own_member(self, obj: Obj, names: tuple[str, ...]) -> Value:
        """The members of any of these names that the project's own classes of `obj` have, or a display whose items are members."""
        if isinstance(obj, Container):
            return union(*(self._heap.load(obj, slot(name)) for name in names)) if self._has_members(obj) else NOTHING
        classes = self.mro(obj.type if isinstance(obj, Instance) else obj)
        return union(*(self.member(classes, name) for name in names))

    def _has_members(self, obj: Container) -> bool:
        return self._semantics.members_are_items and obj.kind == "dict"

    def modelled_member(self, obj: Obj, names: tuple[str, ...]) -> Symbol | None:
        """The first library method of any of these names that a model speaks of."""
        for name in names:
            symbol = self.library_member(obj, name)
            if symbol is not None and self._models.of(symbol):
                return symbol
        return None

    def library_member(self, obj: Obj, name: str) -> str | None:
        """The symbol of a library method of an instance, when a library class is among its bases."""
        types = self.library_types(obj)
        for type_ in types:
            member = self._models.member(type_, name)
            if self._models.of(member) or self._models.made_type(member) or self._models.view_type(member):
                return member
        return f"{types[0]}.{name}" if types else None

    def is_open(self, obj: Instance) -> bool:
        """Whether the instance may hold what no code that is analysed stores: then a class's default is no value.

        So it is where its construction is not seen whole, where a base is not known, or where attributes are set by names that are not.
        """
        if self._heap.load(obj, Fact.OPEN):
            return True
        return any(self._heap.load(class_, Fact.OPEN) or self._is_unseen(class_) for class_ in self.mro(obj.type))

    def _is_unseen(self, class_: Obj) -> bool:
        """Whether this class, or a base that is no class as far as is known, may give instances attributes of its own."""
        if isinstance(class_, External):
            return self._models.type(class_.symbol) is None and not self._semantics.is_standard(class_.symbol)
        if not isinstance(class_, ClassObj):
            return True
        bases = (self._heap.load(class_, about(Fact.BASE, position)) for position in range(len(class_.class_.bases)))
        return any(isinstance(base, Unknown) for value in bases for base in value)

    def open(self, value: Value, *, overwritten: bool = False) -> None:
        """Attributes of what `value` may be are set by names that are not known; `overwritten`: also those that it has."""
        for obj in value:
            if isinstance(obj, (Instance, ClassObj, Container)):
                self._heap.store(obj, Fact.OPEN, self._universe.const("overwritten" if overwritten else True))

    def is_overwritten(self, obj: Instance | ClassObj | Container) -> bool:
        """Whether any attribute of the object may be set by a name that is not known."""
        return any(isinstance(held, Const) and held.value == "overwritten" for held in self._heap.load(obj, Fact.OPEN))


def _fields(class_: Obj) -> list[str]:
    if isinstance(class_, Record):
        return list(class_.fields)
    return [name for name, _ in class_.class_.fields] if isinstance(class_, ClassObj) else []
