"""A worker's code laid out in order: the calls it comes to, in which loops and under which exception handlers.

Calls of the project's own functions are followed (`Log.applied`), so that a loop that polls through one helper and works
through another looks like one that does both itself. Nothing is evaluated but what a comparison compares with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.log import CallSite
from lint_lambda.analysis.domain.values import Bound, External, FunctionObj, Obj, Value
from lint_lambda.analysis.extensions.requests import launches
from lint_lambda.analysis.library.call import asking
from lint_lambda.core import ir
from lint_lambda.core.record import dataclass, names_of, replace
from lint_lambda.core.verdict import Place
from lint_lambda.core.walk import STATEMENTS, is_node, nodes
from lint_lambda.knowledge.verbs import ShieldModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_WALK = 12

_PIECES = (ir.Arg, ir.Case, ir.Catch, ir.Generator, ir.WithItem)
"""Nodes that are neither expression nor statement."""

Loop = tuple[int, int]
"""A loop: the activation it stands in, and its number there."""


@dataclass(frozen=True, slots=True)
class Shield:
    """An exception handler for everything in an activation: `loops` around it, and whether it `ends` what it stands in."""

    activation: int
    loops: tuple[Loop, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One call. `uses`: it is given a value that came from one of the sources (see `Walk`), `runs`: it calls one.

    `followed`: the calls that it comes to are steps, too. `asked`: the objects asked in the conditions around it.
    """

    here: CallSite
    function: str
    callee: Value
    args: Args
    loops: tuple[Loop, ...]
    shields: tuple[Shield, ...]
    uses: bool
    runs: bool
    followed: bool
    asked: frozenset[Obj]


@dataclass(frozen=True, slots=True)
class _Where:
    activation: int
    path: str
    function: str
    loops: tuple[Loop, ...] = ()
    shields: tuple[Shield, ...] = ()
    asked: frozenset[Obj] = frozenset()
    depth: int = 0


class Walk:
    """Walks one activation. `steps` are in order; `compared` are the values that what came from a source is compared with.

    `is_source` says of a call whether its result is what the walk traces (what is taken from a queue).
    """

    def __init__(self, machine: Machine, is_source: Callable[[Value, Args], bool]) -> None:
        self.steps: list[Step] = []
        self.compared: list[tuple[tuple[Loop, ...], Value]] = []
        self._machine = machine
        self._world = machine.world
        self._everything = {_last(symbol) for symbol in machine.semantics.catch_all}
        self._log = machine.log
        self._is_source = is_source
        self._traced: dict[int, set[str]] = {}
        self._giving: set[int] = set()
        self._open: set[int] = set()
        self._loops = 0

    def walk(self, activation: int) -> Walk:
        self._enter(activation, _Where(activation, "", ""))
        return self

    def _enter(self, number: int, where: _Where) -> None:
        if number in self._open or where.depth > DEEPEST_WALK:
            return
        callee = self._world.activations[number].callee
        self._open.add(number)
        inner = replace(
            where, activation=number, path=callee.path, function=callee.function.qualname, depth=where.depth + 1
        )
        self._block(callee.function.body, inner)
        self._open.discard(number)

    # --- statements ------------------------------------------------------------------------------------------------------

    def _block(self, statements: ir.Block, where: _Where) -> None:
        for statement in statements:
            self._statement(statement, where)

    def _statement(self, node: ir.Stmt, where: _Where) -> None:
        if isinstance(node, ir.Assign) and node.value is not None:
            self._expression(node.value, where)
            if self._traces(node.value, where):
                for target in node.targets:
                    self._trace(target, where)
        elif isinstance(node, ir.While):
            inner = self._in_loop(where)
            self._expression(node.test, inner)
            self._block(node.body, self._asking(node.test, inner))
            self._block(node.orelse, where)
        elif isinstance(node, ir.If):
            self._expression(node.test, where)
            inner = self._asking(node.test, where)
            self._block(node.body, inner)
            self._block(node.orelse, inner)
        elif isinstance(node, ir.For):
            self._expression(node.iterable, where)
            inner = self._in_loop(where)
            if self._traces(node.iterable, where):
                self._trace(node.target, where)
                self._repeat_source(node.iterable, inner)
            self._block(node.body, inner)
            self._block(node.orelse, where)
        elif isinstance(node, ir.Try):
            self._try(node, where)
        elif isinstance(node, ir.With):
            for item in node.items:
                self._expression(item.manager, where)
            suppresses = any(self._suppresses(item.manager, where) for item in node.items)
            shield = Shield(where.activation, where.loops, ends=False)
            self._block(node.body, replace(where, shields=(*where.shields, shield)) if suppresses else where)
        elif isinstance(node, ir.Return) and node.value is not None:
            self._expression(node.value, where)
            if self._traces(node.value, where):
                self._giving.add(where.activation)
        else:
            for part in _parts(node):
                if isinstance(part, tuple):
                    self._block(part, where)
                else:
                    self._expression(part, where)

    def _asking(self, test: ir.Expr, where: _Where) -> _Where:
        """Inside a condition that asks objects something: whether a queue is empty, say."""
        asked = set(where.asked)
        for part in nodes((test,)):
            if isinstance(part, ir.Call):
                callee, _ = self._log.calls.get(CallSite(where.activation, Place(where.path, part.site)), ((), Args()))
                asked.update(obj.receiver.base for obj in callee if isinstance(obj, Bound))
        return replace(where, asked=frozenset(asked))

    def _in_loop(self, where: _Where) -> _Where:
        self._loops += 1
        return replace(where, loops=(*where.loops, (where.activation, self._loops)))

    def _try(self, node: ir.Try, where: _Where) -> None:
        inner = where
        for catch in node.catches:
            if catch.types is None or any(name.name in self._everything for name in _names(catch.types)):
                if not any(isinstance(part, ir.Raise) for part in nodes(catch.body)):
                    ends = any(isinstance(part, (ir.Return, ir.Break)) for part in nodes(catch.body))
                    inner = replace(where, shields=(*where.shields, Shield(where.activation, where.loops, ends)))
                break
        self._block(node.body, inner)
        for catch in node.catches:
            self._block(catch.body, where)
        self._block(node.orelse, where)
        self._block(node.final, where)

    def _suppresses(self, manager: ir.Expr, where: _Where) -> bool:
        if not isinstance(manager, ir.Call):
            return False
        callee, args = self._log.calls.get(CallSite(where.activation, Place(where.path, manager.site)), ((), Args()))
        frame = Frame(self._world.activations[where.activation], where.path, where.function)
        for obj in callee:
            symbol = self._world.models.canonical(obj.symbol) if isinstance(obj, External) else ""
            for model in self._world.models.of(symbol):
                if isinstance(model, ShieldModel):
                    caught = self._machine.selectors.select(model.catches, asking(None, frame, args))
                    if any(isinstance(error, External) and _last(error.symbol) in self._everything for error in caught):
                        return True
        return False

    # --- expressions -----------------------------------------------------------------------------------------------------

    def _expression(self, expr: ir.Expr, where: _Where) -> None:
        if isinstance(expr, ir.Call):
            self._call(expr, where)
            return
        for part in _parts(expr):
            if not isinstance(part, tuple):
                self._expression(part, where)
        if isinstance(expr, ir.Bind) and self._traces(expr.value, where):
            self._trace(expr.target, where)
        if isinstance(expr, ir.Compare):
            for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
                if isinstance(side, (ir.Name, ir.Bind, ir.Call)) and self._traces(side, where):
                    self.compared.append((where.loops, self._value(other, where)))

    def _call(self, expr: ir.Call, where: _Where) -> None:
        self._expression(expr.func, where)
        for arg in expr.args:
            self._expression(arg.value, where)
        here = CallSite(where.activation, Place(where.path, expr.site))
        callee, args = self._log.calls.get(here, ((), Args()))
        runs = self._traces(expr.func, where)
        uses = any(self._traces(arg.value, where) for arg in expr.args)
        followed = [] if launches(callee, self._world) else list(self._log.applied.get(here, ()))
        step = Step(
            here, where.function, callee, args, where.loops, where.shields, uses, runs, bool(followed), where.asked
        )
        self.steps.append(step)
        for number in followed:
            self._bind(number, callee, expr, where)
            self._enter(number, where)

    def _repeat_source(self, expr: ir.Expr, inner: _Where) -> None:
        """``for item in iter(queue.get, DONE)`` takes one in every round: the call belongs into the loop."""
        if isinstance(expr, ir.Call) and self.steps and self.steps[-1].here.place.site == expr.site:
            self.steps[-1] = replace(self.steps[-1], loops=inner.loops)
            if len(expr.args) == 2:
                self.compared.append((inner.loops, self._value(expr.args[1].value, inner)))

    def _bind(self, number: int, callee: Value, expr: ir.Call, where: _Where) -> None:
        """Trace the parameters that are given a traced value."""
        function = self._world.activations[number].callee.function
        names = [param.name for param in function.params]
        if any(isinstance(obj, Bound) and isinstance(obj.function, FunctionObj) for obj in callee):
            names = names[1:]
        for position, arg in enumerate(expr.args):
            if not self._traces(arg.value, where):
                continue
            name = arg.name or (names[position] if position < len(names) else "")
            if arg.spread:
                self._traced.setdefault(number, set()).update(names)
            elif name:
                self._traced.setdefault(number, set()).add(name)

    # --- what came from a source -----------------------------------------------------------------------------------------

    def _trace(self, target: ir.Target, where: _Where) -> None:
        if isinstance(target, ir.Name):
            self._traced.setdefault(where.activation, set()).add(target.name)
        elif isinstance(target, ir.Unpack):
            for part in target.targets:
                self._trace(part, where)

    def _traces(self, expr: ir.Expr, where: _Where) -> bool:
        """Whether the value of `expr` came from a source, or is part of one that did."""
        names = self._traced.get(where.activation, set())
        for part in nodes((expr,)):
            if isinstance(part, ir.Name) and part.owner == ir.LOCAL and part.name in names:
                return True
            if isinstance(part, ir.Call):
                here = CallSite(where.activation, Place(where.path, part.site))
                callee, args = self._log.calls.get(here, ((), Args()))
                if self._is_source(callee, args) or not self._giving.isdisjoint(self._log.applied.get(here, ())):
                    return True
        return False

    def _value(self, expr: ir.Expr, where: _Where) -> Value:
        activation = self._world.activations[where.activation]
        given = {name: value for name, value in activation.arguments if value is not None}
        frame = Frame(activation, where.path, where.function, env=given)
        return self._machine.evaluate(expr, frame)


def _last(symbol: str) -> str:
    return symbol.rsplit(".", 1)[-1]


def _parts(node: Any) -> Iterator[Any]:
    """The expressions and blocks that a node consists of; targets are none."""
    for name in names_of(type(node)):
        if name in ("target", "targets", "binds", "name"):
            continue
        value = getattr(node, name)
        if isinstance(value, tuple):
            if value and isinstance(value[0], STATEMENTS):
                yield value
            else:
                for part in value:
                    if is_node(part):
                        yield from _parts(part) if isinstance(part, _PIECES) else (part,)
        elif is_node(value):
            yield value


def _names(expr: ir.Expr) -> Iterator[ir.Name]:
    return (part for part in nodes((expr,)) if isinstance(part, ir.Name))
