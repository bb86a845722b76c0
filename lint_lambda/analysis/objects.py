"""What objects hold and how they answer: attributes, inheritance, elements of containers, names of modules."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lint_lambda.analysis.frame import Frame
from lint_lambda.analysis.values import (
    NOTHING,
    Bound,
    ClassObj,
    Const,
    Container,
    Decorated,
    External,
    FunctionObj,
    Instance,
    Managed,
    Memoised,
    Mode,
    ModuleObj,
    Obj,
    Partial,
    Probe,
    Super,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.world import World
from lint_lambda.knowledge.verbs import JoinModel, KnownModel, PassthroughModel

ANY_ELEMENT = "[*]"
KEYS = "[keys]"
HOLDS = "<holds>"
LAUNCHED = "<launched>"
ON_LOOP = "<loop>"
SIGNALLED_BY = "<signalled by>"
SIGNALLED_EARLY_BY = "<signalled early by>"
STOPPED_BY = "<stops>"
DEEPEST_INHERITANCE = 12


def base_field(position: int) -> str:
    """The heap field of a class's base."""
    return f"<base {position}>"


def slot(index: object) -> str:
    """The heap field of a container's element at a constant position or key."""
    return f"[{index!r}]"


class Objects:
    """Attribute and element access; calls that it implies (properties, module bodies) are left to subclasses."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.universe = world.universe
        self.models = world.models

    # --- left to subclasses --------------------------------------------------------------------------------------

    def call_bound(self, function: FunctionObj, receiver: Obj, frame: Frame) -> Value:
        """Call a property's getter."""
        raise NotImplementedError

    def call_method(self, obj: Instance, name: str, frame: Frame) -> Value:
        """Call a method of one of the project's classes; nothing when it has none of that name."""
        raise NotImplementedError

    def run_module(self, path: str, frame: Frame) -> None:
        """Make sure a module's body has been analysed."""
        raise NotImplementedError

    def join_elements(self, obj: Instance, frame: Frame) -> None:
        """Reading the elements of a library object may wait for work."""
        raise NotImplementedError

    def subscript(self, obj: External, index: Value, frame: Frame) -> Value:
        """What the models know of ``library_object[index]``."""
        raise NotImplementedError

    def run_generator(self, obj: Suspended, frame: Frame) -> Value:
        """Run a generator and return what it yields."""
        raise NotImplementedError

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
            for base in self.world.load(class_, base_field(position)):
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
                found = self.world.load(class_, name)
                if found:
                    return found
        return NOTHING

    def library_member(self, obj: Obj, name: str) -> str | None:
        """The symbol of a library method of an instance, when a library class is among its bases."""
        types = self.library_types(obj)
        for type_ in types:
            member = self.models.member(type_, name)
            if self.models.of(member) or self.models.made_type(member) or self.models.view_type(member):
                return member
        return f"{types[0]}.{name}" if types else None

    # --- attributes ----------------------------------------------------------------------------------------------

    def attribute(self, base: Value, name: str, frame: Frame) -> Value:
        return union(*(self._attribute(obj, name, frame) for obj in base)) or self.universe.unknown

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
            return (self._bind(obj, self.universe.external(f"builtins.{obj.kind}.{name}")[0]),)
        of_text = isinstance(obj, Unknown) and obj.term[0] == "text"
        if of_text or (isinstance(obj, Const) and isinstance(obj.value, str)):
            return (self._bind(obj, self.universe.external(f"builtins.str.{name}")[0]),)
        if isinstance(obj, Unknown):
            return self.universe.unknown_of("attr", obj.term, name)
        if isinstance(obj, (FunctionObj, Managed, Bound, Partial, Decorated)):
            return self.world.load(obj, name) or self.universe.unknown
        if isinstance(obj, Probe):
            return NOTHING
        return self.universe.unknown

    def _bind(self, receiver: Obj, function: Obj) -> Bound:
        return self.universe.make(Bound, receiver, function)

    def _external_attribute(self, obj: External, name: str) -> Value:
        symbol = self.models.canonical(obj.symbol)
        for model in self.models.of(f"{symbol}.{name}"):
            if isinstance(model, KnownModel) and model.value:
                return self.universe.const(model.value)
        if self.models.type(symbol) is not None:
            return self.universe.external(self.models.canonical(self.models.member(symbol, name)))
        return self.universe.external(self.models.canonical(f"{symbol}.{name}"))

    def _instance_attribute(self, obj: Instance, name: str, frame: Frame) -> Value:
        if name == "__class__":
            return (obj.type,)
        own = self.of_mode(self.world.load(obj, name), obj)
        of_class: Value = NOTHING
        for member in self.class_member(self.mro(obj.type), name):
            if isinstance(member, FunctionObj) and member.function.binding != "static":
                if member.function.binding == "property":
                    of_class = union(of_class, self.call_bound(member, obj, frame))
                else:
                    receiver = obj.type if member.function.binding == "class" else obj
                    of_class = union(of_class, (self._bind(receiver, member),))
            elif isinstance(member, (Managed, Memoised, Decorated)) and not isinstance(obj.type, External):
                of_class = union(of_class, (self._bind(obj, member),))
            else:
                of_class = union(of_class, (member,))
        if own or of_class:
            return union(own, of_class)
        symbol = self.library_member(obj, name)
        if symbol is not None:
            view = self.models.view_type(symbol)
            if view is not None:
                made = self.universe.make(Instance, self.universe.external(view)[0], obj.alloc)
                self.world.store(made, HOLDS, (self.universe.in_mode(obj, "one"),))
                self.world.store(made, "<init self>", (obj,))
                return (self.universe.in_mode(made, obj.mode),)
            for model in self.models.of(symbol):
                if isinstance(model, PassthroughModel) and model.attribute:
                    return (obj,)
                if isinstance(model, JoinModel) and model.attribute:
                    return (self.universe.make(Probe, (obj,), model.poll == "done"),)
            return (self._bind(obj, self.universe.external(symbol)[0]),)
        return self._annotated(obj, name) or self.universe.unknown_of("attr", ("object", obj.base.index), name)

    def _annotated(self, obj: Instance, name: str) -> Value:
        """What the class's annotation of an attribute promises, when nothing is ever stored there."""
        for class_ in self.mro(obj.type):
            if isinstance(class_, ClassObj):
                typed = self.world.load(class_, f"<field {name}>")
                if typed:
                    return typed
        return NOTHING

    def _class_attribute(self, obj: ClassObj, name: str) -> Value:
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
        return self.universe.unknown

    def _returns_self(self, method: Obj) -> bool:
        known = self.models.of(method.symbol) if isinstance(method, External) else ()
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
                symbol = self.models.canonical(self.models.member(self.models.canonical(base.symbol), name))
                return (self._bind(obj.receiver, self.universe.external(symbol)[0]),)
        return self.universe.unknown

    def set_attribute(self, base: Value, name: str, value: Value) -> None:
        for obj in base:
            if isinstance(obj, (Instance, ClassObj, ModuleObj, FunctionObj, External)):
                self.world.store(obj, name, value)

    def members_like(self, obj: Obj, pattern: re.Pattern[str]) -> list[str]:
        """Names of the members of an object whose whole name matches `pattern`."""
        owners: list[Obj] = []
        if isinstance(obj, Instance):
            owners = self.mro(obj.type)
        elif isinstance(obj, ClassObj):
            owners = self.mro(obj)
        elif isinstance(obj, ModuleObj):
            owners = [obj]
        found = [name for owner in owners for name in self.world.fields(owner) if pattern.fullmatch(name)]
        return list(dict.fromkeys(found))

    # --- modules -------------------------------------------------------------------------------------------------

    def module_attribute(self, module: ModuleObj, name: str, frame: Frame) -> Value:
        """A module's global, or its submodule, or (through ``import *``) another module's global."""
        path = module.path
        if not path.endswith("/"):
            self.run_module(path, frame)
            found = self.world.load(module, name)
            if found:
                return found
            for source in self.world.load(module, "<stars>"):
                if isinstance(source, ModuleObj) and source is not module:
                    found = self.module_attribute(source, name, frame)
                    if not _is_unknown(found):
                        return found
                elif isinstance(source, External):
                    return self._external_attribute(source, name)
        if path.endswith(("/", "/__init__.py")) or path == "__init__.py":
            child = self.world.program.resolve(path, name, 1)
            if child is not None:
                return self.module_at(child)
        return self.universe.unknown

    def module_at(self, path: str) -> Value:
        """The module in a file: a library's, where the file is a copy of one."""
        copied = self.world.program.copy_of(path)
        return self.universe.external(copied) if copied else (self.world.module(path),)

    # --- elements ------------------------------------------------------------------------------------------------

    def elements(self, value: Value, frame: Frame, mode: Mode = "all") -> Value:
        """Everything that iterating over `value` may yield."""
        out: list[Value] = []
        for obj in value:
            if isinstance(obj, Container):
                for name in self.world.fields(obj):
                    if name.startswith("["):
                        out.append(self.world.load(obj, name))
            elif isinstance(obj, Suspended) and obj.kind == "generator":
                out.append(self.run_generator(obj, frame))
            elif isinstance(obj, Instance):
                own = self.call_method(obj, "__iter__", frame) or self.call_method(obj, "__aiter__", frame)
                if own and obj not in own:
                    out.append(self.elements(own, frame))
                    continue
                self.join_elements(obj, frame)
                out.append(self.world.load(obj, ANY_ELEMENT) or self.world.load(obj, HOLDS))
            elif isinstance(obj, Unknown):
                out.append(self.universe.unknown_of("item", obj.term, "*"))
        # What is only one of several stays so wherever it is read from.
        return tuple(sorted({obj if obj.mode == "some" else self.universe.in_mode(obj, mode) for obj in union(*out)}))

    def of_mode(self, value: Value, base: Obj) -> Value:
        """What a reference to `base` sees of a value stored on it: of any object, any of the values."""
        if base.mode in ("all", "some"):
            return tuple(sorted({self.universe.in_mode(obj, base.mode) for obj in value}))
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
                out.append(self.universe.unknown_of("item", obj.term, name))
            elif isinstance(obj, External):
                known = self.subscript(obj, index, frame)
                return known or (obj,)  # a generic: list[Thread], Optional[Task]
            elif isinstance(obj, Instance):
                held = self.world.load(obj, ANY_ELEMENT)
                # Pairs, as zip() and items() give them, stand for what is in them: `pair[1]` is the handle itself.
                of_pair = isinstance(obj.type, External) and isinstance(key, int)
                out.append(held or ((obj,) if of_pair else NOTHING))
        return union(*out) or self.universe.unknown

    def _container_item(self, obj: Container, key: object, frame: Frame) -> Value:
        fields = self.world.fields(obj)
        if key is not _NO_KEY:
            exact = self.of_mode(self.world.load(obj, slot(key)), obj)
            anywhere = self.world.load(obj, ANY_ELEMENT)
            if exact and not anywhere:
                return exact
            if exact or anywhere or obj.kind == "dict":
                some = {self.universe.in_mode(held, "some") for held in anywhere}
                return union(exact, tuple(sorted(some)))
            # A negative or computed position in a display: one of them.
            held = union(*(self.world.load(obj, name) for name in fields if name.startswith("[")))
            return tuple(sorted({self.universe.in_mode(element, "some") for element in held}))
        values = union(*(self.world.load(obj, name) for name in fields if name.startswith("[") and name != KEYS))
        return tuple(sorted({self.universe.in_mode(element, "all") for element in values}))

    def put_item(self, base: Value, index: Value | None, value: Value) -> None:
        name = ANY_ELEMENT
        if index is not None and len(index) == 1 and isinstance(index[0], Const):
            name = slot(index[0].value)
        for obj in base:
            if isinstance(obj, Container):
                self.world.store(obj, name, value)
                if obj.kind == "dict" and index is not None and _may_be_handle(index):
                    self.world.store(obj, KEYS, index)
            elif isinstance(obj, Instance):
                self.world.store(obj, ANY_ELEMENT, value)

    def fill_dict(self, into: Obj, given: Value, keywords: Mapping[str, Value]) -> None:
        """``dict(given, **keywords)``: the values of a mapping, or what pairs hold second."""
        for name, value in keywords.items():
            self.world.store(into, slot(name), value)
        for obj in given:
            second = self.world.load(obj, slot(1)) if isinstance(obj, Container) and obj.kind == "tuple" else NOTHING
            self.world.store(into, ANY_ELEMENT, self.of_mode(second, obj) or (obj,))

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
            held = self.world.load(obj, "<function>")
            return self.qualname_of(held[0]) if held else ""
        if isinstance(obj, Instance):
            return self.qualname_of(obj.type)
        if isinstance(obj, Unknown) and obj.term[0] in ("attr", "param"):
            return str(obj.term[-1])
        return ""


_NO_KEY = object()


def _may_be_handle(value: Value) -> bool:
    return any(isinstance(obj, (Instance, Suspended)) for obj in value)


def _is_unknown(value: Value) -> bool:
    return all(isinstance(obj, Unknown) for obj in value)
