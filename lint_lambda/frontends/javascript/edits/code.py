"""A file's text and tree, as edits need them: what stands at a span, what is around it, and what to write where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from lint_lambda.core.finding import Applicability, Edit
from lint_lambda.core.intent import Candidate
from lint_lambda.core.source import Span
from lint_lambda.frontends.javascript import syntax

if TYPE_CHECKING:
    from tree_sitter import Node

Edits = list[tuple[Span, str]]
Change = tuple[str, Edits]
"""What is written, for the title, and the edits."""

FUNCTIONS = frozenset(
    {"arrow_function", "function_expression", "function", "function_declaration", "method_definition"}
    | {"generator_function", "generator_function_declaration"}
)
BRACKETS = frozenset({"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"})
_ON = frozenset({"then", "catch", "finally"})
"""Calls on a promise that give another one."""


class Code:
    """One file."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.source = text.encode()
        self._lines = self.source.split(b"\n")

    @cached_property
    def root(self) -> Node:
        return syntax.parse(self.source, self.path)

    def at(self, span: Span) -> Node | None:
        """The outermost expression that stands at a span."""
        start, end = (
            (span.line - 1, self._byte(span.line, span.column)),
            (span.end_line - 1, self._byte(span.end_line, span.end_column)),
        )
        node = self.root.descendant_for_point_range(start, end)
        return node if node is not None and (node.start_point, node.end_point) == (start, end) else None

    def _byte(self, line: int, column: int) -> int:
        text = self._lines[line - 1]
        return column if text.isascii() else len(text.decode("utf-8", "replace")[:column].encode())

    def _column(self, row: int, offset: int) -> int:
        text = self._lines[row][:offset]
        return offset if text.isascii() else len(text.decode("utf-8", "replace"))

    def span(self, first: Node, last: Node | None = None) -> Span:
        start, end = first.start_point, (last or first).end_point
        return Span(
            start.row + 1, self._column(start.row, start.column), end.row + 1, self._column(end.row, end.column)
        )

    def before(self, node: Node, text: str) -> tuple[Span, str]:
        span = self.span(node)
        return Span(span.line, span.column, span.line, span.column), text

    def after(self, node: Node, text: str) -> tuple[Span, str]:
        span = self.span(node)
        return Span(span.end_line, span.end_column, span.end_line, span.end_column), text

    def replaced(self, node: Node, text: str) -> tuple[Span, str]:
        return self.span(node), text

    def until(self, first: Node, second: Node, text: str) -> tuple[Span, str]:
        """What stands from the beginning of one node to that of another, replaced."""
        start, end = self.span(first), self.span(second)
        return Span(start.line, start.column, end.line, end.column), text

    def line(self, row: int) -> str:
        return self._lines[row].decode("utf-8", "replace")

    def indent(self, node: Node) -> str:
        line = self._lines[node.start_point.row]
        found = re.match(rb"[ \t]*", line)
        return found[0].decode() if found else ""

    @cached_property
    def step(self) -> str:
        """One level of indentation, as the file has it."""
        found = re.search(rb"\n([ \t]+)\S", self.source)
        return found[1].decode() if found else "  "

    def short(self, call: Node) -> str:
        """A call as a title shows it: `mail(…)`."""
        callee = syntax.text(call.child_by_field_name("function") or call.child_by_field_name("constructor"))
        return f"{' '.join(callee.split())}(…)" if callee and len(callee) < 40 and "(" not in callee else "…"


CodeOf = Callable[[str], Code]


def above(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def function_of(node: Node) -> Node | None:
    """The function that a node is in; None for the module."""
    return next((each for each in above(node) if each.type in FUNCTIONS), None)


def is_async(function: Node | None) -> bool:
    return function is not None and syntax.has(function, "async")


def statement_of(node: Node) -> Node | None:
    """The statement that a node is in, directly in a block."""
    found = node
    for each in above(node):
        if each.type in ("statement_block", "program", "switch_case", "switch_default"):
            return found
        if each.type in FUNCTIONS:
            return None
        found = each
    return None


def whole(call: Node) -> Node:
    """A promise with what is called on it in turn: `a().catch(…)` of `a()`; and the brackets around it."""
    node = call
    while node.parent is not None:
        parent = node.parent
        if parent.type in BRACKETS:
            node = parent
            continue
        name = syntax.text(parent.child_by_field_name("property")) if parent.type == "member_expression" else ""
        called = parent.parent
        if name not in _ON or called is None or called.type != "call_expression":
            return node
        if parent.child_by_field_name("object") != node or called.child_by_field_name("function") != parent:
            return node
        node = called
    return node


def chain_of(call: Node) -> Node:
    """What is called on a value in turn, to the end: `query().where(x).limit(1)` of `query()`."""
    node = call
    while node.parent is not None and node.parent.type == "member_expression":
        called = node.parent.parent
        if node.parent.child_by_field_name("object") != node or called is None or called.type != "call_expression":
            break
        if called.child_by_field_name("function") != node.parent:
            break
        node = called
    return node


def unsafe(code: Code, title: str, edits: Edits, elsewhere: Mapping[Code, Edits] | None = None) -> Candidate:
    """Edits in one file, and in others, that change when the response goes out, or when work is done."""
    others = [(other, sorted(found, key=_place)) for other, found in (elsewhere or {}).items()]
    placed = (Edit(other.path, span, text) for other, found in others for span, text in found)
    return Candidate(title, Applicability.UNSAFE, code.path, tuple(sorted(edits, key=_place)), tuple(placed))


def _place(edit: tuple[Span, str]) -> Span:
    return edit[0]


def arguments(call: Node) -> list[Node]:
    """What a call is given."""
    given = call.child_by_field_name("arguments")
    return [each for each in given.named_children if each.type != "comment"] if given is not None else []


def is_global(code: Code, near: Node, words: str) -> bool:
    """Whether the first name of the words is one of the module's: no function around `near` declares it."""
    root = words.split(".", maxsplit=1)[0]
    if root == "this":
        return False
    return not any(declares(each, root) for each in above(near) if each.type in FUNCTIONS)


def declares(function: Node, name: str) -> bool:
    """Whether a function declares the name itself, as a variable or a parameter."""
    for field in ("parameters", "parameter"):
        params = function.child_by_field_name(field)
        if params is not None and any(
            each.type == "identifier" and syntax.text(each) == name for each in inside(params)
        ):
            return True
    return any(
        each.type == "variable_declarator" and syntax.text(each.child_by_field_name("name")) == name
        for each in inside(function)
    )


def promise_of(call: Node) -> Node:
    """The promise that a call is part of, where it stands in the executor of one: `new Promise(…)`; elsewhere the call itself."""
    for each in above(call):
        if each.type == "new_expression" and syntax.text(each.child_by_field_name("constructor")) == "Promise":
            return each
        if each.type in FUNCTIONS and (each.parent is None or each.parent.type != "arguments"):
            return call  # a function with a name, which others may call
    return call


def before_returns(code: Code, call: Node, function: Node, words: str, until: int | None = None) -> Edits:
    """The words on a line of their own before each return behind the call, and at the end of the function that can be reached.

    `until`: the place from which on it is not needed. No edits where there is no place for them.
    """
    end = len(code.source) if until is None else until
    found = [
        each
        for each in inside(function)
        if each.type == "return_statement" and function_of(each) == function and call.end_byte < each.start_byte < end
    ]
    edits: Edits = []
    for each in found:
        edits += _ahead_of(code, each, words)
    statement = statement_of(call)
    if not found and (statement is None or statement.parent is None or statement.parent.type != "statement_block"):
        return []
    last = statement if not found else _last(function)
    if last is not None and last.type not in _LEAVES and until is None:
        edits.append(code.after(last, f"\n{code.indent(last)}{words}"))
    return edits


_LEAVES = frozenset({"return_statement", "throw_statement", "try_statement", "if_statement", "switch_statement"})
"""Statements behind which nothing may be reached, or that are hard to tell: if it can be, the edits do not hold."""


def _last(function: Node) -> Node | None:
    body = function.child_by_field_name("body")
    statements = [child for child in body.named_children if child.type != "comment"] if body is not None else []
    return statements[-1] if statements and body is not None and body.type == "statement_block" else None


def _ahead_of(code: Code, statement: Node, words: str) -> Edits:
    """A line before a statement, which gets braces where it has none."""
    indent = code.indent(statement)
    if statement.parent is not None and statement.parent.type in ("if_statement", "else_clause"):
        own_line = code.indent(statement.parent) == indent
        deeper = f"{indent}{code.step}" if own_line else indent
        outer = indent if own_line else indent.removesuffix(code.step)
        return [
            code.before(statement, f"{{\n{deeper}{words}\n{deeper}"),
            code.after(statement, f"\n{outer}}}"),
        ]
    return [code.before(statement, f"{words}\n{indent}")]


def inside(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        stack.extend(reversed(each.named_children))
