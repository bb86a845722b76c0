"""Finds comments and strings in source text by scanning it, without a parser: a file that cannot be parsed has them all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NEWLINE = re.compile(r"\r\n|\r|\n")


def comments(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Line (from 1), column (from 0) and text of every comment; one over several lines counts where it begins.

    `pattern` matches a comment or a string of the language; its group `comment` tells which.
    """
    line, start, scanned = 1, 0, 0
    for found in pattern.finditer(text):
        if found["comment"] is None:
            continue
        for newline in _NEWLINE.finditer(text, scanned, found.start()):
            line, start = line + 1, newline.end()
        scanned = found.start()
        yield line, found.start() - start, found[0]


def strings(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """First and last line of every string that goes over several lines, and of every such comment."""
    for found in pattern.finditer(text):
        lines = found[0].count("\n")
        if lines:
            first = text.count("\n", 0, found.start()) + 1
            yield first, first + lines
