"""The closing lines: how much was checked and found, and the number of findings per rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lint_lambda.core.finding import Finding
from lint_lambda.knowledge.texts import say


def summary(findings: Sequence[Finding], files: int, handlers: int, seconds: float) -> str:
    """``Found 2 findings in 1 file. Checked 12 files with 3 handlers in 0.41 s.``"""
    checked = {"files": count(files, "file"), "handlers": count(handlers, "handler"), "seconds": f"{seconds:.2f}"}
    if not findings and handlers == 0:
        return say("report.nothing-checked", **checked)
    if not findings:
        return say("report.no-findings", **checked)
    places = len({finding.location.path for finding in findings})
    return say("report.findings", findings=count(len(findings), "finding"), places=count(places, "file"), **checked)


def statistics(findings: Iterable[Finding]) -> str:
    """One line a rule, most frequent first: ``   12 LAM201 orphan-thread``."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{number:5} {code} {name}\n" for (code, name), number in ordered)


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 file``, ``1,200 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or f'{noun}s'}"
