"""A small project to check, and the command line to check it with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lint_lambda.cli import cli

LOST = """\
import threading


def work():
    print("done")


def handler(event, context):
    threading.Thread(target=work).start()
    return {"statusCode": 200}
"""

WAITS = """\
import threading


def work():
    print("done")


def handler(event, context):
    worker = threading.Thread(target=work)
    worker.start()
    worker.join()
    return {"statusCode": 200}
"""

Run = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two functions: `orders` loses a thread, `users` waits for its own. The current directory."""
    for name, text in (("orders", LOST), ("users", WAITS)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(text)
    (tmp_path / "pyproject.toml").write_text("[tool.lambda-lint]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Run:
    """`run("check", ".")` is `lambda-lint check .`; output and errors apart, as in a pipe."""

    def run(*arguments: str | Path, stdin: str | bytes | None = None, env: dict[str, str] | None = None) -> Result:
        return CliRunner().invoke(cli, [str(a) for a in arguments], stdin, env, prog_name="lambda-lint")

    return run
