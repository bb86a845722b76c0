"""The linter knows the scaffolds: what is handed to them is safe, with their files at hand or not; misuse is a finding."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from lint_lambda.config import Config
from lint_lambda.core.finding import Confidence
from lint_lambda.engine import Request, check
from lint_lambda.scaffold import EXTENSION, HOOK, write

DEFER = """
import asyncio
from lambda_defer import defer, deferring

def send(order):
    print(order)

async def audit(order):
    await asyncio.sleep(1)

@deferring
def handler(event, context):
    if event.get("skip"):
        return {}
    defer(send, event)
    defer(audit, event)
    return {}
"""

AFTER_RESPONSE = """
import asyncio
from lambda_after_response import after_response, wait_until

def send(order):
    print(order)

async def audit(order):
    await asyncio.sleep(1)

def handler(event, context):
    after_response(send, event)
    after_response(audit, event)
    wait_until(audit(event))
    asyncio.run(inside(event))
    return {}

async def inside(event):
    task = asyncio.create_task(audit(event))
    wait_until(audit(event))
    await task
"""


@pytest.mark.parametrize("at_hand", [True, False], ids=["at hand", "in a layer"])
@pytest.mark.parametrize(("names", "app"), [(EXTENSION, DEFER), (HOOK, AFTER_RESPONSE)], ids=["extension", "hook"])
def test_what_is_handed_over_is_safe(tmp_path: Path, names: tuple[str, ...], app: str, at_hand: bool) -> None:
    if at_hand:
        write(names, tmp_path)
    (tmp_path / "app.py").write_text(app)
    assert _findings(tmp_path) == []


@pytest.mark.parametrize(
    "imported",
    [
        "from shop.lambda_defer import defer, deferring",
        "from .lambda_defer import *",
        "from .extra import defer, deferring",
    ],
)
def test_the_module_is_known_inside_a_package(tmp_path: Path, imported: str) -> None:
    package = tmp_path / "src" / "shop"
    write(EXTENSION, package)
    (package / "__init__.py").write_text("")
    (package / "extra.py").write_text(
        "from . import lambda_defer\n\ndefer = lambda_defer.defer\nfrom .lambda_defer import deferring\n"
    )
    (package / "app.py").write_text(DEFER.replace("from lambda_defer import defer, deferring", imported))
    assert _findings(tmp_path) == []
    text = (package / "app.py").read_text()
    (package / "app.py").write_text(text.replace("@deferring\n", ""))
    found = [(code, name) for code, name, _ in _findings(tmp_path)]
    assert found == [("LAM402", "app.py"), ("LAM402", "app.py")]


def test_a_module_of_the_name_without_the_marker_is_code_like_any_other(tmp_path: Path) -> None:
    write(EXTENSION, tmp_path)
    module = tmp_path / EXTENSION[0]
    (tmp_path / "app.py").write_text(DEFER.replace("@deferring\n", ""))
    assert [code for code, _, _ in _findings(tmp_path)] == ["LAM402", "LAM402"]
    module.write_text(module.read_text().replace("before the sandbox is frozen", "somehow"))
    assert "LAM402" not in [code for code, _, _ in _findings(tmp_path)]


def test_a_web_application_defers_where_its_adapter_is_wrapped(tmp_path: Path) -> None:
    app = """
from fastapi import FastAPI
from lambda_defer import defer, deferring
from mangum import Mangum

app = FastAPI()

def send():
    print("sent")

@app.post("/orders")
def order():
    defer(send)
    return {}

handler = deferring(Mangum(app))
"""
    (tmp_path / "app.py").write_text(app)
    assert _findings(tmp_path) == []
    (tmp_path / "app.py").write_text(app.replace("deferring(Mangum(app))", "Mangum(app)"))
    assert _findings(tmp_path) == [("LAM402", "app.py", 13)]


@pytest.mark.parametrize("imported", ["lambda_defer import defer", "lambda_after_response import after_response"])
def test_a_coroutine_handed_over_as_a_function_never_runs(tmp_path: Path, imported: str) -> None:
    take = imported.rpartition(" ")[2]
    (tmp_path / "app.py").write_text(
        f"""
from {imported}

async def work(): ...

def handler(event, context):
    {take}(work())
"""
    )
    assert _findings(tmp_path) == [("LAM101", "app.py", 7)]


def test_what_handed_over_coroutines_leave_behind_is_found(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        """
import asyncio
from lambda_after_response import wait_until

async def send():
    await asyncio.sleep(1)

async def work():
    asyncio.create_task(send())

def handler(event, context):
    wait_until(work())
"""
    )
    assert _findings(tmp_path) == [("LAM102", "app.py", 9)]


def _findings(root: Path) -> list[tuple[str, str, int]]:
    config = dataclasses.replace(Config(root), cache_dir=None, min_confidence=Confidence.LOW)
    report = check(Request(paths=(root,), config=config, overlays={}))
    assert not report.problems
    return sorted((f.code, Path(f.location.path).name, f.location.span.line) for f in report.findings)
