"""The whole test command: ``python -m tests``. Every step runs, whatever the others say; the status is 1 if one failed.

``python -m tests --cov`` also measures which branches the tests take, and takes longer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

STATIC = "tests/test_fixtures.py"
"""The static half of the fixtures. It runs under two hash seeds, so that no verdict hangs on the order of a set."""

SANDBOX = "tests/oracle"
"""The dynamic half. It mostly sleeps, and one process runs many sandboxes at a time; two of xdist's run one each."""

COVERAGE = ["--cov", "--cov-report", "term:skip-covered"] if "--cov" in sys.argv[1:] else []

STEPS: tuple[tuple[str, list[str], dict[str, str]], ...] = (
    ("lint", ["-m", "ruff", "check", "--quiet", "."], {}),
    ("format", ["-m", "ruff", "format", "--check", "--quiet", "."], {}),
    ("types", ["-m", "mypy"], {}),
    ("imports", ["-c", "from importlinter.cli import lint_imports_command as main; main()"], {}),
    ("another hash seed", ["-m", "pytest", "-q", "-n", "2", STATIC], {"PYTHONHASHSEED": "4242"}),
    ("sandbox", ["-m", "pytest", "-q", SANDBOX], {}),
    (
        "tests",
        ["-m", "pytest", "-n", "2", f"--ignore={SANDBOX}", *COVERAGE],
        {"PYTHONHASHSEED": "0"},
    ),
)


def main() -> int:
    failed = []
    for name, arguments, environment in STEPS:
        print(f"--- {name}", flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environment}, check=False)
        if done.returncode != 0:
            failed.append(name)
            print(f"--- {name} failed after {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        print(f"FAILED: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
