"""The first answer after an edit, before everything that depends on it is analysed: new findings, and where the earlier ones are now."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from lint_lambda.core.finding import Finding
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.source import Location, Span
from lint_lambda.core.verdict import Handler
from lint_lambda.engine import SYNTAX_ERROR, processes
from lint_lambda.engine.run import Run

SOON = 0.1
"""Seconds after which what is known is told, if more is left to analyse."""


@dataclass(frozen=True)
class Glimpse:
    """The findings in the files that were edited, as far as they are known, with the `texts` that these have now.

    Those of the whole look take their place.
    """

    findings: tuple[Finding, ...]
    texts: Mapping[str, str]


Told = Callable[[Glimpse], None]


def analysed_soon(run: Run, handlers: Sequence[Handler], reported: Collection[str]) -> list[Handler] | None:
    """The handlers of which all is known after a short while, those first that `reported` something in the edited files.

    None where nothing is left to analyse after that. The run remembers what was concluded.
    """
    until = time.perf_counter() + SOON
    known: list[Handler] = []
    unknown = []
    for process in processes.of(handlers, run.program.imports):
        if run.memory.of(process) is not None:
            known += process
        else:
            unknown.append(process)
    unknown.sort(key=lambda process: not any(str(handler) in reported for handler in process))
    for number, process in enumerate(unknown):
        if number and time.perf_counter() > until:
            return known
        run.analyse(process)
        known += process
    return None


def glimpse(
    before: Sequence[Finding],
    fresh: Sequence[Finding],
    known: frozenset[str],
    edits: Mapping[str, tuple[str, str]],
) -> Glimpse:
    """What to show in the files of `edits`, which gives their texts before and after.

    `fresh` is what was found of the handlers that are `known`. An earlier finding is taken for gone where one of its handlers is
    known, and does not report it any more; should another one still do, the whole look brings it back. What is said of comments needs that.
    """
    shown = [each for each in fresh if each.location.path in edits and (each.fate is not None or _is_syntax(each))]
    places = {(each.location, each.code) for each in shown}
    for finding in before:
        if finding.location.path in edits and not _is_syntax(finding) and known.isdisjoint(finding.handlers):
            moved = _moved(finding, edits)
            if moved is not None and (moved.location, moved.code) not in places:
                shown.append(moved)
    return Glimpse(tuple(shown), {path: after for path, (_, after) in edits.items()})


def _is_syntax(finding: Finding) -> bool:
    return finding.code == SYNTAX_ERROR


def _moved(finding: Finding, edits: Mapping[str, tuple[str, str]]) -> Finding | None:
    """The finding where its lines are now; None where they were edited."""
    location = _shifted(finding.location, edits)
    if location is None:
        return None
    related = [(each, _shifted(each.location, edits)) for each in finding.related]
    return replace(
        finding, location=location, related=tuple(replace(each, location=at) for each, at in related if at is not None)
    )


def _shifted(location: Location, edits: Mapping[str, tuple[str, str]]) -> Location | None:
    if location.path not in edits:
        return location
    before, after = (text.splitlines() for text in edits[location.path])
    same = _alike(zip(before, after, strict=False))
    span = location.span
    if span.end_line <= same:
        return location
    behind = _alike(zip(reversed(before[same:]), reversed(after[same:]), strict=False))
    if span.line <= len(before) - behind:
        return None
    by = len(after) - len(before)
    return replace(location, span=Span(span.line + by, span.column, span.end_line + by, span.end_column))


def _alike(lines: Iterator[tuple[str, str]]) -> int:
    """How many of the first pairs of lines are the same."""
    count = 0
    for one, other in lines:
        if one != other:
            break
        count += 1
    return count
