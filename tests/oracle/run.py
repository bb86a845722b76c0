"""Run fixtures in the sandbox and print every disagreement.

    python -m tests.oracle.run                      all of tests/fixtures
    python -m tests.oracle.run tests/fixtures/asyncio tests/fixtures/threads/pool.py
    python -m tests.oracle.run -v PATH              also what each invocation reached, and what the function printed
    python -m tests.oracle.run --python EXE PATH    under another interpreter (it needs awslambdaric)

A fixture disagrees when an `# oracle:` line does not hold, or when its `# expect:` marks and what was lost do not fit:
a fixture with findings loses at least one probe, one without loses none. The exit status is 1 then.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.oracle.execute import Result, execute, unmet
from tests.oracle.fixture import BadFixture, Fixture, discover

FIXTURES = Path(__file__).parent.parent / "fixtures"
SIDE_BY_SIDE = 4 * (os.cpu_count() or 1)
"""Sandboxes at a time. Each is asleep for most of its time, in the work it waits for."""


def verdict(result: Result) -> list[str]:
    """Everything wrong with a fixture: broken `# oracle:` lines, and marks that do not fit them."""
    found = result.disagreements
    if result.fixture.claims_repeats_only:
        if not result.repeats:
            found.append("it has findings of repeated work, but nothing was reached twice")
    elif result.fixture.claims_loss and not result.loses:
        found.append("it has findings, but nothing was lost or late")
    elif result.loses_unsaid and not result.fixture.claims_loss:
        found.append("work was lost or late, but no finding is expected")
    return found


def run_all(fixtures: Iterable[Fixture], jobs: int = SIDE_BY_SIDE, python: str = sys.executable) -> Iterator[Result]:
    """Run fixtures side by side; results in the order given."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda fixture: execute(fixture, python), fixtures)


def _remedy(requirement: str, python: str) -> str:
    """How to get what a fixture requires; nothing for an interpreter of another version."""
    if requirement.startswith("npm:"):
        return f"; run {os.path.relpath(sys.executable)} -m tests.oracle.node_libraries"
    return "" if requirement.startswith(("python", "node")) else f"; run {python} -m pip install '{requirement}'"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[FIXTURES])
    parser.add_argument("-j", "--jobs", type=int, default=SIDE_BY_SIDE)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    began = time.monotonic()
    try:
        fixtures = list(discover(*(path.resolve() for path in options.paths)))
    except BadFixture as error:
        print(error, file=sys.stderr)
        return 2
    able = [fixture for fixture in fixtures if fixture.static_only is None]
    lacks = [unmet(fixture, options.python) for fixture in able]
    runnable = [fixture for fixture, lack in zip(able, lacks, strict=True) if lack is None]
    wrong = 0
    for result in run_all(runnable, options.jobs, options.python):
        problems = verdict(result)
        wrong += bool(problems)
        if problems or options.verbose:
            print(f"{os.path.relpath(result.fixture.path)}: {'DISAGREES' if problems else 'agrees'}")
            for problem in problems:
                print(f"    {problem}")
            for index, seen in enumerate(result.observed, 1):
                ended = seen.outcome.error_name or "response"
                print(f"    invocation {index}: {ended}; reached before its freeze: {', '.join(seen.reached) or '-'}")
            if result.log.strip():
                print("    | " + result.log.strip().replace("\r", "\n").replace("\n", "\n    | "))
    for lack, count in sorted(Counter(lack for lack in lacks if lack is not None).items()):
        print(f"not run, for want of {lack}: {count} fixtures{_remedy(lack, options.python)}")
    print(
        f"{len(runnable)} fixtures run, {wrong} disagree, {len(fixtures) - len(runnable)} not run "
        f"({len(fixtures) - len(able)} of them are static-only); {time.monotonic() - began:.1f} s"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
