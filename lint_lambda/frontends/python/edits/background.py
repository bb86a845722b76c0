"""Functions that a framework would call after the response: called in its endpoint instead."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.frontends.python.edits import handed
from lint_lambda.frontends.python.edits.code import Code, Edits, unsafe, walk
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """``background.add_task(f, x)`` becomes ``f(x)``; in a coroutine it is awaited, in a thread where `f` is a plain function."""
    statement = code.statement(launch)
    if not isinstance(statement, cst.Expr) or statement.value is not launch or launch.lpar:
        return
    try:
        work = handed.work(code, launch, intent)
    except NoFix:
        return  # it is registered in another form
    direct = f"{work.function}({', '.join(work.arguments)})"
    is_async = _is_async(code, work.function)
    edits: Edits = []
    if not code.is_async(launch):
        if is_async is not False:
            return
    elif is_async:
        direct = f"await {direct}"
    else:
        module, edits = code.importing("asyncio")
        if not module or is_async is None:
            return
        direct = f"await {work.call(f'{module}.to_thread')}"
    yield unsafe(intent.launch.path, say("fixes.call-now", code=direct), [*edits, (code.span(launch), direct)])


def _is_async(code: Code, name: str) -> bool | None:
    """Whether the function of that name is async; None where the file does not define it."""
    found = [node for node in walk(code.module) if isinstance(node, cst.FunctionDef) and node.name.value == name]
    return found[-1].asynchronous is not None if found else None
