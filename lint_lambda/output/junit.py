"""JUnit XML, which Jenkins, GitLab, Azure Pipelines and CircleCI show as test results: each finding is a failed test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from lint_lambda.core.finding import Finding
from lint_lambda.core.printable import printable_line
from lint_lambda.output.context import Context
from lint_lambda.output.prose import body

STARTS = r"<\?xml[^>]*>\s*<testsuites name=\"lambda-lint\""


def render(findings: Sequence[Finding], context: Context) -> str:
    """A suite for each file that has findings; a run without any is one suite with one test that passes."""
    suites = [
        _suite(path, list(group), context)
        for path, group in groupby(findings, key=lambda finding: context.from_base(finding.location.path))
    ]
    problems = [_problem(problem) for problem in context.outcome.problems]
    if problems or not findings:
        passed = [] if problems else ['    <testcase name="no findings" classname="lambda-lint"/>\n']
        suites.append(_wrapped("lambda-lint", [*problems, *passed], 0, len(problems)))
    tests = len(findings) + max(len(problems), 0 if findings else 1)
    counts = f'tests="{tests}" failures="{len(findings)}" errors="{len(problems)}"'
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    return f'{head}<testsuites name="lambda-lint" {counts}>\n{"".join(suites)}</testsuites>\n'


def _suite(path: str, findings: Sequence[Finding], context: Context) -> str:
    return _wrapped(path, [part for finding in findings for part in _case(path, finding, context)], len(findings), 0)


def _wrapped(name: str, cases: Sequence[str], failures: int, errors: int) -> str:
    tests = max(failures + errors, 1)
    counts = f'tests="{tests}" failures="{failures}" errors="{errors}"'
    return f'  <testsuite name="{_text(name)}" {counts}>\n{"".join(cases)}  </testsuite>\n'


def _case(path: str, finding: Finding, context: Context) -> Iterator[str]:
    span = finding.location.span
    name = f"{finding.code} {finding.name} at line {span.line}, column {span.column + 1}"
    page = context.page(finding.code)
    lines = [f"{path}:{span.line}:{span.column + 1}", *body(finding), *([page] if page is not None else [])]
    yield f'    <testcase name="{_text(name)}" classname="{_text(path)}" file="{_text(path)}" line="{span.line}">\n'
    yield f'      <failure type="{finding.code}" message="{_text(finding.message)}">'
    yield "\n".join(map(_text, lines)) + "</failure>\n    </testcase>\n"


def _problem(problem: str) -> str:
    said = _text(problem)
    return (
        f'    <testcase name="lambda-lint" classname="lambda-lint">\n      <error message="{said}"/>\n    </testcase>\n'
    )


def _text(text: str) -> str:
    """Text for XML, which cannot hold most control characters however they are written."""
    return escape(printable_line(text))
