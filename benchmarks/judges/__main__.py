"""Run programs that are no fixtures under `prove` and in a second sandbox, lint them, and count where the three agree.

Usage: python -m benchmarks.judges [COUNT] [--keep DIRECTORY]

Each program (250 without COUNT) gets two events. The second sandbox (`freezer.py`) says whether work was missing at a stop. `prove`
agrees when it says the same; lambda-lint agrees when it reports something in just the programs that lose work.
Exit status 1 when `prove` agrees on less than 99 in 100.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.judges.freezer import left_over
from benchmarks.judges.programs import Program, programs
from lint_lambda.config import Config
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.prove import prove
from lint_lambda.engine import Request, check

EVENTS: list[object] = [{}, {"x": 1}]
SIDE_BY_SIDE = 4
"""Programs at a time. Each is asleep for most of its time, in the work that it waits for or in a freeze."""
WORDS = {True: "loses work", False: "loses nothing", None: "cannot be judged"}


def main() -> int:
    arguments = sys.argv[1:]
    keep = Path(arguments.pop(arguments.index("--keep") + 1)) if "--keep" in arguments else None
    count = next((int(each) for each in arguments if each.isdigit()), 250)
    with tempfile.TemporaryDirectory() as scratch:
        return _compare(count, keep or Path(scratch) / "programs", Path(scratch))


def _compare(count: int, place: Path, scratch: Path) -> int:
    place.mkdir(parents=True, exist_ok=True)
    taken = programs(count)
    paths = [place / f"program_{number:03}.py" for number in range(len(taken))]
    for path, program in zip(paths, taken):
        path.write_text(program.text)
    report = check(Request([place], Config(root=place, handlers=tuple(f"{path.name}:handler" for path in paths))))
    reported = {finding.location.path for finding in report.findings}
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        judged = pool.map(lambda each: _judged(*each, scratch), zip(paths, taken))
        for path, program, (truth, proven) in zip(paths, taken, judged):
            linted = path.name in reported
            counts["lose"] += truth is True
            counts["prove"] += proven == truth
            counts["lint"] += linted == truth
            for judge, verdict in (("prove", proven), ("lambda-lint", linted)):
                if verdict != truth:
                    print(f"{path.name} ({program.name}): {WORDS[truth]}; {judge} says that it {WORDS[verdict]}")
    print(
        f"{len(taken)} programs, {counts['lose']} of them lose work: "
        f"prove agrees on {counts['prove']}, lambda-lint on {counts['lint']}"
    )
    return 0 if counts["prove"] * 100 >= len(taken) * 99 else 1


def _judged(path: Path, program: Program, scratch: Path) -> tuple[bool | None, bool | None]:
    """Whether the second sandbox sees work missing, and whether `prove` does; None for what did not answer."""
    return left_over(path, program.pieces, EVENTS, scratch), _proven(path, scratch)


def _proven(path: Path, scratch: Path) -> bool | None:
    ledger = scratch / f"{path.stem}.proven"
    function = Function(path.parent, f"{path.stem}.handler", env={"LEDGER": str(ledger)}, observe=True, timeout=60)
    story = prove(function, EVENTS, [])
    return bool(story.left) if story.judged else None


if __name__ == "__main__":
    sys.exit(main())
