"""JavaScript and TypeScript, as the engine knows them. The parts are imported when they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lint_lambda.frontends.javascript.semantics import JAVASCRIPT
from lint_lambda.project.scripts import SUFFIXES

if TYPE_CHECKING:
    from lint_lambda.core import ir
    from lint_lambda.core.finding import FixIntent
    from lint_lambda.core.frontend import Text
    from lint_lambda.core.intent import AfterResponse, Candidate
    from lint_lambda.core.mentions import Mentions
    from lint_lambda.core.source import Span


class JavaScript:
    """See `lint_lambda.core.frontend.Frontend`."""

    suffixes: tuple[str, ...] = SUFFIXES
    comment = " // "
    semantics = JAVASCRIPT

    def lower(self, source: bytes, path: str) -> ir.Module:
        from lint_lambda.frontends.javascript.lower import lower

        return lower(source, path)

    def locate(self, source: bytes, path: str, module: ir.Module | None) -> tuple[Span, ...]:
        from lint_lambda.frontends.javascript.lower import locate

        return locate(source, path)

    def mentions(self, source: bytes) -> Mentions | None:
        return None  # every await and every promise counts: hardly a file mentions none

    def compiles(self, source: str | bytes) -> bool:
        """Whether the file can be parsed without an error, in the grammar that takes most."""
        from lint_lambda.frontends.javascript.syntax import parse

        return not parse(source.encode() if isinstance(source, str) else source, "fix.tsx").has_error

    def comments(self, text: str) -> Iterator[tuple[int, int, str]]:
        from lint_lambda.frontends.javascript.comments import comments

        return comments(text)

    def strings(self, text: str) -> Iterator[tuple[int, int]]:
        from lint_lambda.frontends.javascript.comments import strings

        return strings(text)

    def waits(self, intent: FixIntent, text: Text) -> Iterator[Candidate]:
        from lint_lambda.frontends.javascript.edits import candidates

        return candidates(intent, text)

    def defers(self, intent: FixIntent, text: Text, libraries: Sequence[AfterResponse]) -> Iterator[Candidate]:
        return iter(())
