"""``path:line:column: CODE message [fate, confidence]``: one line a finding, for editors and grep."""

from __future__ import annotations

from collections.abc import Iterable

from lint_lambda.core.finding import Finding
from lint_lambda.core.printable import printable_line
from lint_lambda.output.context import Context

STARTS = r"[^\n]+:\d+:\d+: LAM\d{3} ."


def render(findings: Iterable[Finding], context: Context) -> str:
    return "".join(f"{_line(finding, context)}\n" for finding in findings)


def _line(finding: Finding, context: Context) -> str:
    span = finding.location.span
    place = f"{context.shown(finding.location.path)}:{span.line}:{span.column + 1}"
    words = [finding.fate.value] if finding.fate is not None else []
    words.append(finding.confidence.label)
    return printable_line(f"{place}: {finding.code} {finding.message} [{', '.join(words)}]")
