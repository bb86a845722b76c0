"""Functions that a framework or a loop would call later: called where they are handed to it instead."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.frontends.python.edits import handed
from lint_lambda.frontends.python.edits.arguments import without
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.running import runners
from lint_lambda.frontends.python.edits.unused import has_comment, names_in, unneeded
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """``background.add_task(f, x)`` becomes ``f(x)``, and so does a ``BackgroundTask(f, x)`` that a response is given.

    In a coroutine it is awaited; a plain `f` that may take its time is given to a thread there, which is awaited.
    """
    if not concerns(intent):
        return
    place = _place(code, launch)
    if place is None or has_comment(launch):
        return
    statement, taken = place
    for title, direct, edits in _direct(intent, code, launch, statement):
        gone = list(walk(launch.func))
        if taken is None:
            edits += unneeded(code, gone, names_in(gone), direct)
            yield unsafe(intent.launch.path, title, [*edits, (code.span(statement), direct)])
        elif code.is_alone(statement):
            edits += unneeded(code, gone, names_in(gone), direct)
            edits += [code.before(code.unit(statement), direct), *without(code, taken, "background")]
            yield unsafe(intent.launch.path, title, edits)


def concerns(intent: FixIntent) -> bool:
    """Whether nothing waits for what is handed over: to call it is the one way to have it done in time."""
    remedy = intent.remedy
    return remedy.direct or intent.kind == "hook" or (remedy.kind.loop == "always" and not remedy.no_edit)


def refuse(intent: FixIntent, code: Code, launch: cst.Call) -> None:
    """Raise `NoFix` with what keeps the callback of a loop from being called at once."""
    if intent.remedy.kind.loop != "always" or not intent.remedy.of_language or intent.remedy.no_edit:
        return
    if _place(code, launch) is None:
        raise NoFix(say("refusals.callback-kept"))
    handed.work(code, launch, intent)
    raise NoFix(say("refusals.callback-call"))


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


def _direct(
    intent: FixIntent, code: Code, launch: cst.Call, statement: cst.CSTNode
) -> Iterator[tuple[str, str, Edits]]:
    """The calls of the function itself that can be made there: of each the title, the lines, and the import that they need."""
    first = launch.args[0].value if launch.args else None
    if isinstance(first, cst.Lambda) and len(launch.args) == 1 and not any(first.params.children):
        words = code.source(first.body)
        yield say("fixes.call-now", code=words), words, []
        return
    try:
        work = handed.work(code, launch, intent)
    except NoFix:
        return  # it is registered in another form
    words = f"{work.function}({', '.join(work.arguments)})"
    is_async = _is_async(code, work.function) if intent.remedy.awaits else False
    on_loop = intent.remedy.kind.loop == "always"
    for direct, edits in _called(intent, code, launch, work, is_async):
        title = say("fixes.call" if on_loop else "fixes.call-now", code=direct)
        if not intent.remedy.begins:
            yield title, direct, edits
            continue
        delay = _delay(intent, code, launch)
        module, more = code.importing("asyncio" if code.is_async(launch) else "time")
        if delay and module:
            sleep = f"{'await ' if code.is_async(launch) else ''}{module}.sleep({delay})"
            between = code.newline + code.indent(code.unit(statement)) if code.is_alone(statement) else "; "
            yield say("fixes.sleep-and-call", code=words), f"{sleep}{between}{direct}", [*more, *edits]


def _called(
    intent: FixIntent, code: Code, launch: cst.Call, work: handed.Work, is_async: bool | None
) -> Iterator[tuple[str, Edits]]:
    direct = f"{work.function}({', '.join(work.arguments)})"
    if code.is_async(launch):
        module, edits = code.importing("asyncio")
        if is_async:
            yield f"await {direct}", []
        elif is_async is False and intent.remedy.kind.loop == "always":
            yield direct, []  # the loop would call it in the same thread
        elif is_async is False and module:
            yield f"await {work.call(f'{module}.to_thread')}", edits
    elif is_async is False:
        yield direct, []
    elif is_async and intent.remedy.kind.loop == "always":
        module, edits = code.importing("asyncio")
        for run in runners(intent, code, launch) if module else ():
            yield f"{run.replace('asyncio.', f'{module}.', 1)}{direct})", edits


def _delay(intent: FixIntent, code: Code, launch: cst.Call) -> str:
    """The seconds after which the function would have been called, as source."""
    said = launch.args[intent.remedy.work - 1].value
    if intent.remedy.begins == "after":
        return code.source(said)
    now = f"{code.source(launch.func.value)}.time()" if isinstance(launch.func, cst.Attribute) else ""
    if isinstance(said, cst.BinaryOperation) and isinstance(said.operator, cst.Add) and code.source(said.left) == now:
        return code.source(said.right)
    return f"max(0, {code.source(said)} - {now})" if now and "timedelta" not in code.source(said) else ""


def _is_async(code: Code, name: str) -> bool | None:
    """Whether the function of that name is async; None where the file does not define it."""
    found = [node for node in walk(code.module) if isinstance(node, cst.FunctionDef) and node.name.value == name]
    return found[-1].asynchronous is not None if found else None
