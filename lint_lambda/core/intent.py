"""What a front-end proposes for a finding's `FixIntent`: edits nobody has tried yet, or the reason for none."""

from __future__ import annotations

from lint_lambda.core.finding import Applicability
from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Span


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way out as replacements in one file. Nobody has yet proved that it mends anything."""

    title: str
    applicability: Applicability
    path: str
    edits: tuple[tuple[Span, str], ...]


class NoFix(Exception):
    """There is a reason to offer no edit. It says which, as a sentence without a full stop."""


EXTENSION = "lambda_defer"
"""The library that is proposed where there is none, and whose handlers have to be decorated."""


@dataclass(frozen=True, slots=True)
class AfterResponse:
    """A library that works after the response, as one file would import it.

    - `library`: its name in the library models. `module`: what stands behind ``from``, with the dots of a relative import.
    - `directory`: where it would have to be written first; empty where it is there.
    """

    library: str
    module: str
    directory: str = ""
