"""Functions that make something when they are first asked for it, keep it, and give it to whoever asks."""

from __future__ import annotations

from lint_lambda.core import ir
from lint_lambda.core.walk import nodes, remembered


@remembered
def keeps_what_it_makes(function: ir.Function) -> bool:
    """Whether what a function returns is where it stores something on some path: its callers are given the same."""
    returned = {_place(node.value) for node in nodes(function.body) if isinstance(node, ir.Return)} - {None}
    return bool(returned) and any(
        _place(target) in returned
        for branch in nodes(function.body)
        if isinstance(branch, (ir.If, ir.Try))
        for node in nodes(_perhaps(branch))
        if isinstance(node, ir.Assign)
        for target in node.targets
    )


def _perhaps(branch: ir.If | ir.Try) -> ir.Block:
    if isinstance(branch, ir.If):
        return (*branch.body, *branch.orelse)
    return tuple(statement for catch in branch.catches for statement in catch.body)


def _place(expr: object) -> tuple[object, ...] | None:
    """What tells a place that outlives the call from others; None for anything else."""
    if isinstance(expr, ir.Name):
        return None if expr.owner == ir.LOCAL else (expr.name, expr.owner)
    if isinstance(expr, ir.Attr):
        return (_root(expr.base), expr.name)
    if isinstance(expr, ir.Item):
        return (_root(expr.base), repr(expr.index))
    return None


def _root(expr: ir.Expr) -> object:
    return (expr.name, expr.owner) if isinstance(expr, ir.Name) else _place(expr)
