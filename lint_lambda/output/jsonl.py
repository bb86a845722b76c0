"""JSON lines: one finding a line, flat, for `jq`, log pipelines and spreadsheets. Lines and columns count from 1."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lint_lambda.core.finding import Finding
from lint_lambda.core.printable import quiet_json
from lint_lambda.core.source import Location
from lint_lambda.output.context import Context

STARTS = r"\{\"source\": \"lambda-lint\","


def render(findings: Sequence[Finding], context: Context) -> str:
    return "".join(quiet_json(json.dumps(_line(finding, context), ensure_ascii=False)) + "\n" for finding in findings)


def _line(finding: Finding, context: Context) -> dict[str, Any]:
    return {
        "source": "lambda-lint",
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.label,
        "fate": finding.fate.value if finding.fate is not None else None,
        **_place(finding.location, context),
        "message": finding.message,
        "handlers": list(finding.handlers),
        "help": list(finding.remedies),
        "related": [
            {"role": related.role.value, **_place(related.location, context), "message": related.message}
            for related in finding.related
        ],
        "fixable": finding.fixable is not None,
        "fingerprint": finding.fingerprint,
        "url": context.page(finding.code),
    }


def _place(location: Location, context: Context) -> dict[str, Any]:
    span = location.span
    return {
        "path": context.from_base(location.path),
        "line": span.line,
        "column": span.column + 1,
        "end_line": span.end_line,
        "end_column": span.end_column + 1,
    }
