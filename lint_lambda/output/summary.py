"""The closing lines: how much was looked at and found, and the count of each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lint_lambda.core.finding import Finding


def summary(findings: Sequence[Finding], files: int, handlers: int, seconds: float) -> str:
    """``Found 2 findings in 1 file. Checked 12 files with 3 handlers in 0.41 s.``"""
    if findings:
        places = len({finding.location.path for finding in findings})
        found = f"Found {_count(len(findings), 'finding')} in {_count(places, 'file')}."
    else:
        found = "Nothing found."
    return f"{found} Checked {_count(files, 'file')} with {_count(handlers, 'handler')} in {seconds:.2f} s."


def statistics(findings: Iterable[Finding]) -> str:
    """One line a rule, most frequent first: ``   12 LAM201 orphan-thread``."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "".join(f"{count:5} {code} {name}\n" for (code, name), count in ordered)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
