"""Refuse to move work behind the response that is entangled with what runs before it: it would do something else, or hang."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import NoFix
from lint_lambda.frontends.python.edits.code import Code, dotted, own_body, walk
from lint_lambda.frontends.python.edits.handed import BINDS, Work, bound_by
from lint_lambda.frontends.python.edits.placing import outermost_loop
from lint_lambda.knowledge.texts import say

_WAITS = frozenset({"wait", "wait_for", "acquire", "recv", "is_set", "empty", "qsize", "get_nowait", "task_done"})
"""Methods by which code waits for other code, or asks how far it is. `get` and `join` are also those of dicts and texts."""


def refuse(code: Code, launch: cst.Call, intent: FixIntent, found: Work) -> None:
    """Raises `NoFix` for work that talks to its launcher or to other work, or sees what changes until it runs."""
    function = code.function(launch)
    if not isinstance(function, cst.FunctionDef):
        return
    works = list(_definitions(code, found))
    shared = {node.value for node in walk(launch) if isinstance(node, cst.Name)}
    if found.made is not None:
        shared |= {node.value for node in walk(found.made) if isinstance(node, cst.Name)}
    shared |= {node.value for work in works for node in walk(work.body) if isinstance(node, cst.Name)}
    for name in _waited_for(function):
        if name.partition(".")[0] in shared:
            raise NoFix(say("refusals.tied", name=name))
    for work in works:
        for name in _waited_for(work):
            raise NoFix(say("refusals.sequential", function=found.function, name=name))
    for above in code.ancestors(launch):
        if isinstance(above, cst.With):
            for item in above.items:
                if item.asname is not None and dotted(item.asname.name) in _given(found):
                    raise NoFix(say("refusals.closed-first", name=dotted(item.asname.name)))
    if intent.remedy.kind.coroutine:
        _refuse_loop_bound(function, shared)
    _refuse_late_binding(code, function, launch, found)


def _definitions(code: Code, found: Work) -> Iterator[cst.FunctionDef]:
    """Functions of this file that may be the work."""
    name = found.function.rpartition(".")[2]
    return (node for node in walk(code.module) if isinstance(node, cst.FunctionDef) and node.name.value == name)


def _given(found: Work) -> set[str]:
    """Names in what the work is called by and with."""
    return set(re.findall(r"\w+", " ".join((found.function, *found.arguments))))


def _waited_for(function: cst.FunctionDef) -> Iterator[str]:
    """What the function waits for, or looks at, in the way of one that shares it with other code."""
    for node in walk(function):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and dotted(node.func.value):
            method = node.func.attr.value
            if method in _WAITS or (method in ("get", "join") and _is_bare(node)):
                yield dotted(node.func.value)


def _is_bare(call: cst.Call) -> bool:
    """``queue.get()``, ``queue.get(timeout=1)``: unlike ``event.get("key")``."""
    return all(
        argument.keyword is not None and argument.keyword.value in ("timeout", "block") for argument in call.args
    )


def _refuse_loop_bound(function: cst.FunctionDef, shared: set[str]) -> None:
    """A deferred coroutine runs in a loop of its own, where locks, queues and sessions of this one are of no use."""
    for node in walk(function):
        if isinstance(node, cst.Assign) and isinstance(node.value, cst.Call):
            if dotted(node.value.func).startswith("asyncio."):
                names = set(bound_by(node))
                if names & shared and not dotted(node.value.func).endswith("_loop"):
                    raise NoFix(say("refusals.bound-to-loop", name=min(names & shared)))


def _refuse_late_binding(code: Code, function: cst.FunctionDef, launch: cst.Call, found: Work) -> None:
    """A nested function reads variables as they are when it runs, which is later now."""
    repeats = outermost_loop(code, launch) is not None
    for nested in _nested(code, function, found):
        reads = {node.value for node in walk(nested) if isinstance(node, cst.Name)}
        for node in own_body(function):
            if isinstance(node, BINDS) and (repeats or code.span(node) > code.span(launch)):
                changed = reads & set(bound_by(node))
                if changed:
                    raise NoFix(say("refusals.late-binding", name=min(changed)))


def _nested(code: Code, function: cst.FunctionDef, found: Work) -> Iterator[cst.CSTNode]:
    for node in walk(function):
        inner = isinstance(node, cst.FunctionDef) and node is not function and node.name.value == found.function
        if inner or (isinstance(node, cst.Lambda) and code.source(node) == found.function):
            yield node
