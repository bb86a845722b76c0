"""A text with replacements made in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lint_lambda.core.source import Span


def edited(text: str, replacements: Iterable[tuple[Span, str]]) -> str | None:
    """The text with all of them made; None when two of them overlap. Those at one place are made in their order."""
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def offset(line: int, column: int) -> int:
        return min(starts[line - 1] + column, len(text)) if line <= len(starts) else len(text)

    placed = [
        (offset(span.line, span.column), offset(span.end_line, span.end_column), number, new)
        for number, (span, new) in enumerate(replacements)
    ]
    parts, position = [], 0
    for start, end, _, new in sorted(placed, key=lambda one: (one[0], one[1], one[2])):
        if start < position:
            return None
        parts += [text[position:start], new]
        position = end
    return "".join([*parts, text[position:]])
