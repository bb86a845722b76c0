"""The program as a process: what a CliRunner cannot show."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

LINT = [sys.executable, "-m", "lint_lambda"]


def test_status_of_a_process(project: Path) -> None:
    found = subprocess.run([*LINT, "orders"], capture_output=True, check=False)
    clean = subprocess.run([*LINT, "users"], capture_output=True, check=False)
    wrong = subprocess.run([*LINT, "--config", "nowhere.toml"], capture_output=True, text=True, check=False)
    assert (found.returncode, clean.returncode, wrong.returncode) == (1, 0, 2)
    assert "Traceback" not in wrong.stderr


def test_a_defect_is_status_2_and_not_1(project: Path) -> None:
    broken = "import lint_lambda.cli as c; c.cli.callback = lambda: 1 / 0; c.main()"
    done = subprocess.run([sys.executable, "-c", broken, "check"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "ZeroDivisionError" in done.stderr
    assert "Internal error in lambda-lint" in done.stderr


def test_rich_is_loaded_only_for_a_terminal(project: Path) -> None:
    loaded = "import sys; from lint_lambda.cli import cli; cli({}, standalone_mode=False); print('rich' in sys.modules)"
    for arguments, expected in (
        (["users", "--output-format", "concise", "-q"], "False"),
        (["orders", "--exit-zero"], "False"),
        (["rule", "LAM201"], "False"),
    ):
        code = loaded.format(arguments)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == expected, arguments


def on_terminal(command: list[str], directory: Path, env: dict[str, str]) -> str:
    """What a program prints to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=directory, stdout=theirs, stderr=theirs, stdin=theirs, env=env) as process:
        os.close(theirs)
        printed = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux says EIO when the other side is closed
                break
            if not chunk:
                break
            printed += chunk
        process.wait()
    os.close(ours)
    return printed.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_colours_on_a_terminal_unless_no_color(project: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    env |= {"TERM": "xterm-256color", "COLUMNS": "100"}
    coloured = on_terminal([*LINT, "orders"], project, env)
    assert "\x1b[1;31m" in coloured
    assert "LAM201-orphan-thread" in coloured  # the code is a link to its page
    plain = on_terminal([*LINT, "orders"], project, {**env, "NO_COLOR": "1"})
    assert "31m" not in plain
    assert "error[" in plain
