"""A launch is called by the work it starts, where the code has a name for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Request, check


@pytest.mark.parametrize(
    ("target", "label"),
    [
        ("plugin.process", "process"),
        ("process", "process"),
        ("requests.post", "post"),
        ("lambda: plugin.process()", "lambda"),
        ("event['job']", "Thread.start"),
    ],
)
def test_a_thread_is_called_by_what_it_runs(target: str, label: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import threading, importlib, requests\n"
        "plugin = importlib.import_module('plugin')\n"
        "process = plugin.process\n"
        "def handler(event, context):\n"
        f"    threading.Thread(target={target}).start()\n",
        encoding="utf-8",
    )
    (finding,) = check(Request([tmp_path], load_config(tmp_path))).findings
    assert f"`{label}`" in finding.message
