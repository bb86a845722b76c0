"""Runtimes of one's own: programs that ask Lambda for events themselves, instead of being called with them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath

from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.knowledge.texts import say


def may_hold_runtime(source: bytes, endpoints: Collection[str]) -> bool:
    """Whether the file has two neighbouring parts of the path at which events are asked for, in one piece.

    They are whole parts: other services have paths with ``runtime/invocations``.
    """
    return any(part in source and whole.search(source) for part, whole in _parts(tuple(endpoints)))


@cache
def _parts(endpoints: tuple[str, ...]) -> list[tuple[bytes, re.Pattern[bytes]]]:
    parts = {"/".join(pair).encode() for path in endpoints for pair in pairwise(path.strip("/").split("/"))}
    return [(part, re.compile(rb"(?<![\w-])%b(?![\w-])" % re.escape(part))) for part in sorted(parts)]


def discover(module: ir.Module) -> Iterator[Handler]:
    """The functions that the file calls as a program, and its top level (by the name of the file)."""
    body = next((function for function in module.functions if function.qualname == MODULE_BODY), None)
    if body is None:
        return
    by_name = {function.qualname: function for function in module.functions}
    yield _runtime(module, PurePosixPath(module.path).stem, body)
    for statement in body.body:
        if isinstance(statement, ir.If) and _asks_for_main(statement.test):
            for called in _called(statement.body):
                if called in by_name:
                    yield _runtime(module, called, by_name[called])


def _runtime(module: ir.Module, name: str, function: ir.Function) -> Handler:
    return Handler(
        module.path, name, Place(module.path, function.site), "signature", say("handlers.runtime"), runtime=True
    )


def _asks_for_main(test: ir.Expr) -> bool:
    return (
        isinstance(test, ir.Compare)
        and isinstance(test.left, ir.Name)
        and test.left.name == "__name__"
        and isinstance(test.right, ir.Const)
        and test.right.value == "__main__"
    )


def _called(block: ir.Block) -> Iterator[str]:
    """Names of the functions that the statements call, also around another call: ``sys.exit(main())``."""
    for statement in block:
        value = statement.value if isinstance(statement, (ir.Eval, ir.Assign)) else None
        pending = [value]
        while pending:
            expr = pending.pop()
            if isinstance(expr, ir.Call):
                if isinstance(expr.func, ir.Name):
                    yield expr.func.name
                pending.extend(arg.value for arg in expr.args)
