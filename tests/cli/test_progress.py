"""The progress bar: only for somebody who watches, only when it takes long, and gone afterwards."""

from __future__ import annotations

import io

import pytest

from lint_lambda.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, patience: float, wanted: bool = True) -> str:
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr("sys.stderr", stderr)
    with progress.Progress(shown=wanted) as advance:
        for done in range(3):
            advance(done, 3)
    return stderr.getvalue()


def test_a_long_run_shows_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert "checking" in shown(monkeypatch, Terminal(), patience=0)


def test_a_short_run_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, Terminal(), patience=60) == ""


def test_a_pipe_or_a_quiet_run_shows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, io.StringIO(), patience=0) == ""
    assert shown(monkeypatch, Terminal(), patience=0, wanted=False) == ""
