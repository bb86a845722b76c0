"""Extensions of one's own that go on after a task that raises."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, own, unsafe
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`, for what an extension does wrong; nothing for anything else."""
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is None:
        return
    if intent.kind == "extension-task":
        edits = _caught(code, launch)
        if edits:
            yield unsafe(intent.launch.path, say("fixes.catch"), edits)


def _caught(code: Code, launch: cst.Call) -> Edits:
    """``try`` around the call of a task, whose exception is printed: the next task, and the next poll, are come to."""
    statement = code.statement(launch)
    leaves = any(isinstance(each, (cst.Return, cst.Yield)) for each in own(statement))
    if not isinstance(statement, cst.Expr) or not code.is_alone(statement) or leaves:
        return []
    module, imports = code.importing("traceback")
    if not module:
        return []
    unit = code.unit(statement)
    indent, step = code.indent(unit), code.step()
    span = code.span(unit)
    if span.line != span.end_line:
        return []
    return [
        *imports,
        code.insert(unit, f"try:{code.newline}{indent}{step}"),
        code.after(unit, f"except Exception:\n{step}{module}.print_exc()", indent=indent),
    ]
