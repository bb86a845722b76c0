"""What was alive when a sandbox was frozen, and how that is known.

Threads and tasks come from the function's process (`observer.py`), processes from /proc at the freeze; coroutines that
were never started from Python's own warnings in the log.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from lint_lambda.emulator.container import Process
from lint_lambda.emulator.sandbox import Freeze

_NEVER_AWAITED = re.compile(r"RuntimeWarning: coroutine '([^']+)' was never awaited\n((?:Coroutine created at .*\n)?)")
_FRAME = re.compile(r'  File "([^"]+)", line (\d+), in (\S+)\n')
_POOL_WORKER = "PoolWorker"
"""In the names that multiprocessing gives to a pool's processes; the pool itself says whether they have work."""
_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
_CLOCK_SLACK = 0.02
"""Seconds by which a process's start, given in ticks of 10 ms, may seem to precede its launch."""


class Place(NamedTuple):
    file: str
    line: int
    function: str


@dataclass(frozen=True)
class LeftOver:
    """Work that outlived the answer.

    `key` is the same for the same thing in every freeze of a sandbox; `kind` is thread, timer, executor (a thread of one), pool (of processes),
    task, callback, process or coroutine; `launched` are the function's own frames that launched it, the launching line first, empty when unknown;
    `stack` is where it stood, outermost first; `began` is its launch in `time.monotonic()` seconds, when known;
    `idle`: it waits for work and has none.
    """

    key: str
    kind: str
    name: str
    target: str
    how: str
    launched: tuple[Place, ...] = ()
    stack: tuple[Place, ...] = ()
    began: float | None = None
    queued: int = 0
    idle: bool = False


def left_over(freeze: Freeze) -> list[LeftOver]:
    """Everything alive at this freeze but the runtime's main thread and the extensions."""
    snapshot = freeze.snapshot or {}
    found = [_thread(thread) for thread in snapshot.get("threads", ())]
    found += [_task(one, "asyncio's own sets of tasks, read just before the poll") for one in snapshot.get("tasks", ())]
    found += [_callback(one, "the loop's queue, read just before the poll") for one in snapshot.get("callbacks", ())]
    return found + list(_processes(freeze, snapshot))


def cancelled(freeze: Freeze) -> list[LeftOver]:
    """Tasks that `asyncio.run` or a `Runner` cancelled during the invocation, and callbacks that it dropped."""
    how = "asyncio's list of tasks and its loop's queue, read when the runner began to cancel"
    raw = (freeze.snapshot or {}).get("cancelled", ())
    return [_task(one, how) if "stack" in one else _callback(one, how) for one in raw]


def never_started(log: str, task_root: Path) -> list[LeftOver]:
    """Coroutines that Python reports as never awaited."""
    found = []
    for match in _NEVER_AWAITED.finditer(log):
        places, position = [], match.end()
        while match[2] and (frame := _FRAME.match(log, position)):
            places.append(Place(frame[1], int(frame[2]), frame[3]))
            position = frame.end()
            while log.startswith("    ", position):  # the source line, and marks below it
                position = log.find("\n", position) + 1 or len(log)
        own = tuple(place for place in reversed(places) if place.file.startswith(f"{task_root}/"))
        key = f"coroutine {match[1]} {own[:1]}"
        found.append(LeftOver(key, "coroutine", match[1], match[1], "Python's warning in the log", own))
    return found


def quiet(log: str) -> str:
    """The log without the creation stacks that the observer made Python add to its warnings."""
    lines, skipping = [], False
    for line in log.splitlines(keepends=True):
        skipping = line.startswith("Coroutine created at ") or (skipping and line.startswith(("  File ", "    ")))
        if not skipping:
            lines.append(line)
    return "".join(lines)


def _places(raw: Sequence[Sequence[Any]]) -> tuple[Place, ...]:
    return tuple(Place(file, line, function) for file, line, function in raw)


def _thread(raw: dict[str, Any]) -> LeftOver:
    how = "threading.enumerate and sys._current_frames, read just before the poll"
    if raw["launched"]:
        how += "; its launch was seen by an audit hook"
    return LeftOver(
        key=f"thread {raw['number']}",
        kind=raw["kind"],
        name=raw["name"],
        target=raw["target"],
        how=how,
        launched=_places(raw["launched"]),
        stack=_places(raw["stack"]),
        began=raw["at"],
        queued=raw.get("queued", 0),
        idle=raw["idle"],
    )


def _task(raw: dict[str, Any], how: str) -> LeftOver:
    if raw["launched"]:
        how += "; the line is where Python says that its coroutine was created"
    launched, stack = _places(raw["launched"]), _places(raw["stack"])
    # The function that `to_thread` runs goes on when its task is cancelled: the runner waits for its own pool's threads.
    idle = raw["target"] == "to_thread"
    return LeftOver(f"task {raw['number']}", "task", raw["name"], raw["target"], how, launched, stack, idle=idle)


def _callback(raw: dict[str, Any], how: str) -> LeftOver:
    return LeftOver(f"callback {raw['number']}", "callback", "", raw["target"], how, _places(raw["launched"]))


def _processes(freeze: Freeze, snapshot: dict[str, Any]) -> Iterator[LeftOver]:
    commands = {process.pid: process.argv for process in freeze.processes if process.pid in freeze.own}
    launches: list[dict[str, Any]] = list(snapshot.get("processes", ()))
    by_pid: dict[int, dict[str, Any] | None] = {}
    for process in sorted(freeze.processes, key=lambda process: process.pid):
        if process.pid in freeze.own:
            continue
        started = process.started / snapshot.get("clock_ticks", 100)
        forked = process.argv in commands.values()
        launch = by_pid.get(process.parent) or _launch(process, started, forked, launches)
        by_pid[process.pid] = launch
        name = snapshot.get("names", {}).get(str(process.pid), f"pid {process.pid}")
        how = "/proc, read at the freeze"
        if launch is not None:
            how += "; the launch was seen by an audit hook, and matched by command and time"
        yield LeftOver(
            key=f"process {process.pid} {process.started}",
            kind="process",
            name=name,
            target="a fork of the function" if forked else " ".join(process.argv),
            how=how,
            launched=_places(launch["launched"]) if launch is not None else (),
            began=launch["at"] if launch is not None else None,
            idle=_POOL_WORKER in name or any(helper in " ".join(process.argv) for helper in _HELPERS),
        )


def _launch(process: Process, started: float, forked: bool, launches: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The launch that could have been the process's own, and is no other's: of those just before its start the earliest
    (processes come in the order of their pids), or else the latest before.

    A shell's command is never used up: `a & b &` has two children. Before an exec that nobody reported there was a fork.
    """
    said = " ".join(process.argv)
    before: list[dict[str, Any]] = [launch for launch in launches if launch["boottime"] <= started + _CLOCK_SLACK]
    just = [launch for launch in before if launch["boottime"] >= started - _CLOCK_SLACK]
    before.reverse()
    exact = (one for one in just + before if (one["kind"] == "fork" if forked else " ".join(one["argv"]) == said))
    found: dict[str, Any] | None = next(exact, None)
    if found is not None:
        launches.remove(found)
    elif said and not forked:
        found = next((one for one in before if one["argv"] and _shell_runs(one["argv"][-1], said)), None)
        found = found or next((one for one in just if one["kind"] == "fork"), None)
    return found


def _shell_runs(command: str, said: str) -> bool:
    """Whether a process with the command line `said` may come of the shell command `command`."""
    try:
        words = " ".join(shlex.split(command))
    except ValueError:  # a quote that the shell would not take either
        words = command
    return words in said or said in words or command in said
