"""Write docs/agreement.md: every fixture, what the linter must say of it, and what the sandbox saw.

python -m tests.oracle.agreement            runs all fixtures and writes the page
python -m tests.oracle.agreement --check    runs them and fails when the page says something else
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from tests.oracle.execute import Result, unmet
from tests.oracle.fixture import Fixture, discover
from tests.oracle.run import FIXTURES, run_all, verdict

PAGE = Path(__file__).parents[2] / "docs" / "agreement.md"
_HEAD = """# Agreement

<!-- Written by `python -m tests.oracle.agreement`; do not edit. -->

Each fixture under `tests/fixtures` is a Lambda function. It states what lambda-lint must find in it, and what happens to its
work. The sandbox, which shares no code with lambda-lint, runs it under AWS's runtime client and observes it. A fixture *agrees*
when its probes were reached as stated (done before the freeze, late in a later invocation, or lost) and when it has findings
if and only if work was lost or late. Another test checks that lambda-lint finds exactly what a fixture expects.

"""


def page(results: Iterable[Result], others: Iterable[Fixture]) -> str:
    """The page in Markdown. `others` are the fixtures that the sandbox did not judge: it cannot, or something is missing."""
    results, others = list(results), list(others)
    agreed = sum(not verdict(result) for result in results)
    losing = sum(result.loses for result in results)
    rest = f"{losing} lose work and have findings, {len(results) - losing} lose none and have none"
    lines = [f"**{agreed} of {len(results)} fixtures agree**: {rest}.", ""]
    areas: dict[str, list[Result]] = {}
    for result in results:
        areas.setdefault(result.fixture.name(FIXTURES).split("/")[0], []).append(result)
    for area, inside in sorted(areas.items()):
        lines += [f"## {area}", "", "| fixture | findings expected | seen in the sandbox | |", "|---|---|---|---|"]
        lines += [_row(result) for result in inside]
        lines.append("")
    if others:
        lines += ["## Not run", "", "| fixture | findings expected | why |", "|---|---|---|"]
        lines += [f"| {_name(fixture)} | {_findings(fixture)} | {_why_not(fixture)} |" for fixture in others]
        lines.append("")
    return _HEAD + "\n".join(lines)


def _why_not(fixture: Fixture) -> str:
    return fixture.static_only or f"it needs {unmet(fixture)}, which was not installed (some libraries conflict)"


def _row(result: Result) -> str:
    agrees = "agrees" if not verdict(result) else f"**disagrees**: {'; '.join(verdict(result))}"
    return f"| {_name(result.fixture)} | {_findings(result.fixture)} | {_seen(result)} | {agrees} |"


def _name(fixture: Fixture) -> str:
    return fixture.name(FIXTURES).partition("/")[2].replace("_", " ")


def _findings(fixture: Fixture) -> str:
    words = [f"{mark.code} {mark.fate}" if mark.fate else mark.code for mark in fixture.expected]
    words += [f"{mark.code} ({mark.kind}, {mark.rest})" for mark in fixture.marks if mark.kind in ("missed", "false")]
    return ", ".join(dict.fromkeys(words)) or "none"


def _seen(result: Result) -> str:
    """What became of the probes that each invocation names, invocations apart by a semicolon."""
    parts = []
    for index, (said, seen) in enumerate(zip(result.fixture.invocations, result.observed)):
        later = {name for one in result.observed[index + 1 :] for name in one.reached}
        fates: dict[str, list[str]] = {}
        for name in (*said.done, *said.late, *said.lost):
            fate = "done" if name in seen.reached else "late" if name in later and name in said.late else "lost"
            fates.setdefault(fate, []).append(name)
        words = [f"{fate} {', '.join(names)}" for fate, names in fates.items()]
        if seen.outcome.error_name is not None:
            words.append(f"`{seen.outcome.error_name}`")
        parts.append(" ".join(words) or "nothing to see")
    return "; ".join(parts)


def main() -> int:
    fixtures = list(discover(FIXTURES))
    runnable = [fixture for fixture in fixtures if fixture.static_only is None and unmet(fixture) is None]
    results = list(run_all(runnable))
    text = page(results, [fixture for fixture in fixtures if fixture not in runnable])
    wrong = [result for result in results if verdict(result)]
    for result in wrong:
        print(f"{result.fixture.path}: {'; '.join(verdict(result))}")
    if "--check" in sys.argv[1:]:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print(f"{PAGE}: {'as it should be' if same else 'out of date; run python -m tests.oracle.agreement'}")
        return 0 if same and not wrong else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE}: {len(results)} fixtures run, {len(wrong)} disagree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
