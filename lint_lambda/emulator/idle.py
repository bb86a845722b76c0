"""Whether a thread or a task that is alive has anything left to do: alive is not pending.

It is told from where it stands, by the source of its frames. Idle is what waits (for a queue, a condition, an event, a socket to
accept on, or the clock) and has done everything that was handed to it:

* it waits in a loop that has no end of its own (`while True`, `while not stop.is_set()`), or for the next item of a queue;
* nothing of this turn of the loop is still needed: no name that was assigned before the wait is used after it, no container
  that it fills or empties has anything in it, and no queue that it serves has unfinished tasks;
* nothing but an end of the loop follows: a loop that asks whether something is done, and then goes on, is at work.

What waits in a loop whose condition is false by now, because somebody told it to end, is idle when it calls nothing more on its way out.

In doubt it is at work. No code of the function's is run for this; its files are read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

QUEUE, SIGNAL, CLOCK = "queue", "signal", "clock"
ONE_WAIT = "it waits for a queue that is empty"
"""The beginning of the reason that holds only while nothing else is at work."""

_IN_LIBRARY = {
    ("queue", "get"): QUEUE,
    ("multiprocessing/queues", "get"): QUEUE,
    ("asyncio/queues", "get"): QUEUE,
    ("threading", "wait"): SIGNAL,
    ("threading", "wait_for"): SIGNAL,
    ("threading", "acquire"): SIGNAL,
    ("asyncio/locks", "wait"): SIGNAL,
    ("asyncio/locks", "acquire"): SIGNAL,
    ("asyncio/tasks", "sleep"): CLOCK,
    ("selectors", "select"): SIGNAL,
    ("socket", "accept"): SIGNAL,
    ("multiprocessing/connection", "wait"): SIGNAL,
    ("multiprocessing/connection", "recv"): QUEUE,
    ("multiprocessing/connection", "accept"): SIGNAL,
}
"""Module of the standard library and function in it -> what is waited for there."""
_BY_CALL = {
    "get": QUEUE,
    "wait": SIGNAL,
    "acquire": SIGNAL,
    "select": SIGNAL,
    "poll": SIGNAL,
    "accept": SIGNAL,
    "sleep": CLOCK,
    "sigwait": QUEUE,
    "pause": QUEUE,
}
"""The same for functions that are written in C, by the name under which they are called."""
_ASKS = frozenset({"is_set", "wait", "is_alive", "empty", "acquire", "isSet", "set", "clear", "closed", "is_closing"})
_SAYS = frozenset(
    [
        "print",
        "debug",
        "info",
        "warning",
        "warn",
        "error",
        "exception",
        "critical",
        "log",
        "close",
        "stop",
        "shutdown",
        "cleanup",
        "join",
        "clear",
        "set",
        "task_done",
        "len",
        "time",
        "monotonic",
        "perf_counter",
        "isinstance",
        "str",
        "repr",
        "getattr",
        "max",
        "min",
        "notify",
        "notify_all",
        "release",
        "acquire",
    ]
)
"""Calls after which nobody waits for anything: what is said, and what puts things away."""


@dataclass(frozen=True)
class Frame:
    """One frame as the function's process tells it: `span` is [line, column, end line, end column] of the expression it is in."""

    file: str
    line: int
    function: str
    span: tuple[int, int, int, int] | None
    holds: tuple[tuple[str, int], ...]
    flags: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Frame:
        span = raw["span"]
        known = tuple(span) if span is not None and None not in span else None
        return cls(
            raw["file"],
            raw["line"],
            raw["function"],
            known,
            tuple((n, size) for n, size in raw["holds"]),
            raw.get("flags", {}),
        )


def polls_because(frames: Sequence[Frame], library: str) -> str:
    """The same for an extension that has asked Lambda for its next event."""
    if any(_handed_over(frame.holds, frame.file) for frame in frames if _own(frame, library)):
        return ""
    return "it is an extension that waits for the next event, and holds nothing"


def idle_because(frames: Sequence[Frame], library: str, for_event: bool) -> str:
    """How it is known that there is nothing left to do; empty when there is, or may be. `frames` are outermost first.

    `library` is the directory of the standard library of the process that they are of. `for_event`: it was launched during an
    invocation. What then does something again and again, by the clock, and serves no container, was asked to do that by the
    event, and is never done.
    """
    own, kind = _wait(list(frames), library)
    if not own or not kind:
        return ""
    told = ""
    for depth, frame in enumerate(reversed(own)):
        place = _place(frame)
        if place is None:
            return ""
        loops = place.loops
        for loop in reversed(loops):
            if _in_hand(place, loop, innermost=depth == 0) or _handed_over(frame.holds, frame.file):
                return ""
            if _is_told_to_end(loop, frame.flags):
                if _calls_on_its_way_out(loop, place):
                    return ""
                told = f"it was told to end: the condition in line {loop.lineno} of {frame.file} is false by now"
                continue
            if _only_waits(loop):
                continue
            if not _endless(loop):
                if kind == QUEUE:
                    continue
                return ""
            if kind != QUEUE and _goes_on_after(loop, place, own[: len(own) - depth - 1]):
                return ""
            if for_event and _own(frame, library) and not (kind == QUEUE or _serves_something(own)):
                return ""
            return f"it waits for the next turn of the endless loop in line {loop.lineno} of {frame.file}, and holds nothing"
        if _in_hand(place, None, innermost=depth == 0) or _handed_over(frame.holds, frame.file):
            return ""
    if told:
        return told
    if kind == QUEUE:
        return f"{ONE_WAIT}, in line {own[-1].line} of {own[-1].file}, and holds nothing"
    return ""


def _own(frame: Frame, library: str) -> bool:
    return "site-packages/" not in frame.file and not frame.file.startswith(f"{library}/")


def _serves_something(frames: Sequence[Frame]) -> bool:
    """Whether they know a container through which work is handed over in their file, empty as it is."""
    return any(_handed_over([(name, 1) for name, _ in frame.holds], frame.file) for frame in frames)


def heartbeat_because(calls: Sequence[Any], held: Sequence[Sequence[Any]]) -> str:
    """The same for a `threading.Timer`: one whose function starts the next, whatever happens, and that carries nothing."""
    file, line, name = calls
    tree = _tree(file)
    function = _function(tree, line, name) if tree is not None else None
    if function is None or any(size for name, size in held if name in ("args", "kwargs")):
        return ""
    if _handed_over(held, file) or not any(_is_timer(node) for node in _unconditional(function.body)):
        return ""
    return f"it is a heartbeat: the function in line {line} of {file} always starts the next timer, and nothing waits for it"


# Where it waits.


def _wait(frames: list[Frame], library: str) -> tuple[list[Frame], str]:
    """The frames down to the one that waits, without those of the library that do the waiting, and for what it waits."""
    kind = ""
    while frames and (found := _waits_in(frames[-1], library)) is not None:
        kind = found or kind
        frames = frames[:-1]
    frames = [frame for frame in frames if not (_module(frame, library) == "threading" and _starts(frame))]
    if frames and not kind and not _module(frames[-1], library).startswith(("threading", "concurrent", "subprocess")):
        kind = _called(frames[-1])
    return frames, kind


def _waits_in(frame: Frame, library: str) -> str | None:
    """For what a function of the standard library waits; empty for one that only helps, None for any other frame."""
    module = _module(frame, library)
    name = frame.function.rpartition(".")[2]
    if module == "threading" and _starts(frame):
        return None
    found = _IN_LIBRARY.get((module, name))
    if found is not None:
        return found
    helping = module in (
        "selectors",
        "queue",
        "asyncio/queues",
        "asyncio/locks",
        "multiprocessing/connection",
        "socket",
    )
    return "" if helping else None


def _starts(frame: Frame) -> bool:
    return frame.function.rpartition(".")[2] in ("_bootstrap", "_bootstrap_inner", "run")


def _module(frame: Frame, library: str) -> str:
    inside = frame.file.removeprefix(f"{library}/")
    return "" if inside == frame.file or inside.startswith("site-packages") else inside.removesuffix(".py")


def _called(frame: Frame) -> str:
    """For what a function written in C waits that a frame is calling just now."""
    tree = _tree(frame.file)
    if tree is None:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_at(node, frame):
            name = _last_name(node.func)
            if name == "get" and (node.args or {word.arg for word in node.keywords} - {"block", "timeout"}):
                continue  # of a dictionary
            if name in _BY_CALL:
                return _BY_CALL[name]
            if name == "read" and isinstance(node.func, ast.Attribute) and _last_name(node.func.value) == "os":
                return QUEUE  # a pipe
    return ""


def _is_at(node: ast.expr, frame: Frame) -> bool:
    if frame.span is None:
        return node.lineno <= frame.line <= (node.end_lineno or node.lineno)
    first, start, last, end = frame.span
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == (first, start, last, end)


# In which loops it waits.

Loop = ast.While | ast.For | ast.AsyncFor


@dataclass(frozen=True)
class _Place:
    """A statement in a function, with all that it is in: `path` from the function's body down, `loops` outermost first."""

    function: ast.AST
    path: tuple[ast.stmt, ...]
    loops: tuple[Loop, ...]


_parsing = Lock()
"""Python 3.11 counts the depth of a syntax tree in one place for all threads, and fails when two parse at a time."""


def parsed(source: str | bytes) -> ast.Module:
    """Raises SyntaxError and ValueError."""
    with _parsing:
        return ast.parse(source)


@lru_cache(maxsize=64)
def _tree(file: str) -> ast.Module | None:
    try:
        return parsed(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None  # no file, or one that is newer than this Python


def _function(tree: ast.AST, line: int, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The innermost function of that name around a line (its decorators, too)."""
    found = None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first <= line <= (node.end_lineno or first):
                found = node
    return found


def _place(frame: Frame) -> _Place | None:
    tree = _tree(frame.file)
    name = frame.function.rpartition(".")[2]
    function = _function(tree, frame.line, name) if tree is not None else None
    if function is None:
        return None
    path: list[ast.stmt] = []
    inside: Sequence[ast.stmt] = function.body
    while (next_one := next((one for one in inside if _covers(one, frame.line)), None)) is not None:
        path.append(next_one)
        inside = list(_blocks(next_one))
    # A loop's own test is asked in each of its turns; what a `for` iterates over is made once.
    loops = [one for one in path if isinstance(one, (ast.While, ast.For, ast.AsyncFor))]
    if loops and isinstance(loops[-1], ast.For) and path[-1] is loops[-1] and not _serves(loops[-1]):
        loops.pop()
    return _Place(function, tuple(path), tuple(loops))


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(node, name, ())
    for handler in getattr(node, "handlers", ()):
        yield from handler.body


def _serves(loop: ast.For | ast.AsyncFor) -> bool:
    """`for item in iter(queue.get, None)`, `async for`: the next item may always come."""
    call = loop.iter
    return isinstance(loop, ast.AsyncFor) or (
        isinstance(call, ast.Call) and _last_name(call.func) == "iter" and len(call.args) == 2
    )


def _endless(loop: Loop) -> bool:
    """Whether it has no end of its own: it goes on until it is told to stop, by a flag or an event."""
    return _is_flag(loop.test) if isinstance(loop, ast.While) else _serves(loop)


def _is_flag(test: ast.expr) -> bool:
    if isinstance(test, ast.UnaryOp):
        return _is_flag(test.operand)
    if isinstance(test, ast.BoolOp):
        return all(map(_is_flag, test.values))
    if isinstance(test, ast.Compare):
        return all(isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)) for op in test.ops) and all(
            isinstance(one, (ast.Name, ast.Attribute)) or (isinstance(one, ast.Constant) and not _is_number(one))
            for one in (test.left, *test.comparators)
        )
    if isinstance(test, ast.Call):
        return _last_name(test.func) in _ASKS - {"empty"}
    return isinstance(test, (ast.Constant, ast.Name, ast.Attribute))


def _is_told_to_end(loop: Loop, flags: Mapping[str, bool]) -> bool:
    """Whether the condition of a loop is false as the switches that it asks stand now."""
    return isinstance(loop, ast.While) and _truth(loop.test, flags) is False


def _truth(test: ast.expr, flags: Mapping[str, bool]) -> bool | None:
    """What a condition is as the switches stand; None where they do not tell."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _truth(test.operand, flags)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        found = [_truth(one, flags) for one in test.values]
        decides = isinstance(test.op, ast.Or)
        if decides in found:
            return decides
        return None if None in found else not decides
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.func.attr in ("is_set", "wait"):
        return flags.get(ast.unparse(test.func.value))
    return flags.get(ast.unparse(test)) if isinstance(test, (ast.Name, ast.Attribute)) else None


def _calls_on_its_way_out(loop: Loop, place: _Place) -> bool:
    """Whether more than a word is said or a thing put away between the wait and the end of the function around `loop`."""
    index = place.path.index(loop)
    _, rest = _around(loop.body, place.path[index + 1 :])
    _, after = _around(getattr(place.function, "body", ()), place.path[: index + 1])
    return any(_last_name(call.func) not in _SAYS for node in [*rest, *after, *loop.orelse] for call in _calls(node))


def _is_number(node: ast.Constant) -> bool:
    return isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def _only_waits(loop: Loop) -> bool:
    """Whether all that a loop does is to wait for something: `while not items: condition.wait()`."""
    return (
        isinstance(loop, ast.While)
        and not isinstance(loop.test, ast.Constant)
        and all(isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and _is_wait(one.value)) for one in loop.body)
    )


def _is_wait(node: ast.expr) -> bool:
    node = node.value if isinstance(node, ast.Await) else node
    return isinstance(node, ast.Call) and _last_name(node.func) in _BY_CALL


# What it has in its hands.


def _in_hand(place: _Place, loop: Loop | None, innermost: bool) -> bool:
    """Whether a name that this turn of `loop` (None: this call) has assigned before the wait is used after it, or is what
    the function further in was called with."""
    scope = place.path if loop is None else place.path[place.path.index(loop) + 1 :]
    body: Sequence[ast.AST] = loop.body if loop is not None else getattr(place.function, "body", ())
    before, after = _around(body, scope)
    assigned = {name for node in before for name in _assigned(node)}
    if isinstance(loop, (ast.For, ast.AsyncFor)) and scope:
        assigned |= _assigned_by(loop.target)
    needed = {name for node in after for name in _used(node)}
    if not innermost and scope:
        needed |= _used(scope[-1])
    return bool(assigned & needed)


def _around(body: Sequence[ast.AST], scope: Sequence[ast.stmt]) -> tuple[list[ast.AST], list[ast.AST]]:
    """The statements of `body` before and after the one that `scope` leads down to, in all the blocks on the way."""
    before: list[ast.AST] = []
    after: list[ast.AST] = []
    for step in scope:
        if step in body:
            at = list(body).index(step)
            before += body[:at]
            after += body[at + 1 :]
        if isinstance(step, (ast.With, ast.AsyncWith)):
            body = step.body
        elif isinstance(step, ast.Try):
            handlers = [one for handler in step.handlers for one in handler.body]
            after += [*step.orelse, *step.finalbody] if scope[-1] not in handlers else step.finalbody
            body = [*step.body, *step.orelse, *step.finalbody, *handlers]
        elif isinstance(step, ast.If):
            body = step.orelse if any(one in step.orelse for one in scope) else step.body
        else:
            body = getattr(step, "body", [])
    return before, after


def _assigned(node: ast.AST) -> Iterator[str]:
    """Names to which something is given that a call, an element or an attribute has yielded; a constant is nothing to lose."""
    for one in ast.walk(node):
        if isinstance(one, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and one.value is not None:
            if any(isinstance(inner, (ast.Call, ast.Await, ast.Subscript)) for inner in ast.walk(one.value)):
                for target in one.targets if isinstance(one, ast.Assign) else [one.target]:
                    yield from _assigned_by(target)
        elif isinstance(one, (ast.For, ast.AsyncFor)):
            yield from _assigned_by(one.target)


def _assigned_by(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _used(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def _handed_over(holds: Sequence[Sequence[Any]], file: str) -> bool:
    """Whether one of the containers by which work is handed over in that file has something in it."""
    filled, emptied = _containers(file)
    for name, size in holds:
        path, _, last = name.rpartition(".")
        if not size:
            continue
        if last == "unfinished_tasks":
            if "task_done" in emptied:
                return True
        elif last in filled and (last in emptied or not path):
            return True
    return False


_FILLS = frozenset(
    ["append", "appendleft", "extend", "add", "insert", "put", "put_nowait", "update", "setdefault", "heappush"]
)
_EMPTIES = frozenset(["pop", "popleft", "popitem", "clear", "get", "get_nowait", "remove", "discard", "heappop"])


@lru_cache(maxsize=64)
def _containers(file: str) -> tuple[frozenset[str], frozenset[str]]:
    """Last names of what a file fills and of what it empties; the second also holds `task_done` where it is called."""
    tree = _tree(file)
    if tree is None:
        return frozenset(), frozenset()
    filled, emptied = _filled(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _last_name(node.func)
            if name == "task_done":
                emptied.add(name)
            elif name == "heappop" and node.args:
                emptied.add(_last_name(node.args[0]))
            elif name in _EMPTIES and isinstance(node.func, ast.Attribute):
                emptied.add(_last_name(node.func.value))
        elif isinstance(node, ast.Delete):
            emptied |= {_last_name(one.value) for one in node.targets if isinstance(one, ast.Subscript)}
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            for target in node.targets:
                if isinstance(target, ast.Tuple):
                    swapped = {_last_name(one) for one in target.elts} & {_last_name(one) for one in node.value.elts}
                    emptied |= swapped
    return frozenset(filled - {""}), frozenset(emptied - {""})


def _filled(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = _last_name(node.func)
            if name == "heappush" and node.args:
                found.add(_last_name(node.args[0]))
            elif name in _FILLS and isinstance(node.func, ast.Attribute):
                found.add(_last_name(node.func.value))
        elif isinstance(node, ast.AugAssign):
            found.add(_last_name(node.target))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.add(_last_name(node.value))
    return found


# What comes after it.


def _goes_on_after(loop: Loop, place: _Place, callers: Sequence[Frame]) -> bool:
    """Whether the end of a loop is what is waited for: it asks for something to be done, or work of another sort follows it."""
    assigned = {name for node in loop.body for name in _assigned(node)}
    done_in_loop = {_last_name(call.func) for call in _calls(loop)}
    index = place.path.index(loop)
    _, after = _around(getattr(place.function, "body", ()), place.path[: index + 1])
    leaves = [one for one in ast.walk(loop) if isinstance(one, (ast.Break, ast.Return))]
    ends = isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant)
    new = {_last_name(call.func) for node in after for call in _calls(node)} - done_in_loop - _SAYS
    if leaves and _asks_for_progress(loop, assigned):
        after = [one for one in after if any(_last_name(call.func) == "print" for call in _calls(one))]
        return bool(new or after or _new_work_of(callers) or _new_work_where_it_leaves(loop))
    return bool((ends or leaves) and new)


def _asks_for_progress(loop: Loop, assigned: set[str]) -> bool:
    """Whether it is left because of what one of its turns has found out; what it does about an error is no progress."""
    for node in _without_handlers(loop):
        if isinstance(node, ast.If) and any(isinstance(one, (ast.Break, ast.Return)) for one in ast.walk(node)):
            if _is_sentinel(node.test):
                continue
            if _used(node.test) & assigned or not _is_flag(node.test):
                return True
    return False


def _is_sentinel(test: ast.expr) -> bool:
    """`item is None`, `item is STOP`: the word to stop is no progress."""
    return isinstance(test, ast.Compare) and all(isinstance(op, ast.Is) for op in test.ops)


def _without_handlers(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for inside in ast.iter_child_nodes(node):
        if not isinstance(inside, ast.ExceptHandler):
            yield from _without_handlers(inside)


def _new_work_where_it_leaves(loop: Loop) -> bool:
    for node in _without_handlers(loop):
        if isinstance(node, ast.If) and any(isinstance(one, (ast.Break, ast.Return)) for one in node.body):
            if any(_last_name(call.func) not in _SAYS for one in node.body for call in _calls(one)):
                return True
    return False


def _new_work_of(callers: Sequence[Frame]) -> bool:
    for frame in callers:
        place = _place(frame)
        if place is None:
            continue
        _, after = _around(getattr(place.function, "body", ()), place.path)
        if any(_last_name(call.func) not in _SAYS for node in after for call in _calls(node)):
            return True
    return False


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def _unconditional(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Every expression that is evaluated whenever a block is, leaving out what handles exceptions."""
    for one in body:
        if isinstance(one, (ast.With, ast.AsyncWith, ast.Try)):
            yield from _unconditional(one.body)
            yield from _unconditional(getattr(one, "finalbody", ()))
        elif isinstance(one, ast.If) and _is_flag(one.test):  # `if not stopped:`
            yield from _unconditional(one.body)
        elif not isinstance(one, (ast.If, ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from ast.walk(one)


def _is_timer(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func) == "Timer"


def _last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`; empty for what has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
