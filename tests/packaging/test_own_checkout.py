"""lambda-lint on its own checkout: its programs that lose work on purpose are left out by its own settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def lint(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lint_lambda", "--output-format", "concise", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_checkout_has_no_findings_and_says_nothing_else() -> None:
    done = lint("--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_examples_still_have_theirs() -> None:
    done = lint("--quiet", "--no-cache", "examples")
    assert done.returncode == 1
    assert all(line.startswith("examples/signup_") for line in done.stdout.splitlines())
