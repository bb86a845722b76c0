"""Which findings have a fix, with the first edits of many of them tried at once: trying each alone is one analysis a finding.

Where all of some findings are gone with all of their edits made, and nothing new has come, each of them can be fixed. Where not, the
halves are tried, and in the end each finding alone, with all of its edits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from lint_lambda import fixes
from lint_lambda.core.finding import Applicability, Edit, Finding
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.record import dataclass
from lint_lambda.fixes import State, Way

Attempt = Callable[[Sequence[str], Mapping[str, str]], "tuple[State, State] | None"]
"""(paths of the findings, new text by path) → the state before and after; None when the analysis failed."""

FEWEST = 2
"""Findings for which it is worth to try edits together."""


@dataclass(frozen=True)
class Proposed:
    """A finding, and the edit that would be tried first."""

    finding: Finding
    first: Candidate

    @property
    def edits(self) -> list[Edit]:
        return [*self.first.all_edits]


def marked(proposed: Sequence[Proposed], text: Callable[[str], str], attempt: Attempt) -> dict[int, Applicability]:
    """How safe the fix is of each finding that was found to have one with others, by its place in `proposed`."""
    found: dict[int, Applicability] = {}
    waiting = list(range(len(proposed)))
    while len(waiting) >= FEWEST:
        group, rest = _compatible(proposed, waiting, text)
        if len(group) >= FEWEST:
            _try(proposed, group, text, attempt, found)
        if not group:
            break
        waiting = rest
    return found


def _compatible(
    proposed: Sequence[Proposed], numbers: Sequence[int], text: Callable[[str], str]
) -> tuple[list[int], list[int]]:
    """Those whose edits can be made together, and the others."""
    group: list[int] = []
    rest: list[int] = []
    made: dict[str, list[Edit]] = {}
    for number in numbers:
        both: dict[str, list[Edit]] = {}
        for edit in proposed[number].edits:
            both.setdefault(edit.path, [*made.get(edit.path, ())]).append(edit)
        both = {path: list(dict.fromkeys(edits)) for path, edits in both.items()}
        if any(fixes.apply(text(path), edits) is None for path, edits in both.items()):
            rest.append(number)
        else:
            group.append(number)
            made.update(both)
    return group, rest


def _try(
    proposed: Sequence[Proposed],
    group: Sequence[int],
    text: Callable[[str], str],
    attempt: Attempt,
    found: dict[int, Applicability],
) -> None:
    """Add to `found` those of the group that hold together, or in halves of it."""
    pending = [list(group)]
    while pending:
        numbers = pending.pop()
        each = [proposed[number] for number in numbers]
        if _hold(each, text, attempt):
            found.update({number: proposed[number].first.applicability for number in numbers})
        elif len(numbers) >= 2 * FEWEST:
            middle = len(numbers) // 2
            pending += [numbers[:middle], numbers[middle:]]


def _hold(group: Sequence[Proposed], text: Callable[[str], str], attempt: Attempt) -> bool:
    """Whether all findings are gone with all edits made, and nothing else has come."""
    after = fixes.texts_after(text, dict.fromkeys(edit for each in group for edit in each.edits))
    if after is None:
        return False
    states = attempt(sorted({each.finding.location.path for each in group}), after)
    if states is None:
        return False
    old, new = states
    gone = Counter((each.finding.location.path, each.finding.code) for each in group)
    left = {key: count - gone[key] for key, count in old.findings.items()}
    return new.handlers == old.handlers and all(count <= left.get(key, 0) for key, count in new.findings.items())


def first_of(finding: Finding, ways: Iterable[Way], text: Callable[[str], str]) -> Proposed | None:
    """The edit of a finding that would be tried first; None where that is not made, but only shown, or there is none."""
    for way in ways:
        try:
            for candidate in way.candidates():
                if fixes.texts_after(text, candidate.all_edits) is not None:
                    return None if candidate.applicability is Applicability.DISPLAY else Proposed(finding, candidate)
        except NoFix:
            continue
    return None
