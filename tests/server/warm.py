"""Language servers that come from a warm process (`warm_main.py`), which costs a tenth of what a new interpreter does."""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

NEW = (sys.executable, "-m", "lint_lambda", "server")
"""The command as an editor gives it."""

_STAND_IN = """
import socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect(sys.argv[1])
    socket.send_fds(asked, [b"x"], [0, 1, 2])
    status = asked.recv(1)
sys.exit(status[0])
"""
"""Stands in for the server, whose streams it hands on, and ends as it does."""


@cache
def warm() -> tuple[str, ...]:
    """A command that is served by the warm process of this one."""
    folder = tempfile.TemporaryDirectory(prefix="lambda-lint-servers-")
    address = str(Path(folder.name) / "address")
    command = [sys.executable, "-m", "tests.server.warm_main", address]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    assert process.stdout.read(5) == b"ready"

    def end() -> None:
        process.communicate()
        folder.cleanup()

    atexit.register(end)
    return sys.executable, "-I", "-S", "-c", _STAND_IN, address
