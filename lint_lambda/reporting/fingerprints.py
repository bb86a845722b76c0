"""Names of findings that survive edits elsewhere: ignores, baselines and code scanning recognise a finding by them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from lint_lambda.core.finding import Finding
from lint_lambda.core.record import replace


def fingerprint(code: str, function: str, text: str, ordinal: int) -> str:
    """16 hexadecimal digits from the rule, the enclosing function, the source, and which of several equal ones it is.

    The layout of `text` does not matter: white space, line comments, quote style and trailing commas.
    """
    text = re.sub(r"\s#[^\n]*\n", "\n", text)
    text = re.sub(r"\s+", "", text).replace("'", '"')
    text = re.sub(r",(?=[)\]}])", "", text)
    return hashlib.sha256("\0".join((code, function, text, str(ordinal))).encode()).hexdigest()[:16]


def with_fingerprints(found: Iterable[tuple[Finding, str, str]]) -> list[Finding]:
    """The findings, each given with its function and its source, sorted by place; equal ones in a file are numbered."""
    seen: dict[tuple[str, str], int] = {}
    findings = []
    for finding, function, text in sorted(found, key=lambda entry: entry[0].sort_key):
        alike = (finding.location.path, fingerprint(finding.code, function, text, 0))
        ordinal = seen[alike] = seen.get(alike, -1) + 1
        findings.append(replace(finding, fingerprint=fingerprint(finding.code, function, text, ordinal)))
    return findings
