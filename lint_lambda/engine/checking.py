"""A check from its request to its report, and the fixes of its findings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lint_lambda.baseline import LARGEST as LARGEST_BASELINE
from lint_lambda.baseline import NOTHING_ACCEPTED
from lint_lambda.core.finding import Applicability, Finding
from lint_lambda.core.record import replace
from lint_lambda.engine import Report, Request, remembered
from lint_lambda.engine.narrowing import Coverage, against_baseline, touched
from lint_lambda.engine.run import Run, finding_key

if TYPE_CHECKING:
    from lint_lambda.engine.fixing import Fixed
    from lint_lambda.engine.standing import Standing

MOST_TRIED = 50
"""Findings of a run up to which it is tried whether they can be fixed, where nobody has asked for the fixes."""


def checked(request: Request, standing: Standing) -> Report:
    """See `lint_lambda.engine.check`; `standing` keeps the report."""
    began = time.monotonic()
    run = Run.of(request)
    points = run.entry_points(every=False)
    in_place = run.snapshot.deployment.in_place
    found = run.found(points)
    certain = [finding for finding in found if run.is_certain(finding)]
    analysed = {finding_key(shown := in_place.finding(finding)): (finding, shown) for finding in certain}
    every = findings = [shown for _, shown in analysed.values()]
    if request.diff_base:
        findings = touched(findings, run.project.root, request.diff_base)
    known: tuple[Finding, ...] = ()
    accepted = NOTHING_ACCEPTED
    if run.config.baseline is not None:
        covered = Coverage(run.config, run.selected, run.project.every_file, run.whole)
        compared, accepted = against_baseline(findings, run.config.baseline, covered, new=request.new_baseline)
        findings, known = list(compared.new), compared.known
        if not request.new_baseline:
            run.project.looks.small(run.config.baseline, LARGEST_BASELINE)
        if request.diff_base:
            accepted = NOTHING_ACCEPTED  # what was left out before is not stale
    untried = len(findings) if request.fixable and not request.fixes else 0
    if (request.fixes or (request.fixable and len(findings) <= MOST_TRIED)) and findings:
        bench = remembered.with_fixes if request.fixes else remembered.with_marks
        originals = [replace(analysed[finding_key(finding)][0], baseline=finding.baseline) for finding in findings]
        tried, untried = bench(run, points.files, originals)
        findings = [in_place.finding(finding) for finding in tried]
    warnings = run.warnings(points)  # before the problems: what fails on the way is one
    report = Report(
        findings=tuple(findings),
        known=known,
        accepted=accepted,
        unchanged=len(every) - len(findings) - len(known) if request.diff_base else 0,
        skipped=run.skipped(),
        hidden=len(found) - len(certain),
        untried=untried,
        partly=len(run.snapshot.guard.partly),
        problems=tuple(run.problems()),
        files=len(run.selected),
        handlers=sum(points.per_file().values()),
        seconds=time.monotonic() - began,
        notes=tuple(run.notes()),
        warnings=tuple(warnings),
        elsewhere=points.elsewhere,
        text=run.program.text,
    )
    standing.keep(report, run)
    return report


def fixed(request: Request, allowed: frozenset[Applicability]) -> Fixed:
    """See `lint_lambda.engine.fix`."""
    from lint_lambda.engine import fixing

    run = Run.of(request)
    points = run.entry_points(every=False)
    # A file that was not named is not changed, even where what is found leads through one that was.
    named = run.project.select(request.paths)
    found = [finding for finding in run.findings(points) if finding.location.path in named]
    mended = fixing.fix_files(run, points.files, found, allowed, named)
    in_place = run.snapshot.deployment.in_place
    templates = {path: run.project.peek(path) for path in in_place.templates(mended.files)}
    mended.files = in_place.contents(mended.files, templates)
    mended.made = [in_place.finding(finding) for finding in mended.made]
    mended.problems += run.problems()
    return mended
