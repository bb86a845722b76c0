"""The examples: each loses its work in the way it says, each put right does not, and all run with plain Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.engine import Request, check

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

LOST = {
    "signup_event.py": "LAM201",
    "signup_coroutine.py": "LAM101",
    "signup_task.py": "LAM102",
    "signup_loop_callback.py": "LAM103",
    "signup_async_handler.py": "LAM104",
    "signup_loop_future.py": "LAM105",
    "signup_thread.py": "LAM201",
    "signup_timer.py": "LAM202",
    "signup_executor.py": "LAM203",
    "signup_worker.py": "LAM204",
    "signup_subprocess.py": "LAM301",
    "signup_process.py": "LAM302",
    "signup_log_listener.py": "LAM502",
    "signup_atexit.py": "LAM504",
}

LOST_IN_NODE = {"signup_promise.mjs": "LAM102", "signup.controller.ts": "LAM401"}
"""The same in JavaScript and TypeScript; the second is of a project."""


def test_each_example_loses_its_work_and_each_put_right_does_not() -> None:
    report = check(Request([EXAMPLES], load_config(EXAMPLES, isolated=True)))
    found = [(Path(finding.location.path).name, finding.code) for finding in report.findings]
    assert sorted(found) == sorted([*LOST.items(), *LOST_IN_NODE.items()])


def test_each_example_has_its_twin() -> None:
    names = {path.name for path in EXAMPLES.glob("*.py")}
    assert names == {*LOST, *(name.replace(".py", "_fixed.py") for name in LOST)}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_each_example_runs_with_plain_python(path: Path) -> None:
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=300, check=True)
    assert "{'statusCode': 201, 'body': 'signed up'}" in done.stdout
    if path.stem.endswith("_fixed"):
        said = done.stdout + done.stderr
        assert any(word in said for word in ("welcome mail sent", "reminder sent", "signed up joe@example.com"))
