"""Slices: whether one leaves anything out that no other slice or index of the same function takes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple

import libcst as cst

from lint_lambda.frontends.python.bindings import own_nodes

LeftOut = Literal["", "surely", "perhaps"]

_NOWHERE = cst.Module([])


class _Cut(NamedTuple):
    """``base[lower:upper:step]`` as it is written; a bound that leaves nothing out is empty."""

    base: str
    lower: str
    upper: str
    step: str


class Slices:
    """The slices and indices of a body, which is read when the first slice is asked about."""

    def __init__(self, body: Sequence[cst.CSTNode]) -> None:
        self._body = body

    def left_out(self, node: cst.Subscript) -> LeftOut:
        """Whether this slice of the body leaves something out: ``[1:]``, ``[:-1]``, ``[::2]``; perhaps: ``[:count]``.

        ``[:count]`` beside ``[count:]``, and ``[1:]`` beside ``[0]``, leave out nothing.
        """
        only = node.slice[0].slice
        if len(node.slice) != 1 or not isinstance(only, cst.Slice):
            return ""
        cut = _cut(node.value, only)
        if cut.step not in ("", "1", "-1"):
            return "surely"
        if not (cut.lower or cut.upper) or self._others_take(cut):
            return ""
        bounds = [bound for bound in (only.lower, only.upper) if bound is not None]
        return "surely" if all(isinstance(bound, (cst.Integer, cst.UnaryOperation)) for bound in bounds) else "perhaps"

    def _others_take(self, cut: _Cut) -> bool:
        """Whether what is before and behind the slice is read by another."""
        others, places = self._read
        before = not cut.lower or any(other.base == cut.base and other.upper == cut.lower for other in others)
        behind = not cut.upper or any(other.base == cut.base and other.lower == cut.upper for other in others)
        before = before or (cut.lower == "1" and (cut.base, "0") in places)
        behind = behind or (cut.base, cut.upper) in places
        return before and behind

    @cached_property
    def _read(self) -> tuple[set[_Cut], set[tuple[str, str]]]:
        """What is sliced, and what is read at which place."""
        cuts: set[_Cut] = set()
        places: set[tuple[str, str]] = set()
        for node in chain.from_iterable(map(own_nodes, self._body)):
            if isinstance(node, cst.Subscript) and len(node.slice) == 1:
                only = node.slice[0].slice
                if isinstance(only, cst.Slice):
                    cuts.add(_cut(node.value, only))
                elif isinstance(only, cst.Index):
                    places.add((_text(node.value), _text(only.value)))
        return cuts, places


def _cut(base: cst.BaseExpression, cut: cst.Slice) -> _Cut:
    written = _text(base)
    lower, upper, step = (_text(bound) for bound in (cut.lower, cut.upper, cut.step))
    return _Cut(written, "" if lower == "0" else lower, "" if upper == f"len({written})" else upper, step)


def _text(node: cst.BaseExpression | None) -> str:
    return "" if node is None else _NOWHERE.code_for_node(node).strip()
