"""An array of the Language Server Protocol's `PublishDiagnosticsParams` (3.17), one a file that has findings.

Lines count from 0 and columns in UTF-16 units, as LSP wants. `Diagnostic.data` holds what LSP has no word for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from lint_lambda.core.finding import Finding, Fix, Severity
from lint_lambda.core.printable import quiet_json
from lint_lambda.core.source import Location
from lint_lambda.output.context import Context

SOURCE = "lambda-lint"
STARTS = r"\[\s*(?:\]\s*\Z|\{\s*\"uri\":.*\"source\": \"lambda-lint\")"
_SEVERITY = {Severity.ERROR: 1, Severity.WARNING: 2, Severity.INFORMATION: 3}


def render(findings: Iterable[Finding], context: Context) -> str:
    return quiet_json(json.dumps(published(findings, context), indent=2, ensure_ascii=False)) + "\n"


def published(findings: Iterable[Finding], context: Context) -> list[dict[str, Any]]:
    """The array as plain data, files in order."""
    ordered = sorted(findings, key=lambda finding: finding.sort_key)
    return [
        {"uri": context.uri(path), "diagnostics": [diagnostic(finding, context) for finding in group]}
        for path, group in groupby(ordered, key=lambda finding: finding.location.path)
    ]


def diagnostic(finding: Finding, context: Context) -> dict[str, Any]:
    """One finding as an LSP `Diagnostic`."""
    page = context.page(finding.code)
    return {
        "range": range_of(finding.location, context),
        "severity": _SEVERITY[finding.severity],
        "code": finding.code,
        **({"codeDescription": {"href": page}} if page is not None else {}),
        "source": SOURCE,
        "message": finding.message,
        "relatedInformation": [
            {
                "location": {"uri": context.uri(r.location.path), "range": range_of(r.location, context)},
                "message": r.message,
            }
            for r in finding.related
        ],
        "data": {
            "name": finding.name,
            "fate": finding.fate.value if finding.fate is not None else None,
            "confidence": finding.confidence.label,
            "handlers": list(finding.handlers),
            "help": list(finding.remedies),
            "fingerprint": finding.fingerprint,
            "fixes": [code_action(fix, context) for fix in finding.fixes],
        },
    }


def code_action(fix: Fix, context: Context) -> dict[str, Any]:
    """A fix as an LSP `CodeAction`, with its applicability; advice (`display`) has no edit."""
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        new = {"range": range_of(Location(edit.path, edit.span), context), "newText": edit.text}
        changes.setdefault(context.uri(edit.path), []).append(new)
    action: dict[str, Any] = {"title": fix.title, "kind": "quickfix", "applicability": fix.applicability.value}
    return {**action, "edit": {"changes": changes}} if changes else action


def range_of(location: Location, context: Context) -> dict[str, dict[str, int]]:
    span = location.span
    return {
        "start": _position(location.path, span.line, span.column, context),
        "end": _position(location.path, span.end_line, span.end_column, context),
    }


def _position(path: str, line: int, column: int, context: Context) -> dict[str, int]:
    return {"line": line - 1, "character": context.editor_column(path, line, column)}
