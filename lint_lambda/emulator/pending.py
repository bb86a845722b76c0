"""What was alive when a sandbox was frozen, and how that is known.

Threads and tasks come from the function's process (`observer.py`), processes from /proc at the freeze; coroutines that
were never started from Python's own warnings in the log.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from lint_lambda.emulator.container import Process
from lint_lambda.emulator.frames import Frame
from lint_lambda.emulator.idle import ONE_WAIT, heartbeat_because, idle_because, polls_because
from lint_lambda.emulator.sandbox import FUNCTION_MAIN, Freeze

_NEVER_AWAITED = re.compile(r"RuntimeWarning: coroutine '([^']+)' was never awaited\n((?:Coroutine created at .*\n)?)")
_FRAME = re.compile(r'  File "([^"]+)", line (\d+), in (\S+)\n')
_POOL_WORKER = "PoolWorker"
"""In the names that multiprocessing gives to a pool's processes; the pool itself says whether they have work."""
_TASKS = "asyncio's own sets of tasks, read just before the poll"
_HELPERS = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")
_SERVICES = frozenset(
    [
        "start_blocking_portal.<locals>.run_blocking_portal",
        "start_blocking_portal.<locals>.run_portal",
        "_shutdown_process_pool_on_exit",
    ]
)
"""Functions of anyio that keep a portal, or a pool, ready for work, and do none themselves: what was handed to it has tasks of its own."""
_CLOCK_SLACK = 0.02
"""Seconds by which a process's start, given in ticks of 10 ms, may seem to precede its launch."""


class Place(NamedTuple):
    file: str
    line: int
    function: str


@dataclass(frozen=True)
class LeftOver:
    """Work that outlived the answer.

    - `key` is the same for the same thing in every freeze of a sandbox.
    - `kind` is thread, timer, operation (what the system or a server does, and Node waits for), promise, executor (a job of one), process job (the same, of processes), pool (a job of a
      `multiprocessing.Pool`), task, callback, process, coroutine, or client (what a library has not sent).
    - `launched` are the function's own frames that launched it, the launching line first, empty when unknown; `origin` those
      that made its coroutine. `stack` is where it stood, outermost first.
    - `began` is its launch in `time.monotonic()` seconds, when known. `queued`: how many things it has not sent.
    - `idle`: it is alive, and has done everything that was handed to it. `how`: how all this is known. `library`: whose it is. `file`: where the function
      that a timer calls stands.
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
    origin: tuple[Place, ...] = ()
    library: str = ""
    file: str = ""


def left_over(freeze: Freeze) -> list[LeftOver]:
    """Everything alive at this freeze but the runtime's main thread and the extensions."""
    snapshot = freeze.snapshot or {}
    library = snapshot.get("library", "")
    stacks = {thread["job"]: thread["frames"] for thread in snapshot.get("threads", ()) if thread["job"] is not None}
    found = [_thread(thread, library) for thread in snapshot.get("threads", ()) if not thread.get("helps")]
    found += [_job(job, stacks.get(job["number"], []), library) for job in snapshot.get("jobs", ())]
    found += [_task(one, _TASKS, library) for one in snapshot.get("tasks", ())]
    found += [_callback(one, "the loop's queue, read just before the poll") for one in snapshot.get("callbacks", ())]
    found += [_client(one) for one in snapshot.get("clients", ())]
    found += [_resource(one) for one in snapshot.get("resources", ())]
    return _waiting_for_others([*found, *_processes(freeze, snapshot)])


def _waiting_for_others(found: list[LeftOver]) -> list[LeftOver]:
    """What waits once for a queue is idle only while nothing is at work that could put something in."""
    if all(one.idle for one in found):
        return found
    return [replace(one, idle=False) if one.idle and ONE_WAIT in one.how else one for one in found]


def ended(freeze: Freeze) -> dict[str, float]:
    """Keys of threads and jobs -> when they ended, in `time.monotonic()` seconds, of those that ended since the last freeze."""
    times: dict[str, float] = (freeze.snapshot or {}).get("ended", {})
    return times


def cancelled(freeze: Freeze) -> list[LeftOver]:
    """Tasks that `asyncio.run` or a `Runner` cancelled during the invocation, and callbacks that it dropped."""
    how = "asyncio's list of tasks and its loop's queue, read when the runner began to cancel"
    snapshot = freeze.snapshot or {}
    library = snapshot.get("library", "")
    raw = snapshot.get("cancelled", ())
    return _waiting_for_others([_task(one, how, library) if "frames" in one else _callback(one, how) for one in raw])


def never_started(log: str, *roots: Path) -> list[LeftOver]:
    """Coroutines that Python reports as never awaited. Below `roots` is the function's own code."""
    found, below = [], tuple(f"{root}/" for root in roots)
    for match in _NEVER_AWAITED.finditer(log):
        places, position = [], match.end()
        while match[2] and (frame := _FRAME.match(log, position)):
            places.append(Place(frame[1], int(frame[2]), frame[3]))
            position = frame.end()
            while log.startswith("    ", position):  # the source line, and marks below it
                position = log.find("\n", position) + 1 or len(log)
        own = tuple(place for place in reversed(places) if place.file.startswith(below))
        key = f"coroutine {match[1]} {own[:1]}"
        found.append(LeftOver(key, "coroutine", match[1], match[1], "Python's warning in the log", own))
    return found


_NODE_CLIENT = Path(__file__).with_name("node_client")


def quiet(log: str) -> str:
    """The log without the creation stacks that the observer made Python add to its warnings, without what the runtime
    client says of every unhandled exception, and without the frames of the sandbox's own files."""
    lines, created, ours = [], False, False
    for line in log.splitlines(keepends=True):
        if "LAMBDA_WARNING: Unhandled exception." in line:
            continue
        created = line.startswith("Coroutine created at ") or (created and line.startswith(("  File ", "    ")))
        ours = (
            line.startswith(f'  File "{FUNCTION_MAIN}"')
            or (ours and line.startswith("    "))
            or (line.startswith("    at ") and str(_NODE_CLIENT) in line)
        )
        if not (created or ours):
            lines.append(line)
    return "".join(lines)


def _places(raw: Sequence[Sequence[Any]]) -> tuple[Place, ...]:
    return tuple(Place(file, line, function) for file, line, function in raw)


def _thread(raw: dict[str, Any], library: str) -> LeftOver:
    how = "threading.enumerate and sys._current_frames, read just before the poll"
    if raw["launched"]:
        how += "; its launch was seen by an audit hook"
    frames = [Frame.of(frame) for frame in raw["frames"]]
    why, idle = "", raw["idle"]
    if idle is None:
        why = _why_idle(raw, frames, library)
        idle = bool(why) or _serves(raw["target"], frames)
    return LeftOver(
        key=f"thread {raw['number']}",
        kind=raw["kind"],
        name=raw["name"],
        target=raw["target"],
        how="; ".join(filter(None, (how, why))),
        launched=_places(raw["launched"]),
        stack=_stack(frames),
        began=raw["at"],
        idle=idle,
        file=(raw.get("calls") or [""])[0],
    )


def _serves(target: str, frames: Sequence[Frame]) -> bool:
    """Whether it is a library's own and only keeps something ready."""
    return target in _SERVICES and any("site-packages/anyio/" in frame.file for frame in frames)


def _why_idle(raw: dict[str, Any], frames: list[Frame], library: str) -> str:
    if raw.get("polls"):
        return polls_because(frames, library)
    if raw["kind"] == "timer":
        return _timer(raw, frames, library)
    return idle_because(frames, library, _for_event(raw))


def _for_event(raw: dict[str, Any]) -> bool:
    """Whether it was launched during an invocation, as far as is known: no module was being imported."""
    return bool(raw["launched"]) and all(function != "<module>" for _, _, function in raw["launched"])


def _timer(raw: dict[str, Any], frames: list[Frame], library: str) -> str:
    """Why a timer is idle, empty when it is not: only one that still waits can be."""
    standard = [frame for frame in frames[-3:] if frame.file == f"{library}/threading.py"]
    if not any(frame.file == f"{library}/threading.py" and _function_name(frame) == "run" for frame in frames[2:]):
        return idle_because(
            frames, library, _for_event(raw)
        )  # a class of the function's own, which runs in its own way
    waiting = [_function_name(frame) for frame in standard] == ["run", "wait", "wait"]
    if _for_event(raw) or not waiting or raw["calls"] is None:
        return ""
    return heartbeat_because(raw["calls"], raw["held"])


def _function_name(frame: Frame) -> str:
    return frame.function.rpartition(".")[2]


def _job(raw: dict[str, Any], stack: list[dict[str, Any]], library: str) -> LeftOver:
    frames = [Frame.of(frame) for frame in stack]
    why = idle_because(frames, library, _for_event(raw)) if raw["running"] and frames else ""
    how = "its class notes where a job is made, and its future was asked just before the poll"
    return LeftOver(
        key=f"job {raw['number']}",
        kind=raw["kind"],
        name="" if raw["running"] else "queued",
        target=raw["target"],
        how="; ".join(filter(None, (how, why))),
        launched=_places(raw["launched"]),
        stack=_stack(frames),
        began=raw["at"],
        idle=bool(why),
    )


def _client(raw: dict[str, Any]) -> LeftOver:
    return LeftOver(
        key=f"client {raw['number']}",
        kind="client",
        name=raw["library"],
        target=raw["type"],
        how="what the client has not sent, read from its own attributes just before the poll",
        queued=raw["unsent"],
        idle=raw["unsent"] == 0,
        library=raw["library"],
    )


def _resource(raw: dict[str, Any]) -> LeftOver:
    return LeftOver(
        key=raw["key"],
        kind=raw["kind"],
        name="",
        target=raw["target"],
        how="Node's async hooks, by what they had seen begin and not end just before the poll",
        launched=_places(raw["launched"]),
        began=raw["at"],
        idle=raw.get("idle", False),
    )


def _stack(frames: Sequence[Frame]) -> tuple[Place, ...]:
    return tuple(Place(frame.file, frame.line, frame.function) for frame in frames)


def _task(raw: dict[str, Any], how: str, library: str) -> LeftOver:
    if raw["launched"]:
        how += "; the line is where it was created, or its coroutine"
    frames = [Frame.of(frame) for frame in raw["frames"]]
    why = idle_because(frames, library, _for_event(raw)) if library else ""
    # The function that `to_thread` runs goes on when its task is cancelled: the runner waits for its own pool's threads.
    idle = raw["target"] == "to_thread" or _serves(raw["target"], frames) or bool(why)
    return LeftOver(
        key=f"task {raw['number']}",
        kind="task",
        name=raw["name"],
        target=raw["target"],
        how="; ".join(filter(None, (how, why))),
        launched=_places(raw["launched"]),
        stack=_stack(frames),
        began=raw["at"],
        idle=idle,
        origin=_places(raw["origin"]),
    )


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
        helps = process.pid in snapshot.get("workers", ()) or _POOL_WORKER in name
        helps |= any(helper in " ".join(process.argv) for helper in _HELPERS)
        if process.waiting and not helps:
            how += f"; {ONE_WAIT}: it stands in a read of a pipe"
        yield LeftOver(
            key=f"process {process.pid} {process.started}",
            kind="process",
            name=name,
            target="a fork of the function" if forked else " ".join(process.argv),
            how=how,
            launched=_places(launch["launched"]) if launch is not None else (),
            began=launch["at"] if launch is not None else None,
            idle=helps or process.waiting,
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
