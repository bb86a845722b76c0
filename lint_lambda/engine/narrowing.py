"""What a run leaves out of its findings: those that a baseline knows, and those that changed lines do not concern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lint_lambda import baseline
from lint_lambda.baseline import Accepted, Compared, Entry
from lint_lambda.config import Config
from lint_lambda.core.finding import Confidence, Finding, Role
from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Location
from lint_lambda.project.changes import Changes, changes


@dataclass(frozen=True)
class Coverage:
    """Which findings a run could have made: of the files it was about, the rules and the confidence it was asked for."""

    config: Config
    selected: frozenset[str]
    files: frozenset[str]
    whole: bool

    def __call__(self, entry: Entry) -> bool:
        there = entry.path in self.selected or (self.whole and entry.path not in self.files)
        sure = Confidence[entry.confidence.upper()] >= self.config.of(entry.path)[0].min_confidence
        return there and sure and self.config.selects(entry.code, entry.path)


def against_baseline(
    findings: Sequence[Finding], file: Path, covered: Coverage, *, new: bool
) -> tuple[Compared, Accepted]:
    """Hold the findings against a baseline; with `new`, it may be missing. Raises `baseline.BaselineError`."""
    entries = [] if new and not file.exists() else baseline.read(file)
    compared = baseline.compare(findings, entries, covered)
    stale = {entry.key for entry in compared.stale}
    elsewhere = [entry for entry in entries if not covered(entry)]
    return compared, Accepted(
        compared.stale,
        tuple(entry for entry in entries if entry.key not in stale),
        tuple(sorted({entry.key: entry for entry in (*elsewhere, *baseline.entries_of(findings))}.values())),
    )


def touched(findings: Iterable[Finding], root: Path, reference: str) -> list[Finding]:
    """The findings whose witness touches lines that differ from a commit. Raises `lint_lambda.project.changes.NoDiff`."""
    changed = changes(root, reference)
    return [finding for finding in findings if _touches(finding, changed)]


def _touches(finding: Finding, changed: Mapping[str, Changes]) -> bool:
    """A place of the witness is changed, or something between the launch and the return was deleted: a wait, perhaps."""
    nothing = Changes()
    places = [finding.location, *(related.location for related in finding.related)]
    if any(changed.get(place.path, nothing).touches(place.span.line, place.span.end_line) for place in places):
        return True
    return any(changed.get(path, nothing).lacks(first, last) for path, first, last in _extents(finding))


def _extents(finding: Finding) -> Iterable[tuple[str, int, int]]:
    """By file, the lines from the first place of the witness to the last, without the handler's definition."""
    places: dict[str, list[Location]] = {finding.location.path: [finding.location]}
    for related in finding.related:
        if related.role is not Role.HANDLER:
            places.setdefault(related.location.path, []).append(related.location)
    for path, found in places.items():
        yield path, min(each.span.line for each in found), max(each.span.end_line for each in found)
