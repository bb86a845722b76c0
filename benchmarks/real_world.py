"""Run the linter on checkouts of public repositories and print the table of docs/real-world.md.

Usage: python -m benchmarks.real_world DIRECTORY

DIRECTORY holds one checkout a repository, in a folder named ``owner+name``. What each finding is (true or a false alarm)
was judged by reading the code, and stands in ``real_world.toml`` beside this file; a finding that nobody has judged is
printed as such, so that the table cannot quietly grow old.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from lint_lambda.config import Config
from lint_lambda.engine import Request, check

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

JUDGED = Path(__file__).with_name("real_world.toml")


def judgements() -> dict[tuple[str, str, int, str], str]:
    """(repository, path, line, code) of every judged finding, to ``true`` or ``false``."""
    table: dict[str, Any] = tomllib.loads(JUDGED.read_text(encoding="utf-8"))
    return {
        (entry["repository"], entry["path"], entry["line"], entry["code"]): entry["judgement"]
        for entry in table.get("finding", ())
    }


def row(checkout: Path, judged: dict[tuple[str, str, int, str], str]) -> tuple[str, Counter[str]]:
    """One line of the table, and its counts."""
    repository = checkout.name.replace("+", "/", 1)
    began = time.perf_counter()
    report = check(Request([checkout], Config(root=checkout)))
    seconds = time.perf_counter() - began
    counts: Counter[str] = Counter(files=report.files, handlers=report.handlers, findings=0)
    for finding in report.findings:
        if finding.code.startswith("LAM9"):
            continue
        place = finding.location
        key = (repository, place.path, place.span.line, finding.code)
        counts["findings"] += 1
        counts[judged.get(key, "unjudged")] += 1
        if key not in judged:
            print(f"not judged: {key}", file=sys.stderr)
    cells = (counts[name] for name in ("files", "handlers", "findings", "true", "false"))
    return f"| {repository} | {' | '.join(f'{cell:,}' for cell in cells)} | {seconds:.1f} |", counts


def main() -> None:
    judged = judgements()
    total: Counter[str] = Counter()
    print("| repository | files | handlers | findings | true | false alarms | seconds |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for checkout in sorted(Path(sys.argv[1]).iterdir()):
        if checkout.is_dir():
            line, counts = row(checkout, judged)
            total += counts
            print(line)
    cells = (total[name] for name in ("files", "handlers", "findings", "true", "false"))
    print(f"| **all** | {' | '.join(f'{cell:,}' for cell in cells)} | |")


if __name__ == "__main__":
    main()
