"""Workflow commands of GitHub Actions: each finding becomes an annotation on its line in the pull request.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Sequence

from lint_lambda.core.finding import Finding, Severity
from lint_lambda.core.printable import printable
from lint_lambda.output.context import Context
from lint_lambda.output.prose import body

STARTS = r"::(?:error|warning|notice)[ :]"

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "notice"}


def render(findings: Sequence[Finding], context: Context) -> str:
    problems = [f"::error title=lambda-lint::{_data(problem)}\n" for problem in context.outcome.problems]
    return "".join([*(_annotation(finding, context) for finding in findings), *problems])


def _annotation(finding: Finding, context: Context) -> str:
    span = finding.location.span
    places = {
        "file": context.from_base(finding.location.path),
        "line": span.line,
        "endLine": span.end_line,
        **({"col": span.column + 1, "endColumn": span.end_column + 1} if span.line == span.end_line else {}),
        "title": f"{finding.code} {finding.name}",
    }
    said = ",".join(f"{key}={_property(str(value))}" for key, value in places.items())
    page = context.page(finding.code)
    lines = [finding.message, *body(finding), *([page] if page is not None else [])]
    return f"::{_LEVEL[finding.severity]} {said}::{_data(chr(10).join(map(printable, lines)))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
