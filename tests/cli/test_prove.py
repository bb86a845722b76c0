"""`lambda-lint prove`: the static findings stand beside what happens in the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytest.importorskip("awslambdaric", reason="the sandbox runs the real runtime client: lambda-lint[prove]")


def test_a_lost_thread_is_confirmed(project: Path, run: Run) -> None:
    app = project / "orders" / "app.py"
    app.write_text(app.read_text().replace('print("done")', "__import__('time').sleep(5)"))
    done = run("prove", "orders/app.py:handler", "--invocations", "1")
    assert done.exit_code == 1, done.output
    assert "confirmed: LAM201 orders/app.py:9" in done.stdout


def test_a_thread_that_is_joined_leaves_nothing(project: Path, run: Run) -> None:
    done = run("prove", "users/app.py:handler", "--invocations", "1")
    assert done.exit_code == 0, done.output
    assert "LAM201" not in done.stdout


def test_settings_that_cannot_be_read_are_status_2(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text("[tool.lambda-lint]\nzzz = 1\n")
    done = run("prove", "users/app.py:handler")
    assert done.exit_code == 2
    assert "unknown key `zzz`" in done.stderr
