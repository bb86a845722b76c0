"""Where threads and coroutines stand, what lies in their hands, and which threads are just about to end."""

from __future__ import annotations

import os
import sys
import threading
import time
from itertools import islice
from types import FrameType

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

MAX_FRAMES = 40
OWN_TIME = 0.01
"""Seconds of the processor that a thread gets to come to its end: one that ends within them is no work left over. It is the
thread's own time, so that a busy machine changes nothing."""
PAUSE, LOOKS = 0.001, 40
"""Seconds between two looks at what is still moving, and looks after which all looking ends: on a busy machine they take longer."""
QUIET = 3
"""Looks in a row that have to find nothing moving: a thread that waits for the interpreter looks like one that is blocked."""


def frames_of(frame: FrameType | None) -> list[FrameType]:
    """Outermost first."""
    found: list[FrameType] = []
    while frame is not None and len(found) < MAX_FRAMES:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]


def frames_of_coroutine(coroutine: Any) -> list[FrameType]:
    """Outermost first; those of the coroutines and generators that it awaits, as far as they are Python's."""
    found: list[FrameType] = []
    while len(found) < MAX_FRAMES:
        frame = _first(coroutine, "cr_frame", "gi_frame", "ag_frame")
        if frame is None:
            break
        found.append(frame)
        coroutine = _first(coroutine, "cr_await", "gi_yieldfrom", "ag_await")
    return found


def _first(thing: Any, *names: str) -> Any:
    return next((value for name in names if (value := getattr(thing, name, None)) is not None), None)


def describe(frames: list[FrameType]) -> list[dict[str, Any]]:
    """Each frame as plain data: its place, the extent of the expression it stands in (3.11 and later), and what it holds."""
    return [
        {
            "file": frame.f_code.co_filename,
            "line": frame.f_lineno,
            "function": str(getattr(frame.f_code, "co_qualname", frame.f_code.co_name)),
            "span": _span(frame),
            "holds": list(_holds(frame)),
            "flags": dict(_flags(frame)),
        }
        for frame in frames
    ]


def _span(frame: FrameType) -> list[int | None] | None:
    positions = getattr(frame.f_code, "co_positions", None)
    if positions is None or frame.f_lasti < 0:
        return None
    first, last, start, end = next(islice(positions(), frame.f_lasti // 2, None), (None,) * 4)
    return [first, start, last, end]


def _holds(frame: FrameType) -> Iterator[list[Any]]:
    """[name, how many things are in it] of every container that a frame can reach by name.

    A name is what stands in the source: `batch`, `self.buffer`; `free.` or `global.` says that it is no local one. The
    attributes of objects are looked at, and those of the attributes of `self`.
    """
    free = frame.f_code.co_freevars
    for name, value in frame.f_locals.items():
        yield from _sized(f"free.{name}" if name in free else name, value)
        yield from _attributes(name, value, 1 if name == "self" else 0)
    yield from globals_of(frame.f_code, frame.f_globals)


def _flags(frame: FrameType) -> Iterator[tuple[str, bool]]:
    """(name, whether it is true) of every switch that a frame can reach by name: a bool, None, or an event.

    A name is what stands in the source: `running`, `self.stop`. Of two of a name the local one, which comes last, counts.
    """
    reached = {name: frame.f_globals[name] for name in frame.f_code.co_names if name in frame.f_globals}
    for name, value in [*reached.items(), *frame.f_locals.items()]:
        if (is_on := _is_on(value)) is not None:
            yield name, is_on
            continue
        for attribute, inside in _own_attributes(value):
            if (is_on := _is_on(inside)) is not None:
                yield f"{name}.{attribute}", is_on


def _is_on(value: Any) -> bool | None:
    """The state of a switch; None for anything else."""
    if value is None or value is True or value is False:
        return bool(value)
    kind = type(value)
    if kind.__name__ == "Event" and kind.__module__ in ("threading", "asyncio.locks"):
        return bool(value.is_set())
    return None


def globals_of(code: Any, names: dict[str, Any]) -> Iterator[list[Any]]:
    for name in code.co_names:
        if name in names:
            yield from _sized(f"global.{name}", names[name])


def held_by_call(call: Any) -> list[list[Any]]:
    """What a function that has not been called yet can reach by name: its globals, its closure, its object's attributes."""
    found: list[list[Any]] = []
    while type(call).__name__ == "partial":
        call = call.func
    found += _attributes("self", getattr(call, "__self__", None), 0)
    function = getattr(call, "__func__", call)
    code = getattr(function, "__code__", None)
    if code is not None:
        found += globals_of(code, function.__globals__)
        for name, cell in zip(code.co_freevars, function.__closure__ or ()):
            try:
                found += _sized(f"free.{name}", cell.cell_contents)
            except ValueError:  # an empty cell
                continue
    return found


def _attributes(name: str, value: Any, deeper: int) -> Iterator[list[Any]]:
    for attribute, inside in _own_attributes(value):
        yield from _sized(f"{name}.{attribute}", inside)
        if deeper:
            yield from _attributes(f"{name}.{attribute}", inside, deeper - 1)


def _own_attributes(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, type) or type(value).__module__ in ("builtins", "module"):
        return []
    try:
        return list(vars(value).items())
    except Exception:  # noqa: BLE001 a proxy may raise anything where there is nothing behind it
        return []


def _sized(name: str, value: Any) -> Iterator[list[Any]]:
    size = _size(value)
    if size is None:
        return
    yield [name, size]
    unfinished = getattr(value, "unfinished_tasks", None) or getattr(value, "_unfinished_tasks", None)
    if isinstance(unfinished, int):
        yield [f"{name}.unfinished_tasks", unfinished]


def _size(value: Any) -> int | None:
    """How many things are in a container of the standard library; None for anything else."""
    if type(value).__module__ in ("builtins", "collections") and isinstance(value, (list, dict, set, bytearray)):
        return len(value)
    if type(value).__module__ == "collections" and type(value).__name__ == "deque":
        return len(value)
    if type(value).__module__.partition(".")[0] in ("queue", "_queue", "asyncio"):
        qsize = getattr(value, "qsize", None)
        return int(qsize()) if qsize is not None else None
    return None


def let_end(idents: Callable[[], set[int]]) -> None:
    """Give threads and children that are about to end the moment that they need for it.

    `idents` are the threads in question. What neither moves nor could have moved is left alone at once.
    """
    own: dict[str, float] = {}
    before: dict[int, tuple[int, int]] = {}
    quiet = 0
    for _ in range(LOOKS):
        asked = idents()
        frames = {ident: frame for ident, frame in sys._current_frames().items() if ident in asked}
        now = {ident: (id(frame), frame.f_lasti) for ident, frame in frames.items()}
        threads = [one for one in threading.enumerate() if one.ident in now]
        children = _children()
        moving = False
        for thread in threads:
            assert thread.ident is not None
            changed = before.get(thread.ident) != now[thread.ident]
            moving |= _ends_soon(f"/proc/self/task/{thread.native_id}", own, changed)
        for child in children:
            moving |= _ends_soon(f"/proc/{child}", own)
        quiet = 0 if moving else quiet + 1
        if quiet == QUIET or not (threads or children):
            return
        before = now
        time.sleep(PAUSE)  # lets go of the interpreter, too


def _children() -> list[str]:
    """Pids of the children of all threads of this process; see proc(5)."""
    found: list[str] = []
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/children", encoding="ascii") as file:
                found += file.read().split()
        except OSError:
            continue  # it has ended, or the kernel does not tell
    return found


def _ends_soon(account: str, own: dict[str, float], changed: bool = False) -> bool:
    """Whether a thread or process moves, or would if it got the processor, and has had little of that since the first look.

    `account` is its folder in /proc, `own` the seconds that each had at the first look, `changed` whether it has moved.
    """
    state, used = _scheduled(account)
    first = own.setdefault(account, used)
    return used - first < OWN_TIME and (state == "R" or changed)


def _scheduled(account: str) -> tuple[str, float]:
    """State of a thread or process and the seconds it has had of the processor; see proc(5)."""
    try:
        with open(f"{account}/stat", "rb") as file:
            state = file.read().rpartition(b")")[2].split()[0].decode()
        with open(f"{account}/schedstat", "rb") as file:
            return state, int(file.read().split()[0]) / 1e9
    except OSError:
        return "", 0.0  # it has ended, or the kernel keeps no such account


def ended_at(thread_class: Any, note: Callable[[Any], None]) -> None:
    """Have `note(thread)` called when a `threading.Thread` ends; the original runs unchanged."""
    original = thread_class._delete

    def _delete(thread: Any) -> None:
        note(thread)
        original(thread)

    thread_class._delete = _delete


def boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def argv_of(argv: Any) -> list[str]:
    if isinstance(argv, (str, bytes)):
        return [os.fsdecode(argv)]
    return [os.fsdecode(part) for part in argv] if argv is not None else []
