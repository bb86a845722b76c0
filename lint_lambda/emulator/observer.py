"""Looks, from inside the function's process, at what is alive just before the runtime client polls.

Between the answer and the poll nothing else happens, so this is what the freeze will catch. It looks and does not touch:

* launches: an audit hook (`sys.addaudithook`) sees threads and processes being started and notes the calling line;
* coroutines: `sys.set_coroutine_origin_tracking_depth` makes Python note where each one was created, which also names the
  line in the "was never awaited" warnings of the log;
* what is alive: `threading.enumerate`, `sys._current_frames`, `asyncio` task sets, read at the poll;
* what `asyncio.run` cancels is gone by then, so `asyncio.runners._cancel_all_tasks`, which cancels it, is given a look at
  the list first; the original runs unchanged. Python 3.10 and 3.11 raise no audit event for threads: there
  `_thread.start_new_thread` is given the same look. Nothing else is replaced, and no code of the user's.

Where nothing is frozen (Lambda Managed Instances) what is alive at the poll runs on. There the look is taken when the sandbox
asks for it, by writing into a pipe, and a thread of the observer's in the worker's process waits for that.

Standard library only, Python 3.10 and later; loaded by file name into the function's process, never into the emulator's.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from _thread import start_new_thread as _start_new_thread  # as it is, before anything is noted of it
from types import FrameType
from weakref import WeakKeyDictionary

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

MAX_FRAMES = 40
ORIGIN_DEPTH = 12

Place = tuple[str, int, str]
"""file, 1-based line, function"""


class Observer:
    def __init__(self, snapshot: str, task_root: str) -> None:
        self.snapshot = snapshot
        self.root = os.path.realpath(task_root) + os.sep
        self.pid = self.started = os.getpid()
        self.launches: dict[int, dict[str, Any]] = {}  # id of a Thread -> number, time, stack; the last counts
        self.count = 0
        self.numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()  # of tasks: their ids are used again
        self.bare: list[tuple[Any, dict[str, Any]]] = []  # code and launch of threads without a Thread
        self.processes: list[dict[str, Any]] = []
        self.cancelled: list[dict[str, Any]] = []
        self.watching_asyncio = False
        self.looker: int | None = None  # the thread that looks when asked

    # Launches, as they happen.

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The audit hook. It is called for many events; all but a handful are let go at the first comparison."""
        if event in ("_thread.start_new_thread", "_thread.start_joinable_thread"):
            launch = {"number": self.next(), "at": time.monotonic(), "launched": self.launch(sys._getframe(1))}
            thread = getattr(arguments[0], "__self__", None)
            if isinstance(thread, threading.Thread):
                self.launches[id(thread)] = launch
            else:
                self.bare.append((getattr(arguments[0], "__code__", None), launch))
        elif event in ("subprocess.Popen", "os.posix_spawn", "os.spawn"):
            self.process("subprocess", arguments[1], sys._getframe(1))
        elif event in ("os.fork", "os.forkpty"):
            self.process("fork", None, sys._getframe(1))
        elif event == "os.system":
            self.process("subprocess", arguments[0], sys._getframe(1))
        elif event == "socket.__new__":
            self.watch_asyncio()  # every event loop makes a socket pair before it can run a task

    def process(self, kind: str, argv: Any, frame: FrameType) -> None:
        if os.getpid() == self.pid:
            launch = {"at": time.monotonic(), "boottime": _boottime(), "launched": self.launch(frame)}
            self.processes.append({"kind": kind, "argv": _argv(argv), **launch})

    def next(self) -> int:
        self.count += 1
        return self.count

    def launch(self, frame: FrameType | None) -> list[Place]:
        """The frames below the task root that led here, the launching one first."""
        places: list[Place] = []
        while frame is not None and len(places) < MAX_FRAMES:
            if self.mine(frame.f_code.co_filename):
                places.append((frame.f_code.co_filename, frame.f_lineno, _name(frame.f_code)))
            frame = frame.f_back
        return places

    def mine(self, file: str) -> bool:
        return not file.startswith("<") and os.path.realpath(file).startswith(self.root)

    def watch_asyncio(self) -> None:
        runners = sys.modules.get("asyncio.runners")
        cancel = getattr(runners, "_cancel_all_tasks", None)
        if self.watching_asyncio or cancel is None:
            return
        self.watching_asyncio = True

        def cancel_all_tasks(loop: Any) -> Any:
            self.cancelled += [self.task(task) for task in sys.modules["asyncio"].all_tasks(loop)]
            self.cancelled += self.callbacks(loop)
            return cancel(loop)

        runners._cancel_all_tasks = cancel_all_tasks  # type: ignore[union-attr]

    # What is alive, at the poll.

    def observe(self) -> None:
        """Write down what is alive. Called by the main thread, between the answer and the poll."""
        began = time.perf_counter()
        self.watch_asyncio()
        loops = _loops()
        seen = {
            "pid": self.pid,
            "threads": list(self.alive_threads()),
            "tasks": [self.task(task) for task in _pending_tasks(loops)],
            "callbacks": [callback for loop in loops for callback in self.callbacks(loop)],
            "cancelled": self.cancelled,
            "processes": self.processes,
            "names": _process_names(),
            "clock_ticks": os.sysconf("SC_CLK_TCK"),
        }
        self.cancelled = []
        seen["took"] = time.perf_counter() - began
        with open(f"{self.snapshot}.new", "w", encoding="utf-8") as file:
            json.dump(seen, file)
        os.replace(file.name, self.snapshot)  # whole or not at all: the sandbox may be waiting for it

    def look_when_asked(self) -> None:
        """Begin to wait for requests in the pipe `<snapshot>.ask`. Called in each worker before its first poll."""
        if self.looker is None:
            self.looker = _start_new_thread(self.answer_requests, ())

    def answer_requests(self) -> None:
        while True:
            with open(f"{self.snapshot}.ask", "rb") as pipe:
                pipe.read()
            self.observe()

    def become_worker(self) -> None:
        """In a fork of the process that was started: its worker is the function's process from now on."""
        if os.getppid() == self.started:
            self.pid, self.processes = os.getpid(), []

    def alive_threads(self) -> Iterator[dict[str, Any]]:
        frames = sys._current_frames()
        known = {thread.ident: thread for thread in threading.enumerate()}
        for ident, frame in frames.items():
            if ident in (threading.main_thread().ident, self.looker):
                continue
            thread = known.get(ident)
            yield {
                "number": f"ident {ident}",  # unless the launch was seen
                "at": None,
                "launched": [],
                **(self.launches.get(id(thread)) or self.bare_launch(frame)),
                "name": thread.name if thread is not None else "",
                "daemon": thread is not None and thread.daemon,
                "stack": _stack(frame),
                **_work(thread, frame),
            }

    def bare_launch(self, frame: FrameType) -> dict[str, Any]:
        """The last launch of a thread that runs the same function, for a thread that is no Thread."""
        code = _outermost(frame).f_code
        return next((launch for launched, launch in reversed(self.bare) if launched is code), {})

    def callbacks(self, loop: Any) -> list[dict[str, Any]]:
        """What waits in a loop to be called: the function's own callables, and coroutines handed over to the loop."""
        found = []
        for handle in [*getattr(loop, "_ready", ()), *getattr(loop, "_scheduled", ())]:
            call = None if handle.cancelled() else handle._callback
            inside = [cell.cell_contents for cell in getattr(call, "__closure__", None) or ()]
            coroutine = next((one for one in inside if hasattr(one, "cr_code")), None)
            code = getattr(call, "__code__", None)
            if coroutine is not None:
                origin = [place for place in coroutine.cr_origin or () if self.mine(place[0])]
                found.append(
                    {"number": f"coroutine {id(coroutine)}", "target": _callable(coroutine), "launched": origin}
                )
            elif code is not None and self.mine(code.co_filename):
                found.append({"number": f"callback {id(handle)}", "target": _callable(call), "launched": []})
        return found

    def task(self, task: Any) -> dict[str, Any]:
        coroutine = task.get_coro()
        origin = getattr(coroutine, "cr_origin", None) or ()
        stack: list[Place] = []
        inner = coroutine
        while getattr(inner, "cr_frame", None) is not None and len(stack) < MAX_FRAMES:
            frame = inner.cr_frame
            stack.append((frame.f_code.co_filename, frame.f_lineno, _name(frame.f_code)))
            inner = inner.cr_await
        return {
            "number": self.numbers.setdefault(task, self.next()),
            "name": task.get_name(),
            "target": _callable(coroutine),
            "launched": [place for place in origin if self.mine(place[0])],
            "stack": stack,
        }


def _loops() -> list[Any]:
    """Every event loop there is, running or not. Nothing keeps a list of them, but they are objects like others."""
    if "asyncio.base_events" not in sys.modules:
        return []
    import gc

    base = sys.modules["asyncio.base_events"].BaseEventLoop
    return [one for one in gc.get_objects() if isinstance(one, base) and not one.is_closed()]


def _pending_tasks(loops: list[Any]) -> list[Any]:
    """Every task of every loop that is not done. Python 3.14 keeps them in C, by loop; before, in module-level sets."""
    tasks = sys.modules.get("asyncio.tasks")
    if tasks is None:
        return []
    found = []
    for name in ("_all_tasks", "_scheduled_tasks", "_eager_tasks"):
        found += list(getattr(tasks, name, ()))
    if sys.version_info >= (3, 14):
        found += [task for loop in loops for task in tasks.all_tasks(loop)]
    return [task for task in {id(task): task for task in found}.values() if not task.done()]


def _work(thread: threading.Thread | None, frame: FrameType) -> dict[str, Any]:
    """What a thread is for: its kind and target, and whether it is idle: alive, but with nothing left to do."""
    if thread is None:
        return {"kind": "thread", "target": _name(_outermost(frame).f_code), "idle": False}
    if isinstance(thread, threading.Timer):
        return {"kind": "timer", "target": _callable(thread.function), "idle": thread.finished.is_set()}
    target, arguments = getattr(thread, "_target", None), getattr(thread, "_args", ())
    name = _callable(target) if target else type(thread).__qualname__
    module = getattr(target, "__module__", "")
    if module == "concurrent.futures.thread":
        return _pool_thread(frame, next((one.qsize() for one in arguments if hasattr(one, "qsize")), 0))
    if module == "multiprocessing.pool":
        # The thread that looks after the workers has the table of jobs without a result; the others only help it.
        jobs = len(arguments[0]) if name == "Pool._handle_workers" and arguments else 0
        return {"kind": "pool", "target": "", "queued": jobs, "idle": jobs == 0}
    if name == "BaseEventLoop.run_forever":  # its tasks are told of themselves; a callback that it runs is not
        callback = _running_callback(frame)
        return {"kind": "callback", "target": callback, "idle": not callback}
    helper = name == "ThreadedChildWatcher._do_waitpid"
    return {"kind": "thread", "target": name, "idle": helper or _waits_for_work(frame)}


def _running_callback(frame: FrameType) -> str:
    """The plain function that a loop's thread is running, empty when it waits or steps a task."""
    inner: FrameType | None = frame
    while inner is not None:
        if inner.f_code.co_name == "_run" and inner.f_globals.get("__name__") == "asyncio.events":
            call = inner.f_locals["self"]._callback
            return _callable(call) if hasattr(call, "__code__") else ""
        inner = inner.f_back
    return ""


def _pool_thread(frame: FrameType, queued: int) -> dict[str, Any]:
    """What a ThreadPoolExecutor's thread runs, and how many calls wait behind it.

    `queued` is the length of its queue, which also holds the word to stop: only calls that exist are waiting.
    """
    running = None
    inner: FrameType | None = frame
    while inner is not None:
        if inner.f_code.co_name == "_worker":
            running = inner.f_locals.get("work_item")
        inner = inner.f_back
    if running is not None and running.future.done():
        running = None
    waiting = _waiting_calls() if queued else []
    target = _call(running) if running is not None else " or ".join(dict.fromkeys(waiting))
    idle = running is None and not waiting
    return {"kind": "executor", "target": target, "queued": len(waiting), "idle": idle}


def _waits_for_work(frame: FrameType) -> bool:
    """Whether a thread stands in the `get` of a queue that is empty."""
    inner: FrameType | None = frame
    while inner is not None and inner.f_code.co_filename == threading.__file__:
        inner = inner.f_back  # the condition that the queue waits on
    if inner is None or inner.f_code.co_name != "get" or inner.f_globals.get("__name__") != "queue":
        return False
    return bool(inner.f_locals["self"].empty())


def _waiting_calls() -> list[str]:
    """What waits in the queues of thread pools. A queue cannot be looked into, but its items are objects like others."""
    import gc

    item = sys.modules["concurrent.futures.thread"]._WorkItem
    return [_call(one) for one in gc.get_objects() if type(one) is item and one.future._state == "PENDING"]


def _call(item: Any) -> str:
    """The name of the function that a pool's work item calls; Python 3.14 keeps it in `task`."""
    return _callable(item.fn if hasattr(item, "fn") else item.task[0])


def _callable(call: Any) -> str:
    while hasattr(call, "func"):  # functools.partial
        call = call.func
    return str(getattr(call, "__qualname__", None) or type(call).__qualname__)


def _outermost(frame: FrameType) -> FrameType:
    while frame.f_back is not None:
        frame = frame.f_back
    return frame


def _stack(frame: FrameType | None) -> list[Place]:
    """Outermost first."""
    places: list[Place] = []
    while frame is not None and len(places) < MAX_FRAMES:
        places.append((frame.f_code.co_filename, frame.f_lineno, _name(frame.f_code)))
        frame = frame.f_back
    return places[::-1]


def _name(code: Any) -> str:
    return str(getattr(code, "co_qualname", code.co_name))


def _argv(argv: Any) -> list[str]:
    if isinstance(argv, (str, bytes)):
        return [os.fsdecode(argv)]
    return [os.fsdecode(part) for part in argv] if argv is not None else []


def _process_names() -> dict[str, str]:
    """pid -> name, of the children that multiprocessing knows."""
    module = sys.modules.get("multiprocessing.process")
    return {str(child.pid): child.name for child in getattr(module, "_children", ())}


def _boottime() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def install(snapshot: str, task_root: str, managed: bool) -> Callable[[], None]:
    """Begin to note launches; returns the function to call before each poll. `managed`: nothing will be frozen there."""
    observer = Observer(snapshot, task_root)
    if sys.version_info < (3, 12):
        import _thread

        def start_new_thread(*arguments: Any) -> Any:
            observer.audit("_thread.start_new_thread", arguments)
            return _start_new_thread(*arguments)

        _thread.start_new_thread = start_new_thread
        threading._start_new_thread = start_new_thread  # type: ignore[attr-defined]
    sys.addaudithook(observer.audit)
    sys.set_coroutine_origin_tracking_depth(ORIGIN_DEPTH)
    if managed:
        os.register_at_fork(after_in_child=observer.become_worker)
        return observer.look_when_asked
    return observer.observe
