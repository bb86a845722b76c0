"""Routes that answer and work on: the answer goes behind the work, as an adapter ends the invocation with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.source import Span
from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.awaiting import awaited
from lint_lambda.frontends.javascript.edits.code import Change, Code, function_of, inside, is_async, statement_of, whole

if TYPE_CHECKING:
    from tree_sitter import Node


def changes(code: Code, call: Node) -> Iterator[Change]:
    """The statement that answers, by the second parameter of the route, put at the end of the route."""
    function = function_of(call)
    body = function.child_by_field_name("body") if function is not None else None
    if function is None or body is None or body.type != "statement_block" or not is_async(function):
        return
    reply = _second_parameter(function)
    statements = [each for each in body.named_children if each.type != "comment"]
    answers = [each for each in statements if each.end_byte <= call.start_byte and _is_of(each, reply)]
    last, own = statements[-1], statement_of(call)
    if not reply or len(answers) != 1 or own is None or last.type in ("return_statement", "throw_statement"):
        return
    [answer] = answers
    if last == answer or any(_is_of(each, reply) for each in statements if each.start_byte > answer.end_byte):
        return
    outer = whole(call).parent
    waits = awaited(code, call) if outer is None or outer.type != "await_expression" else ("", [])
    if waits is None or _shares_line(code, answer):
        return
    first, end = code.span(answer).line, code.span(answer).end_line
    moved = code.after(last, f"\n{code.indent(last)}{syntax.text(answer)}")
    said = " ".join(syntax.text(answer).split()).removesuffix(";")
    yield said if len(said) < 60 else f"{reply}…", [*waits[1], (Span(first, 0, end + 1, 0), ""), moved]


def _second_parameter(function: Node) -> str:
    params = function.child_by_field_name("parameters")
    named = [each for each in params.named_children if each.type != "comment"] if params is not None else []
    if len(named) < 2:
        return ""
    second = named[1].child_by_field_name("pattern") or named[1]
    return syntax.text(second) if second.type == "identifier" else ""


def _is_of(statement: Node, reply: str) -> bool:
    """Whether a statement is a call on the reply, or a chain of them."""
    if statement.type != "expression_statement" or not reply:
        return False
    inner = statement.named_children[0]
    if inner.type != "call_expression" or not syntax.text(inner).startswith(f"{reply}."):
        return False
    return not any(each.type == "await_expression" for each in inside(inner))


def _shares_line(code: Code, statement: Node) -> bool:
    """Whether something else stands on the lines of the statement."""
    span = code.span(statement)
    before = code.line(span.line - 1)[: span.column]
    behind = code.line(span.end_line - 1)[span.end_column :]
    return bool(before.strip() or behind.strip(" \t\r;"))
