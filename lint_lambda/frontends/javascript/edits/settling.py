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
