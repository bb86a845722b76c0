"""Fixes that an earlier run has tried on the same project: trying them takes most of the time of a run that finds something.

What was tried is kept in the cache under a name for everything that it depends on: the linter, the settings, and the files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lint_lambda.core.finding import Applicability, Edit, Finding, Fix
from lint_lambda.core.record import replace
from lint_lambda.core.source import Span
from lint_lambda.engine.versions import linter

if TYPE_CHECKING:
    from lint_lambda.engine.run import Run


def with_fixes(run: Run, handler_files: Sequence[str], findings: Sequence[Finding]) -> tuple[list[Finding], int]:
    """The findings with their fixes; see `lint_lambda.engine.fixing.with_fixes`. All of them are tried."""
    return _applied(run, handler_files, findings, whole=True)


def with_marks(run: Run, handler_files: Sequence[str], findings: Sequence[Finding]) -> tuple[list[Finding], int]:
    """The findings with their marks, and for how many nothing was tried; see `lint_lambda.engine.fixing.with_marks`."""
    return _applied(run, handler_files, findings, whole=False)


def _applied(
    run: Run, handler_files: Sequence[str], findings: Sequence[Finding], *, whole: bool
) -> tuple[list[Finding], int]:
    """`whole`: with the fixes; else only with the mark whether there is one."""
    key = _key(run, handler_files)
    known: dict[str, Any] = run.session.cache.tried(key) or {}
    missing = [f for f in findings if _name(f) not in known or (whole and known[_name(f)]["fixes"] is None)]
    if missing:
        from lint_lambda.engine import fixing  # loads the front-end's parser

        if whole:
            tried = fixing.Marked(fixing.with_fixes(run, handler_files, missing), frozenset())
        else:
            tried = fixing.with_marks(run, handler_files, missing)
        for number, finding in enumerate(tried.findings):
            known[_name(finding)] = {**_encoded(finding, whole), "untried": number in tried.untried}
        if not run.snapshot.guard.problems:  # what failed is to be told again
            run.session.cache.store_tried(key, known)
    each = [known[_name(finding)] for finding in findings]
    found = [_decoded(finding, one, whole) for finding, one in zip(findings, each)]
    return found, sum(bool(one["untried"]) for one in each)


def _name(finding: Finding) -> str:
    """What tells a finding from the others of the same state of the project."""
    return f"{finding.code} {finding.fingerprint} {finding.location}"


def _encoded(finding: Finding, whole: bool) -> dict[str, Any]:
    fixable = finding.fixable.value if finding.fixable is not None else None
    fixes = [
        {
            "title": fix.title,
            "applicability": fix.applicability.value,
            "edits": [[edit.path, *_numbers(edit.span), edit.text] for edit in fix.edits],
        }
        for fix in finding.fixes
    ]
    return {"fixable": fixable, "fixes": fixes if whole else None}


def _numbers(span: Span) -> tuple[int, int, int, int]:
    return span.line, span.column, span.end_line, span.end_column


def _decoded(finding: Finding, known: dict[str, Any], whole: bool) -> Finding:
    fixable = Applicability(known["fixable"]) if known["fixable"] is not None else None
    if not whole:
        return replace(finding, fixable=fixable)
    fixes = (
        Fix(
            fix["title"],
            Applicability(fix["applicability"]),
            tuple(Edit(path, Span(*span), text) for path, *span, text in fix["edits"]),
        )
        for fix in known["fixes"]
    )
    return replace(finding, fixable=fixable, fixes=tuple(fixes))


# --- what it depends on ----------------------------------------------------------------------------------------------


def _key(run: Run, handler_files: Sequence[str]) -> str:
    found = hashlib.sha256()
    for part in (linter(), repr(run.config), *handler_files, *_files(run)):
        found.update(part.encode("utf-8", "surrogateescape") + b"\0")
    return found.hexdigest()


def _files(run: Run) -> Iterator[str]:
    """Every Python file, and whatever else this run has read, with what they hold; of all others only that they are there."""
    project = run.project
    read = {*project.every_file, *project.contents.disk.seen()}
    for path in sorted({*read, *project.others}):
        yield f"{path} {project.digest(path) if path in read else ''}"
