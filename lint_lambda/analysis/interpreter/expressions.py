"""Evaluate expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact
from lint_lambda.analysis.domain.launch_state import Edge
from lint_lambda.analysis.domain.values import (
    NOTHING,
    REMAINING,
    Alloc,
    Const,
    Container,
    External,
    Obj,
    Unknown,
    Value,
    union,
)
from lint_lambda.core import ir

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

LONGEST_TAIL = 200


class Expressions:
    """Expressions."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._heap = machine.heap
        self._dispatch: dict[type[Any], Callable[[Any, Frame], Value]] = {
            ir.Name: self._machine.names.name,
            ir.Const: lambda expr, frame: self._universe.const(expr.value),
            ir.Attr: lambda expr, frame: self._machine.objects.attribute(
                self.evaluate(expr.base, frame), expr.name, frame
            ),
            ir.Item: self._item,
            ir.Call: self._call_expression,
            ir.Await: self._await,
            ir.Func: self._machine.definitions.function,
            ir.Class_: self._machine.definitions.class_,
            ir.Collection: self._machine.displays.collection,
            ir.Comprehension: self._machine.displays.generator,
            ir.Choice: self._machine.conditions.choice,
            ir.Bool: self._machine.conditions.short_circuit_value,
            ir.Not: self._machine.conditions.value,
            ir.Compare: self._machine.conditions.value,
            ir.Bind: self._bind_expression,
            ir.Sequence: self._sequence,
            ir.Yield: self._yield,
            ir.Concat: self._concat,
            ir.Without: self._machine.displays.without,
            ir.Opaque: self._opaque,
            ir.Spread: lambda expr, frame: self._machine.elements.of(self.evaluate(expr.value, frame), frame),
        }

    def evaluate(self, expr: ir.Expr, frame: Frame) -> Value:
        return self._dispatch[type(expr)](expr, frame)

    # --- definitions -----------------------------------------------------------------------------------------------------

    # --- simple expressions ----------------------------------------------------------------------------------------------

    def _await(self, expr: ir.Await, frame: Frame) -> Value:
        value = self.evaluate(expr.value, frame)
        if self._machine.semantics.awaits_values:
            within = tuple(obj for obj in value if isinstance(obj, Container))
            self._machine.handles.note(within, "awaited-inside", frame)
        return self._machine.wait(value, expr.site, frame)

    def _item(self, expr: ir.Item, frame: Frame) -> Value:
        base = self.evaluate(expr.base, frame)
        if self._machine.log.gates and frame.state is not None and any(isinstance(obj, Unknown) for obj in base):
            frame.raise_edge(frame.state, explicit=False)  # an extension that waits is left waiting by any exception
        missing = self._machine.semantics.missing
        if frame.tries and missing and frame.state is not None and all(isinstance(obj, Unknown) for obj in base):
            frame.raise_as(Edge(frame.state, explicit=False, types=missing))
        # A loop that goes from one slice to the next comes to them all.
        partial = expr.partial == "surely" or (expr.partial == "perhaps" and not frame.loops)
        if partial and any(isinstance(obj, Container) for obj in base):
            return self._slice(base, frame)
        return self._machine.elements.item(
            base, None if expr.index is None else self.evaluate(expr.index, frame), frame
        )

    def _slice(self, base: Value, frame: Frame) -> Value:
        """Part of a container: some of its elements, not all of them."""
        out: list[Obj] = []
        for obj in base:
            if isinstance(obj, Container):
                made = self._universe.make(Container, obj.kind, obj.alloc._replace(site=-1 - obj.alloc.site))
                elements = self._machine.elements.of((obj,), frame, "some")
                if elements:
                    self._heap.store(made, ANY_ELEMENT, elements)
                out.append(made)
        return tuple(sorted(out))

    def _bind_expression(self, expr: ir.Bind, frame: Frame) -> Value:
        value = self.evaluate(expr.value, frame)
        self._machine.assign(expr.target, value, frame)
        return value

    def _sequence(self, expr: ir.Sequence, frame: Frame) -> Value:
        value: Value = NOTHING
        for part in expr.parts:
            value = self.evaluate(part, frame)
        return value or self._universe.unknown

    def _concat(self, expr: ir.Concat, frame: Frame) -> Value:
        values = [self.evaluate(part, frame) for part in expr.parts]
        others = [self.evaluate(part, frame) for part in expr.others]
        answered = self._answered(expr, values, others, frame)
        if answered:
            return answered
        held = [obj for value in values for obj in value if isinstance(obj, Container)]
        if held:
            made = self._universe.make(Container, held[0].kind, Alloc(frame.path, expr.site, frame.context))
            elements = self._machine.elements.of(union(*values), frame)
            if elements:
                self._heap.store(made, ANY_ELEMENT, elements)
            return (made,)
        if len(values) + len(others) > 1 and not any(_is_text(value) for value in values):
            remaining = self.computed([*values, *others])
            if remaining != self._universe.unknown or all(_is_number(value) for value in values):
                return remaining  # a sum
        texts = [_known_text(value) for value in values]
        text = "".join(texts)[-LONGEST_TAIL:]
        if "\0" not in text:
            return self._universe.const(text)
        return self._universe.unknown_of("text", text, frame.path, expr.site)

    def _opaque(self, expr: ir.Opaque, frame: Frame) -> Value:
        values = [self.evaluate(part, frame) for part in expr.parts]
        answered = self._machine.operators.binary(expr.op, values[0], values[1], frame) if expr.op else ()
        if not answered and expr.op == "|":
            return union(*values) or self._universe.unknown  # a set of both, either type, a pipe
        return answered or self.computed(values)

    def _answered(self, expr: ir.Concat, values: list[Value], others: list[Value], frame: Frame) -> Value:
        """What the classes of the operands give for the operator; of a text, what is part of it says it of itself."""
        operators = self._machine.operators
        if others:
            return operators.binary(expr.op, values[-1], others[0], frame)
        if not expr.op:
            for value in values:
                operators.text(value, frame)
            return ()
        answered: Value = ()
        for number in range(1, len(values)):
            answered = operators.binary(expr.op, answered or values[number - 1], values[number], frame)
        return answered

    def computed(self, values: list[Value]) -> Value:
        """What an operation on values that are not modelled gives: not known, but for what it is computed from."""
        remaining = self._universe.unknown_of(*REMAINING)
        return remaining if any(remaining[0] in value for value in values) else self._universe.unknown

    def _yield(self, expr: ir.Yield, frame: Frame) -> Value:
        value = self._universe.const(None) if expr.value is None else self.evaluate(expr.value, frame)
        if expr.delegates:
            value = self._machine.elements.of(value, frame)
        frame.yields = union(frame.yields, value)
        if frame.on_yield is not None:
            frame.pause()
            frame.on_yield(value)
            return self._universe.unknown
        # Whoever reads it may never come back. What is to be done at the end is done all the same: at once, or, of an async
        # function, after the loop has ended what is left on it.
        before, loops = frame.snapshot(), frame.loops
        if not frame.activation.callee.function.is_async:
            frame.leave_loops()
            self._machine.statements.unwind(frame, 0, closed=True)
        frame.pause()
        frame.loops = loops
        frame.resume(before)
        return self._universe.unknown

    # --- displays --------------------------------------------------------------------------------------------------------

    # --- calls -----------------------------------------------------------------------------------------------------------

    def _call_expression(self, expr: ir.Call, frame: Frame) -> Value:
        reflected = self._machine.reflection.reflected(expr, frame)
        if reflected is not None:
            return reflected
        callee = self.evaluate(expr.func, frame)
        before = frame.state
        args = self.arguments(expr.args, frame, late=self._reads_late(callee))
        if before is not None and frame.state not in (None, before) and self._stops_early(callee, expr):
            frame.state = launch_state.join(before, frame.state)
        if frame.state is None:
            return self._universe.unknown
        self._machine.log.called(callee, args, expr.site, frame)
        if self._machine.requests.noted(callee, args, expr.site, frame) == "next-invocation":
            self._machine.log.freeze(expr.site, frame)
        given = self._machine.call(callee, args, expr.site, frame, expr.decorates)
        if expr.gives is not None and all(isinstance(obj, Unknown) for obj in given):
            return union(given, self._machine.definitions.annotated_value(expr.gives, expr.site, frame))
        return given

    def _reads_late(self, callee: Value) -> bool:
        """Whether what is called reads what it is given only as its result is read."""
        return any(isinstance(obj, External) and self._machine.library.reads_late(obj.symbol) for obj in callee)

    def _stops_early(self, callee: Value, expr: ir.Call) -> bool:
        """Whether the call reads a generator expression only as far as it needs."""
        if not any(isinstance(arg.value, ir.Comprehension) and arg.value.kind == "generator" for arg in expr.args):
            return False
        return any(isinstance(obj, External) and self._machine.library.stops_early(obj.symbol) for obj in callee)

    def arguments(self, given: tuple[ir.Arg, ...], frame: Frame, *, late: bool = False) -> Args:
        """The arguments of a call. Not `late`: a generator expression among them is read by the call."""
        args = Args(whole=not any(arg.spread for arg in given))
        for arg in given:
            if isinstance(arg.value, ir.Comprehension) and not late:
                value = self._machine.displays.comprehension(arg.value, frame)
            else:
                value = self.evaluate(arg.value, frame)
            if arg.spread == 1:
                known, rest = self._machine.elements.spread(value, frame)
                if args.rest:
                    args.rest = union(args.rest, rest, *known)
                else:
                    args.positional.extend(known)
                    args.rest = rest
                if not known and not rest and any(isinstance(obj, Unknown) for obj in value):
                    args.rest = self._universe.unknown
            elif arg.spread == 2:
                spread = self._machine.elements.keyword_spread(value)
                args.keywords.update(spread)
                if any(self._machine.heap.load(obj, Fact.SELECTED) for obj in value):
                    args.perhaps |= frozenset(spread)
                if any(isinstance(obj, Unknown) for obj in value):
                    args.extra = self._universe.unknown
                within = (self._machine.heap.load(obj, ANY_ELEMENT) for obj in value if isinstance(obj, Container))
                args.extra = union(args.extra, *within)
            elif arg.name is not None:
                args.keywords[arg.name] = value
            elif args.rest:
                args.rest = union(args.rest, value)
            else:
                args.positional.append(value)
        return args


def _is_number(value: Value) -> bool:
    return bool(value) and all(isinstance(obj, Const) and isinstance(obj.value, (int, float)) for obj in value)


def _is_text(value: Value) -> bool:
    return any(isinstance(obj, Const) and isinstance(obj.value, str) for obj in value)


def _known_text(value: Value) -> str:
    """What is known of a part's text; a NUL stands for what is not."""
    if len(value) == 1:
        if isinstance(value[0], Const):
            return str(value[0].value)
        if isinstance(value[0], Unknown) and value[0].term[0] == "text":
            return str(value[0].term[1])
    return "\0"
