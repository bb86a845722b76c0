"""Clients that belong to one event loop and outlive it: the handler keeps one loop for all invocations instead of making new ones."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python.edits.code import Code, CodeOf, dotted, unsafe, walk
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """``loop.run_until_complete(main())`` of ``asyncio.run(main())``, in the handler's file or that of the launch."""
    for path in dict.fromkeys((intent.handler.path, intent.launch.path)):
        code = code_of(path)
        runs = [
            node
            for node in walk(code.module)
            if isinstance(node, cst.Call) and dotted(node.func) == "asyncio.run" and len(node.args) == 1
        ]
        made = _made(code) if runs and not any(each.args[0].keyword for each in runs) else None
        if made is not None:
            between = "\n" if _is_import(made) else ""
            name = code.fresh(code.module, "loop", "event_loop")
            edits = [(code.span(each.func), f"{name}.run_until_complete") for each in runs]
            title = say("fixes.keep-loop", code=f"{name}.run_until_complete(…)")
            yield unsafe(path, title, [code.after(made, between + f"{name} = asyncio.new_event_loop()"), *edits])


def _made(code: Code) -> cst.CSTNode | None:
    """The statement behind which a module makes the loop: the last before its first function or class."""
    found: cst.CSTNode | None = None
    for unit in code.module.body:
        if isinstance(unit, (cst.FunctionDef, cst.ClassDef)):
            break
        if isinstance(unit, cst.SimpleStatementLine):
            found = unit
    return found


def _is_import(unit: cst.CSTNode) -> bool:
    return isinstance(unit, cst.SimpleStatementLine) and isinstance(unit.body[0], (cst.Import, cst.ImportFrom))
