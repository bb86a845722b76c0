"""The slices and indices of a Python body, for what one of them leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain

import libcst as cst

from lint_lambda.core.cuts import Cut, LeftOut, left_out
from lint_lambda.frontends.python.bindings import own_nodes

_NOWHERE = cst.Module([])


class Slices:
    """The slices and indices of a body, which is read when the first slice is asked about."""

    def __init__(self, body: Sequence[cst.CSTNode]) -> None:
        self._body = body

    def left_out(self, node: cst.Subscript) -> LeftOut:
        """Whether this slice of the body leaves something out."""
        only = node.slice[0].slice
        if len(node.slice) != 1 or not isinstance(only, cst.Slice):
            return ""
        return left_out(_cut(node.value, only), *self._read)

    @cached_property
    def _read(self) -> tuple[set[Cut], set[tuple[str, str]]]:
        """What is sliced, and what is read at which place."""
        cuts: set[Cut] = set()
        places: set[tuple[str, str]] = set()
        for node in chain.from_iterable(map(own_nodes, self._body)):
            if isinstance(node, cst.Subscript) and len(node.slice) == 1:
                only = node.slice[0].slice
                if isinstance(only, cst.Slice):
                    cuts.add(_cut(node.value, only))
                elif isinstance(only, cst.Index):
                    places.add((_text(node.value), _text(only.value)))
        return cuts, places


def _cut(base: cst.BaseExpression, cut: cst.Slice) -> Cut:
    written = _text(base)
    lower, upper, step = (_text(bound) for bound in (cut.lower, cut.upper, cut.step))
    return Cut(written, "" if lower == "0" else lower, "" if upper == f"len({written})" else upper, step)


def _text(node: cst.BaseExpression | None) -> str:
    return "" if node is None else _NOWHERE.code_for_node(node).strip()
