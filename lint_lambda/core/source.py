"""Places in source text: spans, and the one conversion to the editor's UTF-16 columns."""

from __future__ import annotations

from lint_lambda.core.record import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of source text.

    Lines count from 1, columns from 0 in Unicode code points, as Python's own tools count them. Only the JSON
    output speaks the editor's dialect (0-based lines, UTF-16 columns); see `utf16_column`.
    """

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span in a file; `path` is relative to the project root, with forward slashes, wherever that is possible."""

    path: str
    span: Span


def utf16_column(line_text: str, column: int) -> int:
    """Translate a code-point column of one line into UTF-16 code units (LSP 3.17, "Position").

    A column past the end of the line is clipped to its end, as LSP asks of clients.
    """
    return len(line_text[:column].encode("utf-16-le", "surrogatepass")) // 2
