"""``--watch``: the first check, those after changes, and the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from queue import Queue

import pytest
from click.testing import CliRunner

from lint_lambda.cli import cli

ROOT = Path(__file__).parents[2]
LOSES = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n"
PATIENCE = 240
WITHOUT_WATCHFILES = "import sys; sys.modules['watchfiles'] = None; from lint_lambda.cli import main; main()"


@pytest.mark.parametrize("polling", [False, True])
def test_a_change_is_checked(tmp_path: Path, polling: bool) -> None:
    if not polling:
        pytest.importorskip("watchfiles")
    (tmp_path / ".git").mkdir()
    app = tmp_path / "app.py"
    app.write_text(LOSES)
    how = ["-c", WITHOUT_WATCHFILES] if polling else ["-m", "lint_lambda"]
    arguments = [sys.executable, *how, "check", "--watch", "--output-format", "concise", "--no-cache", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        arguments, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        assert running.stdout is not None
        lines: Queue[str] = Queue()
        threading.Thread(target=_read, args=(running.stdout, lines)).start()

        def heard() -> str:
            """Everything up to the line that says that it waits."""
            said = ""
            while "Waiting for changes" not in said:
                said += lines.get(timeout=PATIENCE)
            return said

        assert "LAM201" in heard()
        app.write_text(LOSES.replace("threading.Thread(target=print).start()", "print(event)"))
        assert "LAM201" not in heard()
        (tmp_path / "notes.txt").write_text("of no interest")
        (tmp_path / "more.py").write_text(LOSES)
        assert "more.py" in heard()
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 130


def _read(stream: Iterable[str], lines: Queue[str]) -> None:
    for line in stream:
        lines.put(line)


@pytest.mark.parametrize("option", ["--fix", "--diff", "--write-baseline", "--output-file=x.txt"])
def test_what_writes_is_not_watched(tmp_path: Path, option: str) -> None:
    result = CliRunner().invoke(cli, ["check", str(tmp_path), "--watch", option])
    assert result.exit_code == 2
    assert "--watch cannot be used with" in result.output
