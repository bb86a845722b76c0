"""What executors and pools were given to do, job by job: a thread of a pool serves many of them.

No audit event tells of a job. So the classes that the standard library makes of each (`_WorkItem` of `concurrent.futures`,
`ApplyResult` and `IMapIterator` of `multiprocessing.pool`) note the calling line when one is made; the originals run unchanged.
Their modules are not imported for it: they are looked at when something is launched, and before each poll.
"""

from __future__ import annotations

import sys
import threading
import time
from types import FrameType

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_CLASSES = (
    ("concurrent.futures.thread", "_WorkItem", "executor"),
    ("concurrent.futures.process", "_WorkItem", "process job"),
    ("multiprocessing.pool", "ApplyResult", "pool"),
    ("multiprocessing.pool", "IMapIterator", "pool"),
)
"""Module, class, and the kind of work that an instance is."""


class Job:
    """One job: where it was given, when it ended (None while it has not)."""

    def __init__(self, kind: str, item: Any, number: int, launched: list[Any], target: str) -> None:
        self.kind, self.item, self.number, self.launched, self.target = kind, item, number, launched, target
        self.at = time.monotonic()
        self.ended: float | None = None

    @property
    def running(self) -> bool:
        return getattr(getattr(self.item, "future", None), "_state", "RUNNING") == "RUNNING"

    def done(self) -> bool:
        if self.ended is not None:
            return True
        item = self.item
        if hasattr(item, "future"):
            over = item.future.done()
        elif hasattr(item, "_event"):
            ended = getattr(item._pool, "_state", "") == "TERMINATE"
            over = item._event.is_set() or (ended and not _is_worked_at(item))
        else:  # an iterator over results: its table of jobs lists it until the last one has come
            over = item._job not in item._cache
        if over:
            self.ended = time.monotonic()
            self.item = None  # its arguments and its result are the function's: they die when it lets go of them
        return bool(over)


class Jobs:
    """`number()` gives the next number, `launch(frame)` the function's own lines that led to a frame."""

    def __init__(self, number: Callable[[], int], launch: Callable[[FrameType | None], list[Any]]) -> None:
        self._number, self._launch = number, launch
        self._known: list[Job] = []
        self._watched: set[tuple[str, str]] = set()

    def watch(self, frame: FrameType | None = None) -> None:
        """Note the jobs of every class that is loaded by now, and those that the calls above `frame` have just made."""
        for module_name, class_name, kind in _CLASSES:
            class_ = getattr(sys.modules.get(module_name), class_name, None)
            if class_ is None or (module_name, class_name) in self._watched:
                continue
            self._watched.add((module_name, class_name))
            self._note(class_, kind)
            inner = frame
            while inner is not None:
                made = next((one for one in inner.f_locals.values() if type(one) is class_), None)
                if made is not None:
                    self._add(kind, made, inner)
                    break
                inner = inner.f_back

    def _note(self, class_: Any, kind: str) -> None:
        original, jobs = class_.__init__, self

        def make(item: Any, *arguments: Any, **keywords: Any) -> None:
            original(item, *arguments, **keywords)
            jobs._add(kind, item, sys._getframe(1))

        class_.__init__ = make
        if kind == "executor":
            run = class_.run

            def run_and_note(item: Any, *arguments: Any) -> Any:
                result = run(item, *arguments)
                jobs._ended(item)
                return result

            class_.run = run_and_note

    def _add(self, kind: str, item: Any, frame: FrameType | None) -> None:
        self._known.append(Job(kind, item, self._number(), self._launch(frame), _target(item, frame)))

    def _ended(self, item: Any) -> None:
        for job in self._known:
            if job.item is item:
                job.done()

    def number_of(self, item: Any) -> int | None:
        return next((job.number for job in self._known if item is not None and job.item is item), None)

    def look(self) -> Iterator[dict[str, Any]]:
        """Every job that is not done, and those that have ended since the last look; they are told once."""
        known, self._known = self._known, []
        for job in known:
            if not job.done():
                self._known.append(job)
            yield {
                "number": job.number,
                "kind": job.kind,
                "at": job.at,
                "launched": job.launched,
                "target": job.target,
                "running": job.ended is None and job.running,
                "ended": job.ended,
            }


def _is_worked_at(item: Any) -> bool:
    """Whether a thread of a pool is at a job. To end a pool of threads ends none of them, other than processes."""
    frames = sys._current_frames()
    for worker in getattr(item._pool, "_pool", None) or ():
        frame = frames.get(worker.ident or 0) if isinstance(worker, threading.Thread) else None
        while frame is not None:
            if frame.f_code.co_name == "worker" and frame.f_globals.get("__name__") == "multiprocessing.pool":
                if frame.f_locals.get("job") == item._job:
                    return True
                break
            frame = frame.f_back
    return False


def _target(item: Any, frame: FrameType | None) -> str:
    """The name of the function that a job calls. A pool's job does not hold it; the call that made it does."""
    if hasattr(item, "fn"):
        return callable_name(item.fn)
    if hasattr(item, "task"):  # Python 3.14
        return callable_name(item.task[0])
    while frame is not None and frame.f_globals.get("__name__") == "multiprocessing.pool":
        if callable(function := frame.f_locals.get("func")):
            return callable_name(function)
        frame = frame.f_back
    return ""


def callable_name(call: Any) -> str:
    while type(call).__name__ in ("partial", "partialmethod"):
        call = call.func
    return str(getattr(call, "__qualname__", None) or type(call).__qualname__)
