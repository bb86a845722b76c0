"""How often a handler signals what an extension waits for, at most: an extension that takes one item an event lags behind two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lint_lambda.analysis.domain.log import CallSite
from lint_lambda.analysis.domain.values import Bound, External, Obj
from lint_lambda.analysis.extensions.requests import launches
from lint_lambda.core import ir
from lint_lambda.core.verdict import Place
from lint_lambda.core.walk import STATEMENTS, children
from lint_lambda.knowledge.verbs import SignalModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

MANY = 2
DEEPEST_CALL = 12


def most_signals(machine: Machine, activations: Iterable[int], objects: set[Obj]) -> int:
    """The most signals of `objects` on any path through the activations; `MANY` stands for any more than one."""
    count = _Count(machine, objects)
    return max((count.activation(number, 0) for number in activations), default=0)


class _Count:
    """Counts along paths: sequences add up, of branches the larger counts, a loop makes many of one."""

    def __init__(self, machine: Machine, objects: set[Obj]) -> None:
        self._machine = machine
        self._objects = objects
        self._left = 0

    def activation(self, number: int, depth: int) -> int:
        if depth > DEEPEST_CALL:
            return 0
        callee = self._machine.world.activations[number].callee
        outer, self._left = self._left, 0
        through = self._block(callee.function.body, number, callee.path, depth)
        left, self._left = self._left, outer
        return min(MANY, max(left, through or 0))

    def _block(self, statements: ir.Block, number: int, path: str, depth: int) -> int | None:
        """Signals up to the end of a block; None when control does not get there. `_left` takes in what leaves."""
        total = 0
        for statement in statements:
            through = self._statement(statement, number, path, depth)
            if isinstance(statement, (ir.Return, ir.Raise)):
                self._left = max(self._left, total + (through or 0))
                return None
            if through is None:
                return None
            total += through
        return total

    def _statement(self, node: ir.Stmt, number: int, path: str, depth: int) -> int | None:
        if isinstance(node, ir.If):
            test = self._expressions(node.test, number, path, depth)
            ends = [self._block(block, number, path, depth) for block in (node.body, node.orelse)]
            arrived = [end for end in ends if end is not None]
            return test + max(arrived) if arrived else None
        if isinstance(node, (ir.While, ir.For)):
            through = self._block(node.body, number, path, depth)
            return MANY if through else 0
        if isinstance(node, ir.Try):
            body = self._block(node.body, number, path, depth)
            ends = [body, *(self._block(catch.body, number, path, depth) for catch in node.catches)]
            arrived = [end for end in ends if end is not None]
            final = self._block(node.final, number, path, depth)
            if arrived:
                return max(arrived) + (final or 0)
            self._left += final or 0
            return None
        if isinstance(node, ir.With):
            return self._block(node.body, number, path, depth)
        return self._expressions(node, number, path, depth)

    def _expressions(self, node: Any, number: int, path: str, depth: int) -> int:
        total = 0
        for part in children(node):
            if not isinstance(part, STATEMENTS):
                total += self._expressions(part, number, path, depth)
        if isinstance(node, ir.Call):
            total += self._call(CallSite(number, Place(path, node.site)), depth)
        return total

    def _call(self, here: CallSite, depth: int) -> int:
        log = self._machine.log
        callee, _ = log.calls.get(here, ((), None))
        if launches(callee, self._machine.world):
            return 0
        total = sum(1 for obj in callee if self._signals(obj))
        return total + max((self.activation(ran, depth + 1) for ran in log.applied.get(here, ())), default=0)

    def _signals(self, obj: Obj) -> bool:
        if (
            not isinstance(obj, Bound)
            or obj.receiver.base not in self._objects
            or not isinstance(obj.function, External)
        ):
            return False
        models = self._machine.models
        return any(isinstance(model, SignalModel) for model in models.of(models.canonical(obj.function.symbol)))
