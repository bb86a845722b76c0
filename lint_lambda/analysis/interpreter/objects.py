"""What objects hold and how they answer: attributes, inheritance, elements of containers, names of modules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeGuard

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, about, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    Chosen,
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
    ModuleObj,
    Obj,
    Partial,
    Probe,
    Record,
    Registrar,
    Super,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.frameworks.registration import CONTEXT
from lint_lambda.analysis.library import variable
from lint_lambda.analysis.library.call import asking
from lint_lambda.core.names import Symbol
from lint_lambda.knowledge.verbs import JoinModel, KnownModel, PassthroughModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_INHERITANCE = 12


class Objects:
    """Attribute and element access; calls that it implies (properties, module bodies) are asked of the machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._all_attributes: dict[int, Instance] = {}
        self._models = machine.models
        self._heap = machine.heap
        self._semantics = machine.semantics

    # --- classes -------------------------------------------------------------------------------------------------

    # --- attributes ----------------------------------------------------------------------------------------------

    def attribute(self, base: Value, name: str, frame: Frame) -> Value:
        return union(*(self._attribute(obj, name, frame) for obj in base)) or self._universe.unknown

    def _attribute(self, obj: Obj, name: str, frame: Frame) -> Value:
        if isinstance(obj, External):
            return self.external_attribute(obj, name)
        if isinstance(obj, ModuleObj):
            return self._machine.modules.attribute(obj, name, frame)
        if isinstance(obj, Instance):
            return self._instance_attribute(obj, name, frame)
        if isinstance(obj, ClassObj):
            return self._class_attribute(obj, name, frame)
        if isinstance(obj, Super):
            return self._super_attribute(obj, name)
        if isinstance(obj, Container):
            return self._display_attribute(obj, name, frame)
        of_text = isinstance(obj, Unknown) and obj.term[0] == "text"
        if of_text or (isinstance(obj, Const) and isinstance(obj.value, str)):
            return (self._bind(obj, self._universe.external(self._semantics.own(f"{self._semantics.text}.{name}"))[0]),)
        if isinstance(obj, Unknown):
            return self._heap.load(obj, name) or self._universe.unknown_of("attr", obj.term, name)
        if isinstance(obj, Chosen):
            return self._attribute(obj.function, name, frame)
        if isinstance(obj, (FunctionObj, Managed, Bound, Partial, Decorated)):
            return self._function_attribute(obj, name)
        if isinstance(obj, Suspended) and self._machine.classes.library_types(obj):
            member = self._models.member(self._machine.classes.library_types(obj)[0], name)
            return (self._bind(obj, self._universe.external(member)[0]),)
        if isinstance(obj, Dispatcher):
            return (self._universe.make(Registrar, obj),)
        if isinstance(obj, Probe):
            return NOTHING
        return self._universe.unknown

    def _display_attribute(self, obj: Container, name: str, frame: Frame) -> Value:
        """An attribute of a display: one of its items, where a language makes no difference; else its class's."""
        if self._semantics.members_are_items:
            held = self._machine.elements.of_mode(self._heap.load(obj, slot(name)), obj)
            if not held and (modules := self._heap.load(obj, Fact.STARS)):
                return self.attribute(modules, name, frame)
            if not held and obj.kind == "dict":
                held = self._heap.load(obj, ANY_ELEMENT) or self._universe.unknown_of(
                    "attr", ("object", obj.base.index), name
                )
            elif self._machine.classes.is_overwritten(obj) and all(
                isinstance(each, (Const, Container)) for each in held
            ):
                any_of = self._universe.unknown_of("attr", ("object", obj.base.index), name)
                held = union(held, self._heap.load(obj, ANY_ELEMENT), any_of)
            if held:
                given = [self._machine.calls.ask_property(each, obj, frame) for each in held if _is_property(each)]
                return union(self._received(obj, tuple(each for each in held if not _is_property(each))), *given)
        return (self._bind(obj, self._universe.external(f"{self._semantics.type_of(obj.kind)}.{name}")[0]),)

    def _function_attribute(self, obj: Obj, name: str) -> Value:
        held = self._heap.load(obj, name)
        if not held and name in self._semantics.function_members:
            return (self._bind(obj, self._universe.external(self._semantics.own(f"Function.{name}"))[0]),)
        return held or self._universe.unknown

    def _received(self, obj: Obj, held: Value) -> Value:
        """What an object holds, as it gives it: functions that are handed what they are called on are tied to it."""
        return tuple(
            self._bind(obj, each)
            if isinstance(each, FunctionObj) and each.function.params and each.function.params[0].kind == "receiver"
            else each
            for each in held
        )

    def _bind(self, receiver: Obj, function: Obj) -> Bound:
        return self._universe.make(Bound, receiver, function)

    def external_attribute(self, obj: External, name: str) -> Value:
        if name == self._semantics.default_export:
            return (obj,)
        symbol = self._models.canonical(obj.symbol)
        for model in self._models.of(f"{symbol}.{name}"):
            if isinstance(model, KnownModel) and model.value:
                return self._universe.const(model.value)
        if symbol == self._semantics.environment:
            return self._variable(symbol, name)
        if symbol != obj.symbol and self._models.is_known(
            f"{obj.symbol}.{name}"
        ):  # a module that is one of its classes, too
            return self._universe.external(self._models.canonical(f"{obj.symbol}.{name}"))
        if self._models.type(symbol) is not None:
            return self._universe.external(self._models.canonical(self._models.member(symbol, name)))
        return self._universe.external(self._models.canonical(f"{symbol}.{name}"))

    def _variable(self, symbol: str, name: str) -> Value:
        """A variable of the process: not known, but surely something where Lambda always sets it."""
        if any(isinstance(model, KnownModel) and model.truth for model in self._models.of(f"{symbol}.{name}")):
            return self._universe.unknown_of("given", symbol, name)
        return variable.read(self._universe.external(symbol)[0], name, self._machine)

    def _instance_attribute(self, obj: Instance, name: str, frame: Frame) -> Value:
        if name == self._semantics.class_of:
            return (obj.type,)
        if name == self._semantics.attributes_of:
            self._machine.classes.open((obj,))
            self._all_attributes[obj.base.index] = obj
            return self._universe.unknown_of("attributes", obj.base.index)
        own = self._received(obj, self._machine.elements.of_mode(self._heap.load(obj, name), obj))
        of_class: Value = NOTHING
        for member in self._machine.classes.member(self._machine.classes.mro(obj.type), name):
            if isinstance(member, FunctionObj) and member.function.binding != "static":
                if member.function.binding in ("property", "kept"):
                    of_class = union(of_class, self._machine.calls.ask_property(member, obj, frame))
                else:
                    receiver = obj.type if member.function.binding == "class" else obj
                    of_class = union(of_class, (self._bind(receiver, member),))
            elif isinstance(member, Instance) and self._machine.classes.own_member(member, self._semantics.read):
                of_class = union(of_class, self._machine.calls.ask_descriptor(member, obj, frame))
            elif (
                isinstance(member, (Chosen, Managed, Memoised, Decorated, Dispatcher))
                and not isinstance(obj.type, External)
            ) or (isinstance(member, Partial) and self._heap.load(member, Fact.BINDS)):
                of_class = union(of_class, (self._bind(obj, member),))
            else:
                of_class = union(of_class, (member,))
        if own and _is_plain(of_class) and self._heap.load(obj, about(Fact.SHADOWED, name)):
            of_class = NOTHING
        if own or of_class:
            default = _is_plain(own or of_class)
            default = default and (not own or self._machine.classes.is_overwritten(obj))
            return union(
                own, of_class, self._named(obj, name) if default and self._machine.classes.is_open(obj) else NOTHING
            )
        if (delegated := self._delegated(obj, name, frame)) is not None:
            return delegated
        asked = self._machine.classes.own_member(obj, self._semantics.otherwise)
        if asked:
            return self._machine.calls.call(
                asked, Args([(obj,), self._universe.const(name)], bound=True), obj.alloc.site, frame
            )
        symbol = self._machine.classes.library_member(obj, name)
        declared = self._annotated(obj, name)
        if declared and (symbol is None or not self._models.of(symbol)):
            return declared
        if symbol is not None:
            return self._library_attribute(obj, name, symbol)
        if isinstance(obj.type, Record) and not obj.type.fields:  # made with names that are not known
            return union(self._heap.held(obj), self._named(obj, name))
        return self._named(obj, name)

    def _library_attribute(self, obj: Instance, name: str, symbol: Symbol) -> Value:
        """An attribute of an object of a library, as its model has it."""
        view = self._models.view_type(symbol)
        if view is not None:
            made = self._universe.make(Instance, self._universe.external(view)[0], obj.alloc)
            self._heap.store(made, Fact.HOLDS, (self._universe.in_mode(obj, "one"),))
            self._heap.store(made, about(Fact.INITIAL, "self"), (obj,))
            return (self._universe.in_mode(made, obj.mode),)
        for model in self._models.of(symbol):
            if isinstance(model, PassthroughModel) and model.attribute:
                return (self._collected(obj, model.collects),) if model.collects else (obj,)
            if isinstance(model, JoinModel) and model.attribute:
                return (self._universe.make(Probe, (obj,), model.poll == "done"),)
        given = self._heap.load(obj, about(Fact.INITIAL, name))
        if given and all(isinstance(held, Const) for held in given) and not self._models.of(symbol):
            return given
        return (self._bind(obj, self._universe.external(symbol)[0]),)

    def _delegated(self, obj: Instance, name: str, frame: Frame) -> Value | None:
        """A member of an object that another one answers for, or a function; None where it answers for itself."""
        model = self._models.type(obj.type.symbol) if isinstance(obj.type, External) else None
        if model is None or model.stands_for is None:
            return None
        call = asking(obj, frame)
        behind = self._machine.selectors.select(model.stands_for, call)
        asked = NOTHING if model.asks is None else self._machine.selectors.select(model.asks, call)
        if not asked:
            return self.attribute(behind, name, frame)
        args = Args([behind, self._universe.const(name), (obj,)])
        return self._machine.calls.call(asked, args, obj.alloc.site, frame)

    def _collected(self, obj: Instance, kind: str) -> Container:
        """A container of objects like this one, which stands for each of them."""
        made = self._universe.make(Container, kind, obj.alloc)
        self._heap.store(made, ANY_ELEMENT, (obj,))
        return made

    def given(self, callee: Obj, args: Args) -> None:
        """A method of what holds all the attributes of an instance is given something: it may set any of them."""
        if (
            isinstance(callee, Unknown)
            and callee.term[0] == "attr"
            and callee.term[1][0] == "attributes"
            and args.every()
        ):
            self._machine.classes.open((self._all_attributes[callee.term[1][1]],), overwritten=True)

    def _named(self, obj: Instance | ClassObj, name: str) -> Value:
        """The unknown value of an attribute of an instance."""
        if isinstance(obj, Instance):
            self._machine.world.settings.objects[obj.base.index] = obj
        return self._universe.unknown_of("attr", ("object", obj.base.index), name)

    def _annotated(self, obj: Instance, name: str) -> Value:
        """What the class's annotation of an attribute promises, when nothing is ever stored there."""
        for class_ in self._machine.classes.mro(obj.type):
            if isinstance(class_, ClassObj):
                typed = self._heap.load(class_, about(Fact.DECLARED, name))
                if typed:
                    return typed
        return NOTHING

    def _class_attribute(self, obj: ClassObj, name: str, frame: Frame) -> Value:
        if name == self._semantics.subclasses_of:
            return (self._universe.make(Giver, obj),)
        found = self._machine.classes.member(self._machine.classes.mro(obj), name)
        if found:
            held = union(*(self._of_class(member, obj, frame) for member in found))
            default = _is_plain(held)
            return (
                union(held, self._named(obj, name)) if default and self._machine.classes.is_overwritten(obj) else held
            )
        for member in self._machine.classes.member(self._machine.classes.metaclasses(obj), name):
            if isinstance(member, FunctionObj) and member.function.binding == "property":
                return self._machine.calls.ask_property(member, obj, frame)
            return (self._bind(obj, member),) if isinstance(member, FunctionObj) else (member,)
        for base in self._machine.classes.mro(obj):
            if isinstance(base, External):
                found = self.external_attribute(base, name)
                # What a model says returns the class itself is asked of the class.
                return tuple(self._bind(obj, method) if self._returns_self(method) else method for method in found)
        return self._universe.unknown

    def _of_class(self, member: Obj, class_: ClassObj, frame: Frame) -> Value:
        """A member, as its class gives it."""
        binding = member.function.binding if isinstance(member, FunctionObj) else ""
        if isinstance(member, FunctionObj) and binding == "class-property":
            return self._machine.calls.ask_property(member, class_, frame)
        return (self._bind(class_, member),) if binding == "class" else (member,)

    def _returns_self(self, method: Obj) -> bool:
        known = self._models.of(method.symbol) if isinstance(method, External) else ()
        returned = (chosen for model in known if isinstance(model, PassthroughModel) for chosen in model.returns)
        return any(chosen.base == "self" for chosen in returned)

    def _super_attribute(self, obj: Super, name: str) -> Value:
        of = obj.receiver.type if isinstance(obj.receiver, Instance) else obj.receiver
        order = self._machine.classes.mro(of)
        if obj.owner not in order:
            order = self._machine.classes.metaclasses(of)
        after = order[order.index(obj.owner) + 1 :] if obj.owner in order else order[1:]
        for member in self._machine.classes.member(after, name):
            if isinstance(member, FunctionObj) and member.function.binding == "static":
                return (member,)
            return (self._bind(obj.receiver, member),)
        if name in self._semantics.make:
            return self._universe.external(self._semantics.own(f"object.{name}"))
        for base in after:
            if isinstance(base, External):
                symbol = self._models.canonical(self._models.member(self._models.canonical(base.symbol), name))
                return (self._bind(obj.receiver, self._universe.external(symbol)[0]),)
        return self._universe.unknown

    def set_attribute(self, base: Value, name: str, value: Value) -> None:
        for obj in base:
            if isinstance(obj, Instance) and self._stands_for_itself(obj, name):
                self._heap.store(
                    obj, ANY_ELEMENT, union(*(self._heap.held(held) for held in value if isinstance(held, Container)))
                )
            elif isinstance(obj, External) and self._models.canonical(obj.symbol) == self._semantics.environment:
                variable.write(self._universe.external(self._semantics.environment)[0], name, value, self._machine)
            elif isinstance(obj, (Instance, ClassObj, ModuleObj, FunctionObj, External)) or _is_context(obj):
                self._heap.store(obj, name, value)
            elif isinstance(obj, Container) and self._semantics.members_are_items:
                self._heap.store(obj, slot(name), value)

    def _stands_for_itself(self, obj: Instance, name: str) -> bool:
        """Whether an attribute of a library object is what the object holds."""
        symbol = self._machine.classes.library_member(obj, name)
        known = self._models.of(symbol) if symbol is not None else ()
        return any(isinstance(model, PassthroughModel) and model.attribute for model in known)

    def members_like(self, obj: Obj, pattern: re.Pattern[str]) -> list[str]:
        """Names of the members of an object whose whole name matches `pattern`."""
        owners: list[Obj] = []
        if isinstance(obj, Instance):
            owners = self._machine.classes.mro(obj.type)
        elif isinstance(obj, ClassObj):
            owners = self._machine.classes.mro(obj)
        elif isinstance(obj, ModuleObj):
            owners = [obj]
        found = [name for owner in owners for name in self._heap.attributes(owner) if pattern.fullmatch(name)]
        return list(dict.fromkeys(found))

    def qualname_of(self, obj: Obj) -> str:
        """What a person calls this callable."""
        if isinstance(obj, FunctionObj):
            name = obj.function.qualname.rsplit(".", 1)[-1]
            name = name[:1] + name[1:].split("#", 1)[0]  # which may itself begin with the mark of a second definition
            return name[1:-1] if name.startswith("<") else name
        if isinstance(obj, (Bound, Chosen, Managed, Memoised, Decorated)):
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


def _is_property(obj: Obj) -> TypeGuard[FunctionObj]:
    """Whether this is called where the member that it stands for is read."""
    return isinstance(obj, FunctionObj) and obj.function.binding == "property"


def _is_plain(value: Value) -> bool:
    """Whether this is data, as a default is."""
    return all(isinstance(obj, (Const, Container)) for obj in value)


def _is_context(obj: Obj) -> bool:
    """Whether this is what Lambda hands to the handler beside the event: whoever sets its members sets them for Lambda."""
    return isinstance(obj, Unknown) and obj.term == CONTEXT


def built_name(name: Value) -> re.Pattern[str] | None:
    """What the name of a member matches that is put together, or not known at all: whichever it may be, but for a private one."""
    only = name[0] if len(name) == 1 else None
    if not isinstance(only, Unknown):
        return None
    if only.term[0] == "text" and only.term[1].strip("\0"):
        return re.compile(".*".join(re.escape(part) for part in only.term[1].split("\0")))
    return re.compile("[^_].*")


def names_in(value: Value) -> list[str]:
    """The names that a value is known to be, perhaps among others."""
    known = [obj.value for obj in value if isinstance(obj, Const)]
    known += [obj.term[2] for obj in value if isinstance(obj, Unknown) and obj.term[0] == "default"]
    return [name for name in known if isinstance(name, str)]
