"""The judged public repositories: what a run says about judgements and findings that differ, and the figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.wild.__main__ import Outcome, compare
from benchmarks.wild.figures import Seen, figures
from benchmarks.wild.judged import LANGUAGES, Repository, Work, load
from lint_lambda.core.finding import Confidence, Finding, Severity
from lint_lambda.core.source import Location, Span

COMMIT = "0" * 40


def _finding(
    line: int, code: str = "LAM201", fingerprint: str = "f", confidence: Confidence = Confidence.HIGH
) -> Finding:
    place = Location("app.py", Span(line, 1, line, 2))
    return Finding(code, "orphan-thread", Severity.ERROR, confidence, "…", place, fingerprint=fingerprint)


def _compared(work: Work, *findings: Finding) -> Outcome:
    outcome = Outcome(Repository("owner/name", COMMIT, "application", (work,)))
    compare(outcome, [(finding.location.path, finding) for finding in findings])
    return outcome


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_data_is_well_formed(language: str) -> None:
    for repository in load(language):
        places = [(work.path, work.line, work.code) for work in repository.work]
        assert len(places) == len(set(places)), repository.name


def test_a_judged_finding_is_recognised_by_its_fingerprint_where_lines_have_moved() -> None:
    outcome = _compared(Work("app.py", 7, "LAM201", "true", "why", "f"), _finding(99))
    assert outcome.differences == []
    assert outcome.seen == [Seen("true", first=True, now=True, high=True)]


def test_a_judged_finding_is_recognised_by_its_line_where_the_fingerprint_has_changed() -> None:
    assert _compared(Work("app.py", 7, "LAM201", "false", "why", "g"), _finding(7)).differences == []


def test_what_nobody_has_judged_is_a_difference() -> None:
    outcome = _compared(Work("app.py", 7, "LAM201", "true", "why", "f"), _finding(7), _finding(8, fingerprint="h"))
    assert outcome.differences == ["not judged: owner/name app.py:8 LAM201"]


def test_a_judged_finding_that_is_gone_is_a_difference() -> None:
    outcome = _compared(Work("app.py", 7, "LAM201", "true", "why", "f"))
    assert outcome.differences == ["gone (true): owner/name app.py:7 LAM201"]


def test_a_known_miss_is_none_and_its_discovery_under_any_code_is() -> None:
    miss = Work("app.py", 7, "LAM201", "true", "why", first=False, now=False)
    assert _compared(miss).differences == []
    assert _compared(miss, _finding(7, code="LAM203")).differences == ["found: owner/name app.py:7 LAM201"]


def test_a_false_alarm_that_was_fixed_must_not_come_back() -> None:
    fixed = Work("app.py", 7, "LAM201", "false", "why", "f", now=False)
    assert _compared(fixed).differences == []
    assert _compared(fixed, _finding(7)).differences == ["back: owner/name app.py:7 LAM201"]


def test_figures_at_first_sight_and_today() -> None:
    seen = [
        Seen("true", first=True, now=True),
        Seen("true", first=False, now=True),
        Seen("true", first=False, now=False),
        Seen("false", first=True, now=False),
        Seen("arguable", first=True, now=True),
    ]
    first, today = figures(seen, first=True), figures(seen, first=False)
    assert (first.precision, first.recall) == ("33 % (1 of 3)", "33 % (1 of 3)")
    assert (today.precision, today.recall) == ("67 % (2 of 3)", "67 % (2 of 3)")


def test_a_repository_of_many_projects_is_checked_folder_by_folder(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / "examples" / name).mkdir(parents=True)
    (tmp_path / "examples" / "README.md").write_text("")
    repository = Repository("owner/name", COMMIT, "library", each=("examples/*",))
    assert [path.name for path in repository.projects(tmp_path)] == ["a", "b"]
