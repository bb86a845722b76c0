"""What a fix is to do, before any language has been asked how: wait, before the response, for what one launch starts."""

from __future__ import annotations

from dataclasses import dataclass

from lint_lambda.core.finding import Applicability
from lint_lambda.core.names import Symbol
from lint_lambda.core.source import Location, Span


@dataclass(frozen=True, slots=True)
class FixIntent:
    """One finding, as a front-end's edits need it.

    - `kind`, `call`, `reason`: the verdict's (`lint_lambda.core.verdict.Verdict`).
    - `launch`: the launch. `hops`: the calls from the handler down to it, outermost first; where a helper returns the
      handle, it can be waited for there.
    - `handler`: the definition of a handler that reaches the launch.
    """

    kind: str
    call: Symbol
    reason: str
    launch: Location
    hops: tuple[Location, ...]
    handler: Location


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way out as replacements in one file. Nobody has yet proved that it mends anything."""

    title: str
    applicability: Applicability
    path: str
    edits: tuple[tuple[Span, str], ...]


class NoFix(Exception):
    """There is a reason to offer no edit. It says which, as a sentence without a full stop."""
