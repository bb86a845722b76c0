"""Walk the intermediate representation without naming its node types one by one.

Nothing here recurses on the depth of what is walked: code is nested as deeply as its author, or a generator, likes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar, get_args

from lint_lambda.core import ir
from lint_lambda.core.record import is_record, names_of

FIELDS: dict[type, tuple[str, ...]] = {
    type_: names_of(type_) for _, type_ in sorted(vars(ir).items()) if isinstance(type_, type) and is_record(type_)
}
"""Every node type, in the order of their names, and what a node of it holds."""

STATEMENTS: tuple[type, ...] = get_args(ir.Stmt)


def is_node(value: object) -> bool:
    """Whether `value` is a node, and no name, number or tuple in one."""
    return type(value) in FIELDS


_WORD = re.compile(r"\w+")
_PLAIN = frozenset(("str", "int", "float", "bool", "None", "Site"))


def _holding(type_: type) -> tuple[str, ...]:
    """The fields of a node type that may hold nodes, or tuples of them: those whose annotation is not of plain values alone."""
    annotated = {name: str(each.annotation) for name, each in vars(type_)["__record__"].items()}
    return tuple(name for name in FIELDS[type_] if not _PLAIN.issuperset(_WORD.findall(annotated[name])))


_HOLDING = {type_: _holding(type_) for type_ in FIELDS}


def children(node: Any, leaving_out: Collection[str] = ()) -> list[Any]:
    """The nodes right below `node`, in source order; not those in its fields `leaving_out`. A tuple has its elements' place.

    What a `Func` or `Class_` refers to is not below it.
    """
    type_ = type(node)
    held = node if type_ is tuple else [getattr(node, name) for name in _HOLDING[type_] if name not in leaving_out]
    below: list[Any] = []
    for value in held:
        if type(value) in FIELDS:
            below.append(value)
        elif type(value) is tuple:
            below += children(value)  # as deep as the schema has tuples in tuples, which is one
    return below


def nodes(node: Any) -> Iterator[Any]:
    """`node` (a node, a tuple of them, or nothing) and every node below it, in source order."""
    pending = [node] if type(node) in FIELDS else children(node)[::-1] if type(node) is tuple else []
    while pending:
        current = pending.pop()
        yield current
        pending += reversed(children(current))


T = TypeVar("T")
MOST_REMEMBERED = 100_000


def remembered(tell: Callable[[Any], T]) -> Callable[[Any], T]:
    """`tell`, which says something of a node by itself, with its answers: analyses ask it of the same nodes over and over.

    Nodes are told apart by identity. Those of answers are kept, so that no other takes the place of one.
    """
    known: dict[int, tuple[Any, T]] = {}

    def told(node: Any) -> T:
        found = known.get(id(node))
        if found is None:
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            found = known[id(node)] = (node, tell(node))
        return found[1]

    return told


class Paths:
    """The ways from a node (or a tuple of them) down to those below it that have a site. It is walked once."""

    def __init__(self, node: Any) -> None:
        self._above: dict[int, Any] = {}
        self._at: dict[ir.Site, Any] = {}
        self._root = node  # nodes are told apart by identity, so they must live
        for current in nodes(node):
            site = getattr(current, "site", None)
            if site is not None:
                self._at.setdefault(site, current)
            for below in children(current):
                self._above.setdefault(id(below), current)

    def to(self, site: ir.Site) -> list[Any]:
        """The nodes down to the one with that site, outermost first; empty when it is not there."""
        trail: list[Any] = []
        current = self._at.get(site)
        while current is not None:
            trail.append(current)
            current = self._above.get(id(current))
        return trail[::-1]


def is_main_guard(statement: ir.Stmt) -> bool:
    """Whether this is ``if __name__ == "__main__":``, whose body Lambda never runs."""
    if not isinstance(statement, ir.If) or not isinstance(statement.test, ir.Compare):
        return False
    sides = (statement.test.left, statement.test.right)
    named = any(isinstance(side, ir.Name) and side.name == "__name__" for side in sides)
    return named and ir.Const("__main__") in sides and statement.test.op == "=="


def top_level(block: ir.Block) -> Iterator[ir.Stmt]:
    """The statements that run when a module is imported, those inside ``if``, ``try``, ``with`` and loops as well.

    What an ``except`` puts in the place of something that failed comes before it, so that the last binding is what was meant.
    """
    pending = list(reversed(block))
    while pending:
        statement = pending.pop()
        inner: tuple[ir.Block, ...] = ()
        if isinstance(statement, (ir.If, ir.While, ir.For)):
            inner = (statement.body, statement.orelse)
        elif isinstance(statement, ir.Try):
            inner = (*(catch.body for catch in statement.catches), statement.body, statement.orelse, statement.final)
        elif isinstance(statement, (ir.With, ir.Labelled)):
            inner = (statement.body,)
        if is_main_guard(statement):
            inner = inner[1:]
        else:
            yield statement
        for part in reversed(inner):
            pending += reversed(part)


def undecorated(value: ir.Expr) -> ir.Expr:
    """The function or class under the calls that its decorators stand for."""
    while isinstance(value, ir.Call) and value.decorates and value.args:
        value = value.args[0].value
    return value


def last_name(value: ir.Expr) -> str:
    """``c`` of ``a.b.c``, ``a.b.c(…)`` and ``a.b.c[…]``; empty when there is none."""
    while isinstance(value, (ir.Call, ir.Item)):
        value = value.func if isinstance(value, ir.Call) else value.base
    return value.name if isinstance(value, (ir.Attr, ir.Name)) else ""
