"""A SARIF 2.1.0 log (OASIS, with errata 01), for code scanning services and SARIF viewers: one run, one result a finding.

Lines and columns count from 1, columns in UTF-16 units. What SARIF has no word for is in `properties`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from lint_lambda import HOMEPAGE, __version__
from lint_lambda.core.finding import Confidence, Edit, Finding, Fix, Related, Role, Severity
from lint_lambda.core.printable import quiet_json
from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Location, Span
from lint_lambda.knowledge.rules import Rule
from lint_lambda.output.context import Context

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"
FINGERPRINT = "lambdaLint/v1"
STARTS = r"\{\s*\"\$schema\":.*\"driver\":\s*\{\s*\"name\": \"lambda-lint\""

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}
_PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "recommendation"}
_BASELINE = {"new": "new", "known": "unchanged"}
_RANK = {Confidence.HIGH: 90.0, Confidence.MEDIUM: 50.0, Confidence.LOW: 10.0}
_KNOWN = {"kind": "external", "status": "accepted", "justification": "it is in the baseline"}
_BEFORE_LAUNCH = (Role.HANDLER, Role.CALL)


def render(findings: Iterable[Finding], context: Context) -> str:
    return quiet_json(json.dumps(log(findings, context), indent=2, ensure_ascii=False)) + "\n"


def log(findings: Iterable[Finding], context: Context) -> dict[str, Any]:
    """The log as plain data, results in order of their places. Code scanning takes the base for the repository's root."""
    rules, outcome, base = tuple(context.rules), context.outcome, context.base or context.root
    writer = _Writer(context, base, {rule.code: number for number, rule in enumerate(rules)})
    driver = {
        "name": "lambda-lint",
        "semanticVersion": __version__,
        "informationUri": HOMEPAGE,
        "rules": [_rule(rule, context) for rule in rules],
    }
    invocation = {
        "executionSuccessful": not outcome.problems,
        "exitCode": outcome.status,
        "toolExecutionNotifications": [
            {"level": "error", "message": _message(problem)} for problem in outcome.problems
        ],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {BASE: {"uri": _folder(base)}},
        "results": [writer.result(finding) for finding in sorted(findings, key=lambda finding: finding.sort_key)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule, context: Context) -> dict[str, Any]:
    page = context.page(rule.code)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        **({"helpUri": page} if page is not None else {}),
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {
            "tags": ["aws-lambda", "reliability"],
            "precision": "high" if rule.kinds else "very-high",  # a rule about no launch is a matter of fact
            "problem.severity": _PROBLEM[rule.severity],
        },
    }


@dataclass(frozen=True, slots=True)
class _Writer:
    context: Context
    base: Path
    indexes: dict[str, int]

    def result(self, finding: Finding) -> dict[str, Any]:
        fixes = [self.fix(fix) for fix in finding.fixes if fix.edits]
        return {
            "ruleId": finding.code,
            "ruleIndex": self.indexes[finding.code],
            "level": _LEVEL[finding.severity],
            "rank": _RANK[finding.confidence],
            "message": _message(finding.message, finding.remedies),
            "locations": [self.place(finding.location)],
            "relatedLocations": [
                {"id": number, **self.place(related.location, related.message)}
                for number, related in enumerate(finding.related)
            ],
            **({"codeFlows": [self.flow(finding)]} if finding.related else {}),
            "partialFingerprints": {FINGERPRINT: finding.fingerprint},
            **({"baselineState": _BASELINE[finding.baseline]} if finding.baseline else {}),
            **({"suppressions": [_KNOWN]} if finding.baseline == "known" else {}),
            **({"fixes": fixes} if fixes else {}),
            "properties": {
                "confidence": finding.confidence.label,
                **({"fate": finding.fate.value} if finding.fate is not None else {}),
                "handlers": list(finding.handlers),
                "help": list(finding.remedies),
                "advice": [fix.title for fix in finding.fixes if not fix.edits],
            },
        }

    def flow(self, finding: Finding) -> dict[str, Any]:
        """The witness: from the handler down to the launch, and the return that abandons it."""
        launch = Related(Role.NOTE, finding.location, finding.message)
        steps = [
            *(related for related in finding.related if related.role in _BEFORE_LAUNCH),
            launch,
            *(related for related in finding.related if related.role is Role.RETURN),
        ]
        importance = {Role.CALL: "important"}
        locations = [
            {"location": self.place(step.location, step.message), "importance": importance.get(step.role, "essential")}
            for step in steps
        ]
        return {"threadFlows": [{"locations": locations}]}

    def fix(self, fix: Fix) -> dict[str, Any]:
        return {
            "description": _message(fix.title),
            "artifactChanges": [
                {
                    "artifactLocation": self.artifact(path),
                    "replacements": [
                        {
                            "deletedRegion": self.region(Location(path, edit.span)),
                            **({"insertedContent": {"text": edit.text}} if edit.text else {}),
                        }
                        for edit in edits
                    ],
                }
                for path, edits in groupby(sorted(fix.edits, key=_place), key=lambda edit: edit.path)
            ],
            "properties": {"applicability": fix.applicability.value},
        }

    def place(self, location: Location, message: str | None = None) -> dict[str, Any]:
        physical = {"artifactLocation": self.artifact(location.path), "region": self.region(location)}
        return {"physicalLocation": physical, **({"message": _message(message)} if message is not None else {})}

    def artifact(self, path: str) -> dict[str, str]:
        """A file below the base by its path from there, any other by its whole address."""
        base, uri = _folder(self.base), self.context.uri(path)
        return {"uri": uri[len(base) :], "uriBaseId": BASE} if uri.startswith(base) else {"uri": uri}

    def region(self, location: Location) -> dict[str, int]:
        span = location.span
        return {
            "startLine": span.line,
            "startColumn": self._column(location.path, span.line, span.column),
            "endLine": span.end_line,
            "endColumn": self._column(location.path, span.end_line, span.end_column),
        }

    def _column(self, path: str, line: int, column: int) -> int:
        return 1 + self.context.editor_column(path, line, column)


def _folder(path: Path) -> str:
    """Its address, which ends in a slash, as SARIF wants of a base."""
    uri = path.as_uri()
    return uri if uri.endswith("/") else f"{uri}/"


def _place(edit: Edit) -> tuple[str, Span]:
    return edit.path, edit.span


def _message(text: str, ways_out: Sequence[str] = ()) -> dict[str, str]:
    """A message object. In its strings braces are doubled, since single ones hold arguments (SARIF 2.1.0, 3.11.5)."""
    plain = _doubled(text)
    if not ways_out:
        return {"text": plain}
    listed = "".join(f"\n- {_doubled(way)}" for way in ways_out)
    return {"text": plain, "markdown": f"{plain}\n{listed}\n"}


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
