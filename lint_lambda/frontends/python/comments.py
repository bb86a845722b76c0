"""Comments and strings of a Python file, told apart by scanning its text.

Not by Python's tokenizer: a file that cannot be parsed, or is of another Python's syntax, has comments all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.core import scanning

_COMMENT_OR_STRING = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
  | \"{3} (?: [^\\] | \\. )*? (?: \"{3} | \Z )
  | '{3} (?: [^\\] | \\. )*? (?: '{3} | \Z )
  | " (?: [^"\\\r\n] | \\(?:\r\n|.) )* "?
  | ' (?: [^'\\\r\n] | \\(?:\r\n|.) )* '?
    """,
    re.VERBOSE | re.DOTALL,
)


def comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Line (from 1), column (from 0) and text of every comment."""
    return scanning.comments(_COMMENT_OR_STRING, text)


def strings(text: str) -> Iterator[tuple[int, int]]:
    """First and last line of every string that goes over several lines."""
    return scanning.strings(_COMMENT_OR_STRING, text)
