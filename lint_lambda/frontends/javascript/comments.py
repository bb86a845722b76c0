"""Comments and texts of a JavaScript file, told apart by scanning it: a file that cannot be parsed has comments all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COMMENT_OR_TEXT = re.compile(
    r"""
    (?P<comment> //[^\r\n]* | /\*.*?(?:\*/|\Z) )
  | " (?: [^"\\\r\n] | \\(?:\r\n|.) )* "?
  | ' (?: [^'\\\r\n] | \\(?:\r\n|.) )* '?
  | ` (?: [^`\\] | \\. )* `?
  | (?<=[=(,:;!&|?{}\[\n+]) [ \t]* /(?![*/]) (?: [^/\\\[\r\n] | \\. | \[ (?: [^\]\\\r\n] | \\. )* \] )+ /
    """,
    re.VERBOSE | re.DOTALL,
)
"""The last one is a regular expression, which may hold quotes and what looks like a comment."""

_NEWLINE = re.compile(r"\r\n|\r|\n")


def comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line (from 1), column (from 0) and text of every comment; one over several lines counts where it begins."""
    line, start, scanned = 1, 0, 0
    for found in _COMMENT_OR_TEXT.finditer(text):
        if found["comment"] is None:
            continue
        for newline in _NEWLINE.finditer(text, scanned, found.start()):
            line, start = line + 1, newline.end()
        scanned = found.start()
        yield line, found.start() - start, found[0]


def strings(text: str) -> Iterator[tuple[int, int]]:
    """First and last line of every text that goes over several lines."""
    for found in _COMMENT_OR_TEXT.finditer(text):
        lines = found[0].count("\n")
        if lines:
            first = text.count("\n", 0, found.start()) + 1
            yield first, first + lines
