"""Small Lambda functions, put together of launches, waits and shapes; which of them lose work is for others to say.

A part is written once: what stands in the module, what starts a piece of work, and the ways to end the handler after it, those
that wait and those that do not. Two parts make a program, in one of several shapes. Which combinations are taken a hash decides.
"""

from __future__ import annotations

import hashlib
import itertools
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

HEAD = """\
import asyncio
import contextlib
import functools
import multiprocessing
import multiprocessing.pool
import os
import queue
import subprocess
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, as_completed, wait

SHELL = "sleep 0.5; echo done >> $LEDGER"
LONG_SHELL = "sleep 2; echo done >> $LEDGER"


def mark():
    with open(os.environ["LEDGER"], "a") as ledger:
        ledger.write("done\\n")


def slow(*_):
    time.sleep(0.5)
    mark()


def slower(*_):
    time.sleep(2)
    mark()


async def pause():
    await asyncio.sleep(0.5)
    mark()


async def longer():
    await asyncio.sleep(2)
    mark()
"""
LONGER = (("slow", "slower"), ("pause()", "longer()"), ("SHELL", "LONG_SHELL"), ("0.5, mark", "2, mark"))
"""What makes the work of the first of two parts outlast all that the second waits for: else luck would decide."""


@dataclass(frozen=True)
class Part:
    """`name` is the launch; `start` may name its handle `h`; `ends` are what can follow. `pieces`: how many marks one event makes.

    `#` in any of them is replaced by the number of the part in its program.
    """

    name: str
    start: str
    ends: tuple[str, ...]
    module: str = ""
    pieces: int = 1
    is_async: bool = False


@dataclass(frozen=True)
class Program:
    name: str
    text: str
    pieces: int
    parts: tuple[str, ...] = field(default=())


THREAD_ENDS = (
    "",
    "h#.join()",
    "h#.join(0.05)",
    "h#.join(20)",
    "if event.get('x'):\n    h#.join()",
    "if event.get('x'):\n    h#.join()\nelse:\n    h#.join()",
    "while h#.is_alive():\n    time.sleep(0.01)",
    "for each in [h#]:\n    each.join()",
    "finish#(h#)",
    "[each.join() for each in threading.enumerate() if each is h#]",
)
FINISH = "def finish#(one):\n    one.join()\n"
FUTURE_ENDS = (
    "",
    "h#.result()",
    "h#.exception()",
    "wait([h#])",
    "wait([h#], timeout=0.05)",
    "for each in as_completed([h#]):\n    each.result()",
    "while not h#.done():\n    time.sleep(0.01)",
    "if event.get('x'):\n    h#.result()",
    "time.sleep(0.1)\nh#.cancel() or h#.result()",
    "h#.done()",
)
TASK_ENDS = (
    "",
    "await h#",
    "await asyncio.gather(h#)",
    "await asyncio.wait([h#])",
    "await asyncio.wait([h#], timeout=0.05)",
    "await asyncio.wait_for(h#, 20)",
    "with contextlib.suppress(asyncio.TimeoutError):\n    await asyncio.wait_for(asyncio.shield(h#), 0.05)",
    "if event.get('x'):\n    await h#",
    "while not h#.done():\n    await asyncio.sleep(0.01)",
    "for each in asyncio.as_completed([h#]):\n    await each",
    "await asyncio.sleep(0)",
    "await asyncio.wait([h#, asyncio.create_task(asyncio.sleep(0))], return_when=asyncio.FIRST_COMPLETED)",
)
PROCESS_ENDS = (
    "",
    "h#.wait()",
    "h#.communicate()",
    "while h#.poll() is None:\n    time.sleep(0.01)",
    "if event.get('x'):\n    h#.wait()",
    "with h#:\n    pass",
    "with contextlib.suppress(subprocess.TimeoutExpired):\n    h#.wait(0.05)",
)

PARTS = (
    Part("thread", "h# = threading.Thread(target=slow)\nh#.start()", THREAD_ENDS, FINISH),
    Part("daemon", "h# = threading.Thread(target=slow, daemon=True)\nh#.start()", THREAD_ENDS, FINISH),
    Part(
        "subclass",
        "h# = Own#()\nh#.start()",
        THREAD_ENDS,
        f"class Own#(threading.Thread):\n    def run(self):\n        slow()\n\n\n{FINISH}",
    ),
    Part("timer", "h# = threading.Timer(0.5, mark)\nh#.start()", THREAD_ENDS, FINISH),
    Part(
        "signalling",
        "done# = threading.Event()\nthreading.Thread(target=lambda: (slow(), done#.set())).start()",
        ("", "done#.wait()", "done#.wait(0.05)", "if event.get('x'):\n    done#.wait()"),
    ),
    Part(
        "premature",
        "done# = threading.Event()\nthreading.Thread(target=lambda: (done#.set(), slow())).start()",
        ("", "done#.wait()"),
    ),
    Part(
        "nested",
        "h# = threading.Thread(target=outer#)\nh#.start()",
        ("", "h#.join()"),
        "def outer#():\n    threading.Thread(target=slow).start()\n",
    ),
    Part(
        "nested-joined",
        "h# = threading.Thread(target=outer#)\nh#.start()",
        ("", "h#.join()"),
        "def outer#():\n    inner = threading.Thread(target=slow)\n    inner.start()\n    inner.join()\n",
    ),
    Part("submit", "h# = pool#.submit(slow)", FUTURE_ENDS, "pool# = ThreadPoolExecutor(2)\n"),
    Part(
        "submits",
        "h# = [pool#.submit(slow) for _ in range(3)]",
        (
            "",
            "[each.result() for each in h#]",
            "wait(h#)",
            "wait(h#, return_when=FIRST_COMPLETED)",
            "h#[0].result()",
            "h#[-1].result()",
            "any(each.result() for each in h#)",
        ),
        "pool# = ThreadPoolExecutor(2)\n",
        pieces=3,
    ),
    Part(
        "map",
        "h# = pool#.map(slow, range(2))",
        ("", "list(h#)", "next(h#)", "for _ in h#:\n    pass"),
        "pool# = ThreadPoolExecutor(1)\n",
        pieces=2,
    ),
    Part(
        "local-pool",
        "h# = ThreadPoolExecutor(1)\nh#.submit(slow)",
        ("", "h#.shutdown()", "h#.shutdown(wait=False)", "with h#:\n    pass"),
    ),
    Part("scoped-pool", "with ThreadPoolExecutor() as h#:\n    h#.submit(slow)", ("",)),
    Part(
        "chained",
        "h# = pool#.submit(len, 'a')\nh#.add_done_callback(lambda _: more#.submit(slow))",
        ("", "h#.result()"),
        "pool# = ThreadPoolExecutor(1)\nmore# = ThreadPoolExecutor(1)\n",
    ),
    Part(
        "worker",
        "jobs#.put(slow)",
        ("", "jobs#.join()", "if event.get('x'):\n    jobs#.join()", "while not jobs#.empty():\n    time.sleep(0.01)"),
        "jobs# = queue.Queue()\n\n\ndef consume#():\n    while True:\n        jobs#.get()()\n        jobs#.task_done()\n\n\n"
        "threading.Thread(target=consume#, daemon=True).start()\n",
    ),
    Part(
        "idle",
        "pass",
        ("",),
        "woken# = threading.Event()\n\n\ndef beat#():\n    while True:\n        woken#.wait(60)\n\n\n"
        "threading.Thread(target=beat#, daemon=True).start()\n",
        pieces=0,
    ),
    Part("idle-pool", "pool#.submit(len, 'a').result()", ("",), "pool# = ThreadPoolExecutor(3)\n", pieces=0),
    Part(
        "loop-thread",
        "h# = asyncio.run_coroutine_threadsafe(pause(), loop#)",
        ("", "h#.result()", "with contextlib.suppress(Exception):\n    h#.result(0.05)"),
        "loop# = asyncio.new_event_loop()\nthreading.Thread(target=loop#.run_forever, daemon=True).start()\n",
    ),
    Part(
        "threads",
        "h# = [threading.Thread(target=slow) for _ in range(3)]\nfor each in h#:\n    each.start()",
        (
            "",
            "for each in h#:\n    each.join()",
            "[each.join() for each in h#]",
            "h#[0].join(0.05)",
            "while h#:\n    h#.pop().join()",
        ),
        pieces=3,
    ),
    Part(
        "keyed",
        "h# = {pool#.submit(slow): number for number in range(2)}",
        ("", "for each in as_completed(h#):\n    h#[each], each.result()", "wait(h#)", "list(h#)"),
        "pool# = ThreadPoolExecutor(2)\n",
        pieces=2,
    ),
    Part(
        "answering",
        "h# = queue.Queue()\nthreading.Thread(target=lambda: h#.put(slow())).start()",
        (
            "",
            "h#.get()",
            "with contextlib.suppress(queue.Empty):\n    h#.get(timeout=0.05)",
            "h#.get(timeout=20)",
            "h#.qsize()",
        ),
    ),
    Part(
        "thread-pool",
        "h# = pool#.apply_async(slow)",
        ("", "h#.get()", "h#.wait()", "h#.wait(0.05)", "h#.ready()"),
        "pool# = multiprocessing.pool.ThreadPool(1)\n",
    ),
    Part(
        "managed",
        "with Running#() as h#:\n    pass",
        ("", "h#.thread.join()"),
        "class Running#:\n    def __enter__(self):\n        self.thread = threading.Thread(target=slow)\n        self.thread.start()\n"
        "        return self\n\n    def __exit__(self, *_):\n        pass\n",
    ),
    Part(
        "managed-joined",
        "with Running#():\n    pass",
        ("",),
        "class Running#:\n    def __enter__(self):\n        self.thread = threading.Thread(target=slow)\n        self.thread.start()\n\n"
        "    def __exit__(self, *_):\n        self.thread.join()\n",
    ),
    Part(
        "in-background",
        "h# = job#()",
        ("", "h#.join()", "if event.get('x'):\n    h#.join()"),
        "def background#(function):\n    @functools.wraps(function)\n    def started(*given):\n"
        "        thread = threading.Thread(target=function, args=given)\n        thread.start()\n        return thread\n\n"
        "    return started\n\n\n@background#\ndef job#():\n    slow()\n",
    ),
    Part(
        "told",
        "with turn#:\n    threading.Thread(target=tell#).start()\n    turn#.wait()",
        ("",),
        "turn# = threading.Condition()\n\n\ndef tell#():\n    slow()\n    with turn#:\n        turn#.notify_all()\n",
    ),
    Part(
        "countdown",
        "h# = threading.Semaphore(0)\nfor _ in range(2):\n    threading.Thread(target=lambda: (slow(), h#.release())).start()",
        ("", "for _ in range(2):\n    h#.acquire()", "h#.acquire(timeout=0.05)"),
        pieces=2,
    ),
    Part("popen", "h# = subprocess.Popen(SHELL, shell=True)", PROCESS_ENDS),
    Part("popen-session", "h# = subprocess.Popen(['sh', '-c', SHELL], start_new_session=True)", PROCESS_ENDS),
    Part("run", "subprocess.run(SHELL, shell=True)", ("",)),
    Part("system", "os.system(f'({SHELL}) &')", ("", "time.sleep(0.01)")),
    Part("system-waited", "os.system(SHELL)", ("",)),
    Part(
        "process",
        "h# = FORK.Process(target=slow)\nh#.start()",
        ("", "h#.join()", "h#.join(0.05)", "if event.get('x'):\n    h#.join()"),
        "FORK = multiprocessing.get_context('fork')\n",
    ),
    Part("task", "h# = asyncio.create_task(pause())", TASK_ENDS, is_async=True),
    Part("ensured", "h# = asyncio.ensure_future(pause())", TASK_ENDS, is_async=True),
    Part("gathered", "h# = asyncio.gather(pause(), pause())", TASK_ENDS[:2], pieces=2, is_async=True),
    Part(
        "coroutine",
        "h# = pause()",
        ("", "await h#", "await asyncio.gather(h#)", "asyncio.create_task(h#)"),
        is_async=True,
    ),
    Part("to-thread", "h# = asyncio.to_thread(slow)", ("", "await h#"), is_async=True),
    Part(
        "executor",
        "h# = asyncio.get_running_loop().run_in_executor(None, slow)",
        ("", "await h#", "await asyncio.sleep(0.01)"),
        is_async=True,
    ),
    Part(
        "own-executor",
        "h# = asyncio.get_running_loop().run_in_executor(pool#, slow)",
        ("", "await h#", "await asyncio.wait([h#], timeout=0.05)"),
        "pool# = ThreadPoolExecutor(1)\n",
        is_async=True,
    ),
    Part(
        "call-later",
        "asyncio.get_running_loop().call_later(0.5, mark)",
        ("", "await asyncio.sleep(2.5)"),
        is_async=True,
    ),
    Part(
        "async-child",
        "h# = await asyncio.create_subprocess_shell(SHELL)",
        ("", "await h#.wait()", "await h#.communicate()"),
        is_async=True,
    ),
    Part(
        "tasks",
        "h# = [asyncio.create_task(pause()) for _ in range(2)]",
        (
            "",
            "await asyncio.gather(*h#)",
            "await asyncio.gather(*h#, return_exceptions=True)",
            "for each in asyncio.as_completed(h#):\n    await each",
            "for each in h#:\n    await each",
            "await asyncio.wait(h#, timeout=0.05)",
        ),
        pieces=2,
        is_async=True,
    ),
    Part(
        "kept-task",
        "h# = asyncio.create_task(pause())\nkept#.add(h#)\nh#.add_done_callback(kept#.discard)",
        ("", "await asyncio.gather(*kept#)", "while kept#:\n    await asyncio.sleep(0.01)"),
        "kept# = set()\n",
        is_async=True,
    ),
    Part(
        "async-worker",
        "h# = asyncio.Queue()\nworker# = asyncio.create_task(work#(h#))\nawait h#.put(pause)",
        ("worker#.cancel()", "await h#.join()\nworker#.cancel()", "await h#.put(None)\nawait worker#"),
        "async def work#(jobs):\n    while (job := await jobs.get()) is not None:\n        await job()\n        jobs.task_done()\n",
        is_async=True,
    ),
    Part(
        "limited",
        "h# = [one#(pause, asyncio.Semaphore(1)) for _ in range(2)]",
        ("await asyncio.gather(*h#)", "[asyncio.ensure_future(each) for each in h#]"),
        "async def one#(job, limit):\n    async with limit:\n        await job()\n",
        pieces=2,
        is_async=True,
    ),
    Part("thread-in-loop", "h# = threading.Thread(target=slow)\nh#.start()", THREAD_ENDS[:2], is_async=True),
)

SHAPES = {
    "plain": "def handler(event, context):\n{body}\n    return {{'ok': True}}\n",
    "helper": "def work(event):\n{body}\n\n\ndef handler(event, context):\n    work(event)\n    return {{'ok': True}}\n",
    "object": (
        "class Service:\n    def __call__(self, event, context):\n{body2}\n        return {{'ok': True}}\n\n\nhandler = Service()\n"
    ),
    "decorated": (
        "def logged(function):\n    @functools.wraps(function)\n    def inner(event, context):\n        return function(event, context)\n\n"
        "    return inner\n\n\n@logged\ndef handler(event, context):\n{body}\n    return {{'ok': True}}\n"
    ),
    "caught": (
        "def handler(event, context):\n    try:\n{body2}\n        return {{'ok': True}}\n    except ValueError as error:\n"
        "        return {{'error': str(error)}}\n"
    ),
    "closure": "def handler(event, context):\n    def inner():\n{body2}\n\n    inner()\n    return {{'ok': True}}\n",
}
ASYNC_SHAPES = {
    "run": "async def main(event):\n{body}\n    return {{'ok': True}}\n\n\ndef handler(event, context):\n    return asyncio.run(main(event))\n",
    "kept-loop": (
        "loop = asyncio.new_event_loop()\n\n\nasync def main(event):\n{body}\n    return {{'ok': True}}\n\n\n"
        "def handler(event, context):\n    return loop.run_until_complete(main(event))\n"
    ),
    "in-object": (
        "class Service:\n    async def answer(self, event):\n{body2}\n        return {{'ok': True}}\n\n"
        "    def __call__(self, event, context):\n        return asyncio.run(self.answer(event))\n\n\nhandler = Service()\n"
    ),
    "helper": (
        "async def work(event):\n{body}\n\n\nasync def main(event):\n    await work(event)\n    return {{'ok': True}}\n\n\n"
        "def handler(event, context):\n    return asyncio.run(main(event))\n"
    ),
}


def programs(count: int) -> list[Program]:
    """`count` programs, always the same ones: half of them with one part, half with two."""
    single = sorted(_singles(), key=_hash)
    double = sorted(_doubles(single), key=_hash)
    return single[: count - count // 2] + double[: count // 2]


def _hash(program: Program) -> str:
    return hashlib.sha256(program.name.encode()).hexdigest()


def _singles() -> Iterator[Program]:
    for part in PARTS:
        for (number, end), shape in itertools.product(enumerate(part.ends), _shapes(part)):
            yield _program((part,), (end,), shape, f"{part.name} {number} {shape}")


def _doubles(singles: list[Program]) -> Iterator[Program]:
    """Each part with one that the hash of its program chooses."""
    by_kind = {kind: [part for part in PARTS if part.is_async == kind] for kind in (False, True)}
    for part in PARTS:
        for (number, end), shape in itertools.product(enumerate(part.ends), _shapes(part)):
            draw = int(hashlib.sha256(f"{part.name}{number}{shape}".encode()).hexdigest(), 16)
            others = by_kind[part.is_async]
            other = others[draw % len(others)]
            second = draw // len(others) % len(other.ends)
            name = f"{part.name} {number} {other.name} {second} {shape}"
            yield _program((part, other), (end, other.ends[second]), shape, name)


def _shapes(part: Part) -> list[str]:
    return list(ASYNC_SHAPES if part.is_async else SHAPES)


def _program(parts: tuple[Part, ...], ends: tuple[str, ...], shape: str, name: str) -> Program:
    modules, bodies = "", []
    for number, (part, end) in enumerate(zip(parts, ends)):
        module, body = (f"\n\n{part.module}" if part.module else ""), f"{part.start}\n{end}".strip()
        for short, long in LONGER if number == 0 and len(parts) > 1 else ():
            module, body = module.replace(short, long), body.replace(short, long)
        modules += module.replace("#", str(number))
        bodies.append(body.replace("#", str(number)))
    body = "\n".join(bodies)
    form = (ASYNC_SHAPES if parts[0].is_async else SHAPES)[shape]
    step = "    "
    text = form.format(body=textwrap.indent(body, step), body2=textwrap.indent(body, 2 * step))
    return Program(
        name, f"{HEAD}{modules}\n\n{text}", sum(part.pieces for part in parts), tuple(part.name for part in parts)
    )
