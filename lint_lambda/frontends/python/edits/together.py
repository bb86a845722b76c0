"""Waits that the exception of other work ends: all of the work is waited for first, and then the exception goes on."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.construction import configured, given
from lint_lambda.frontends.python.edits.deferring import importing
from lint_lambda.frontends.python.edits.shape import shape
from lint_lambda.knowledge.texts import say

_KEPT = "return_exceptions"


def candidates(intent: FixIntent, code_of: CodeOf, code: Code, launch: cst.Call | None) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`, for the trait `interrupted`."""
    if launch is None:
        return
    if intent.kind == "future":
        yield from _before_reading(intent, code, launch)
        return
    for place in (intent.launch, *reversed(intent.hops)):
        seen = code_of(place.path)
        near = seen.called_at(place.span)
        for node in walk(seen.function(near)) if near is not None else ():
            if isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[2] == "gather":
                edits = _collected(seen, node)
                if edits:
                    yield unsafe(place.path, say("fixes.wait-for-all", code=f"{_KEPT}=True"), edits)


def _collected(code: Code, gather: cst.Call) -> Edits:
    """The gather with its exceptions among the results, the first of which is raised behind it."""
    waited = code.parent(gather)
    statement = code.statement(gather)
    if not isinstance(waited, cst.Await) or not code.is_alone(statement) or given(gather, _KEPT, -1) is not None:
        return []
    if not isinstance(statement, (cst.Expr, cst.Assign, cst.Return)) or statement.value is not waited:
        return []
    argument = configured(code, gather, _KEPT, "True")
    targets = [target.target for target in statement.targets] if isinstance(statement, cst.Assign) else []
    if not argument or len(targets) > 1:
        return []
    unit, step = code.unit(statement), code.step()
    named = dotted(targets[0]) if targets else ""
    name = named if named.isidentifier() else code.fresh(gather, "results", "all_results")
    one = code.fresh(gather, "result", "each_result")
    lines = f"for {one} in {name}:\n{step}if isinstance({one}, BaseException):\n{step}{step}raise {one}"
    if name == named:
        return [*argument, code.after(unit, lines)]
    start, value = code.span(statement), code.span(waited)
    head = type(start)(start.line, start.column, value.line, value.column)
    if isinstance(statement, cst.Return):
        lines += f"\nreturn {name}"
    elif targets:
        lines += f"\n{code.source(targets[0])} = {name}"
    return [(head, f"{name} = "), *argument, code.after(unit, lines)]


def _before_reading(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """``wait(futures)``, which raises nothing, before the statement that reads their results."""
    held = shape(code, launch, starts=False, names=intent.remedy.kind.handle)
    if held is None or held.edits or not held.group or not intent.remedy.of_language:
        return
    function = code.function(launch)
    root = held.group.partition(".")[0].partition("(")[0]
    behind = code.span(held.statement)
    readers: list[cst.CSTNode] = []
    for node in walk(function):
        if isinstance(node, cst.Name) and node.value == root and code.span(node) > behind:
            statement = code.statement(node)
            if node not in walk(held.statement) and code.is_alone(statement) and statement not in readers:
                readers.append(statement)
    names, imports = importing(code, "concurrent.futures", ("wait",))
    for reader in readers:
        text = f"{names[0]}({held.group})"
        edits = [*imports, code.before(code.unit(reader), text)]
        yield unsafe(intent.launch.path, say("fixes.wait", code=text), edits)
