"""Work that a module starts as it is loaded: its promise gets a name, and the handler awaits it before it does anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.code import FUNCTIONS, Change, Code, Edits, inside, is_async, whole

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMES = ("ready", "loaded", "started")


def changes(code: Code, call: Node, handler: Node | None) -> Iterator[Change]:
    """`const ready = connect();`, and `await ready;` first in the handler; nothing where the module uses the promise otherwise."""
    expr = whole(call)
    statement = expr.parent
    function = _function(handler)
    if statement is None or function is None or not is_async(function):
        return
    body = function.child_by_field_name("body")
    void = statement if statement.type == "unary_expression" and syntax.has(statement, "void") else None
    outer = void.parent if void is not None else statement
    if body is None or outer is None or outer.parent != code.root:
        return
    taken = {syntax.text(each) for each in inside(code.root) if each.type == "identifier"}
    name = next((each for each in _NAMES if each not in taken), "")
    if not name or outer.type != "expression_statement":
        return
    begin = code.before(expr, f"const {name} = ") if void is None else code.until(void, expr, f"const {name} = ")
    yield f"await {name}", [begin, *_first(code, body, f"await {name};")]


def _first(code: Code, body: Node, words: str) -> Edits:
    """The words as the first statement of a function; one that is an expression becomes a block."""
    if body.type != "statement_block":
        deeper = f"{code.indent(body)}{code.step}"
        return [
            code.before(body, f"{{\n{deeper}{words}\n{deeper}return "),
            code.after(body, f";\n{code.indent(body)}}}"),
        ]
    first = body.named_children[0] if body.named_children else None
    return [] if first is None else [code.before(first, f"{words}\n{code.indent(first)}")]


def _function(node: Node | None) -> Node | None:
    """The function that a handler's name, or what it is exported as, stands for."""
    while node is not None:
        if node.type in FUNCTIONS:
            return node
        for field in ("value", "right"):
            value = node.child_by_field_name(field)
            if value is not None and value.type in FUNCTIONS:
                return value
        node = node.parent
    return None
