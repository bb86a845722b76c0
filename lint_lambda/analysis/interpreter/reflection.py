"""Calls of the functions of the language that reach members, classes and modules by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.values import NOTHING, ClassObj, Instance, Super, Unknown, Value, union
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
            for class_ in self._machine.classes.mro(obj.type if isinstance(obj, Instance) else obj)
            if isinstance(class_, ClassObj) and class_.class_ is owner
        ]
        return tuple(out) or self._universe.unknown

    def _member_by_name(self, expr: ir.Call, frame: Frame, *, sets: bool) -> Value | None:
        objects = self._machine.objects
        base = self._machine.evaluate(expr.args[0].value, frame)
        name = self._machine.evaluate(expr.args[1].value, frame)
        pattern = built_name(name)
        if pattern is not None and not sets:
            found = [
                objects.attribute((obj,), member, frame)
                for obj in base
                for member in objects.members_like(obj, pattern)
            ]
            return union(*found, *(self._machine.evaluate(each.value, frame) for each in expr.args[2:3])) or None
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
