"""Patterns in the language of ``.gitignore``, which is subtle enough to be left to `pathspec`. A pattern that is none is named."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_SIMPLE = re.compile(r"(?:\*\*/)?[\w./-]*[\w.-]/?|(?:\*\*/)?\*[\w./-]+", re.ASCII)
"""Patterns that need not be tried to know that they are some."""


class BadPattern(ValueError):
    """The message names the pattern, and what is wrong with it."""


def compiled(patterns: Sequence[str]) -> GitIgnoreSpec:
    """Raises `BadPattern`."""
    from pathspec import GitIgnoreSpec  # here, as many runs need none

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what a pattern might mean in a later Python
            return GitIgnoreSpec.from_lines(patterns)
    except Exception as error:
        if len(patterns) == 1:
            reason = f": {error}" if isinstance(error, re.error) else ""
            raise BadPattern(f"{patterns[0]!r} is not a .gitignore pattern{reason}") from error
        for pattern in patterns:
            compiled([pattern])
        raise


def check(pattern: str) -> None:
    """Raises `BadPattern` for what is no pattern."""
    if _SIMPLE.fullmatch(pattern) is None:
        compiled([pattern])
