"""Mend checkouts of public repositories in memory and print the table of fixes of docs/real-world.md.

Usage: python -m benchmarks.real_fixes DIRECTORY [--diff]

DIRECTORY is that of `benchmarks.wild`. What ``lambda-lint --fix --unsafe-fixes`` would write is made and checked here and
written nowhere: every changed file must still compile if it did, and mending it again must change nothing. With ``--diff``
the changes are printed too, to be read. A second table says why the other findings got no edit.
"""

from __future__ import annotations

import difflib
import sys
from collections import Counter
from pathlib import Path

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, check, fix
from lint_lambda.frontends import of

ALLOWED = frozenset({Applicability.SAFE, Applicability.UNSAFE})


def row(checkout: Path, diff: bool) -> tuple[str, Counter[str], list[str]]:
    """One line of the table, its counts, and a line for each finding that got no edit."""
    config = Config(root=checkout)
    report = check(Request([checkout], config, fixes=True))
    findings = [f for f in report.findings if not f.code.startswith("LAM900")]
    fixed = fix(Request([checkout], config), ALLOWED)
    after = {path: content for path, (_, content) in fixed.files.items()}
    again = fix(Request([checkout], config, overlays=after), ALLOWED) if after else fixed
    counts: Counter[str] = Counter(findings=len(findings), fixed=len(fixed.made), changed=len(after))
    counts["broken"] = sum(
        of(path).compiles(old.decode("utf-8", "replace")) and not of(path).compiles(new.decode("utf-8", "replace"))
        for path, (old, new) in fixed.files.items()
    )
    counts["again"] = len(again.files) if after else 0
    if diff:
        for path, (old, new) in sorted(fixed.files.items()):
            lines = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (old, new))
            sys.stdout.writelines(difflib.unified_diff(*lines, f"{checkout.name}/{path}", f"{checkout.name}/{path}"))
    made = {finding.fingerprint for finding in fixed.made}
    repository = checkout.name.replace("+", "/", 1)
    refused = [
        f"| {repository} | {f.location.path}:{f.location.span.line} | {f.code} | {f.fixes[0].title if f.fixes else ''} |"
        for f in findings
        if f.fingerprint not in made
    ]
    cells = (counts[name] for name in ("findings", "fixed", "changed", "broken", "again"))
    return f"| {repository} | {' | '.join(map(str, cells))} |", counts, refused


def main() -> None:
    total: Counter[str] = Counter()
    lines: list[str] = []
    refusals: list[str] = []
    for checkout in sorted(Path(sys.argv[1]).iterdir()):
        if checkout.is_dir():
            line, counts, refused = row(checkout, "--diff" in sys.argv[2:])
            total += counts
            refusals += refused
            if counts["findings"]:
                lines.append(line)
    print("| repository | findings | fixed | files changed | of them broken | changed again by a second run |")
    print("|---|--:|--:|--:|--:|--:|")
    print("\n".join(lines))
    print(
        "| **all** |", " | ".join(str(total[name]) for name in ("findings", "fixed", "changed", "broken", "again")), "|"
    )
    print("\n| repository | place | code | why no edit is offered |")
    print("|---|---|---|---|")
    print("\n".join(refusals))


if __name__ == "__main__":
    main()
