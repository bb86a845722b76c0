"""Log listeners that start with the module: started by the handler instead, and stopped before its response."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.source import Span
from lint_lambda.frontends.python.edits import sight
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, unsafe
from lint_lambda.frontends.python.edits.entry import unimported
from lint_lambda.frontends.python.edits.placing import wrapped_in_finally
from lint_lambda.knowledge.texts import say


def concerns(intent: FixIntent) -> bool:
    """Whether a listener of the standard library, which can be started again after it was stopped, starts at import."""
    return intent.call.startswith("logging.handlers.QueueListener.") and intent.reason == "import-time"


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`, for these."""
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is not None and intent.handler.path == intent.launch.path:
        found = sight.handler(intent, code_of)
        statement = code.statement(launch)
        alone = isinstance(statement, cst.Expr) and statement.value is launch and code.is_alone(statement)
        if found is not None and alone and isinstance(launch.func, cst.Attribute) and not launch.args:
            for title, edits in _moved(code, launch, launch.func.value, found[1]):
                yield unsafe(intent.launch.path, title, edits)
    raise NoFix(say("refusals.listener"))


def _moved(
    code: Code, launch: cst.Call, base: cst.BaseExpression, handler: cst.FunctionDef
) -> Iterator[tuple[str, Edits]]:
    body = sight.body(handler)
    statement = code.statement(launch)
    in_module = isinstance(code.function(launch), cst.Module)
    if not in_module or not isinstance(handler.body, cst.IndentedBlock) or not body or not code.is_short(body):
        return
    name = dotted(base) or code.fresh(launch, "listener", "log_listener")
    edits: Edits = []
    if dotted(base):
        edits.append(code.remove_line(code.unit(statement)))
    else:
        made, whole = code.span(base), code.span(launch)
        cut = Span(made.end_line, made.end_column, whole.end_line, whole.end_column)
        edits += [code.insert(launch, f"{name} = "), (cut, "")]
    edits += _without_exit(code, name)
    wrapped = wrapped_in_finally(code, body, f"{name}.stop()")
    place, text = wrapped[0]
    wrapped[0] = (place, f"{code.indent(body[0])}{name}.start(){code.newline}{text}")
    title = say("fixes.start-in-handler", function=handler.name.value, code=f"{name}.stop()")
    yield title, [*edits, *wrapped]


def _without_exit(code: Code, name: str) -> Edits:
    """Take away what stops the listener at exit: Lambda never calls it, and the handler does now."""
    for unit in code.module.body:
        for small in unit.body if isinstance(unit, cst.SimpleStatementLine) else ():
            call = small.value if isinstance(small, cst.Expr) and code.is_alone(small) else None
            if isinstance(call, cst.Call) and dotted(call.func) == "atexit.register":
                if [dotted(argument.value) for argument in call.args] == [f"{name}.stop"]:
                    return [*unimported(code, call), code.remove_line(unit)]
    return []
