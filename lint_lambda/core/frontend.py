"""What the engine asks of a language: to lower a file, to find its places again, its comments, and edits.

One object implements this for each language; `lint_lambda.frontends.of` picks the one of a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from lint_lambda.core import ir
from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import AfterResponse, Candidate
from lint_lambda.core.mentions import Mentions
from lint_lambda.core.semantics import Semantics
from lint_lambda.core.source import Span

Text = Callable[[str], str]
"""Gives the text of a file, by its path."""


class Frontend(Protocol):
    """A language: `suffixes` are those of its files, `semantics` says what its operations mean.

    `comment`: what stands between the code of a line and the text of a comment after it.
    """

    suffixes: tuple[str, ...]
    comment: str
    semantics: Semantics

    def lower(self, source: bytes, path: str) -> ir.Module:
        """The file in the neutral representation. Raises `SyntaxProblem` or `NotAnalysed`."""

    def locate(self, source: bytes, path: str, module: ir.Module | None) -> tuple[Span, ...]:
        """The span of every site of the file, by number."""

    def mentions(self, source: bytes) -> Mentions | None:
        """What the parts of the file mention; None where that cannot be told."""

    def compiles(self, source: str | bytes) -> bool:
        """Whether it is a program of the language, as far as can be told without running it."""

    def comments(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Line (from 1), column (from 0) and text of every comment, also where the text cannot be parsed."""

    def strings(self, text: str) -> Iterator[tuple[int, int]]:
        """First and last line of every string that goes over several lines."""

    def waits(self, intent: FixIntent, text: Text) -> Iterator[Candidate]:
        """Edits that wait before the response, best first. Raises `NoFix` where it is known that none would do."""

    def defers(self, intent: FixIntent, text: Text, libraries: Sequence[AfterResponse]) -> Iterator[Candidate]:
        """Edits that hand the work to one of `libraries`, best first. Raises `NoFix` where there is none."""
