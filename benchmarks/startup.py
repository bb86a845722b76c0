"""How long small runs take, as multiples of what Python itself takes to start: `python -m benchmarks.startup [--runs N]`.

The commands take turns, so that whatever else the machine does strikes all of them. CPU seconds are counted, of which the least is
the most telling; everything runs from compiled bytecode, as an installed linter does.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from lint_lambda.knowledge.compile import compile_rules
from lint_lambda.knowledge.shipped import COMPILED

LINT = ["-m", "lint_lambda"]
LAUNCHES = """import threading


def work():
    print("working")


def handler(event, context):
    threading.Thread(target=work).start()
    return {"statusCode": 202}
"""
COMMANDS: dict[str, list[str]] = {
    "python -c pass": ["-c", "pass"],
    "--version": [*LINT, "--version"],
    "--help": [*LINT, "--help"],
    "rule LAM201": [*LINT, "rule", "LAM201"],
    "a clean file, warm": [*LINT, "check", "clean.py"],
    "a finding, concise, warm": [*LINT, "check", "launches.py", "--output-format", "concise"],
    "a finding, text, warm": [*LINT, "check", "launches.py"],
    "a finding, JSON, warm": [*LINT, "check", "launches.py", "--output-format", "json"],
}


def installed(folder: Path) -> Path:
    """The package as a wheel has it."""
    root = Path(__file__).parent.parent
    shutil.copytree(root / "lint_lambda", folder / "lint_lambda", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "rules", folder / "lint_lambda" / "_rules")
    (folder / "lint_lambda" / "_rules" / COMPILED).write_bytes(compile_rules(root / "rules"))
    return folder


def measure(runs: int) -> dict[str, list[float]]:
    """CPU seconds of each command, after a first run that fills the caches."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "project").mkdir()
        (folder / "project" / "launches.py").write_text(LAUNCHES, encoding="utf-8")
        (folder / "project" / "clean.py").write_text(LAUNCHES.replace(".start()", ".run()"), encoding="utf-8")
        unset = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
        environment = {key: value for key, value in os.environ.items() if key not in unset}
        environment["PYTHONPATH"] = str(installed(folder / "installed"))
        found: dict[str, list[float]] = {command: [] for command in COMMANDS}
        for number in range(runs + 1):
            for command, arguments in COMMANDS.items():
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(
                    [sys.executable, *arguments],
                    cwd=folder / "project",
                    env=environment,
                    capture_output=True,
                    check=False,
                )
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                if number:
                    found[command].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    found = measure(parser.parse_args().runs)
    bare = found["python -c pass"]
    print(f"{'':26} {'least':>9} {'':>6} {'median':>9}")
    for command, seconds in found.items():
        least, median = min(seconds), statistics.median(seconds)
        times, often = least / min(bare), median / statistics.median(bare)
        print(f"{command:26} {least * 1000:6.0f} ms {times:5.1f}x {median * 1000:6.0f} ms {often:5.1f}x")


if __name__ == "__main__":
    main()
