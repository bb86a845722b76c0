"""A thread that loops until somebody tells it to end: joining it would only keep the response back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Applicability
from lint_lambda.engine import Request, fix

PROGRAM = """\
import threading
import time


class Monitor:
    def __init__(self, rows):
        self.rows = rows
        self.stopping = threading.Event()
        self.should_run = True

    def all_ready(self):
        return not self.rows

    def run(self):
        def watch():
            while {test}:
                print(self.rows)
                {step}

        threading.Thread(target=watch).start()


def handler(event, context):
    Monitor(event["rows"]).run()
    return 200
"""


@pytest.mark.parametrize(
    ("test", "step", "waits"),
    [
        ("True", "time.sleep(1)", False),
        ("self.should_run", "time.sleep(1)", False),
        ("not self.stopping.wait(1)", "pass", False),
        ("self.should_run and not self.all_ready()", "time.sleep(1)", False),
        ("self.rows", "self.rows.pop()", True),
        ("self.should_run and self.rows", "self.rows.pop()", True),
        ("True", "break", True),
    ],
)
def test_only_a_loop_that_ends_by_itself_is_waited_for(tmp_path: Path, test: str, step: str, waits: bool) -> None:
    (tmp_path / "app.py").write_text(PROGRAM.format(test=test, step=step))
    made = fix(Request([tmp_path], Config(root=tmp_path)), frozenset({Applicability.SAFE, Applicability.UNSAFE}))
    assert list(made.files) == (["app.py"] if waits else [])
