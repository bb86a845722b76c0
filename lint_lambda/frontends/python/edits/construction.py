"""Constructor calls: the arguments they are given, and one more."""

from __future__ import annotations

import libcst as cst

from lint_lambda.core.source import Span
from lint_lambda.frontends.python.edits.code import Code, Edits


def given(call: cst.Call, name: str, position: int) -> cst.BaseExpression | None:
    """The argument of that name, or at that position (-1: by name only)."""
    for number, argument in enumerate(call.args):
        if argument.star:
            return None
        if argument.keyword.value == name if argument.keyword is not None else number == position:
            return argument.value
    return None


def configured(code: Code, call: cst.Call, name: str, value: str) -> Edits:
    """Give a call the keyword argument; no edits where it may have it already, unseen."""
    if any(argument.star == "**" for argument in call.args):
        return []
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == name:
            return [(code.span(argument.value), value)]
    if not call.args:
        end = code.span(call)
        column = end.end_column - 1 - len(call.rpar)
        return [(Span(end.end_line, column, end.end_line, column), f"{name}={value}")] if not call.rpar else []
    last = call.args[-1].value
    line = code.lines[code.span(call.args[-1]).line - 1]
    begins = line.lstrip().startswith(code.source(call.args[-1]).split("\n")[0].rstrip()[:20])
    own_line = len(call.args) > 0 and begins and code.span(call.args[-1]).line > code.span(call.func).end_line
    between = f",{code.newline}{line[: len(line) - len(line.lstrip())]}" if own_line else ", "
    return [code.append(last, f"{between}{name}={value}")]
