"""A code quality report for GitLab: merge requests show which findings a branch adds or fixes.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from lint_lambda.core.finding import Finding, Severity
from lint_lambda.core.printable import quiet_json
from lint_lambda.output.context import Context
from lint_lambda.output.prose import body

STARTS = r"\[\s*(?:\]\s*\Z|\{\s*\"description\":.*?\"check_name\": \"LAM\d{3}\")"

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFORMATION: "info"}


def render(findings: Sequence[Finding], context: Context) -> str:
    return (
        quiet_json(json.dumps([_issue(finding, context) for finding in findings], indent=2, ensure_ascii=False)) + "\n"
    )


def _issue(finding: Finding, context: Context) -> dict[str, Any]:
    span, path = finding.location.span, context.from_base(finding.location.path)
    page = context.page(finding.code)
    lines = [*body(finding), *([page] if page is not None else [])]
    return {
        "description": f"{finding.code} {finding.message}",
        "check_name": finding.code,
        # GitLab tells issues of a whole report apart by it; ours is unique in one file.
        "fingerprint": hashlib.sha256(f"{path}\0{finding.fingerprint}".encode("utf-8", "surrogatepass")).hexdigest()[
            :32
        ],
        "severity": _SEVERITY[finding.severity],
        "categories": ["Bug Risk"],
        "content": {"body": "\n".join(f"- {line}" for line in lines)},
        "location": {"path": path, "lines": {"begin": span.line, "end": span.end_line}},
    }
