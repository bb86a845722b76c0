"""Run the tools of docs/comparison.md on its example, and print what each says: `python docs/compare.py`.

They have to be on the path: ruff, flake8 with flake8-async, mypy, pyright.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent / "comparison" / "app.py"
OPTIONAL = ("--enable-error-code", "unused-awaitable", "--enable-error-code", "unused-coroutine")
COMMANDS: tuple[tuple[str, ...], ...] = (
    (sys.executable, "-m", "lint_lambda", "--no-cache", "--isolated", "--output-format", "concise"),
    (
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "ALL",
        "--ignore",
        "D,ANN,INP,T20,S,CPY",
        "--output-format",
        "concise",
    ),
    ("flake8", "--isolated", "--select", "ASYNC1,ASYNC2,ASYNC3,F"),
    ("mypy", "--strict", "--cache-dir", "/dev/null", *OPTIONAL),
    ("pyright",),
)


def main() -> None:
    for command in COMMANDS:
        name = Path(command[0]).name if command[0] != sys.executable else "lambda-lint"
        print(f"--- {name}", flush=True)
        if shutil.which(command[0]) is None:
            print("not on the path")
            continue
        subprocess.run([*command, str(EXAMPLE)], check=False, cwd=EXAMPLE.parent)


if __name__ == "__main__":
    main()
