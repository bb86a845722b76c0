"""Python, as the engine knows it. Its parts are imported when they are needed: most runs need no parser, and few an edit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lint_lambda.frontends.python.semantics import PYTHON

if TYPE_CHECKING:
    from lint_lambda.core import ir
    from lint_lambda.core.finding import FixIntent
    from lint_lambda.core.frontend import Text
    from lint_lambda.core.intent import AfterResponse, Candidate
    from lint_lambda.core.mentions import Mentions
    from lint_lambda.core.source import Span


class Python:
    """See `lint_lambda.core.frontend.Frontend`."""

    suffixes: tuple[str, ...] = (".py",)
    comment = "  # "
    semantics = PYTHON

    def lower(self, source: bytes, path: str) -> ir.Module:
        from lint_lambda.frontends.python.lower import lower

        return lower(source, path)

    def locate(self, source: bytes, path: str, module: ir.Module | None) -> tuple[Span, ...]:
        from lint_lambda.frontends.python.lower import locate

        return locate(source, path, module)

    def mentions(self, source: bytes) -> Mentions | None:
        from lint_lambda.frontends.python.mentions import mentions

        return mentions(source)

    def compiles(self, source: str | bytes) -> bool:
        """As the interpreter that runs this knows Python. Nothing is executed."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(source, "<fix>", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True

    def comments(self, text: str) -> Iterator[tuple[int, int, str]]:
        from lint_lambda.frontends.python.comments import comments

        return comments(text)

    def strings(self, text: str) -> Iterator[tuple[int, int]]:
        from lint_lambda.frontends.python.comments import strings

        return strings(text)

    def waits(self, intent: FixIntent, text: Text) -> Iterator[Candidate]:
        from lint_lambda.frontends.python.edits import candidates

        return candidates(intent, text)

    def defers(self, intent: FixIntent, text: Text, libraries: Sequence[AfterResponse]) -> Iterator[Candidate]:
        from lint_lambda.frontends.python.edits.deferring import candidates

        return candidates(intent, text, libraries)
