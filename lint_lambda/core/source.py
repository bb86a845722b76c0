"""Places in source text: spans, and the conversions from and to an editor's columns."""

from __future__ import annotations

from lint_lambda.core.record import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of source text.

    Lines count from 1, columns from 0 in Unicode code points, as Python's own tools count them. Only the JSON
    output and the server speak the editor's dialect (0-based lines, columns in code units); see `units`.
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


_UNITS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}
"""How many bytes the unit of an editor's columns takes in each encoding that LSP knows."""


def units(line_text: str, column: int, encoding: str = "utf-16") -> int:
    """Translate a code-point column of one line into an editor's code units (LSP 3.17, "Position").

    A column past the end of the line is clipped to its end, as LSP asks of clients.
    """
    if encoding == "utf-32" or line_text.isascii():
        return min(column, len(line_text))
    name = encoding if encoding == "utf-8" else f"{encoding}-le"
    return len(line_text[:column].encode(name, "surrogatepass")) // _UNITS[encoding]


def code_points(line_text: str, column: int, encoding: str = "utf-16") -> int:
    """Translate an editor's column of one line into code points; one past the end is clipped, one inside a character goes to its start."""
    if encoding == "utf-32" or line_text.isascii():
        return min(column, len(line_text))
    name = encoding if encoding == "utf-8" else f"{encoding}-le"
    before = line_text.encode(name, "surrogatepass")[: column * _UNITS[encoding]]
    return len(before.decode(name, "ignore"))
