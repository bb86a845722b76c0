"""The README's two commands: there are two, they name what exists, and the second is what CI runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_UP = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


def test_there_are_two_set_up_commands() -> None:
    linter, tests = SET_UP
    assert linter.endswith("&& .venv/bin/lambda-lint --exit-zero examples/")
    assert tests.endswith("&& .venv/bin/python -m tests")


def test_the_sample_is_what_the_linter_prints() -> None:
    [sample] = re.findall(r"^```text\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    command = [sys.executable, "-m", "lint_lambda", "--no-cache", "examples/signup_thread.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{sample}\n")  # what was counted comes behind it


def test_ci_runs_the_test_command_word_for_word(tmp_path: Path) -> None:
    """A `python3` that only writes down how it was called stands in for the real one."""
    fake = tmp_path / "python3"
    fake.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path / "calls"}\nexit 7\n')
    fake.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([ROOT / ".ci" / "run"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 7
    assert done.stdout == f"+ {SET_UP[1]}\n"
    assert (tmp_path / "calls").read_text() == "-m venv --without-pip .venv\n"


def test_links_between_documents_lead_somewhere() -> None:
    for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name}: {link}"
