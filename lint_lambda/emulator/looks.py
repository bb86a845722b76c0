"""Asks processes of a function what is alive in them, and reads what they have written down (`inside/observer.py`).

A process that is to be asked waits at a named pipe, `<place>.ask`, and answers with a file, `<place>`.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

DEADLINE = 5.0
"""Seconds for a process to say what is alive in it."""
_PAUSE = 0.001
_LISTS = ("threads", "jobs", "tasks", "callbacks", "clients", "cancelled", "processes", "workers")


class Looks:
    """`place` is the file of the function's own process; workers of it add their pid to that name."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def open(self) -> None:
        """Have the function's process wait to be asked."""
        if not Path(f"{self.place}.ask").exists():
            os.mkfifo(f"{self.place}.ask")

    def forget(self, keep_open: bool) -> None:
        """The processes are gone; so is what they said."""
        for file in self.place.parent.glob(f"{self.place.name}*"):
            if file.suffix != ".clients" and not (keep_open and file == Path(f"{self.place}.ask")):
                file.unlink()

    def ask(self, place: Path | None = None) -> bool:
        """Ask a process and wait for its answer. False when nobody waits to be asked, or says anything in time."""
        place = place or self.place
        place.unlink(missing_ok=True)
        try:
            os.close(os.open(f"{place}.ask", os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            return False
        deadline = time.monotonic() + DEADLINE
        while not place.exists():
            if time.monotonic() > deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def ask_workers(self, count: int) -> list[dict[str, Any]] | None:
        """What all of `count` workers say; None when not all answer in time."""
        deadline = time.monotonic() + DEADLINE
        said: dict[Path, dict[str, Any]] = {}
        while len(said) < count:
            for pipe in self.place.parent.glob(f"{self.place.name}.*.ask"):
                place = pipe.with_suffix("")
                if place not in said and self.ask(place):
                    said[place] = json.loads(place.read_bytes())
            if time.monotonic() > deadline:
                return None
            time.sleep(_PAUSE)
        return list(said.values())

    def read(self) -> dict[str, Any] | None:
        """What the function's process has said; None when it has said nothing."""
        return json.loads(self.place.read_bytes()) if self.place.exists() else None


def merged(said: list[dict[str, Any]]) -> dict[str, Any]:
    """What several workers say, as if one said it: numbers are told apart by the worker's pid."""
    failed = next((one for one in said if "failed" in one), None)
    if failed is not None or len(said) == 1:
        return failed or said[0]
    whole = dict(said[0])
    for name in _LISTS:
        whole[name] = [_numbered(one, worker["pid"]) for worker in said for one in worker[name]]
    whole["names"] = {pid: name for worker in said for pid, name in worker["names"].items()}
    whole["ended"] = {_of_worker(key, worker["pid"]): at for worker in said for key, at in worker["ended"].items()}
    return whole


def _numbered(one: Any, pid: int) -> Any:
    if not isinstance(one, dict) or "number" not in one:
        return one
    job = {} if one.get("job") is None else {"job": f"{one['job']} of {pid}"}
    return {**one, "number": f"{one['number']} of {pid}", **job}


def _of_worker(key: str, pid: int) -> str:
    return f"{key} of {pid}"
