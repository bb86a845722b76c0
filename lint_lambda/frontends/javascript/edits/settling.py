"""`Promise.all` that gives up at the first failure: all of it is settled first, and then it gives the results, or throws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.code import (
    Change,
    Code,
    arguments,
    declares,
    function_of,
    inside,
    is_async,
    statement_of,
    whole,
)
from lint_lambda.frontends.javascript.edits.lists import gathered

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMES = ("work", "promises", "allWork")


def changes(code: Code, node: Node) -> Iterator[Change]:
    """`await Promise.allSettled(work)` before the `Promise.all(work)` that the promise is handed to, and that is awaited."""
    yield from _one_by_one(code, node)
    call = node if _is_all(node) else gathered(node)
    if call is None or not _is_all(call):
        return
    given = arguments(call)
    function, statement = function_of(call), statement_of(call)
    outer = whole(call).parent
    if len(given) != 1 or function is None or not is_async(function) or statement is None:
        return
    if (
        outer is None
        or outer.type not in ("await_expression", "return_statement")
        or function_of(statement) != function
    ):
        return
    indent = code.indent(statement)
    if given[0].type == "identifier":
        name, made, edits = syntax.text(given[0]), "", []
    else:
        name = next((each for each in _NAMES if not declares(function, each)), "")
        if not name:
            return
        made = f"const {name} = {syntax.text(given[0])};\n{indent}"
        edits = [code.replaced(given[0], name)]
    waits = f"await Promise.allSettled({name});"
    yield waits.removesuffix(";"), [code.before(statement, f"{made}{waits}\n{indent}"), *edits]


def _is_all(node: Node) -> bool:
    return syntax.text(node.child_by_field_name("function")) == "Promise.all"


def _one_by_one(code: Code, node: Node) -> Iterator[Change]:
    """`await Promise.allSettled([one, two])` before the first of several awaits of promises that have names: each of them may fail."""
    name = _declared(node)
    function = function_of(node)
    if not name or function is None or not is_async(function):
        return
    uses = [
        each
        for each in inside(function)
        if each.type == "await_expression" and each.start_byte > node.end_byte and function_of(each) == function
    ]
    own = next((each for each in uses if _awaits(each) == name), None)
    statement = statement_of(own) if own is not None else None
    if own is None or statement is None or statement.parent is None:
        return
    beside = [each for each in uses if (near := statement_of(each)) is not None and near.parent == statement.parent]
    names = [_awaits(each) for each in beside]
    declared = {_declared(each) for each in inside(function) if each.type == "call_expression"}
    names = [each for each in dict.fromkeys(names) if each and each in declared]
    first = next((each for each in beside if _awaits(each) in names), None)
    before = statement_of(first) if first is not None else None
    if len(names) < 2 or before is None:
        return
    waits = f"await Promise.allSettled([{', '.join(names)}]);"
    yield waits.removesuffix(";"), [code.before(before, f"{waits}\n{code.indent(before)}")]


def _awaits(node: Node) -> str:
    """The name that an `await` is of; empty for anything else."""
    value = node.named_children[0] if node.named_children else None
    return syntax.text(value) if value is not None and value.type == "identifier" else ""


def _declared(node: Node) -> str:
    """The constant that is declared as a promise."""
    above = whole(node).parent
    name = above.child_by_field_name("name") if above is not None and above.type == "variable_declarator" else None
    return syntax.text(name) if name is not None and name.type == "identifier" else ""
