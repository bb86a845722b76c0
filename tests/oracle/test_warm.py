"""A function that a warm process forks finds what it would find in an interpreter of its own, and ends as it would there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.emulator.container import Starter, fresh
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import Outcome, Sandbox
from tests.oracle.execute import SUPPLY
from tests.oracle.warm import warm

LOOKS = """
import asyncio, atexit, gc, os, signal, sys, threading, time
names = [name for name in dir(signal) if name.startswith("SIG") and not name.startswith("SIG_")]
main = sys.modules["__main__"]

def handler(event, context):
    return {
        "argv": sys.argv, "path": sys.path, "cwd": os.getcwd(), "environ": dict(os.environ), "zone": time.tzname,
        "main": [main.__name__, main.__file__, sorted({*vars(main)} - {"__annotations__", "__cached__"})],  # Python 3.14 has neither
        "signals": {name: str(signal.getsignal(getattr(signal, name))) for name in names},
        "streams": [[each.name, each.encoding, each.errors] for each in (sys.__stdin__, sys.__stdout__, sys.__stderr__)],
        "threads": [each.name for each in threading.enumerate()], "current": threading.current_thread() is threading.main_thread(),
        "flags": [sys.dont_write_bytecode, gc.isenabled(), sys.getrecursionlimit()], "executable": sys.executable,
        "session": [os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid()], "descriptors": len(os.listdir("/proc/self/fd")) < 12,
        "uid": os.getuid(), "none of ours": [name for name in sys.modules if name.startswith(("lint_lambda", "tests"))],
    }
"""


def _invoked(tmp_path: Path, source: str, start: Starter) -> Outcome:
    root = tmp_path / start.__name__
    root.mkdir()
    (root / "app.py").write_text(source)
    env = {"PROBE_FILE": str(tmp_path / "probes")}
    with Sandbox(Function(root, "app.handler", env=env, import_paths=(SUPPLY,), timeout=60), start) as sandbox:
        return sandbox.invoke({})


def _seen(tmp_path: Path, start: Starter) -> dict[str, Any]:
    outcome = _invoked(tmp_path, LOOKS, start)
    assert outcome.kind == "response", outcome.log
    seen: dict[str, Any] = json.loads(outcome.payload.decode().replace(str(tmp_path / start.__name__), "ROOT"))
    differ = ("AWS_LAMBDA_RUNTIME_API", "TMPDIR", "AWS_LAMBDA_LOG_STREAM_NAME", "_X_AMZN_TRACE_ID", "LC_CTYPE")
    seen["environ"] = {name: value for name, value in seen["environ"].items() if name not in differ}
    return seen


def test_it_finds_what_a_new_interpreter_would_give_it(tmp_path: Path) -> None:
    assert _seen(tmp_path, warm().start) == _seen(tmp_path, fresh)


@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.exit(3)",
        "import os; os._exit(4)",
        "raise SystemExit('no')",
        "def handler(e, c): raise KeyError('k')",
        "import atexit; atexit.register(print, 'bye')\nimport sys\ndef handler(e, c): sys.exit(5)",
        "import os, signal\ndef handler(e, c): os.kill(os.getpid(), signal.SIGTERM)",
        "print('printed')\ndef handler(e, c): return e",
    ],
)
def test_it_ends_as_it_would_there(tmp_path: Path, source: str) -> None:
    one, other = (_invoked(tmp_path, source, start) for start in (warm().start, fresh))
    assert (one.kind, one.error_name) == (other.kind, other.error_name)
    assert ("bye" in one.log, "printed" in one.log) == ("bye" in other.log, "printed" in other.log)


def test_what_one_function_does_another_does_not_see(tmp_path: Path) -> None:
    leaves = "import asyncio, sys; asyncio.left = sys.left = 1\ndef handler(e, c): return 1"
    looks = "import asyncio, sys\ndef handler(e, c): return [hasattr(asyncio, 'left'), hasattr(sys, 'left')]"
    for name, source, said in (("a", leaves, b"1"), ("b", looks, b"[false, false]")):
        (tmp_path / name).mkdir()
        assert _invoked(tmp_path / name, source, warm().start).payload == said
