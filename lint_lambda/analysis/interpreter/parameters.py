"""How arguments meet parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    REMAINING,
    Alloc,
    CellScope,
    Const,
    Container,
    FunctionObj,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.frameworks.registration import CONTEXT, EVENT
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import replace

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

LONGEST_TEXT = 60
"""A longer text is never what a function decides by."""


class Parameters:
    """Binds the arguments of a call to the parameters of a function of the project."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._shapes: dict[tuple[object, ...], int] = {}

    def bind(self, callee: FunctionObj, args: Args, frame: Frame) -> dict[str, Value]:
        """The value of every parameter for one call."""
        bound: dict[str, Value] = {}
        positional = list(args.positional)
        keywords = dict(args.keywords)
        received = positional.pop(0) if args.bound and self._machine.semantics.receivers == "apart" else NOTHING
        for param in callee.function.params:
            if param.kind == "receiver":
                bound[param.name] = received or self._universe.unknown
            elif param.kind == "rest":
                bound[param.name] = (self._collect("tuple", positional, args.rest, callee, param.name, frame),)
                positional = []
            elif param.kind == "keywords":
                bound[param.name] = (self._collect_keywords(keywords, args.extra, callee, param.name, frame),)
            elif param.kind == "positional" and positional:
                bound[param.name] = positional.pop(0)
            elif param.name in keywords:
                value = keywords.pop(param.name)
                if param.name in args.perhaps and param.default is not None:
                    value = union(value, self.default(callee, param.default))
                bound[param.name] = value
            else:
                value = args.extra
                if param.kind == "positional":
                    value = union(value, args.rest)
                if param.default is not None:
                    value = union(value, self.default(callee, param.default))
                missing = args.whole and self._machine.semantics.receivers == "apart"
                bound[param.name] = value or (self._universe.const(None) if missing else self._universe.unknown)
        return bound

    def default(self, callee: FunctionObj, default: ir.Expr) -> Value:
        """A default's value, in the scope the function was defined in."""
        if isinstance(default, ir.Const):
            return self._universe.const(default.value)
        outer = self._world.activations[callee.context]
        frame = Frame(outer, callee.path, outer.callee.function.qualname or MODULE_BODY)
        if isinstance(default, ir.Name) and default.owner == ir.LOCAL:
            default = replace(default, owner=outer.callee.function.qualname)
            return self._heap.load(self._universe.make(CellScope, callee.context), default.name)
        return self._machine.evaluate(default, frame)

    def _collect(
        self, kind: str, values: list[Value], rest: Value, callee: FunctionObj, name: str, frame: Frame
    ) -> Container:
        site = callee.function.site
        made = self._universe.make(Container, f"{kind}", Alloc(callee.path, site, self._arguments_key(values, name)))
        for position, value in enumerate(values):
            self._heap.store(made, slot(position), value)
        if rest:
            self._heap.store(made, ANY_ELEMENT, rest)
        return made

    def _collect_keywords(
        self, keywords: dict[str, Value], extra: Value, callee: FunctionObj, name: str, frame: Frame
    ) -> Container:
        key = self._arguments_key([*keywords.values()], name + ",".join(keywords))
        made = self._universe.make(Container, "dict", Alloc(callee.path, callee.function.site, key))
        for keyword, value in keywords.items():
            self._heap.store(made, slot(keyword), value)
        if extra:
            self._heap.store(made, ANY_ELEMENT, extra)
        return made

    def _arguments_key(self, values: list[Value], name: str) -> int:
        """A number for one shape of spread arguments: calls with equal ones share the container."""
        shape = (name, *(self.canonical(value) for value in values))
        return -1 - self._shapes.setdefault(shape, len(self._shapes))

    def canonical(self, value: Value) -> Value | None:
        """An argument as an activation tells it apart: None where any unknown value would do."""
        if all(isinstance(obj, (Unknown, Const)) for obj in value):
            if any(isinstance(obj, Unknown) and obj.term in (EVENT, CONTEXT, REMAINING) for obj in value):
                return value
            if len(value) == 1 and isinstance(value[0], Const):
                held = value[0].value
                if not isinstance(held, str) or len(held) <= LONGEST_TEXT:
                    return value
            return None
        return value
