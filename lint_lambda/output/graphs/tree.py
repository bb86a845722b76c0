"""The graph as an indented tree for a terminal."""

from __future__ import annotations

from collections.abc import Callable

from lint_lambda.core.finding import Fate
from lint_lambda.core.printable import printable_line
from lint_lambda.output.context import Context
from lint_lambda.output.graphs import SIGNS, Graph, Row, rows, summary

_MARKS = {"handler": "λ", "import": "↧", "call": "→", "wait": "◷", "scope": "▢", "return": "⏎"}
WIDEST = 72
"""Columns up to which what is behind the nodes is lined up."""


Paint = Callable[[str, Fate | None], str]
"""Colours a text for a fate."""


def plain(text: str, fate: Fate | None) -> str:
    return text


def render(graph: Graph, context: Context, paint: Paint = plain) -> str:
    found = rows(graph, context)
    heads = [_head(row) for row in found]
    width = min(max(map(len, heads), default=0), WIDEST)
    places = max((len(row.where) for row in found), default=0)
    lines = []
    for row, head in zip(found, heads, strict=True):
        line = printable_line(f"{head:<{width}}  {row.where:<{places}}  {row.note}".rstrip())
        lines.append(paint(line, row.node.fate))
    return "\n".join([*lines, "", summary(graph), ""])


def _head(row: Row) -> str:
    fate = row.node.fate
    mark = SIGNS[fate] if fate is not None else _MARKS[row.node.kind]
    indent = "".join("   " if last else "│  " for last in row.lasts[1:-1])
    branch = "" if row.depth == 0 else "└─ " if row.lasts[-1] else "├─ "
    return f"{indent}{branch}{mark} {row.title}"
