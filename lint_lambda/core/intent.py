"""What a front-end proposes for a finding's `FixIntent`: edits nobody has tried yet, or the reason for none."""

from __future__ import annotations

from lint_lambda.core.finding import Applicability, Edit
from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Span
from lint_lambda.core.verdict import Reason

REFUSED: frozenset[Reason] = frozenset({"times-out", "partial-wait", "cut-short", "escaped", "import-time"})
"""Reasons for which a wait that is added by a tool would change what the code is meant to do; each has its text in `refused_reasons`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One remedy as replacements in one file, and `elsewhere` in other files, which belong to it: all are made, or none.

    It is not yet proven to fix anything.
    """

    title: str
    applicability: Applicability
    path: str
    edits: tuple[tuple[Span, str], ...]
    elsewhere: tuple[Edit, ...] = ()

    @property
    def all_edits(self) -> tuple[Edit, ...]:
        """The edits of every file."""
        return (*(Edit(self.path, span, text) for span, text in self.edits), *self.elsewhere)


class NoFix(Exception):
    """There is no automatic fix. The message is the reason, as a sentence without a full stop."""


EXTENSION = "lambda_defer"
"""The library that is proposed where there is none, and whose handlers have to be decorated."""


@dataclass(frozen=True, slots=True)
class AfterResponse:
    """A library that works after the response, as one file would import it.

    - `library`: its name in the library models. `module`: the module name after ``from``, with the dots of a relative import.
    - `directory`: where it would have to be written first; empty where it is there.
    """

    library: str
    module: str
    directory: str = ""
