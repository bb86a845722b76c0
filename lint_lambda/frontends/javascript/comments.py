"""Comments and texts of a JavaScript file, told apart by scanning it: a file that cannot be parsed has comments all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.core import scanning

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


def comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line (from 1), column (from 0) and text of every comment."""
    return scanning.comments(_COMMENT_OR_TEXT, text)


def strings(text: str) -> Iterator[tuple[int, int]]:
    """First and last line of every string or comment that goes over several lines."""
    return scanning.strings(_COMMENT_OR_TEXT, text)
