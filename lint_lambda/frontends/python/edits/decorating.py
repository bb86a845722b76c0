"""The library's own decorator on the handler, which flushes at the end of each invocation."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python.edits import sight
from lint_lambda.frontends.python.edits.code import CodeOf, unsafe
from lint_lambda.frontends.python.edits.deferring import importing
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """One for each decorator that is known to wait."""
    found = sight.handler(intent, code_of)
    if found is None:
        return
    code, handler = found
    if not isinstance(code.parent(handler), cst.Module) or handler.asynchronous is not None:
        return
    for symbol in intent.remedy.decorators:
        module, _, name = symbol.rpartition(".")
        names, edits = importing(code, module, (name,))
        above = handler.decorators[0] if handler.decorators else handler
        line = code.before(above, f"@{names[0]}", above_comments=False)
        yield unsafe(intent.handler.path, say("fixes.decorate", name=names[0]), [*edits, line])
