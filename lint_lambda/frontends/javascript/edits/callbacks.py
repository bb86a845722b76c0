"""Waiting for what a callback ends: a promise around the call that the callback settles, or the callback called at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.source import Span
from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.code import (
    FUNCTIONS,
    Change,
    Code,
    Edits,
    arguments,
    function_of,
    inside,
    is_async,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_SOON = frozenset({"setImmediate", "queueMicrotask", "process.nextTick", "setTimeout"})
"""Calls that only put off what they are handed."""


def changes(intent: FixIntent, code: Code, call: Node) -> Iterator[Change]:
    """For a call that is a statement of its own, in an async function."""
    above = call.parent
    outer = above if above is not None and above.type == "await_expression" else call
    statement = outer.parent
    if call.type != "call_expression" or statement is None or statement.type != "expression_statement":
        return
    given = arguments(call)
    if not given or not is_async(function_of(call)):
        return
    if given[0].type in FUNCTIONS and is_async(given[0]) and _is_put_off(call, given):
        first, last = code.span(given[0]), code.span(call)
        rest = Span(first.end_line, first.end_column, last.end_line, last.end_column)
        yield "await (async () => { … })()", [code.until(outer, given[0], "await ("), (rest, ")()")]
    if outer is not call:
        return
    if intent.kind == "operation" and given[-1].type in FUNCTIONS and not is_async(given[-1]):
        settled = _settling(code, given[-1])
        if settled:
            yield f"await new Promise((resolve) => {code.short(call)})", _in_a_promise(code, call, settled)
    elif intent.kind == "operation" and call.start_point.row == call.end_point.row:
        short = [
            code.before(call, "await new Promise((resolve) => "),
            code.after(given[-1], ", resolve"),
            code.after(call, ")"),
        ]
        yield f"await new Promise((resolve) => {code.short(call)})", short


def _is_put_off(call: Node, given: list[Node]) -> bool:
    name = syntax.text(call.child_by_field_name("function"))
    return name in _SOON and (len(given) == 1 or (name == "setTimeout" and syntax.text(given[1]) == "0"))


def _settling(code: Code, callback: Node) -> Edits:
    """`resolve()` at every end of a callback; no edits where it has a parameter of that name."""
    body = callback.child_by_field_name("body")
    if body is None or "resolve" in syntax.text(callback):
        return []
    if body.type != "statement_block":
        return [code.before(body, "resolve("), code.after(body, ")")]
    returns = [each for each in inside(body) if each.type == "return_statement" and function_of(each) == callback]
    if any(each.named_children or each.parent is None or each.parent.type != "statement_block" for each in returns):
        return []
    edits = [code.before(each, "resolve(); ") for each in returns]
    statements = body.named_children
    if not statements:
        return [*edits, code.replaced(body, "{ resolve(); }")]
    last = statements[-1]
    own_line = last.start_point.row != body.start_point.row
    between = f"\n{code.indent(last)}" if own_line else " "
    return [*edits, code.after(last, f"{between}resolve();")]


def _in_a_promise(code: Code, call: Node, settled: Edits) -> Edits:
    indent, step = code.indent(call), code.step
    edits = [code.before(call, f"await new Promise((resolve) => {{\n{indent}{step}")]
    for row in range(call.start_point.row + 1, call.end_point.row + 1):
        if code.line(row).strip():
            edits.append((Span(row + 1, 0, row + 1, 0), step))
    deeper = [(span, text.replace("\n", f"\n{step}")) for span, text in settled]
    return [*edits, *deeper, code.after(call, f";\n{indent}}})")]
