"""Functions that a framework would call after the response: called in its endpoint instead."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.frontends.python.edits import handed
from lint_lambda.frontends.python.edits.arguments import without
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.unused import has_comment, names_in, unneeded
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """``background.add_task(f, x)`` becomes ``f(x)``, and so does a ``BackgroundTask(f, x)`` that a response is given.

    In a coroutine it is awaited, in a thread where `f` is a plain function.
    """
    place = _place(code, launch)
    found = _direct(intent, code, launch) if place is not None and not has_comment(launch) else None
    if place is None or found is None:
        return
    direct, edits = found
    statement, taken = place
    if taken is None:
        yield _called(intent, direct, [*edits, (code.span(statement), direct)])
    elif code.is_alone(statement):
        gone = list(walk(launch.func))
        edits += unneeded(code, gone, names_in(gone), direct)
        yield _called(
            intent, direct, [*edits, code.before(code.unit(statement), direct), *without(code, taken, "background")]
        )


def _called(intent: FixIntent, direct: str, edits: Edits) -> Candidate:
    return unsafe(intent.launch.path, say("fixes.call-now", code=direct), edits)


def _place(code: Code, launch: cst.Call) -> tuple[cst.CSTNode, cst.Call | None] | None:
    """The statement that is about the launch alone; or the one in which a call is given it as its background, and that call."""
    statement = code.statement(launch)
    if launch.lpar:
        return None
    if isinstance(statement, cst.Expr) and statement.value is launch:
        return statement, None
    if isinstance(statement, cst.Assign) and statement.value is launch and len(statement.targets) == 1:
        return (statement, None) if dotted(statement.targets[0].target).endswith(".background") else None
    argument = code.parent(launch)
    taker = code.parent(argument) if isinstance(argument, cst.Arg) else None
    if isinstance(argument, cst.Arg) and argument.keyword is not None and argument.keyword.value == "background":
        if isinstance(taker, cst.Call) and isinstance(statement, (cst.Return, cst.Assign)) and statement.value is taker:
            return statement, taker
    return None


def _direct(intent: FixIntent, code: Code, launch: cst.Call) -> tuple[str, Edits] | None:
    """The call of the function itself, as the endpoint can make it, with the import that it needs."""
    first = launch.args[0].value if launch.args else None
    if isinstance(first, cst.Lambda) and len(launch.args) == 1 and not any(first.params.children):
        return code.source(first.body), []
    try:
        work = handed.work(code, launch, intent)
    except NoFix:
        return None  # it is registered in another form
    direct = f"{work.function}({', '.join(work.arguments)})"
    is_async = _is_async(code, work.function)
    if not code.is_async(launch):
        return (direct, []) if is_async is False else None
    if is_async:
        return f"await {direct}", []
    module, edits = code.importing("asyncio")
    if not module or is_async is None:
        return None
    return f"await {work.call(f'{module}.to_thread')}", edits


def _is_async(code: Code, name: str) -> bool | None:
    """Whether the function of that name is async; None where the file does not define it."""
    found = [node for node in walk(code.module) if isinstance(node, cst.FunctionDef) and node.name.value == name]
    return found[-1].asynchronous is not None if found else None
