"""A lifecycle behind its two APIs, without any process: `api`; and functions to run: `run`."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.emulator.environment import python_version
from lint_lambda.emulator.extensions_api import extension_routes
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.http_server import Server
from lint_lambda.emulator.lifecycle import Invocation, Lifecycle
from lint_lambda.emulator.runtime_api import runtime_routes
from lint_lambda.emulator.unavailable import Unavailable
from tests.emulator.client import PATIENCE, Client
from tests.emulator.clock import Clock

FUNCTIONS = Path(__file__).with_name("data")
METADATA = {"functionName": "f", "functionVersion": "$LATEST", "handler": "app.handler"}


class Api(Client):
    """The two APIs over one lifecycle, and what the sandbox would do to it."""

    def __init__(self, external: tuple[str, ...] = (), managed: int = 0) -> None:
        self.noted: list[str] = []
        self.lifecycle = Lifecycle(external, lambda kind, **detail: self.noted.append(kind), managed)
        routes = runtime_routes(lambda: self.lifecycle)
        self.server = Server(routes + extension_routes(lambda: self.lifecycle, METADATA, "012345678912"))
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        super().__init__(self.server.address)

    def wait(self, until: Callable[[], bool]) -> bool:
        return self.lifecycle.wait(until, time.monotonic() + PATIENCE)

    def deliver(self, request_id: str = "id-1", event: bytes = b"{}") -> Invocation:
        invocation = Invocation(request_id, event, "arn:f", "Root=1-0-0;Sampled=0", 1700000000000)
        self.lifecycle.deliver(invocation)
        return invocation

    def close(self) -> None:
        self.lifecycle.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def api() -> Iterator[Callable[..., Api]]:
    made: list[Api] = []

    def make(*external: str, managed: int = 0) -> Api:
        made.append(Api(external, managed))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def function(tmp_path: Path) -> Callable[..., Function]:
    """`function("file.py")` of tests/emulator/data, or `function(source="...")`, as module `app`."""

    def make(file: str = "", handler: str = "handler", source: str = "", **options: Any) -> Function:
        root = tmp_path / "task"
        root.mkdir(exist_ok=True)
        (root / "app.py").write_text(source if not file else (FUNCTIONS / file).read_text())
        limits = {"timeout": PATIENCE, "init_timeout": PATIENCE}
        return Function(task_root=root, handler=f"app.{handler}", **{**limits, **options})

    return make


@cache
def interpreters() -> list[str]:
    """Every Python here that can run functions: the tests' own, python3.x on PATH, and LAMBDA_LINT_PYTHONS (a:b:c)."""
    named = [shutil.which(f"python3.{minor}") for minor in range(10, 15)]
    named += os.environ.get("LAMBDA_LINT_PYTHONS", "").split(":")
    found = {python_version(sys.executable): sys.executable}
    for python in filter(None, named):
        try:
            found.setdefault(python_version(python), python)
        except Unavailable:
            continue  # no runtime client in it, or too old
    return [found[version] for version in sorted(found)]
