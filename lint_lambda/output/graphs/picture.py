"""The graph as a picture: what happens from top to bottom, a lane for each launch, and a line where the response is sent.

A lane begins at its launch. It ends above the line where the handler waits for the work, and goes on below it where the work is
unfinished, to a sign for its fate. So what crosses the line is what is lost.
"""

from __future__ import annotations

from html import escape

from lint_lambda.core.finding import Fate
from lint_lambda.knowledge.texts import say, texts
from lint_lambda.output.context import Context
from lint_lambda.output.graphs import COLOURS, SIGNS, Graph, Row, fates_in, rows, summary

_ROW, _INDENT, _LANE, _MARGIN, _CHARACTER = 28, 22, 18, 24, 7.3
_TEXT, _QUIET, _LINE, _SENT = "#1b1f24", "#59636e", "#c6ccd2", "#1b1f24"
_FILLS = {
    "handler": "#1b1f24",
    "import": "#e7eaee",
    "call": "#f3f5f7",
    "wait": "#e2f3ec",
    "scope": "#eef0fb",
    "return": "#fff6da",
}
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def svg(graph: Graph, context: Context) -> str:
    """A picture on its own, without scripts, fonts or addresses of anything."""
    return _Picture(graph, context).svg()


def html(graph: Graph, context: Context) -> str:
    """A page with the picture, which can be opened from a file."""
    picture = _Picture(graph, context)
    title = escape(say("graph.title", name=picture.name))
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>body{{margin:24px;font-family:system-ui,sans-serif;background:#fff;color:{_TEXT}}}"
        f"svg{{max-width:none}}main{{overflow-x:auto}}h1{{font-size:20px}}</style>\n"
        f"<h1>{title}</h1>\n<p>{escape(summary(graph))}</p>\n<main>\n{picture.svg()}</main>\n</html>\n"
    )


class _Picture:
    def __init__(self, graph: Graph, context: Context) -> None:
        self._rows = rows(graph, context)
        self._summary = summary(graph)
        self.name = next((row.node.text for row in self._rows if row.node.kind == "handler"), "")
        self._widest = max((self._right(row) for row in self._rows), default=0.0)
        self._where = self._widest + 28
        self._notes = self._where + max((len(row.where) for row in self._rows), default=0) * _CHARACTER + 24
        self._lanes = [row for row in self._rows if row.node.fate is not None]
        note = max((len(row.note) for row in self._rows), default=0) * _CHARACTER
        self._first_lane = self._notes + note + 30
        self._width = max(self._first_lane + len(self._lanes) * _LANE + _MARGIN, 640)
        self._sent = _MARGIN + len(self._rows) * _ROW + 22
        self._legend = self._sent + 62

    def svg(self) -> str:
        height = self._legend + 34
        size = f'width="{self._width:.0f}" height="{height}" viewBox="0 0 {self._width:.0f} {height}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{_FONT}" font-size="12" role="img">',
            f"<title>{escape(say('graph.title', name=self.name))}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *(
                f'<rect x="0" y="{self._top(row)}" width="{self._width:.0f}" height="{_ROW}" fill="#fafbfc"/>'
                for row in self._rows[1::2]
            ),
            *map(self._branch, self._rows),
            *map(self._box, self._rows),
            *self._response(),
            *(self._lane(number, row) for number, row in enumerate(self._lanes)),
            *self._key(),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _top(self, row: Row) -> int:
        return _MARGIN + row.number * _ROW

    def _middle(self, row: Row) -> float:
        return self._top(row) + _ROW / 2

    @staticmethod
    def _left(row: Row) -> float:
        return _MARGIN + row.depth * _INDENT

    def _right(self, row: Row) -> float:
        return self._left(row) + len(row.title) * _CHARACTER + 18

    def _branch(self, row: Row) -> str:
        if row.parent < 0:
            return ""
        above = self._rows[row.parent]
        x, bold = self._left(above) + 9, row.node.kind == "launch"
        path = f"M{x} {self._top(above) + _ROW - 4}V{self._middle(row)}H{self._left(row)}"
        return f'<path d="{path}" fill="none" stroke="{_LINE}" stroke-width="{2 if bold else 1}"/>'

    def _box(self, row: Row) -> str:
        node = row.node
        colour = COLOURS[node.fate] if node.fate is not None else _TEXT
        fill = "#ffffff" if node.fate is not None else _FILLS[node.kind]
        ink = "#ffffff" if node.kind == "handler" else colour
        edge = f' stroke="{colour}" stroke-width="1.5"' if node.fate is not None else ""
        dashes = ' stroke-dasharray="5 3"' if node.is_unfinished else ""
        y, width = self._top(row) + 3, self._right(row) - self._left(row)
        weight = ' font-weight="600"' if node.kind in ("handler", "launch") else ""
        return (
            f"<g><title>{escape(f'{row.where}: {node.text}')}</title>"
            f'<rect x="{self._left(row)}" y="{y}" width="{width:.0f}" height="{_ROW - 6}" rx="5" fill="{fill}"{edge}{dashes}/>'
            f'<text x="{self._left(row) + 9}" y="{self._middle(row) + 4}" fill="{ink}"{weight}>{escape(row.title)}</text>'
            f'<text x="{self._where:.0f}" y="{self._middle(row) + 4}" fill="{_QUIET}">{escape(row.where)}</text>'
            f'<text x="{self._notes:.0f}" y="{self._middle(row) + 4}" fill="{colour}">{escape(row.note)}</text></g>'
        )

    def _response(self) -> list[str]:
        y = self._sent
        return [
            f'<path d="M0 {y}H{self._width:.0f}" stroke="{_SENT}" stroke-width="2"/>',
            f'<text x="{_MARGIN}" y="{y - 7}" fill="{_SENT}" font-weight="600">{escape(say("graph.sent"))}</text>',
            f'<text x="{_MARGIN}" y="{y + 22}" fill="{_QUIET}">{escape(self._summary)}</text>',
        ]

    def _lane(self, number: int, row: Row) -> str:
        fate = row.node.fate
        assert fate is not None
        x, start, colour = self._first_lane + number * _LANE, self._middle(row), COLOURS[fate]
        lead = f'<path d="M{self._notes + len(row.note) * _CHARACTER + 8:.0f} {start}H{x:.0f}" stroke="{colour}" stroke-width="1" stroke-opacity="0.35"/>'
        end = self._sent + 26 if row.node.is_unfinished else self._sent - 12
        dashes = ' stroke-dasharray="5 3"' if row.node.is_unfinished else ""
        title = escape(f"{row.note} ({row.where})")
        sign = (
            f'<text x="{x:.0f}" y="{end + 12}" fill="{colour}" text-anchor="middle" font-size="14">{SIGNS[fate]}</text>'
        )
        stop = sign if row.node.is_unfinished else f'<circle cx="{x:.0f}" cy="{end}" r="4" fill="{colour}"/>'
        return (
            f"<g><title>{title}</title>{lead}"
            f'<circle cx="{x:.0f}" cy="{start}" r="3" fill="{colour}"/>'
            f'<path d="M{x:.0f} {start}V{end}" stroke="{colour}" stroke-width="3"{dashes}/>{stop}</g>'
        )

    def _key(self) -> list[str]:
        parts, x = [], float(_MARGIN)
        names = texts("fate_names")
        for fate in fates_in(self._rows):
            label = f"{SIGNS[fate]} {names[fate.value]}"
            dashes = "" if fate is Fate.JOINED else ' stroke-dasharray="5 3"'
            parts.append(
                f'<path d="M{x:.0f} {self._legend + 10}h26" stroke="{COLOURS[fate]}" stroke-width="3"{dashes}/>'
                f'<text x="{x + 34:.0f}" y="{self._legend + 14}" fill="{COLOURS[fate]}">{escape(label)}</text>'
            )
            x += 34 + len(label) * _CHARACTER + 28
        return parts
