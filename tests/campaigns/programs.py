"""Write programs whose fate is known by how they are put together: launches, in holders, waited for or not, by ways of control.

`program(rng)` is a fixture: a runnable Lambda whose header says what the sandbox is to see. It is put together of *strands*. Each is
started in some way, kept in some holder, and has some ending: it is waited for on every path, or on one path it is not. Strands
begin and end in any order.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.campaigns.holders import HOLDERS, Holder

BRIEF, LONG = 0.02, 1.0
"""Seconds that work takes which is waited for, and which is not: that shall not be over before the others are."""
LAUNCH = "launch "
"""What the comment on the line of a launch begins with."""


@dataclass(frozen=True)
class Kind:
    """A kind of launch. `{work}` is its function, `{each}` a handle.

    - `start`: the lines that start it; the last holds the launch and, unless `made` says what else, is the handle itself.
    - `waits`, `decoys`: lines that wait for one handle, and such that do not.
    """

    name: str
    start: tuple[str, ...]
    waits: tuple[str, ...]
    decoys: tuple[str, ...]
    made: str = ""
    is_async: bool = False


_THREAD_WAITS = (
    "{each}.join()",
    "{each}.join(None)",
    "{each}.join(timeout=None)",
    "{each}.join() if {each} else None",
    "(lambda: {each}.join())()",
    "functools.partial({each}.join)()",
)
_THREAD_DECOYS = (
    "{each}.is_alive()",
    "print({each}.name)",
    "{each}.join(0.001)",
    "{each}.join(timeout=0)",
    "touch({each})",
)

KINDS = (
    Kind("thread", ("made = threading.Thread(target={work})", "made.start()"), _THREAD_WAITS, _THREAD_DECOYS, "made"),
    Kind("daemon", ("made = threading.Thread(target={work}, daemon=True)", "made.start()"), _THREAD_WAITS, _THREAD_DECOYS, "made"),
    Kind("arguments", ("made = threading.Thread(target=run, args=({work},))", "made.start()"), _THREAD_WAITS, _THREAD_DECOYS, "made"),
    Kind("worker", ("made = Worker({work})", "made.start()"), _THREAD_WAITS, _THREAD_DECOYS, "made"),
    Kind("timer", ("made = threading.Timer(0.001, {work})", "made.start()"), _THREAD_WAITS, _THREAD_DECOYS, "made"),
    Kind(
        "future",
        ("POOL.submit({work})",),
        (
            "{each}.result()",
            "{each}.exception()",
            "concurrent.futures.wait([{each}])",
            "[done.result() for done in concurrent.futures.as_completed([{each}])]",
        ),
        ("{each}.done()", "{each}.add_done_callback(print)", "concurrent.futures.wait([{each}], timeout=0.001)", "touch({each})"),
    ),
    Kind(
        "task",
        ("asyncio.create_task({work}())",),
        ("await {each}", "await asyncio.gather({each})", "await asyncio.wait([{each}])", "await asyncio.wait_for({each}, None)"),
        ("{each}.done()", "{each}.add_done_callback(print)", "await asyncio.wait([{each}], timeout=0.001)", "touch({each})"),
        is_async=True,
    ),
)  # fmt: skip


@dataclass
class Strand:
    """One launch. `begin` and `end` are lines of the handler, `defined` such of the module.

    `leaves`: the name of an item of the event that makes the handler return before the end.
    """

    name: str
    kind: Kind
    holder: Holder
    lost: bool
    defined: list[str] = field(default_factory=list)
    begin: list[str] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    leaves: bool = False


@dataclass(frozen=True)
class Program:
    """`text` is the fixture; `lost` are the lines (from 1) of launches that a path does not wait for."""

    text: str
    lost: frozenset[int]


def program(rng: random.Random) -> Program:
    is_async = rng.random() < 0.35
    kinds = [kind for kind in KINDS if is_async or not kind.is_async]
    strands: list[Strand] = []
    for number in range(rng.choice((1, 1, 2, 2, 3))):
        kind = rng.choice(kinds if not is_async or rng.random() < 0.3 else KINDS[-1:])
        may_leave = not any(each.leaves for each in strands)
        strands.append(_strand(rng, f"s{number}", kind, is_async, may_leave))
    order = _order(rng, strands)
    seen: dict[str, list[str]] = {"done": [], "lost": []}
    lost = {strand.name for strand in strands if strand.lost}
    body, begun, left = [], list[Strand](), False
    for strand, is_end in order:
        body += strand.end if is_end else strand.begin
        if is_end and strand.leaves:
            lost |= {each.name for each in begun}
            seen["lost"] += [each.name for each in begun if not left]
            begun, left = [], True
        elif is_end:
            begun.remove(strand) if strand in begun else None
            if not left:
                seen["lost" if strand.lost else "done"].append(strand.name)
        elif not left:
            begun.append(strand)
    return _written(rng, strands, body, seen, lost, is_async)


def _order(rng: random.Random, strands: list[Strand]) -> list[tuple[Strand, bool]]:
    """Beginnings and endings, each strand's in this order."""
    pending = [[(strand, False), (strand, True)] for strand in strands]
    found = []
    while pending:
        chosen = rng.choice(pending)
        found.append(chosen.pop(0))
        if not chosen:
            pending.remove(chosen)
    return found


def _strand(rng: random.Random, name: str, kind: Kind, is_async: bool, may_leave: bool) -> Strand:
    strand = Strand(name, kind, rng.choice(HOLDERS), lost=rng.random() < 0.5)
    handle = _begin(rng, strand)
    strand.begin += [line.format(n=name, handle=handle) for line in strand.holder.keep]
    strand.defined += [line.format(n=name) for line in strand.holder.defined]
    waited = _ending(rng, strand, rng.choice(kind.waits))
    if not strand.lost:
        strand.end = rng.choice(_JOINED)(waited, name, is_async)
        return strand
    way = rng.randrange(5 if may_leave else 4)
    if way == 0:
        strand.end = ["touch(event)"]
    elif way == 1:
        strand.end = _ending(rng, strand, rng.choice(kind.decoys))
    elif way == 2:
        strand.end = ['if event["wait"]:', *_inside(waited)]
    elif way == 3:
        strand.end = ["try:", *_inside(["fail(event)", *waited]), "except ValueError:", "    pass"]
    else:
        strand.leaves = True
        strand.end = ['if event["leave"]:', "    return {}", *waited]
    return strand


def _work(strand: Strand, lost: bool) -> list[str]:
    seconds = LONG if lost else BRIEF
    if strand.kind.is_async:
        return [
            f"async def work_{strand.name}():",
            f"    await asyncio.sleep({seconds})",
            f'    reached("{strand.name}")',
            "",
        ]
    return [f"def work_{strand.name}():", f"    time.sleep({seconds})", f'    reached("{strand.name}")', ""]


def _begin(rng: random.Random, strand: Strand) -> str:
    """Add the lines that start the work, and return the expression of its handle."""
    name, kind = strand.name, strand.kind
    lines = [line.format(work=f"work_{name}") for line in kind.start]
    mark = f"  # {LAUNCH}{name}"
    way = rng.randrange(1 if strand.holder.starts else 0, 4)
    if way == 0:
        made = f"made_{name}"
        if kind.made:
            strand.begin += [line.replace("made", made) for line in lines]
        else:
            strand.begin += [f"{made} = {lines[0]}"]
        strand.begin[-1] += mark
        return made
    lines = lines if kind.made else [f"made = {lines[0]}"]
    lines[-1] += mark
    if way == 1:
        strand.defined += [f"def start_{name}():", *_inside([*lines, "return made"]), ""]
        return f"start_{name}()"
    if way == 2:
        strand.defined += [
            f"class Starter_{name}:",
            "    def start(self):",
            *_inside(_inside([*lines, "return made"])),
            "",
        ]
        return f"Starter_{name}().start()"
    strand.begin += [f"def start_{name}():", *_inside([*lines, "return made"])]
    return f"start_{name}()"


def _ending(rng: random.Random, strand: Strand, wait: str) -> list[str]:
    """The lines that do something with what the holder has."""
    given = rng.choice(strand.holder.give)
    each = given[-1].format(n=strand.name)
    lines = [line.format(n=strand.name) for line in given[:-1]]
    once = f"once_{strand.name}"
    is_deferred = "lambda" in wait and not each.isidentifier()
    again = [f"{once} = {each}"] if wait.count("{each}") > 1 or is_deferred else []
    depth = len(lines[-1]) - len(lines[-1].lstrip()) + 4 if lines and lines[-1].endswith(":") else 0
    inner = [*again, wait.format(each=once if again else each)]
    return [*lines, *(" " * depth + line for line in inner)]


def _inside(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


Joined = Callable[[list[str], str, bool], list[str]]


def _function(lines: list[str], name: str, is_async: bool) -> list[str]:
    return [f"{'async ' * is_async}def end_{name}():", *_inside(lines), f"{'await ' * is_async}end_{name}()"]


_JOINED: tuple[Joined, ...] = (
    lambda lines, name, is_async: lines,
    lambda lines, name, is_async: ["try:", "    touch(event)", "finally:", *_inside(lines)],
    lambda lines, name, is_async: ['if event["wait"]:', *_inside(lines), "else:", *_inside(lines)],
    lambda lines, name, is_async: ["with LOCK:", *_inside(lines)],
    lambda lines, name, is_async: ["for turn in range(2):", "    touch(turn)", "else:", *_inside(lines)],
    lambda lines, name, is_async: [f"over_{name} = False", f"while not over_{name}:", *_inside(lines), f"    over_{name} = True"],
    lambda lines, name, is_async: ['if event["bad"]:', "    raise ValueError(event)", *lines],
    lambda lines, name, is_async: ["try:", *_inside(lines), "except OSError as error:", "    raise RuntimeError from error"],
    lambda lines, name, is_async: ['match event["wait"]:', "    case True:", *_inside(_inside(lines)), "    case _:", *_inside(_inside(lines))],
    _function,
)  # fmt: skip
"""Ways to wait on every path that answers."""

_HEAD = """\
import asyncio
import collections
import concurrent.futures
import contextlib
import dataclasses
import functools
import queue
import threading
import time

from probe import reached

POOL = concurrent.futures.ThreadPoolExecutor(8)
LOCK = threading.Lock()


class Box:
    pass


class Worker(threading.Thread):
    def __init__(self, work):
        super().__init__()
        self.work = work

    def run(self):
        self.work()


def run(work):
    work()


def touch(event):
    return str(event)


def fail(event):
    if event["fail"]:
        raise ValueError(event)


def traced(function):
    @functools.wraps(function)
    def inside(*args):
        touch(args)
        return function(*args)

    return inside


""".splitlines()


def _written(
    rng: random.Random,
    strands: list[Strand],
    body: list[str],
    seen: dict[str, list[str]],
    lost: set[str],
    is_async: bool,
) -> Program:
    event = {"wait": False, "leave": True, "fail": True, "bad": False}
    said = " ".join(f"{fate}={','.join(names)}" for fate, names in seen.items() if names)
    header = ['"""A program that was put together."""', f"# lambda: handler=lambda_handler event={json.dumps(event)}"]
    lines = [*header, f"# oracle: {said}", *_HEAD]
    for strand in strands:
        lines += ["", *_work(strand, strand.name in lost), "", *strand.defined]
    lines += ["", *_framed(rng, [*body, "return {}"], is_async)]
    marks = {f"# {LAUNCH}{name}" for name in lost}
    places = frozenset(n for n, line in enumerate(lines, 1) if any(line.endswith(mark) for mark in marks))
    return Program("\n".join(lines) + "\n", places)


def _framed(rng: random.Random, body: list[str], is_async: bool) -> Iterator[str]:
    """The handler around its lines."""
    way = rng.randrange(4)
    if is_async:
        yield from ("async def main(event):", *_inside(body), "", "")
        call = "asyncio.run(main(event))"
    elif way == 0:
        yield from ("def lambda_handler(event, context):", *_inside(body))
        return
    elif way == 1:
        yield from ("class Service:", "    def answer(self, event):", *_inside(_inside(body)), "", "")
        call = "Service().answer(event)"
    else:
        yield from ("def answer(event):", *_inside(body), "", "")
        call = "answer(event)"
    if way == 3:
        yield "@traced"
    yield from ("def lambda_handler(event, context):", f"    return {call}")
