"""How often the analysis of a function is made anew, in applications: summaries made for each activation.

    python -m benchmarks.settling DIRECTORY...

One summary an activation is the least. More are made where calls lead back to their caller, or where a file is analysed before
another has told what its objects hold.
"""

from __future__ import annotations

import argparse
import collections
import time
from pathlib import Path

from lint_lambda import engine
from lint_lambda.analysis.domain.summary import Summary
from lint_lambda.analysis.domain.world import World
from lint_lambda.config import load_for
from lint_lambda.core.record import replace
from lint_lambda.engine import Request

AIM = 1.6


def measure(root: Path) -> tuple[int, int, float]:
    """Summaries made, activations, and the seconds of processor time, of everything under `root`."""
    made: collections.Counter[World] = collections.Counter()
    finish = World.finish

    def counted(world: World, number: int, summary: Summary) -> None:
        made[world] += 1
        finish(world, number, summary)

    World.finish = counted  # type: ignore[method-assign] # the benchmark watches; the analysis does not count
    began = time.process_time()
    try:
        engine.check(Request(paths=[root], config=replace(load_for([root]), cache_dir=None)))
    finally:
        World.finish = finish  # type: ignore[method-assign]
    took = time.process_time() - began
    return made.total(), sum(len(world.activations) - 1 for world in made), took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directories", nargs="+", type=Path)
    print("| application | summaries | activations | ratio | processor time |\n|---|---|---|---|---|")
    for root in parser.parse_args().directories:
        made, activations, took = measure(root)
        ratio = made / activations if activations else 0.0
        shown = f"**{ratio:.2f}**" if ratio > AIM else f"{ratio:.2f}"
        print(f"| {root.resolve().name} | {made:,} | {activations:,} | {shown} | {took:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
