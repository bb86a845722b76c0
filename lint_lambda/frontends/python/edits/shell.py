"""Commands that a shell puts in the background: without the last ``&`` the shell waits for them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.core.source import Span
from lint_lambda.frontends.python.edits import sight
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, own_body, unsafe
from lint_lambda.knowledge.texts import say

_BACKGROUND = re.compile(r"\s*(?<![&>])&(?=\s*(['\"]{3}|['\"])\Z)")
"""The operator at the end of a literal, up to its quotes."""

_KEEP_THE_END = ("format", "format_map", "strip", "rstrip", "lstrip")
"""Methods of texts whose result ends as the text does, but for white space."""


def candidates(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """Edits that let the command end before the call returns."""
    edits = _edits(code, _command(launch.args[0].value), launch) if launch.args else []
    if edits:
        short = dotted(launch.func) or "…"
        yield unsafe(intent.launch.path, say("fixes.foreground", code=f"{short}(…)"), edits)


def _command(given: cst.BaseExpression) -> cst.BaseExpression:
    """The text that the shell reads: of a list, which calls the shell by its name, the last element."""
    return given.elements[-1].value if isinstance(given, (cst.List, cst.Tuple)) and given.elements else given


def _edits(code: Code, command: cst.BaseExpression, near: cst.CSTNode) -> Edits:
    """What takes the operator out of the expression, where its end is a literal."""
    if isinstance(command, (cst.SimpleString, cst.FormattedString)):
        source = code.source(command)
        found = _BACKGROUND.search(source)
        if found is None:
            return []
        line = source.count("\n", 0, found.start())
        span = code.span(command)
        column = found.start() - (source.rfind("\n", 0, found.start()) + 1) + (span.column if line == 0 else 0)
        end_line = source.count("\n", 0, found.end())
        end = found.end() - (source.rfind("\n", 0, found.end()) + 1) + (span.column if end_line == 0 else 0)
        return [(Span(span.line + line, column, span.line + end_line, end), "")]
    if isinstance(command, cst.ConcatenatedString):
        return _edits(code, command.right, near)
    if isinstance(command, cst.BinaryOperation):
        return _edits(code, command.left if isinstance(command.operator, cst.Modulo) else command.right, near)
    if isinstance(command, cst.Call) and isinstance(command.func, cst.Attribute):
        if command.func.attr.value == "join" and command.args:
            return _without_last(code, command.args[0].value)
        return _edits(code, command.func.value, near) if command.func.attr.value in _KEEP_THE_END else []
    if isinstance(command, cst.Name):
        value = _value(code, command.value, near)
        return _edits(code, value, near) if value is not None and value is not command else []
    return []


def _without_last(code: Code, parts: cst.BaseExpression) -> Edits:
    """``[run, "x", "&"]`` without its last element."""
    if not isinstance(parts, (cst.List, cst.Tuple)) or len(parts.elements) < 2:
        return []
    last, before = parts.elements[-1].value, parts.elements[-2].value
    if not isinstance(last, cst.SimpleString) or last.evaluated_value != "&":
        return []
    end, start = code.span(last), code.span(before)
    return [(Span(start.end_line, start.end_column, end.end_line, end.end_column), "")]


def _value(code: Code, name: str, near: cst.CSTNode) -> cst.BaseExpression | None:
    """The one value that the function, or the module, gives to a variable."""
    function = code.function(near)
    inside = (
        own_body(function) if isinstance(function, cst.FunctionDef) and not sight.is_global(code, near, name) else ()
    )
    nodes = [*inside] or [
        small for unit in code.module.body if isinstance(unit, cst.SimpleStatementLine) for small in unit.body
    ]
    values = [
        node.value
        for node in nodes
        if isinstance(node, cst.Assign) and [dotted(t.target) for t in node.targets] == [name]
    ]
    return values[0] if len(values) == 1 else None
