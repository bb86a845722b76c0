"""Calls of the functions of the language that reach members, classes and modules by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    ClassObj,
    Container,
    Instance,
    Obj,
    Reacher,
    Super,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.interpreter.objects import built_name, names_in
from lint_lambda.core import ir

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Reflection:
    """Calls that reach members by name."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe

    def reflected(self, expr: ir.Call, frame: Frame) -> Value | None:
        """A call of a function that reaches members by name; None for every other call, and where the name is not known."""
        if not isinstance(expr.func, ir.Name) or expr.func.owner != ir.BUILTIN:
            return None
        reflection = self._machine.semantics.reflection.get(expr.func.name)
        if reflection == "parent":
            return self._super(expr, frame)
        if expr.func.name == self._machine.semantics.exported or reflection == "module":
            return (self._world.module(frame.path),)
        if reflection == "class" and len(expr.args) == 1:
            class_of = self._machine.semantics.class_of
            return self._machine.objects.attribute(self._machine.evaluate(expr.args[0].value, frame), class_of, frame)
        if reflection == "attributes" and len(expr.args) == 1:
            held = self._machine.evaluate(expr.args[0].value, frame)
            return self._machine.objects.attribute(held, self._machine.semantics.attributes_of, frame)
        if reflection in ("get", "set") and len(expr.args) >= 2:
            return self._member_by_name(expr, frame, sets=reflection == "set")
        return None

    def _super(self, expr: ir.Call, frame: Frame) -> Value:
        function = frame.activation.callee.function
        if function.owner_class is None or not function.params:
            return self._universe.unknown
        owner = self._world.class_(frame.path, function.owner_class)
        receiver = frame.env.get(function.params[0].name, NOTHING)
        if owner is None:
            return self._universe.unknown
        out = [
            self._universe.make(Super, class_, obj)
            for obj in receiver
            if isinstance(obj, (Instance, ClassObj))
            for class_ in self._bases(obj)
            if isinstance(class_, ClassObj) and class_.class_ is owner
        ]
        return tuple(out) or self._universe.unknown

    def _bases(self, obj: Instance | ClassObj) -> list[Obj]:
        """The classes of an object, those of a class that it inherits from and those that it is an instance of."""
        classes = self._machine.classes
        return classes.mro(obj.type) if isinstance(obj, Instance) else [*classes.mro(obj), *classes.metaclasses(obj)]

    def reach(self, reacher: Reacher, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call a function that reaches into what it is given first."""
        base = args.positional[0] if args.positional else args.rest
        names: list[Value] = []
        while name := self._machine.heap.load(reacher, slot(len(names))):
            names.append(name)
        reached = [self._reached(reacher, base, name, frame) for name in names]
        if reacher.reaches == "method":
            _, given = self._machine.held_calls[reacher]
            return self._machine.call(union(*reached), given, site, frame)
        if len(reached) < 2:
            return union(*reached) or self._universe.unknown
        made = self._universe.make(Container, "tuple", Alloc(frame.path, site, frame.context))
        for position, value in enumerate(reached):
            self._machine.heap.store(made, slot(position), value)
        return (made,)

    def _reached(self, reacher: Reacher, base: Value, name: Value, frame: Frame) -> Value:
        if reacher.reaches == "item":
            return self._machine.elements.item(base, name, frame)
        found = self._members(base, name, frame)
        if found is not None:
            return found
        out = []
        for path in names_in(name):
            value = base
            for part in path.split("."):
                value = self._machine.objects.attribute(value, part, frame)
            out.append(value)
        return union(*out) or self._universe.unknown

    def _members(self, base: Value, name: Value, frame: Frame) -> Value | None:
        """The members that a name may mean which is not known, or only in part; None where it is."""
        pattern = built_name(name)
        if pattern is None:
            return None
        objects = self._machine.objects
        found = ((obj, member) for obj in base for member in objects.members_like(obj, pattern))
        return union(*(objects.attribute((obj,), member, frame) for obj, member in found))

    def _member_by_name(self, expr: ir.Call, frame: Frame, *, sets: bool) -> Value | None:
        objects = self._machine.objects
        base = self._machine.evaluate(expr.args[0].value, frame)
        name = self._machine.evaluate(expr.args[1].value, frame)
        found = None if sets else self._members(base, name, frame)
        if found is not None:
            return union(found, *(self._machine.evaluate(each.value, frame) for each in expr.args[2:3])) or None
        names = names_in(name)
        if not names:
            if sets:
                self._machine.classes.open(base, overwritten=True)
            return None
        if sets and len(expr.args) == 3:
            value = self._machine.evaluate(expr.args[2].value, frame)
            for each in names:
                objects.set_attribute(base, each, value)
            if len(names) != len(name) or any(isinstance(obj, Unknown) for obj in name):
                self._machine.classes.open(base, overwritten=True)
            return self._universe.const(None)
        return union(*(objects.attribute(base, each, frame) for each in names))
