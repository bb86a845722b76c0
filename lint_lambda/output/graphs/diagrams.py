"""The graph in languages that other tools draw: Mermaid, which Markdown on the web shows, and Graphviz' DOT."""

from __future__ import annotations

import json

from lint_lambda.core.finding import Fate
from lint_lambda.output.context import Context
from lint_lambda.output.graphs import COLOURS, SIGNS, Graph, Row, fates_in, rows, summary

_SHAPES = {
    "handler": ("([", "])"),
    "import": ("[/", "/]"),
    "call": ("[", "]"),
    "launch": ("(", ")"),
    "wait": ("{{", "}}"),
    "scope": ("[[", "]]"),
    "return": (">", "]"),
}
_DOT_SHAPES = {
    "handler": "oval",
    "import": "parallelogram",
    "call": "box",
    "launch": "box",
    "wait": "hexagon",
    "scope": "component",
    "return": "cds",
}


def mermaid(graph: Graph, context: Context) -> str:
    found = rows(graph, context)
    lines = ["---", f"title: {json.dumps(summary(graph))}", "---", "flowchart LR"]
    for row in found:
        opening, closing = _SHAPES[row.node.kind]
        style = f":::{row.node.fate.value}" if row.node.fate is not None else ""
        lines.append(f'    n{row.number}{opening}"{"<br/>".join(map(_escaped, _label(row)))}"{closing}{style}')
    lines += [f"    n{row.parent} {_arrow(row)} n{row.number}" for row in found if row.parent >= 0]
    for fate in fates_in(found):
        dashes = ",stroke-dasharray:5 3" if fate is not Fate.JOINED else ""
        colour = COLOURS[fate]
        lines.append(f"    classDef {fate.value} fill:#ffffff,stroke:{colour},color:{colour},stroke-width:2px{dashes}")
    return "\n".join([*lines, ""])


def _arrow(row: Row) -> str:
    return "==>" if row.node.kind == "launch" else "-->"


def _label(row: Row) -> list[str]:
    sign = f"{SIGNS[row.node.fate]} " if row.node.fate is not None else ""
    return [part for part in (row.title, f"{sign}{row.note}", row.where) if part.strip()]


def _escaped(text: str) -> str:
    """Text as Mermaid takes it in quotes: everything that means something is written as an entity."""
    return "".join(each if each.isalnum() or each in " .,:;/_-=→…●○✕❄▤■!?" else f"#{ord(each)};" for each in text)


def dot(graph: Graph, context: Context) -> str:
    found = rows(graph, context)
    lines = [
        "digraph handler {",
        "    rankdir=LR;",
        f"    label={json.dumps(summary(graph))};",
        '    node [fontname="Helvetica", fontsize=11, style="filled", fillcolor="white"];',
        "    edge [arrowsize=0.7];",
    ]
    for row in found:
        label = "\\n".join(json.dumps(part, ensure_ascii=False)[1:-1] for part in _label(row))
        colour = f', color="{COLOURS[row.node.fate]}", fontcolor="{COLOURS[row.node.fate]}"' if row.node.fate else ""
        width = ", penwidth=2" if row.node.is_unfinished else ""
        lines.append(f'    n{row.number} [shape={_DOT_SHAPES[row.node.kind]}, label="{label}"{colour}{width}];')
    for row in found:
        if row.parent >= 0:
            lines.append(f"    n{row.parent} -> n{row.number}{' [style=bold]' if row.node.kind == 'launch' else ''};")
    return "\n".join([*lines, "}", ""])
