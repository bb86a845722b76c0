"""Buffers of an editor: their text, and how it changes.

Lines end as LSP says, and nowhere else: a form feed is part of its line. A place past the end of a line, or of the text, is its end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lint_lambda import fixes
from lint_lambda.core.source import code_points

if TYPE_CHECKING:
    from lsprotocol import types as lsp

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_ENDS = "\r\n"


class Document:
    """One buffer. `uri` is how the editor calls it, `version` counts its changes."""

    def __init__(self, uri: str, text: str, version: int) -> None:
        self.uri = uri
        self.text = text
        self.version = version

    def change(self, changes: Sequence[lsp.TextDocumentContentChangeEvent], version: int, encoding: str) -> None:
        """Make changes, one after the other; `encoding` is what columns count."""
        for each in changes:
            around = getattr(each, "range", None)
            if around is None:
                self.text = each.text
                continue
            lines = lines_of(self.text)
            start = offset(lines, around.start.line, around.start.character, encoding)
            end = offset(lines, around.end.line, around.end.character, encoding)
            self.text = self.text[: min(start, end)] + each.text + self.text[max(start, end) :]
        self.version = version

    @property
    def content(self) -> bytes:
        """The bytes that would be saved, as far as the text tells its encoding."""
        plain = self.text.encode("utf-8", "replace")
        try:
            return fixes.encode(self.text, plain)
        except (UnicodeEncodeError, SyntaxError, LookupError):
            return plain


def lines_of(text: str) -> list[str]:
    """The lines with their ends; the last one has none, and may be empty."""
    found = _LINE.findall(text)
    return found[:-1] if len(found) > 1 and not found[-1] and found[-2][-1:] not in ("\r", "\n") else found


def offset(lines: Sequence[str], line: int, column: int, encoding: str) -> int:
    """How many characters come before a place of the editor's."""
    if line >= len(lines):
        return sum(map(len, lines))
    return sum(map(len, lines[:line])) + code_points(lines[line].rstrip(_ENDS), column, encoding)
