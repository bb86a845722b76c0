"""Operators, and functions of the language, that the project's own classes answer by members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.values import NOTHING, Const, Instance, Obj, Probe, Value, union

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Operators:
    """Calls of the members that answer operators."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._semantics = machine.semantics

    def binary(self, op: str, left: Value, right: Value, frame: Frame) -> Value:
        """What the classes on either side give for an operator between two values; nothing where none answers it."""
        own, reflected = self._semantics.operators.get(op, ("", ""))
        given = [self._asked(obj, (own,), [right], frame) for obj in left] if own else []
        if not union(*given) and reflected:
            given = [self._asked(obj, (reflected,), [left], frame) for obj in right]
        return union(*given)

    def changed(self, op: str, target: Value, value: Value, frame: Frame) -> Value:
        """The same for an operator that changes what stands on its left."""
        own = self._semantics.changing.get(op, "")
        given = union(*(self._asked(obj, (own,), [value], frame) for obj in target)) if own else NOTHING
        return given or self.binary(op.removesuffix("="), target, value, frame)

    def compared(self, op: str, left: Value, right: Value, frame: Frame) -> None:
        """Two values are compared."""
        if op in ("in", "not in"):
            for obj in right:
                self._asked(obj, self._semantics.contains, [left], frame)
        else:
            self.binary(op, left, right, frame)

    def truth(self, value: Value, frame: Frame) -> Value:
        """A value whose truth is asked: of work that its class looks at to say so, whether that is done."""
        answers = [self._asked(obj, self._semantics.truth, [], frame) for obj in value]
        probes = tuple(obj for obj in union(*answers) if isinstance(obj, Probe))
        return probes if probes and all(answers) else value

    def function(self, symbol: str, args: Args, frame: Frame) -> None:
        """A function of the language's own that asks each of its arguments by a member."""
        members = self._semantics.asking.get(symbol)
        for obj in args.every() if members else NOTHING:
            self._asked(obj, members or (), [], frame)

    def item(self, obj: Obj, index: Value, frame: Frame) -> Value:
        """What a class gives for an index of its instance."""
        return self._asked(obj, self._semantics.index, [index], frame)

    def put(self, base: Value, index: Value, value: Value, frame: Frame) -> None:
        """A value is stored by an index."""
        for obj in base:
            self._asked(obj, self._semantics.put_index, [index, value], frame)

    def set(self, obj: Instance, name: str, value: Value, frame: Frame) -> None:
        """A value is stored in an attribute, by whatever name."""
        if frame.qualname.rpartition(".")[2] not in self._semantics.storing:
            self._asked(obj, self._semantics.storing, [self._machine.universe.const(name), value], frame)

    def text(self, value: Value, frame: Frame) -> None:
        """A value becomes part of a text."""
        for obj in value:
            self._asked(obj, self._semantics.texts, [], frame)

    def _asked(self, obj: Obj, names: tuple[str, ...], given: list[Value], frame: Frame) -> Value:
        """Call the first of these members that the project's own class of an object has."""
        if not isinstance(obj, Instance) or frame.state is None:
            return NOTHING
        for name in names:
            member = self._machine.classes.own_member(obj, (name,))
            if member and not all(isinstance(each, Const) for each in member):
                args = Args([(obj,), *given], bound=True)
                return self._machine.call(member, args, obj.alloc.site, frame) or self._machine.universe.unknown
        return NOTHING
