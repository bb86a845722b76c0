"""What the processes of data/runaways.py write while they run, and how to see whether they do."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from tests.emulator.client import PATIENCE

NAMES = ("thread", "child", "session", "shell", "deaf", "process", "daemon")


def written(directory: Path) -> dict[str, int]:
    """Bytes that each has written so far."""
    return {name: (directory / f"beat-{name}").stat().st_size for name in NAMES}


def environment(directory: Path) -> dict[str, str]:
    return {"BEATS": str(directory / "beat-")}


def soon(true: Callable[[], bool]) -> bool:
    """Whether `true()` comes true before patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def mentioning(text: str) -> list[int]:
    """Processes whose command line or environment holds `text`, zombies left out."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or entry.name == str(os.getpid()):
            continue
        try:
            if text.encode() in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found
