"""Walk the intermediate representation without knowing its node types one by one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from lint_lambda.core import ir


def nodes(node: Any) -> Iterator[Any]:
    """`node` and every node below it, in source order. What a `Func` or `Class_` refers to is not below it."""
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif dataclasses.is_dataclass(node):
        yield node
        for field in _fields(type(node)):
            yield from nodes(getattr(node, field))


_FIELDS: dict[type, tuple[str, ...]] = {}


def _fields(type_: Any) -> tuple[str, ...]:
    known = _FIELDS.get(type_)
    if known is None:
        known = _FIELDS[type_] = tuple(field.name for field in dataclasses.fields(type_))
    return known


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
    for statement in block:
        if is_main_guard(statement):
            assert isinstance(statement, ir.If)
            yield from top_level(statement.orelse)
            continue
        yield statement
        if isinstance(statement, (ir.If, ir.While, ir.For)):
            yield from top_level(statement.body)
            yield from top_level(statement.orelse)
        elif isinstance(statement, ir.Try):
            for catch in statement.catches:
                yield from top_level(catch.body)
            yield from top_level(statement.body)
            yield from top_level(statement.orelse)
            yield from top_level(statement.final)
        elif isinstance(statement, ir.With):
            yield from top_level(statement.body)


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
