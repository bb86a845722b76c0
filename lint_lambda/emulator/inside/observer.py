"""Launches as they happen, and what is alive just before the runtime client polls, written down as JSON.

* launches: an audit hook (`sys.addaudithook`) sees threads and processes being started and notes the calling line;
* coroutines: `sys.set_coroutine_origin_tracking_depth` makes Python note where each one was created, which also names the
  line in the "was never awaited" warnings of the log;
* what is alive: `threading.enumerate`, `sys._current_frames`, `asyncio` task sets, read at the poll;
* what `asyncio.run` cancels is gone by then, so `asyncio.runners._cancel_all_tasks`, which cancels it, is given a look at
  the list first, and `BaseEventLoop.create_task` notes its calling line; the originals run unchanged. Python 3.10 and 3.11
  raise no audit event for threads: there `_thread.start_new_thread` is given the same look. `Thread._delete` notes when a
  thread has ended. Jobs: see `jobs.py`. Nothing else is replaced, and no code of the user's.

Where nothing is frozen (Lambda Managed Instances, web servers) what is alive at the poll runs on, or nobody of ours polls. There
the look is taken when the sandbox asks for it, by writing into a pipe, and a thread of the observer's waits for that.
"""

from __future__ import annotations

import _thread
import json
import os
import sys
import threading
import time
from _thread import start_new_thread as _start_new_thread  # as it is, before anything is noted of it
from types import FrameType
from weakref import WeakKeyDictionary, WeakSet

from . import clients
from .jobs import Jobs, callable_name
from .standing import (
    argv_of,
    boottime,
    describe,
    ended_at,
    frames_of,
    frames_of_coroutine,
    held_by_call,
    let_end,
)

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

MAX_FRAMES = 40
BEGINS_WITHIN = 1.0  # seconds: a thread that was started has begun by then, on a busy machine too
ORIGIN_DEPTH = 12
_MANAGERS = ("_ExecutorManagerThread", "_QueueManagerThread")
_POOLS = ("concurrent.futures.thread", "multiprocessing.pool")

Place = tuple[str, int, str]
"""file, 1-based line, function"""


class Observer:
    def __init__(self, snapshot: str, roots: list[str]) -> None:
        self.snapshot = snapshot
        with open(f"{snapshot}.clients", encoding="utf-8") as file:
            self.clients: list[dict[str, Any]] = json.load(file)
        self.roots = tuple(os.path.realpath(root) + os.sep for root in roots)
        self.pid = self.started = os.getpid()
        self.launches: dict[int, dict[str, Any]] = {}  # id of a Thread -> number, time, stack; the last counts
        self.ended: dict[str, float] = {}  # number of a thread -> when it ended; told once
        self.count = 0
        self.jobs = Jobs(self.next, self.launch)
        self.numbers: WeakKeyDictionary[Any, int] = WeakKeyDictionary()  # of tasks: their ids are used again
        self.created: WeakKeyDictionary[Any, tuple[float, list[Place]]] = WeakKeyDictionary()  # tasks, by create_task
        self.bare: list[tuple[Any, dict[str, Any]]] = []  # code and launch of threads without a Thread
        self.processes: list[dict[str, Any]] = []
        self.cancelled: list[dict[str, Any]] = []
        self.watching_asyncio = False
        self.loops: WeakSet[Any] = WeakSet()
        self.looker: int | None = None  # the thread that looks when asked
        self.server = False

    # Launches, as they happen.

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The audit hook. It is called for many events; all but a handful are let go at the first comparison."""
        if event in ("_thread.start_new_thread", "_thread.start_joinable_thread"):
            launch = {"number": self.next(), "at": time.monotonic(), "launched": self.launch(sys._getframe(1))}
            self.jobs.watch(sys._getframe(1))
            thread = getattr(arguments[0], "__self__", None)
            if isinstance(thread, threading.Thread):
                self.launches[id(thread)] = launch
            else:
                self.bare.append((getattr(arguments[0], "__code__", None) or callable_name(arguments[0]), launch))
        elif event in ("subprocess.Popen", "os.posix_spawn", "os.spawn"):
            self.process("subprocess", arguments[1], sys._getframe(1))
        elif event in ("os.fork", "os.forkpty"):
            self.jobs.watch(sys._getframe(1))
            self.process("fork", None, sys._getframe(1))
        elif event == "os.system":
            self.process("subprocess", arguments[0], sys._getframe(1))
        elif event == "socket.__new__":
            self.watch_asyncio()  # every event loop makes a socket pair before it can run a task
            self.note_loop(sys._getframe(1))

    def process(self, kind: str, argv: Any, frame: FrameType) -> None:
        if os.getpid() == self.pid:
            launch = {"at": time.monotonic(), "boottime": boottime(), "launched": self.launch(frame)}
            self.processes.append({"kind": kind, "argv": argv_of(argv), **launch})

    def thread_ended(self, thread: threading.Thread) -> None:
        launch = self.launches.get(id(thread))
        if launch is not None:
            self.ended[f"thread {launch['number']}"] = time.monotonic()

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
        return not file.startswith("<") and os.path.realpath(file).startswith(self.roots)

    def watch_asyncio(self) -> None:
        runners = sys.modules.get("asyncio.runners")
        cancel = getattr(runners, "_cancel_all_tasks", None)
        if self.watching_asyncio or cancel is None:
            return
        self.watching_asyncio = True

        def cancel_all_tasks(loop: Any) -> Any:
            tasks = sys.modules["asyncio"].all_tasks(loop)
            self.cancelled += [self.task(task) for task in tasks if not _closes_a_generator(task)]
            self.cancelled += self.callbacks(loop)
            return cancel(loop)

        runners._cancel_all_tasks = cancel_all_tasks  # type: ignore[union-attr]
        loop_class = sys.modules["asyncio.base_events"].BaseEventLoop
        create = loop_class.create_task

        def create_task(loop: Any, *arguments: Any, **keywords: Any) -> Any:
            task = create(loop, *arguments, **keywords)
            self.created[task] = (time.monotonic(), self.launch(sys._getframe(1)))
            return task

        loop_class.create_task = create_task

    def note_loop(self, frame: FrameType | None) -> None:
        """The loop for which a socket pair is being made, if it is for one."""
        base = getattr(sys.modules.get("asyncio.base_events"), "BaseEventLoop", None)
        while base is not None and frame is not None:
            if isinstance(loop := frame.f_locals.get("self"), base):
                self.loops.add(loop)
                return
            frame = frame.f_back

    def all_loops(self) -> list[Any]:
        """Every event loop there is, running or not. Those that make no socket pair are looked for among all objects."""
        if "uvloop" not in sys.modules:
            return [loop for loop in self.loops if not loop.is_closed()]
        import gc

        base = sys.modules["asyncio.events"].AbstractEventLoop
        return [one for one in gc.get_objects() if isinstance(one, base) and not one.is_closed()]

    # What is alive, at the poll.

    def before_poll(self) -> None:
        """Called by the main thread, between the answer and the poll.

        Where an extension in this process works on after the poll, the sandbox asks for the look when that is done.
        """
        if os.path.exists(f"{self.snapshot}.ask"):
            self.look_when_asked()
        else:
            self.observe()

    def observe(self) -> None:
        """Write down what is alive, or why that could not be looked at: it must not be the function that fails of it."""
        try:
            seen = self.look()
        except Exception:  # noqa: BLE001 objects of the function's are asked, which may raise anything
            import traceback

            seen = {"pid": self.pid, "failed": traceback.format_exc()}
        with open(f"{self.snapshot}.new", "w", encoding="utf-8") as file:
            json.dump(seen, file)
        os.replace(file.name, self.snapshot)  # whole or not at all: the sandbox may be waiting for it

    def look(self) -> dict[str, Any]:
        began = time.perf_counter()
        self.watch_asyncio()
        self.jobs.watch()
        let_end(self.others)
        loops = self.all_loops()
        jobs = list(self.jobs.look())
        self.ended.update({f"job {job['number']}": job["ended"] for job in jobs if job["ended"] is not None})
        seen = {
            "pid": self.pid,
            "library": os.path.dirname(threading.__file__),
            "threads": list(self.alive_threads()),
            "jobs": [job for job in jobs if job["ended"] is None],
            "tasks": [self.task(task) for task in _pending_tasks(loops)],
            "callbacks": [callback for loop in loops for callback in self.callbacks(loop)],
            "clients": list(clients.look(self.clients)),
            "cancelled": self.cancelled,
            "ended": self.ended,
            "processes": self.processes,
            "names": _process_names(),
            "workers": _workers(),
            "clock_ticks": os.sysconf("SC_CLK_TCK"),
        }
        self.cancelled, self.ended = [], {}
        return {**seen, "took": time.perf_counter() - began}

    def others(self) -> set[int]:
        """The threads that are neither the observer's nor the one that has answered: in a server that is any of them."""
        answered = None if self.server else threading.main_thread().ident
        return {one for one in sys._current_frames() if one not in (answered, self.looker)}

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
            self.snapshot = f"{self.snapshot}.{self.pid}"
            os.mkfifo(f"{self.snapshot}.ask")

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
                "frames": describe(frames_of(frame)),
                "job": self.jobs.number_of(_work_item(frame)),
                **_work(thread, frame),
                **self.polls(frame),
            }
        yield from self.frameless_threads(len(frames))

    def frameless_threads(self, frames: int) -> Iterator[dict[str, Any]]:
        """Raw threads that run a function written in C, which has no frame: those that are counted and not seen, the last ones.

        A thread is counted from when it begins, which may be a while after it was started.
        """
        bare = [(launched, launch) for launched, launch in self.bare if not hasattr(launched, "co_code")]
        while (unseen := 1 + _thread._count() - frames) < sum(_is_young(launch) for _, launch in bare):
            time.sleep(0.002)
        for launched, launch in bare[-unseen:] if unseen > 0 else ():
            told = {"kind": "thread", "target": launched, "idle": None, "job": None}
            yield {**launch, **told, "name": "", "daemon": False, "frames": []}

    def polls(self, frame: FrameType) -> dict[str, Any]:
        """A thread that waits for Lambda's own answer is an extension that has polled."""
        api = os.environ.get("AWS_LAMBDA_RUNTIME_API")
        inner: FrameType | None = frame
        while inner is not None:
            for value in inner.f_locals.values():
                if _peer(value) == api:
                    return {"idle": None, "polls": True}
            inner = inner.f_back
        return {}

    def bare_launch(self, frame: FrameType) -> dict[str, Any]:
        """The last launch of a thread that runs the same function, for a thread that is no Thread."""
        code = _outermost(frame).f_code
        return next((launch for launched, launch in reversed(self.bare) if launched is code), {})

    def callbacks(self, loop: Any) -> list[dict[str, Any]]:
        """What waits in a loop to be called: the function's own callables, and coroutines handed over to the loop."""
        found = []
        for handle in [*getattr(loop, "_ready", ()), *getattr(loop, "_scheduled", ())]:
            call = None if handle.cancelled() else handle._callback
            cells = getattr(call, "__closure__", None) or ()
            coroutine = next((one for cell in cells if type(one := _content(cell)).__name__ == "coroutine"), None)
            call = _without_arguments(call)
            code = getattr(call, "__code__", None)
            if coroutine is not None:
                origin = [place for place in coroutine.cr_origin or () if self.mine(place[0])]
                found.append(
                    {"number": f"coroutine {id(coroutine)}", "target": callable_name(coroutine), "launched": origin}
                )
            elif _is_builtin(call) or (code is not None and self.mine(code.co_filename)):
                found.append({"number": f"callback {id(handle)}", "target": callable_name(call), "launched": []})
        return found

    def task(self, task: Any) -> dict[str, Any]:
        coroutine = task.get_coro()
        origin = [place for place in getattr(coroutine, "cr_origin", None) or () if self.mine(place[0])]
        at, created = self.created.get(task, (None, []))
        return {
            "number": self.numbers.setdefault(task, self.next()),
            "at": at,
            "name": task.get_name(),
            "target": callable_name(coroutine),
            "launched": created or origin,
            "origin": origin,
            "frames": describe(frames_of_coroutine(coroutine)),
        }


def _closes_a_generator(task: Any) -> bool:
    """Whether a task only ends an async generator that was left early. The loop does that once more after it has cancelled the tasks."""
    return type(task.get_coro()).__name__ in ("async_generator_athrow", "async_generator_aclose")


def _is_young(launch: dict[str, Any]) -> bool:
    """Whether a thread was started so lately that it has perhaps not begun."""
    return bool(time.monotonic() - launch["at"] < BEGINS_WITHIN)


def _without_arguments(call: Any) -> Any:
    """The function that a `functools.partial` calls."""
    while type(call).__name__ == "partial" and hasattr(call, "func"):
        call = call.func
    return call


def _is_builtin(call: Any) -> bool:
    """Whether it is a function written in C, and none by which a loop moves its own tasks and futures on."""
    if type(call).__name__ != "builtin_function_or_method":
        return False
    return not hasattr(getattr(call, "__self__", None), "get_loop") and getattr(call, "__module__", "") != "_asyncio"


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # an empty one


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
    """What a thread is for: its kind and target, and whether it is idle; None where its stack has to tell.

    The threads of pools are idle: their jobs are told of themselves.
    """
    if thread is None:
        return {"kind": "thread", "target": _name(_outermost(frame).f_code), "idle": None}
    if isinstance(thread, threading.Timer):
        call = thread.function
        held = [*held_by_call(call), ["args", len(list(thread.args))], ["kwargs", len(list(thread.kwargs))]]
        code = getattr(getattr(call, "__func__", call), "__code__", None)
        place = [code.co_filename, code.co_firstlineno, code.co_name] if code is not None else None
        over = True if thread.finished.is_set() else None
        return {"kind": "timer", "target": callable_name(call), "idle": over, "calls": place, "held": held}
    target = getattr(thread, "_target", None)
    name = callable_name(target) if target else type(thread).__qualname__
    module = getattr(target, "__module__", "")
    if module in _POOLS or name in _MANAGERS:
        return {"kind": "thread", "target": name, "idle": True, "helps": True}
    if _turns_a_loop(frame):  # its tasks are told of themselves; a callback that it runs is not
        callback = _running_callback(frame)
        return {"kind": "callback", "target": callback, "idle": not callback, "launched": []}
    helper = name == "ThreadedChildWatcher._do_waitpid"
    return {"kind": "thread", "target": name, "idle": True if helper else None, "helps": helper}


def _turns_a_loop(frame: FrameType) -> bool:
    """Whether a thread only turns a loop for others, and not for a coroutine of its own."""
    inner: FrameType | None = frame
    while inner is not None:
        if inner.f_code.co_name == "run_forever" and inner.f_globals.get("__name__") == "asyncio.base_events":
            caller = inner.f_back
            return caller is None or caller.f_globals.get("__name__") != "asyncio.base_events"
        inner = inner.f_back
    return False


def _work_item(frame: FrameType) -> Any:
    """What the thread of an executor is working on."""
    inner: FrameType | None = frame
    while inner is not None:
        if inner.f_code.co_name == "_worker" and inner.f_globals.get("__name__") == "concurrent.futures.thread":
            return inner.f_locals.get("work_item")
        inner = inner.f_back
    return None


def _running_callback(frame: FrameType) -> str:
    """The function that a loop's thread is running, written in Python or in C; empty when it waits or steps a task."""
    inner: FrameType | None = frame
    while inner is not None:
        if inner.f_code.co_name == "_run" and inner.f_globals.get("__name__") == "asyncio.events":
            call = inner.f_locals["self"]._callback
            return "" if _steps_a_task(call) else callable_name(call)
        inner = inner.f_back
    return ""


def _steps_a_task(call: Any) -> bool:
    """Whether what a loop calls is a step of a task, or its wake-up; those of asyncio are written in C."""
    if hasattr(call, "__code__"):
        return False
    return type(call).__name__.startswith("Task") or hasattr(getattr(call, "__self__", None), "get_coro")


def _outermost(frame: FrameType) -> FrameType:
    while frame.f_back is not None:
        frame = frame.f_back
    return frame


def _name(code: Any) -> str:
    return str(getattr(code, "co_qualname", code.co_name))


def _process_names() -> dict[str, str]:
    """pid -> name, of the children that multiprocessing knows."""
    module = sys.modules.get("multiprocessing.process")
    return {str(child.pid): child.name for child in getattr(module, "_children", ())}


def _peer(value: Any) -> str:
    """host:port of the other end of a socket or of what reads from one; empty for anything else."""
    value = getattr(value, "_sock", value) if type(value).__name__ == "SocketIO" else value
    if type(value).__name__ not in ("socket", "SSLSocket"):
        return ""
    try:
        return "{}:{}".format(*value.getpeername()[:2])
    except (OSError, IndexError):
        return ""  # not connected, or of another family


def _workers() -> list[int]:
    """The processes of executors, which tell of their jobs themselves."""
    found: list[int] = []
    for thread in threading.enumerate():
        found += list(getattr(thread, "processes", None) or ()) if type(thread).__name__ in _MANAGERS else []
    return found


def install(snapshot: str, roots: list[str], mode: str) -> Callable[[], None]:
    """Begin to note launches; returns the function to call before each poll. Below `roots` is the function's own code.

    `mode` is `poll`, `workers` (nothing is frozen; the forks of this process poll) or `server` (another process polls).
    """
    observer = Observer(snapshot, roots)
    if sys.version_info < (3, 12):

        def start_new_thread(*arguments: Any) -> Any:
            observer.audit("_thread.start_new_thread", arguments)
            return _start_new_thread(*arguments)

        _thread.start_new_thread = start_new_thread
        threading._start_new_thread = start_new_thread  # type: ignore[attr-defined]
    ended_at(threading.Thread, observer.thread_ended)
    sys.addaudithook(observer.audit)
    sys.set_coroutine_origin_tracking_depth(ORIGIN_DEPTH)
    if mode == "workers":
        os.register_at_fork(after_in_child=observer.become_worker)
    observer.server = mode == "server"
    if mode != "poll":
        return observer.look_when_asked
    return observer.before_poll
