"""Executors and pools: let the pool itself wait for its work."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, own, walk
from lint_lambda.knowledge.texts import say


def candidates(code: Code, launch: cst.Call, intent: FixIntent) -> Iterator[tuple[str, Edits]]:
    """Titles and edits: without ``wait=False``, and with the pool opened in a ``with``."""
    if intent.kind != "future" or not isinstance(launch.func, cst.Attribute):
        return
    pool = dotted(launch.func.value)
    function = code.function(launch)
    if not pool or not isinstance(function, cst.FunctionDef):
        return
    body = [node for statement in bindings.suite(function.body) for node in own(statement)]
    of_class = next((above for above in code.ancestors(launch) if isinstance(above, cst.ClassDef)), None)
    if pool.startswith(("self.", "cls.")) and of_class is not None:
        body = list(walk(of_class))
    for node in body:
        if isinstance(node, cst.Call) and dotted(node.func) == f"{pool}.shutdown":
            for argument in node.args:
                if (
                    argument.keyword is not None
                    and argument.keyword.value == "wait"
                    and dotted(argument.value) == "False"
                ):
                    yield say("fixes.shutdown-waits", pool=pool), [(code.span(argument.value), "True")]
                    return
    for node in body:
        if isinstance(node, cst.Assign) and [dotted(target.target) for target in node.targets] == [pool]:
            edits = _with(code, node, pool)
            if isinstance(node.value, cst.Call) and edits:
                yield say("fixes.pool-block", pool=pool), edits
            return


def _with(code: Code, node: cst.Assign, pool: str) -> Edits:
    unit = code.unit(node)
    block = code.block(unit)
    if "." in pool or not code.is_alone(node) or not block:
        return []
    rest = block[block.index(unit) + 1 :]
    if (
        not rest
        or not code.is_short(rest)
        or any(isinstance(each, cst.Return) and dotted(each.value) == pool for s in rest for each in own(s))
    ):
        return []
    span = code.span(node)
    value = code.source(node.value)
    header = (span, f"with {value} as {pool}:")
    return [header, *code.indented(rest)]
