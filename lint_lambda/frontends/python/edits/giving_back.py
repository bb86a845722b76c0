"""Helpers that launch and forget: the helper gives the handle back, and its caller waits, so that what the caller does meanwhile overlaps."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, in_coroutine, own_body, unsafe, walk
from lint_lambda.frontends.python.edits.placing import placements, stands_last
from lint_lambda.frontends.python.edits.shape import Shape, shape
from lint_lambda.frontends.python.edits.waits import join_of, waits
from lint_lambda.knowledge.texts import say


def candidates(
    intent: FixIntent, code_of: CodeOf, code: Code, launch: cst.Call | None, held: Shape | None
) -> Iterator[Candidate]:
    """``return pool.submit(f)`` in the helper, and the wait for that in the function that calls it."""
    given = _given(code, launch, held) if launch is not None else None
    if launch is None or given is None or not intent.hops:
        return
    hop = intent.hops[-1]
    caller = code_of(hop.path)
    call = caller.called_at(hop.span)
    if call is None or not _is_the_only_one(code, launch, caller, call):
        return
    above = caller.parent(call)
    whole = above if isinstance(above, cst.Await) else call
    if not isinstance(caller.parent(whole), cst.Expr) or _is_awaited(code, launch) != (whole is above):
        return  # somebody uses what it gives, or it gives that to nobody
    under_loop = any(in_coroutine(each, code_of) for each in intent.hops[:-1])
    taken = shape(caller, whole, starts=False, names=intent.remedy.kind.handle)
    for wait in waits(intent, caller, call, under_loop=under_loop):
        around = wait.around if whole is call and wait.around is not None and "." not in wait.around[0] else None
        if around is not None and (wait.at_once or stands_last(caller, call)):
            edits = [caller.insert(call, around[0]), caller.append(call, around[1])]
            yield unsafe(hop.path, _title(call, around), edits, {intent.launch.path: given})
        if wait.one and taken is not None and (taken.handle or taken.group):
            join, said = join_of(intent, caller, call, wait, taken.handle, taken.group)
            imported: Edits = []
            if wait.needs and f"{wait.needs}." in join:
                name, imported = caller.importing(wait.needs)
                join = join.replace(f"{wait.needs}.", f"{name}.")
                if not name:
                    continue
            for edits in placements(caller, taken.statement, call, join):
                if edits:
                    whole_edits = [*imported, *taken.edits, *edits]
                    yield unsafe(hop.path, say("fixes.wait", code=said), whole_edits, {intent.launch.path: given})
        if around is not None and (every := _at_every_call(caller, call, around)):
            yield unsafe(hop.path, _title(call, around), every, {intent.launch.path: given})


def _title(call: cst.Call, around: tuple[str, str]) -> str:
    return say("fixes.wait", code=f"{around[0]}{dotted(call.func)}(…){around[1]}")


def _at_every_call(caller: Code, call: cst.Call, around: tuple[str, str]) -> Edits:
    """The wait at each call of the helper in the file; no edits where there is one only, or where something uses what one gives."""
    name = dotted(call.func).rpartition(".")[2]
    calls = [
        node
        for node in walk(caller.module)
        if isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[2] == name
    ]
    plain = all(isinstance(caller.parent(each), cst.Expr) for each in calls)
    if len(calls) < 2 or not plain or len({caller.is_async(each) for each in calls}) > 1:
        return []
    return [edit for each in calls for edit in (caller.insert(each, around[0]), caller.append(each, around[1]))]


def _is_the_only_one(code: Code, launch: cst.Call, caller: Code, call: cst.Call) -> bool:
    """Whether it is this helper that is called there, by its name, and no other function of that name."""
    helper = code.function(launch)
    name = dotted(call.func).rpartition(".")[2]
    if not isinstance(helper, cst.FunctionDef) or name != helper.name.value:
        return False
    files = [code] if caller is code else [code, caller]
    found = [node for each in files for node in walk(each.module) if isinstance(node, cst.FunctionDef)]
    return sum(each.name.value == name for each in found) == 1


def _is_awaited(code: Code, launch: cst.Call) -> bool:
    """Whether what the helper gives has to be awaited first, as a coroutine function gives it."""
    return code.is_async(launch)


def _given(code: Code, launch: cst.Call, held: Shape | None) -> Edits | None:
    """The edits that make the function around the launch give its handle back; None where it may not."""
    function = code.function(launch)
    statement = code.statement(launch)
    if not isinstance(function, cst.FunctionDef) or function.decorators or not isinstance(statement, cst.Expr):
        return None
    body = list(bindings.suite(function.body))
    if any(isinstance(node, (cst.Return, cst.Yield)) for node in own_body(function)):
        return None
    last = body[-1].body[-1] if isinstance(body[-1], cst.SimpleStatementLine) else body[-1]
    if last is not statement or launch.lpar:
        return None
    if _starts_handle(launch):
        if held is None or not held.handle or not code.is_alone(statement):
            return None
        return [*held.edits, code.after(code.unit(statement), f"return {held.handle}")]
    return [code.insert(launch, "return ")] if statement.value is launch else None


def _starts_handle(launch: cst.Call) -> bool:
    """Whether the launch is a method of its handle, and gives nothing itself."""
    return isinstance(launch.func, cst.Attribute) and launch.func.attr.value == "start"
