"""Parse a JavaScript or TypeScript file: which grammar it is written in, and what its nodes say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_MISREAD = re.compile(rb"\bawait\s*(?:\[|\(\s*(?:async|function)\b)")
"""What the grammar of JavaScript takes for an element or a call of something called ``await``; that of TypeScript does not."""

TYPESCRIPT = (".ts", ".mts", ".cts", ".tsx")
"""How the names of TypeScript files end."""


@cache
def _parser(grammar: str) -> Parser:
    import tree_sitter  # late: most projects have no such file

    if grammar == "javascript":
        import tree_sitter_javascript

        return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))
    import tree_sitter_typescript

    language = (
        tree_sitter_typescript.language_tsx() if grammar == "tsx" else tree_sitter_typescript.language_typescript()
    )
    return tree_sitter.Parser(tree_sitter.Language(language))


def parse(source: bytes, path: str) -> Node:
    """The root of the file's tree; what cannot be parsed is in nodes of the type ``ERROR``."""
    grammar = "tsx" if path.endswith(".tsx") else "typescript" if path.endswith(TYPESCRIPT) else "javascript"
    if grammar == "javascript" and _MISREAD.search(source) is not None:
        root = _parser("tsx").parse(source).root_node
        if not root.has_error:
            return root
    return _parser(grammar).parse(source).root_node


_OPENING = frozenset({"(", "[", "{", "${"})
_CLOSING = frozenset({")", "]", "}"})
_MERGE = re.compile(rb"^(?:<{7}|={7}|>{7})(?=\s|$)", re.MULTILINE)


def wrong(root: Node, source: bytes) -> tuple[int, int, str] | None:
    """Where a file is surely wrong, whatever the grammar does not know: the line and the column, from 0, and the remedy.

    What the grammar cannot parse may be newer than it; but a marker of a merge is no code, and brackets are closed in any.
    """
    if not root.has_error:
        return None
    merge = _MERGE.search(source)
    if merge is not None:
        return source.count(b"\n", 0, merge.start()), 0, "there is an unresolved merge marker; resolve it"
    opened: list[Node] = []
    for leaf in _leaves(root):
        if leaf.is_missing:
            continue
        if leaf.type in _OPENING:
            opened.append(leaf)
        elif leaf.type in _CLOSING:
            if not opened:
                return *leaf.start_point, f"this `{leaf.type}` closes nothing; take it away, or exclude the file"
            opened.pop()
    return (
        (*opened[-1].start_point, f"this `{opened[-1].type}` is never closed; close it, or exclude the file")
        if opened
        else None
    )


def _leaves(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.children:
            pending += reversed(node.children)
        else:
            yield node


def text(node: Node | None) -> str:
    """What stands there; nothing where there is nothing."""
    return "" if node is None or node.text is None else node.text.decode("utf-8", "replace")


def has(node: Node, token: str) -> bool:
    """Whether one of the node's own words is `token`."""
    return any(child.type == token for child in node.children)


def field(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def inner(node: Node | None) -> Node | None:
    """A node without the brackets, type assertions and the like around it."""
    while node is not None and node.type in _TRANSPARENT:
        node = node.named_children[-1 if node.type == "type_assertion" else 0] if node.named_children else None
    return node


_TRANSPARENT = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"}
    | {"type_assertion", "instantiation_expression"}
)

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "v": "\v", "\n": ""}


def string(node: Node) -> str:
    """The text that a string literal, or the fixed parts of a template, stands for."""
    out = []
    for child in node.children:
        if child.type == "string_fragment":
            out.append(text(child))
        elif child.type == "escape_sequence":
            out.append(_escaped(text(child)[1:]))
    return "".join(out)


def _escaped(said: str) -> str:
    if said[:1] in ("x", "u"):
        digits = said[1:].strip("{}")
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError):
            return said
    return _ESCAPES.get(said, said)
