"""A task root with a scaffold in it, and what a run of it shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lint_lambda.cli import cli
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import Sandbox
from lint_lambda.scaffold import CUSTOM_RUNTIME, EXTENSION, HOOK, write
from tests.emulator.client import PATIENCE
from tests.emulator.clock import Clock
from tests.emulator.conftest import interpreters

DATA = Path(__file__).with_name("data")
NAMES = {"extension": EXTENSION, "hook": (*HOOK, *CUSTOM_RUNTIME)}

Make = Callable[..., Function]
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """`run("scaffold", "hook")` is `lambda-lint scaffold hook`."""
    return lambda *arguments: CliRunner().invoke(cli, [str(one) for one in arguments], prog_name="lambda-lint")


@pytest.fixture
def function(tmp_path: Path) -> Make:
    """`function("extension")`: tests/scaffold/data/extension_app.py, or `source`, as module `app` beside the scaffold."""

    def make(kind: str, handler: str = "handler", source: str = "", **options: Any) -> Function:
        root = tmp_path / "task"
        write(NAMES[kind], root)
        (root / "app.py").write_text(source or (DATA / f"{kind}_app.py").read_text())
        limits = {"timeout": PATIENCE, "init_timeout": PATIENCE}
        return Function(task_root=root, handler=f"app.{handler}", **{**limits, **options})

    return make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(params=interpreters(), ids=lambda python: Path(python).name)
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def after_response(sandbox: Sandbox) -> float:
    """Seconds between the last answer and the freeze that followed it."""
    answered = [event.at for event in sandbox.timeline if event.kind in ("response", "error")][-1]
    frozen = [event.at for event in sandbox.timeline if event.kind == "freeze"][-1]
    return frozen - answered


def at_once(sandbox: Sandbox) -> bool:
    """Whether the freeze came as soon as nothing was left to do, and not when the time was over."""
    return after_response(sandbox) < sandbox.function.timeout / 2


def left(log: str) -> float:
    """How many seconds the application said were left."""
    [said] = re.findall(r"left (.+)$", log, re.MULTILINE)
    return float(said)


def did(log: str) -> list[str]:
    """What the application said it did. AWS's client ends a traceback in the log without a newline."""
    return re.findall(r"did (.+)$", log, re.MULTILINE)
