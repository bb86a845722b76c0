"""Lower JavaScript loops: what runs in each turn, and what ``break`` and ``continue`` leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.frontends.javascript import scopes
from lint_lambda.frontends.javascript.modules import ModuleLowering
from lint_lambda.frontends.javascript.syntax import field, has, text

if TYPE_CHECKING:
    from tree_sitter import Node


class LoopLowering(ModuleLowering):
    """Loops, on top of modules.

    - `labels`: what an unlabelled ``break`` leaves: a switch, by its label; or a loop, which is the empty text.
    - `turns`: the label that an unlabelled ``continue`` leaves, one for each loop; empty where the loop's own end is meant.
    - `numbered`: how many labels have been made up. `statements`: what lowers each type of statement.
    """

    def __init__(self, record: Callable[[Node], None]) -> None:
        super().__init__(record)
        self.labels: list[str] = []
        self.turns: list[str] = []
        self.numbered = 0
        self.statements: dict[str, Callable[[Node, list[ir.Stmt]], None]] = {}

    def scoped(self, node: Node | None) -> ir.Block:
        """A block, or the one statement that stands in the place of one."""
        raise NotImplementedError

    # --- loops -------------------------------------------------------------------------------------------------------

    def _turn(self, node: Node | None, after: ir.Block, first: ir.Block = ()) -> ir.Block:
        """A loop's body, and what runs after it in each turn, also where ``continue`` ends that."""
        self.numbered += 1
        turn = f"turn {self.numbered}:" if after else ""
        self.labels.append("")
        self.turns.append(turn)
        body = (*first, *self.scoped(node))
        self.labels.pop()
        self.turns.pop()
        return (ir.Labelled(turn, body), *after) if after and _leaves(body, turn) else (*body, *after)

    def while_(self, node: Node, out: list[ir.Stmt]) -> None:
        test = self.expr(field(node, "condition"))
        out.append(ir.While(test, self._turn(field(node, "body"), ()), ()))

    def do_(self, node: Node, out: list[ir.Stmt]) -> None:
        test = self.expr(field(node, "condition"))
        body = self._turn(field(node, "body"), (ir.If(test, (), (ir.Break(),)),))
        out.append(ir.While(ir.Const(True), body, ()))

    def for_(self, node: Node, out: list[ir.Stmt]) -> None:
        initializer, condition = field(node, "initializer"), field(node, "condition")
        self.scope.blocks.append({})
        if initializer is not None:
            for name in scopes.declared([initializer]):
                self.scope.declare(name)
            self.statement(initializer, out) if initializer.type in self.statements else out.append(
                ir.Eval(self.expr(initializer))
            )
        if condition is not None and condition.type == "expression_statement":
            condition = next(iter(self.children(condition)), None)
        test = ir.Const(True) if condition is None or condition.type == "empty_statement" else self.expr(condition)
        increment = field(node, "increment")
        after = () if increment is None else (ir.Eval(self.expr(increment)),)
        out.append(ir.While(test, self._turn(field(node, "body"), after), ()))
        self.scope.blocks.pop()

    def for_in_(self, node: Node, out: list[ir.Stmt]) -> None:
        left, right = field(node, "left"), field(node, "right")
        iterable = self.expr(right)
        site = self.site(right or node)
        if text(field(node, "operator")) == "in":
            iterable = ir.Opaque((iterable,))
        is_async = has(node, "await")
        self.scope.blocks.append({})
        if field(node, "kind") is not None and text(field(node, "kind")) != "var":
            for name in scopes.of_pattern(left):
                self.scope.declare(name)
        first: list[ir.Stmt] = []
        target: ir.Target
        if is_async or (left is not None and left.type in ("object_pattern", "array_pattern")):
            held = self.scope.temporary()
            target = held
            self.bind(left, ir.Await(held, site) if is_async else held, first)
        else:
            target = self.target(left)
        body = self._turn(field(node, "body"), (), tuple(first))
        self.scope.blocks.pop()
        out.append(ir.For(target, iterable, body, (), is_async, site))

    def labelled_(self, node: Node, out: list[ir.Stmt]) -> None:
        label, body = text(field(node, "label")), field(node, "body")
        if body is None:
            return
        made: list[ir.Stmt] = []
        self.statement(body, made)
        turn = f"{label}:turn"
        if made and isinstance(made[-1], (ir.While, ir.For)) and _leaves(made[-1].body, turn):
            made[-1] = _with_body(made[-1], (ir.Labelled(turn, made[-1].body),))
        out.append(ir.Labelled(f"{label}:", tuple(made)))


def _leaves(block: ir.Block, label: str) -> bool:
    """Whether a ``break`` to this label stands in the block."""
    return any(isinstance(node, ir.Break) and node.label == label for node in tree.nodes(block))


def _with_body(loop: ir.While | ir.For, body: ir.Block) -> ir.While | ir.For:
    if isinstance(loop, ir.While):
        return ir.While(loop.test, body, loop.orelse)
    return ir.For(loop.target, loop.iterable, body, loop.orelse, loop.is_async, loop.site)
