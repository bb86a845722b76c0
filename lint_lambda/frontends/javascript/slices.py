"""The slices and indices of a JavaScript function, for what one of them leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lint_lambda.core.cuts import Cut, LeftOut, left_out
from lint_lambda.frontends.javascript.syntax import field, inner, text

if TYPE_CHECKING:
    from tree_sitter import Node

_OUTERMOST = frozenset({"program", "class_body"})


class _Read(NamedTuple):
    cuts: set[Cut]
    places: set[tuple[str, str]]


class Slices:
    """What functions slice, each of which is read when the first of its slices is asked about."""

    def __init__(self) -> None:
        self._of: dict[int, _Read] = {}

    def left_out(self, call: Node) -> LeftOut:
        """Whether this call of ``slice`` leaves something out; nothing of any other call."""
        cut = _cut(call)
        if cut is None or not (cut.lower or cut.upper):
            return ""
        whole = _outermost(call)
        if whole.id not in self._of:
            self._of[whole.id] = _read(whole)
        return left_out(cut, *self._of[whole.id])


def _outermost(node: Node) -> Node:
    """The outermost function around it: those inside share its variables."""
    found = node
    while node.parent is not None and node.parent.type not in _OUTERMOST:
        node = node.parent
        found = node
    return found


def _read(whole: Node) -> _Read:
    read = _Read(set(), set())
    for node in _nodes(whole):
        if node.type == "call_expression":
            _read_call(node, read)
        elif node.type == "subscript_expression":
            base = text(inner(field(node, "object")))
            read.places.add((base, _bound(text(field(node, "index")), base)))
        elif node.type == "variable_declarator":
            pattern = field(node, "name")
            if pattern is not None and pattern.type == "array_pattern":
                base = text(inner(field(node, "value")))
                read.places.update((base, str(place)) for place in range(len(pattern.named_children)))
    return read


def _read_call(node: Node, read: _Read) -> None:
    cut = _cut(node)
    if cut is not None:
        read.cuts.add(cut)
    callee, given = field(node, "function"), field(node, "arguments")
    if callee is None or callee.type != "member_expression" or given is None or given.type != "arguments":
        return
    if text(field(callee, "property")) == "at" and given.named_children:
        read.places.add((text(inner(field(callee, "object"))), text(given.named_children[0])))


def _cut(node: Node) -> Cut | None:
    """The part that a call of ``slice`` takes."""
    callee, given = field(node, "function"), field(node, "arguments")
    if callee is None or callee.type != "member_expression" or text(field(callee, "property")) != "slice":
        return None
    if given is None or given.type != "arguments":
        return None
    base = text(inner(field(callee, "object")))
    lower, upper = (*(text(each) for each in given.named_children[:2]), "", "")[:2]
    return Cut(
        base, "" if lower == "0" else _bound(lower, base), "" if upper == f"{base}.length" else _bound(upper, base)
    )


def _bound(written: str, base: str) -> str:
    """A place counted from the end as the language writes it in short."""
    from_end = written.removeprefix(f"{base}.length").replace(" ", "")
    return from_end if written.startswith(f"{base}.length") and from_end[:1] == "-" else written


def _nodes(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending += node.named_children
