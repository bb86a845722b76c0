"""Prints the table of `docs/fixes.md`: of the fixtures' findings, how many have a fix, and how many fixes the sandbox has proven.

    python -m tests.fixes.index --write

A fixture's findings count as fixed when its twin stands beside it: `--fix --unsafe-fixes` leaves nothing of it. Where there is no
twin, a finding counts as fixed if it has a fix of its own. The tests make the twins anew, and run each that can run three times over
in one sandbox: cold, warm and warm again.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from lint_lambda.knowledge.rulebook import load_rules
from tests.fixes import twins
from tests.oracle.fixture import Fixture

PAGE = Path(__file__).parents[2] / "docs" / "fixes.md"
BEGIN, END = "<!-- the table of tests.fixes.index -->\n", "<!-- end -->\n"


def table() -> str:
    """The table, in Markdown."""
    found, fixed, proven = Counter[str](), Counter[str](), Counter[str]()
    for fixture in twins.originals():
        codes = [mark.code for mark in fixture.expected]
        found.update(codes)
        if _has_twin(fixture):
            fixed.update(codes)
            if fixture.static_only is None:
                proven.update(codes)
        else:
            fixed.update(each.code for each in twins.reported(fixture) if any(fix.edits for fix in each.fixes))
    rules = load_rules()
    rows = [
        f"| {code} | {rules[code].name} | {found[code]} | {fixed[code]} | {proven[code]} |"
        for code in sorted(found)
        if not code.startswith("LAM9")
    ]
    sums = [
        sum(count for code, count in each.items() if not code.startswith("LAM9")) for each in (found, fixed, proven)
    ]
    head = ["| rule | | findings | fixed | proven over three invocations |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, f"| all | | {sums[0]} | {sums[1]} | {sums[2]} |", ""])


def _has_twin(fixture: Fixture) -> bool:
    return twins.twin(twins.place(fixture), ".fixed").exists()


def page(text: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        print(table(), end="")
