"""``python -m tests.campaigns [--items N] [--seconds S] [--seed N] [NAME …]``: run campaigns, and print the counts."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.campaigns.campaigns import ALL
from tests.campaigns.running import NEVER, Unavailable


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[*ALL, []], help=f"of {', '.join(ALL)}; all when none is given")
    parser.add_argument("--items", type=int, default=100, help="how many items of each")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="how long each may go on")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    bad = 0
    for name in options.names or ALL:
        counts: Counter[str] = Counter()
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as place:
            campaign = ALL[name](Path(place), random.Random(options.seed))
            try:
                for number, told in enumerate(campaign, 1):
                    counts = told
                    if number >= options.items or time.monotonic() - began > options.seconds:
                        break
            except Unavailable as why:
                print(f"{name}: not run: {why}", flush=True)
                continue
            campaign.close()  # type: ignore[attr-defined]
        said = ", ".join(f"{key} {counts[key]}" for key in (*NEVER, "checked", "findings", "not analysed", "run"))
        print(f"{name}: {said}; {time.monotonic() - began:.0f} s, seed {options.seed}", flush=True)
        bad += sum(counts[key] for key in NEVER)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
