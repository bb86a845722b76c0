"""Async tests of lists: `filter`, `find`, `some` and `every` take a promise for true, so the answers are awaited first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.code import (
    FUNCTIONS,
    Change,
    Code,
    arguments,
    declares,
    function_of,
    is_async,
    statement_of,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_OF_ALL = frozenset({"some", "every"})
"""Methods whose result is one truth of all answers."""
_OF_EACH = frozenset({"filter", "find", "findIndex", "findLast", "findLastIndex"})
"""Methods that pick by the answer for each."""
_PLAIN = frozenset({"identifier", "member_expression", "this"})


def changes(code: Code, call: Node) -> Iterator[Change]:
    """The answers of a `map` of the same function, awaited together, and the method asked with them."""
    tested = _tested(call)
    function = function_of(tested) if tested is not None else None
    if tested is None or function is None or not is_async(function) or len(arguments(tested)) != 1:
        return
    callee = tested.child_by_field_name("function")
    items = callee.child_by_field_name("object") if callee is not None else None
    name = syntax.text(callee.child_by_field_name("property")) if callee is not None else ""
    statement = statement_of(tested)
    if items is None or statement is None or function_of(statement) != function:
        return
    source, test = syntax.text(items), syntax.text(arguments(tested)[0])
    if name in _OF_ALL:
        all_of = f"(await Promise.all({source}.map({test}))).{name}(Boolean)"
        yield f"(await Promise.all({_short(source)}.map(…))).{name}(Boolean)", [code.replaced(tested, all_of)]
        return
    indent, before = code.indent(statement), ""
    if items.type not in _PLAIN:
        listed = _fresh(function, "items", "allItems")
        before = f"const {listed} = {source};\n{indent}"
        source = listed
    answers = _fresh(function, "answers", "matches")
    if not source or not answers:
        return
    before += f"const {answers} = await Promise.all({source}.map({test}));\n{indent}"
    picked = f"{source}.{name}((_, index) => {answers}[index])"
    yield f"await Promise.all({_short(source)}.map(…))", [code.before(statement, before), code.replaced(tested, picked)]


def _tested(call: Node) -> Node | None:
    """The call of such a method that is handed the function which a launch is, or is in."""
    function = call if call.type in FUNCTIONS else function_of(call)
    if call.type == "call_expression" and _is_test(call):
        return call
    handed = function.parent.parent if function is not None and function.parent is not None else None
    if handed is None or handed.type != "call_expression" or not _is_test(handed):
        return None
    return handed if arguments(handed)[:1] == [function] else None


def _is_test(call: Node) -> bool:
    callee = call.child_by_field_name("function")
    if callee is None or callee.type != "member_expression":
        return False
    return syntax.text(callee.child_by_field_name("property")) in _OF_ALL | _OF_EACH


def _fresh(function: Node, *wishes: str) -> str:
    return next((each for each in wishes if not declares(function, each)), "")


def _short(source: str) -> str:
    return source if len(source) < 40 and "\n" not in source else "…"
