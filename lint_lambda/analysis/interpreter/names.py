"""What names refer to, and what assigning to a target does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact, about, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    CellScope,
    Const,
    Container,
    External,
    Flag,
    Instance,
    Suspended,
    Unknown,
    Value,
    in_order,
    union,
)
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Names:
    """Variables, in the scope that binds them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap

    def name(self, expr: ir.Name, frame: Frame) -> Value:
        if expr.owner == ir.LOCAL:
            value = frame.env.get(expr.name)
            if value is None:
                return self._universe.unknown_of("local", frame.path, frame.qualname, expr.name)
            if self._heap.load(self.cell(frame.context), about(Fact.OUTER, expr.name)):
                value = union(value, self._heap.load(self.cell(frame.context), expr.name))
            return value
        if expr.owner == MODULE_BODY:
            if frame.qualname == MODULE_BODY and expr.name in frame.env:
                return frame.env[expr.name]
            return self._machine.modules.attribute(self._world.module(frame.path), expr.name, frame)
        if expr.owner in (ir.BUILTIN, ir.UNBOUND):
            if expr.name == self._machine.semantics.module_name:
                return self._universe.const(self._machine.semantics.imported)
            stars = self._heap.load(self._world.module(frame.path), Fact.STARS)
            if stars:
                found = self._machine.modules.attribute(self._world.module(frame.path), expr.name, frame)
                if not all(isinstance(obj, Unknown) for obj in found):
                    return found
            if expr.owner == ir.UNBOUND:
                return self._universe.unknown_of("unbound", expr.name)
            return self._universe.external(self._machine.semantics.own(expr.name))
        context = self._context_of(expr.owner, frame)
        if context is None:
            return self._universe.unknown
        return self._heap.load(self.cell(context), expr.name) or self._universe.unknown

    def cell(self, context: int) -> CellScope:
        return self._universe.make(CellScope, context)

    def _context_of(self, owner: str, frame: Frame) -> int | None:
        """The activation whose variable a free name is."""
        activation = frame.activation
        if frame.class_scope and activation.callee.function.qualname == owner:
            return activation.number
        while activation.number:
            context = activation.callee.context
            activation = self._world.activations[context]
            if activation.callee.function.qualname == owner:
                return context
        return None

    def assign(self, target: ir.Target, value: Value, frame: Frame) -> None:
        if isinstance(target, ir.Name):
            self._assign_name(target, value, frame)
        elif isinstance(target, ir.Attr):
            base = self._machine.evaluate(target.base, frame)
            self._machine.objects.set_attribute(base, target.name, value)
            self.set_flag(base, target.name, value, frame)
            if all(isinstance(obj, (Unknown, External)) for obj in base):
                self._machine.handles.escape(Args([value]), target.site, frame)
            for obj in base:
                if isinstance(obj, External):
                    self._machine.library.set_member(obj, target.name, value, frame)
                if isinstance(obj, Instance):
                    setter = self._machine.classes.member(
                        self._machine.classes.mro(obj.type), ir.SETTER.format(target.name)
                    )
                    if setter:
                        self._machine.call(setter, Args([value]).with_first((obj,)), target.site, frame)
                    self._machine.operators.set(obj, target.name, value, frame)
        elif isinstance(target, ir.Item):
            base = self._machine.evaluate(target.base, frame)
            index = None if target.index is None else self._machine.evaluate(target.index, frame)
            self._machine.elements.put(base, index, value)
            if index is not None:
                self._machine.operators.put(base, index, value, frame)
                self._machine.polled.put(base, index, value, frame)
            if all(isinstance(obj, Unknown) for obj in base):
                self._machine.handles.escape(Args([value]), None, frame)
            for obj in base:
                if isinstance(obj, External) and index is not None:
                    self._machine.library.put_item(obj, index, value, frame)
        else:
            self._unpack(target, value, frame)

    def _assign_name(self, target: ir.Name, value: Value, frame: Frame) -> None:
        if target.owner == ir.LOCAL:
            self._let_go(target.name, value, frame)
            frame.assign(target.name, value)
            function = frame.activation.callee.function
            if not frame.class_scope and target.name in function.captured:
                self._heap.store(self.cell(frame.context), target.name, value)
                self.set_flag((self.cell(frame.context),), target.name, value, frame)
        elif target.owner == MODULE_BODY:
            if frame.qualname == MODULE_BODY:
                frame.env[target.name] = value
            else:
                self._heap.store(self._world.module(frame.path), about(Fact.GLOBAL, target.name), value)
                self.set_flag((self._world.module(frame.path),), target.name, value, frame)
            self._heap.store(self._world.module(frame.path), target.name, value)
        elif target.owner not in (ir.BUILTIN, ir.UNBOUND):
            context = self._context_of(target.owner, frame)
            if context is not None:
                self._heap.store(self.cell(context), about(Fact.OUTER, target.name), self._universe.const(True))
                self._heap.store(self.cell(context), target.name, value)
                self.set_flag((self.cell(context),), target.name, value, frame)

    def _let_go(self, name: str, value: Value, frame: Frame) -> None:
        """A variable is about to hold `value`: handles that only it refers to are out of reach then."""
        old = frame.env.get(name, NOTHING)
        bases = {obj.base for obj in old if obj.mode == "one" and isinstance(obj, (Instance, Suspended))}
        bases.difference_update(obj.base for obj in value)
        if not bases or frame.state is None or frame.class_scope:
            return
        for other, held in (*frame.env.items(), *frame.activation.arguments):
            if other != name or held is not old:
                bases.difference_update(obj.base for obj in held or ())
        gone = tuple(obj for obj in old if obj.base in bases and not self._heap.is_held(obj))
        if gone:
            self._machine.handles.let_go(gone, frame)

    # --- flags -----------------------------------------------------------------------------------------------------------

    def flags(self, test: ir.Expr, frame: Frame, truth: bool = False) -> Iterator[Flag]:
        """The flags that end a loop over `test` when they become what they then are; `truth` is what `test` is then."""
        if isinstance(test, ir.Not):
            yield from self.flags(test.value, frame, not truth)
        elif isinstance(test, ir.Bool):
            yield from self.flags(test.left, frame, truth)
            yield from self.flags(test.right, frame, truth)
        elif isinstance(test, ir.Attr) and isinstance(test.base, (ir.Name, ir.Attr)):
            for owner in self._machine.evaluate(test.base, frame):
                if not isinstance(owner, (Unknown, External)):
                    yield self._universe.make(Flag, owner.base, test.name, truth)
        elif isinstance(test, ir.Name) and test.owner == MODULE_BODY:
            yield self._universe.make(Flag, self._world.module(frame.path), test.name, truth)
        elif isinstance(test, ir.Name) and test.owner not in (ir.LOCAL, ir.BUILTIN, ir.UNBOUND):
            context = self._context_of(test.owner, frame)
            if context is not None:
                yield self._universe.make(Flag, self.cell(context), test.name, truth)

    def set_flag(self, owners: Value, name: str, value: Value, frame: Frame) -> None:
        """Tell the work to end whose loop asks for `name` and ends when it is `value`."""
        for owner in owners:
            self._machine.polled.assigned(owner, name, value, frame)
        truths = {bool(obj.value) if isinstance(obj, Const) else None for obj in value}
        if len(truths) == 1 and None not in truths:
            for owner in owners:
                flag = self._universe.make(Flag, owner.base, name, truths == {True})
                self._machine.handles.ask_to_stop(flag, frame)

    def _unpack(self, target: ir.Unpack, value: Value, frame: Frame) -> None:
        alone = self._machine.semantics.unpacks_part and sum(part != ir.Unpack(()) for part in target.targets) == 1
        for position, part in enumerate(target.targets):
            if position == target.starred:
                got = value
            elif any(isinstance(obj, (Container, Unknown, Instance, Suspended)) for obj in value):
                got = self._part(value, position, frame, alone=alone)
                if target.starred >= 0:
                    got = in_order({self._universe.in_mode(o, "some") if o.mode == "all" else o for o in got})
            else:
                got = self._machine.elements.of(value, frame, "all")
            self.assign(part, got or self._universe.unknown, frame)

    def _part(self, value: Value, position: int, frame: Frame, *, alone: bool) -> Value:
        """Element `position` of an unpacked value; of a pair from ``items()``, which of key and value is not known.

        `alone`: nothing else is taken, though the value may hold more.
        """
        out: list[Value] = []
        for obj in value:
            if isinstance(obj, Container):
                exact = self._machine.elements.of_mode(self._heap.load(obj, slot(position)), obj)
                out.append(exact or self._machine.elements.of((obj,), frame, "some" if alone else "all"))
            elif isinstance(obj, Unknown):
                out.append(self._universe.unknown_of("item", obj.term, position))
            elif isinstance(obj, Suspended) and obj.kind == "running":
                out.append((obj,))  # an element that stands for its pair
            elif isinstance(obj, Instance):
                placed = self._machine.elements.at_place(obj, position, frame)
                # Else an element that stands for its pair.
                out.append(placed or self._machine.elements.of((obj,), frame) or (obj,))
        return union(*out)
