"""The answer behind the work: it is given when the work has ended, or moved to the end of what still has to be done."""

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
    arguments,
    function_of,
    inside,
    is_async,
    statement_of,
    whole,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_FAILS = {"succeed": "fail", "done": "done"}
"""How a method of the context that answers tells of an error."""


def changes(intent: FixIntent, code: Code, call: Node) -> Iterator[Change]:
    """For a callback handler that answers right behind the launch, and for an executor that resolves before its last step."""
    if intent.reason == "answered-first":
        yield from _then_answered(code, call)
    function = _resolver(code, call)
    if function is not None:
        yield from _resolved_last(code, *function)


def _then_answered(code: Code, call: Node) -> Iterator[Change]:
    """`work().then(() => callback(null, x), callback)` of `work(); callback(null, x);` at the end of a block."""
    statement, expr = statement_of(call), whole(call)
    function = function_of(call)
    if statement is None or expr.parent != statement or expr != call or function is None or is_async(function):
        return
    said_between = False
    answer = statement.next_named_sibling
    while answer is not None and answer.type == "comment":
        said_between, answer = True, answer.next_named_sibling
    if answer is None or answer.type != "expression_statement" or answer.next_named_sibling is not None:
        return
    given = answer.named_children[0]
    if given.type != "call_expression":
        return
    failed = _failed(given)
    if not failed:
        return
    first, second = code.span(expr), code.span(statement if said_between else given)
    rest = (second.end_line, second.end_column) if said_between else (second.line, second.column)
    between = Span(first.end_line, first.end_column, *rest)
    deeper = [code.before(given, code.step)] if said_between else []
    said = f"{code.short(call)}.then(() => {code.short(given)}, {failed})"
    yield said, [(between, ".then(() => "), *deeper, code.after(given, f", {failed})")]


def _failed(answer: Node) -> str:
    """What answers with an error, where `answer` is what answers with a value; empty for any other call."""
    callee = answer.child_by_field_name("function")
    if callee is None:
        return ""
    if callee.type == "identifier" and syntax.text(arguments(answer)[0] if arguments(answer) else None) == "null":
        return syntax.text(callee)
    if callee.type != "member_expression":
        return ""
    owner, name = callee.child_by_field_name("object"), syntax.text(callee.child_by_field_name("property"))
    if name not in _FAILS or owner is None or owner.type != "identifier":
        return ""
    return f"(error) => {syntax.text(owner)}.{_FAILS[name]}(error)"


def _resolver(code: Code, call: Node) -> tuple[Node, str] | None:
    """The async function that settles a promise in its middle, and the name that it has for what settles it."""
    given = arguments(call)
    if call.type in FUNCTIONS:
        function: Node | None = call
    elif call.type == "new_expression":
        function = given[0] if given and given[0].type in FUNCTIONS else None
    else:
        name = call.child_by_field_name("function")
        function = _defined(code, syntax.text(name)) if name is not None and name.type == "identifier" else None
    executor = function if call.type in FUNCTIONS or call.type == "new_expression" else function_of(call)
    if function is None or executor is None or not is_async(function) or not _is_executor(executor):
        return None
    settles = _parameters(executor)[:1]
    if executor is function:
        return (function, settles[0]) if settles else None
    names = _parameters(function)
    for place, argument in enumerate(given):
        if settles and syntax.text(argument) == settles[0] and place < len(names):
            return function, names[place]
    return None


def _defined(code: Code, name: str) -> Node | None:
    found = [
        each
        for each in inside(code.root)
        if each.type == "function_declaration" and syntax.text(each.child_by_field_name("name")) == name
    ]
    return found[0] if len(found) == 1 else None


def _is_executor(function: Node) -> bool:
    made = function.parent.parent if function.parent is not None else None
    return (
        made is not None
        and made.type == "new_expression"
        and syntax.text(made.child_by_field_name("constructor")) == "Promise"
    )


def _parameters(function: Node) -> list[str]:
    single, several = function.child_by_field_name("parameter"), function.child_by_field_name("parameters")
    nodes = [single] if single is not None else several.named_children if several is not None else []
    return [syntax.text(each.child_by_field_name("pattern") or each) for each in nodes]


def _resolved_last(code: Code, function: Node, settles: str) -> Iterator[Change]:
    """`resolve(x)` as the last statement of the function, where it stands among the others."""
    body = function.child_by_field_name("body")
    statements = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    calls = [
        number
        for number, each in enumerate(statements)
        if each.type == "expression_statement" and _called(each.named_children[0]) == settles
    ]
    if body is None or body.type != "statement_block" or len(calls) != 1 or calls[0] == len(statements) - 1:
        return
    resolved, behind = statements[calls[0]], statements[calls[0] + 1 :]
    leaves = any(
        each.type in ("return_statement", "throw_statement") and function_of(each) == function
        for statement in behind
        for each in inside(statement)
    )
    on_own_line = not code.line(resolved.start_point.row)[: code.span(resolved).column].strip()
    if leaves or not on_own_line or resolved.end_point.row == behind[0].start_point.row:
        return
    span, words = code.span(resolved), syntax.text(resolved)
    gone = (Span(span.line, 0, span.end_line + 1, 0), "")
    yield f"{settles}(…)", [gone, code.after(behind[-1], f"\n{code.indent(behind[-1])}{words}")]


def _called(node: Node) -> str:
    return syntax.text(node.child_by_field_name("function")) if node.type == "call_expression" else ""
