"""What objects hold and how they answer: attributes, inheritance, elements of containers, names of modules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, ANY_KEY, Element, Fact, Slot, about, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    ClassObj,
    Const,
    Container,
    Decorated,
    Dispatcher,
    External,
    FunctionObj,
    Giver,
    Instance,
    Managed,
    Memoised,
    Mode,
    ModuleObj,
    Obj,
    Partial,
    Probe,
    Registrar,
    Super,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.core.names import Symbol
from lint_lambda.knowledge.verbs import JoinModel, KnownModel, PassthroughModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_INHERITANCE = 12


class Objects:
    """Attribute and element access; calls that it implies (properties, module bodies) are asked of the machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._semantics = machine.semantics

    # --- classes -------------------------------------------------------------------------------------------------

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
                if isinstance(base, (ClassObj, External)):
                    self._walk_bases(base, walked, depth + 1)

    def library_types(self, obj: Obj) -> list[str]:
        """The library classes an instance belongs to, nearest first."""
        if not isinstance(obj, Instance):
            return []
        return [base.symbol for base in self.mro(obj.type) if isinstance(base, External)]

    def class_member(self, classes: list[Obj], name: str) -> Value:
        """What the first class that has `name` says of it."""
        for class_ in classes:
            if isinstance(class_, ClassObj):
                found = self._heap.load(class_, name)
                if found:
                    return found
        return NOTHING

    def own_member(self, obj: Obj, names: tuple[str, ...]) -> Value:
        """The members of any of these names that the project's own classes of `obj` have."""
        classes = self.mro(obj.type if isinstance(obj, Instance) else obj)
        return union(*(self.class_member(classes, name) for name in names))

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

    # --- attributes ----------------------------------------------------------------------------------------------

    def attribute(self, base: Value, name: str, frame: Frame) -> Value:
        return union(*(self._attribute(obj, name, frame) for obj in base)) or self._universe.unknown

    def _attribute(self, obj: Obj, name: str, frame: Frame) -> Value:
        if isinstance(obj, External):
            return self._external_attribute(obj, name)
        if isinstance(obj, ModuleObj):
            return self.module_attribute(obj, name, frame)
        if isinstance(obj, Instance):
            return self._instance_attribute(obj, name, frame)
        if isinstance(obj, ClassObj):
            return self._class_attribute(obj, name)
        if isinstance(obj, Super):
            return self._super_attribute(obj, name)
        if isinstance(obj, Container):
            return (self._bind(obj, self._universe.external(self._semantics.own(f"{obj.kind}.{name}"))[0]),)
        of_text = isinstance(obj, Unknown) and obj.term[0] == "text"
        if of_text or (isinstance(obj, Const) and isinstance(obj.value, str)):
            return (self._bind(obj, self._universe.external(self._semantics.own(f"{self._semantics.text}.{name}"))[0]),)
        if isinstance(obj, Unknown):
            return self._universe.unknown_of("attr", obj.term, name)
        if isinstance(obj, (FunctionObj, Managed, Bound, Partial, Decorated)):
            return self._heap.load(obj, name) or self._universe.unknown
        if isinstance(obj, Dispatcher):
            return (self._universe.make(Registrar, obj),)
        if isinstance(obj, Probe):
            return NOTHING
        return self._universe.unknown

    def _bind(self, receiver: Obj, function: Obj) -> Bound:
        return self._universe.make(Bound, receiver, function)

    def _external_attribute(self, obj: External, name: str) -> Value:
        symbol = self._models.canonical(obj.symbol)
        for model in self._models.of(f"{symbol}.{name}"):
            if isinstance(model, KnownModel) and model.value:
                return self._universe.const(model.value)
        if self._models.type(symbol) is not None:
            return self._universe.external(self._models.canonical(self._models.member(symbol, name)))
        return self._universe.external(self._models.canonical(f"{symbol}.{name}"))

    def _instance_attribute(self, obj: Instance, name: str, frame: Frame) -> Value:
        if name == self._semantics.class_of:
            return (obj.type,)
        if name == self._semantics.attributes_of:
            self.open((obj,))
        own = self.of_mode(self._heap.load(obj, name), obj)
        of_class: Value = NOTHING
        for member in self.class_member(self.mro(obj.type), name):
            if isinstance(member, FunctionObj) and member.function.binding != "static":
                if member.function.binding == "property":
                    of_class = union(of_class, self._machine.calls.call_bound(member, obj, frame))
                else:
                    receiver = obj.type if member.function.binding == "class" else obj
                    of_class = union(of_class, (self._bind(receiver, member),))
            elif isinstance(member, (Managed, Memoised, Decorated)) and not isinstance(obj.type, External):
                of_class = union(of_class, (self._bind(obj, member),))
            else:
                of_class = union(of_class, (member,))
        if own or of_class:
            default = of_class and not own and all(isinstance(member, (Const, Container)) for member in of_class)
            return union(own, of_class, self._named(obj, name) if default and self._is_open(obj) else NOTHING)
        symbol = self.library_member(obj, name)
        if symbol is not None:
            view = self._models.view_type(symbol)
            if view is not None:
                made = self._universe.make(Instance, self._universe.external(view)[0], obj.alloc)
                self._heap.store(made, Fact.HOLDS, (self._universe.in_mode(obj, "one"),))
                self._heap.store(made, about(Fact.INITIAL, "self"), (obj,))
                return (self._universe.in_mode(made, obj.mode),)
            for model in self._models.of(symbol):
                if isinstance(model, PassthroughModel) and model.attribute:
                    return (obj,)
                if isinstance(model, JoinModel) and model.attribute:
                    return (self._universe.make(Probe, (obj,), model.poll == "done"),)
            return (self._bind(obj, self._universe.external(symbol)[0]),)
        return self._annotated(obj, name) or self._named(obj, name)

    def _named(self, obj: Instance, name: str) -> Value:
        """The unknown value of an attribute of an instance."""
        return self._universe.unknown_of("attr", ("object", obj.base.index), name)

    def _is_open(self, obj: Instance) -> bool:
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

    def open(self, value: Value) -> None:
        """Attributes of what `value` may be are set by names that are not known."""
        for obj in value:
            if isinstance(obj, (Instance, ClassObj)):
                self._heap.store(obj, Fact.OPEN, self._universe.const(True))

    def _annotated(self, obj: Instance, name: str) -> Value:
        """What the class's annotation of an attribute promises, when nothing is ever stored there."""
        for class_ in self.mro(obj.type):
            if isinstance(class_, ClassObj):
                typed = self._heap.load(class_, about(Fact.DECLARED, name))
                if typed:
                    return typed
        return NOTHING

    def _class_attribute(self, obj: ClassObj, name: str) -> Value:
        if name == self._semantics.subclasses_of:
            return (self._universe.make(Giver, obj),)
        found = self.class_member(self.mro(obj), name)
        if found:
            return union(
                *(
                    (self._bind(obj, member),)
                    if isinstance(member, FunctionObj) and member.function.binding == "class"
                    else (member,)
                    for member in found
                )
            )
        for base in self.mro(obj):
            if isinstance(base, External):
                found = self._external_attribute(base, name)
                # What a model says returns the class itself is asked of the class.
                return tuple(self._bind(obj, method) if self._returns_self(method) else method for method in found)
        return self._universe.unknown

    def _returns_self(self, method: Obj) -> bool:
        known = self._models.of(method.symbol) if isinstance(method, External) else ()
        returned = (chosen for model in known if isinstance(model, PassthroughModel) for chosen in model.returns)
        return any(chosen.base == "self" for chosen in returned)

    def _super_attribute(self, obj: Super, name: str) -> Value:
        of = obj.receiver.type if isinstance(obj.receiver, Instance) else obj.receiver
        order = self.mro(of)
        after = order[order.index(obj.owner) + 1 :] if obj.owner in order else order[1:]
        for member in self.class_member(after, name):
            if isinstance(member, FunctionObj) and member.function.binding == "static":
                return (member,)
            return (self._bind(obj.receiver, member),)
        for base in after:
            if isinstance(base, External):
                symbol = self._models.canonical(self._models.member(self._models.canonical(base.symbol), name))
                return (self._bind(obj.receiver, self._universe.external(symbol)[0]),)
        return self._universe.unknown

    def set_attribute(self, base: Value, name: str, value: Value) -> None:
        for obj in base:
            if isinstance(obj, (Instance, ClassObj, ModuleObj, FunctionObj, External)):
                self._heap.store(obj, name, value)

    def members_like(self, obj: Obj, pattern: re.Pattern[str]) -> list[str]:
        """Names of the members of an object whose whole name matches `pattern`."""
        owners: list[Obj] = []
        if isinstance(obj, Instance):
            owners = self.mro(obj.type)
        elif isinstance(obj, ClassObj):
            owners = self.mro(obj)
        elif isinstance(obj, ModuleObj):
            owners = [obj]
        found = [name for owner in owners for name in self._heap.attributes(owner) if pattern.fullmatch(name)]
        return list(dict.fromkeys(found))

    # --- modules -------------------------------------------------------------------------------------------------

    def module_attribute(self, module: ModuleObj, name: str, frame: Frame) -> Value:
        """A module's global, or its submodule, or (through ``import *``, which may lead round in a ring) another module's global."""
        visited: set[ModuleObj] = set()
        pending: list[ModuleObj | External | str] = [module]
        while pending:
            source = pending.pop()
            if isinstance(source, External):
                return self._external_attribute(source, name)
            if isinstance(source, str):
                child = self._world.program.resolve(source, name, 1)
                if child is not None:
                    return self.module_at(child)
            elif source not in visited:
                visited.add(source)
                found = self._own_global(source, name, frame)
                if found and (source is module or not _is_unknown(found)):
                    return found
                pending += self._further(source)
        return self._universe.unknown

    def _own_global(self, module: ModuleObj, name: str, frame: Frame) -> Value:
        if module.path.endswith("/"):
            return ()
        self._machine.calls.run_module(module.path, frame)
        return self._heap.load(module, name)

    def _further(self, module: ModuleObj) -> list[ModuleObj | External | str]:
        """Where else a name of a module may come from, the last first: what it imports with a star; a package's path, for submodules."""
        is_folder = module.path.endswith("/")
        further: list[ModuleObj | External | str] = []
        if is_folder or self._semantics.is_package(module.path):
            further.append(module.path)
        if not is_folder:
            stars = self._heap.load(module, Fact.STARS)
            further += [source for source in reversed(stars) if isinstance(source, (ModuleObj, External))]
        return further

    def module_at(self, path: str) -> Value:
        """The module in a file: a library's, where the file is a copy of one."""
        copied = self._world.program.copy_of(path)
        return self._universe.external(copied) if copied else (self._world.module(path),)

    # --- elements ------------------------------------------------------------------------------------------------

    def elements(self, value: Value, frame: Frame, mode: Mode = "all") -> Value:
        """Everything that iterating over `value` may yield."""
        out: list[Value] = []
        for obj in value:
            if isinstance(obj, Container):
                out.append(self._heap.held(obj))
            elif isinstance(obj, Suspended) and obj.kind == "generator":
                out.append(self._machine.calls.run_generator(obj, frame))
            elif isinstance(obj, Instance):
                own = self._machine.calls.call_method(obj, self._semantics.iterate, frame)
                if own and obj not in own:
                    out.append(self.elements(own, frame))
                    continue
                self._machine.library.join_elements(obj, frame)
                out.append(self._heap.load(obj, ANY_ELEMENT) or self._heap.load(obj, Fact.HOLDS))
            elif isinstance(obj, Unknown):
                out.append(self._universe.unknown_of("item", obj.term, "*"))
        # What is only one of several stays so wherever it is read from.
        return tuple(
            sorted({obj if obj.mode in ("some", "part") else self._universe.in_mode(obj, mode) for obj in union(*out)})
        )

    def first(self, obj: Suspended, frame: Frame) -> Value:
        """What reading a generator's first element gives: one of those that it yields."""
        read = self._machine.calls.run_generator(obj, frame, whole=False)
        return tuple(sorted({self._universe.in_mode(element, "some") for element in read}))

    def of_mode(self, value: Value, base: Obj) -> Value:
        """What a reference to `base` sees of a value stored on it: of any object, any of the values."""
        if base.mode in ("all", "some", "part"):
            return tuple(sorted({self._universe.in_mode(obj, base.mode) for obj in value}))
        return value

    def item(self, base: Value, index: Value | None, frame: Frame) -> Value:
        """``base[index]``; a slice (None) is a container like the one it is cut from."""
        if index is None:
            return base
        key = index[0].value if len(index) == 1 and isinstance(index[0], Const) else _NO_KEY
        out: list[Value] = []
        for obj in base:
            if isinstance(obj, Container):
                out.append(self._container_item(obj, key, frame))
            elif isinstance(obj, Unknown):
                name = key if key is not _NO_KEY else "*"
                out.append(self._universe.unknown_of("item", obj.term, name))
            elif isinstance(obj, External):
                known = self._machine.library.subscript(obj, index, frame)
                return known or (obj,)  # a generic: list[Thread], Optional[Task]
            elif isinstance(obj, ModuleObj):
                out.append(self._global(obj, index, frame))
            elif isinstance(obj, Instance):
                held = self._heap.load(obj, slot(key)) or self._heap.load(obj, ANY_ELEMENT)
                # Pairs, as zip() and items() give them, stand for what is in them: `pair[1]` is the handle itself.
                of_pair = isinstance(obj.type, External) and isinstance(key, int)
                out.append(held or ((obj,) if of_pair else NOTHING))
        return union(*out) or self._universe.unknown

    def _global(self, module: ModuleObj, names: Value, frame: Frame) -> Value:
        """The module's globals of the names that `names` may be."""
        return union(*(self.module_attribute(module, name, frame) for name in names_in(names)))

    def _container_item(self, obj: Container, key: object, frame: Frame) -> Value:
        places = self._heap.elements(obj)
        if key is not _NO_KEY:
            exact = self.of_mode(self._heap.load(obj, slot(key)), obj)
            anywhere = self._heap.load(obj, ANY_ELEMENT)
            if exact and not anywhere:
                return exact
            if exact or anywhere or obj.kind == "dict":
                some = {self._universe.in_mode(held, "some") for held in anywhere}
                return union(exact, tuple(sorted(some)))
            # A negative or computed position in a display: one of them.
            held = union(self._heap.held(obj))
            return tuple(sorted({self._universe.in_mode(element, "some") for element in held}))
        values = union(*(self._heap.load(obj, place) for place in places if place is not ANY_KEY))
        return tuple(sorted({self._universe.in_mode(element, "all") for element in values}))

    def put_item(self, base: Value, index: Value | None, value: Value) -> None:
        place: Element = ANY_ELEMENT
        if index is not None and len(index) == 1 and isinstance(index[0], Const):
            place = slot(index[0].value)
        for obj in base:
            if isinstance(obj, Container):
                self._heap.store(obj, place, value)
                if obj.kind == "dict" and index is not None and _may_be_handle(index):
                    self._heap.store(obj, ANY_KEY, index)
            elif isinstance(obj, Instance):
                self._heap.store(obj, ANY_ELEMENT, value)

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
            return known, tuple(self._universe.in_mode(obj, "all") for obj in rest)
        return [], self.elements(value, frame)

    def keyword_spread(self, value: Value) -> dict[str, Value]:
        """``**value`` as keyword arguments, as far as its keys are known."""
        out: dict[str, Value] = {}
        for obj in value:
            if isinstance(obj, Container) and obj.kind == "dict":
                for place in self._heap.elements(obj):
                    if isinstance(place, Slot) and isinstance(place.index, str):
                        out[place.index] = self._heap.load(obj, place)
        return out

    def qualname_of(self, obj: Obj) -> str:
        """What a person calls this callable."""
        if isinstance(obj, FunctionObj):
            name = obj.function.qualname.rsplit(".", 1)[-1].split("#", 1)[0]
            return "lambda" if name == "<lambda>" else name
        if isinstance(obj, (Bound, Managed, Memoised, Decorated)):
            return self.qualname_of(obj.function)
        if isinstance(obj, Suspended):
            return self.qualname_of(obj.callee)
        if isinstance(obj, External):
            return obj.symbol.rsplit(".", 1)[-1]
        if isinstance(obj, ClassObj):
            return obj.class_.qualname.rsplit(".", 1)[-1]
        if isinstance(obj, Partial):
            held = self._heap.load(obj, Fact.CALLEE)
            return self.qualname_of(held[0]) if held else ""
        if isinstance(obj, Instance):
            return self.qualname_of(obj.type)
        if isinstance(obj, Unknown) and obj.term[0] in ("attr", "param"):
            return str(obj.term[-1])
        return ""


_NO_KEY = object()


def names_in(value: Value) -> list[str]:
    """The names that a value is known to be, perhaps among others."""
    known = [obj.value for obj in value if isinstance(obj, Const)]
    known += [obj.term[2] for obj in value if isinstance(obj, Unknown) and obj.term[0] == "default"]
    return [name for name in known if isinstance(name, str)]


def _may_be_handle(value: Value) -> bool:
    return any(isinstance(obj, (Instance, Suspended)) for obj in value)


def _is_unknown(value: Value) -> bool:
    return all(isinstance(obj, Unknown) for obj in value)
