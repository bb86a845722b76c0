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
from typing import Any

from lint_lambda.emulator.frames import (
    Frame,
    Loop,
    Place,
    calls_in,
    function_at,
    is_at,
    last_name,
    place_of,
    serves,
    tree_of,
)
from lint_lambda.emulator.hands import around, assigned_in, handed_over, in_hand, used_in

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
_TAKES = frozenset({"get", "get_nowait", "recv", "popleft"})
"""Calls by which a worker takes its next job; `get` of a mapping has arguments."""
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


def polls_because(frames: Sequence[Frame], library: str) -> str:
    """The same for an extension that has asked Lambda for its next event."""
    if any(handed_over(frame.holds, frame.file) for frame in frames if _own(frame, library)):
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
        place = place_of(frame)
        if place is None:
            return ""
        loops = place.loops
        for loop in reversed(loops):
            if in_hand(place, loop, innermost=depth == 0) or handed_over(frame.holds, frame.file):
                return ""
            if kind != QUEUE and _has_taken_a_job(loop, place):
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
        if in_hand(place, None, innermost=depth == 0) or handed_over(frame.holds, frame.file):
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
    return any(handed_over([(name, 1) for name, _ in frame.holds], frame.file) for frame in frames)


def heartbeat_because(calls: Sequence[Any], held: Sequence[Sequence[Any]]) -> str:
    """The same for a `threading.Timer`: one whose function starts the next, whatever happens, and that carries nothing."""
    file, line, name = calls
    tree = tree_of(file)
    function = function_at(tree, line, name) if tree is not None else None
    if function is None or any(size for name, size in held if name in ("args", "kwargs")):
        return ""
    if handed_over(held, file) or not any(_is_timer(node) for node in _unconditional(function.body)):
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
    tree = tree_of(frame.file)
    if tree is None:
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and serves(node) and is_at(node, frame):  # `for job in iter(jobs.get, None)`
            assert isinstance(node.iter, ast.Call)
            return _BY_CALL.get(last_name(node.iter.args[0]), "")
        if isinstance(node, ast.Call) and is_at(node, frame):
            name = last_name(node.func)
            if name == "get" and (node.args or {word.arg for word in node.keywords} - {"block", "timeout"}):
                continue  # of a dictionary
            if name in _BY_CALL:
                return _BY_CALL[name]
            if name == "read" and isinstance(node.func, ast.Attribute) and last_name(node.func.value) == "os":
                return QUEUE  # a pipe
    return ""


# In which loops it waits.


def _endless(loop: Loop) -> bool:
    """Whether it has no end of its own: it goes on until it is told to stop, by a flag or an event."""
    return _is_flag(loop.test) if isinstance(loop, ast.While) else serves(loop)


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
        return last_name(test.func) in _ASKS - {"empty"}
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


def _calls_on_its_way_out(loop: Loop, place: Place) -> bool:
    """Whether more than a word is said or a thing put away between the wait and the end of the function around `loop`."""
    index = place.path.index(loop)
    _, rest = around(loop.body, place.path[index + 1 :])
    _, after = around(getattr(place.function, "body", ()), place.path[: index + 1])
    return any(last_name(call.func) not in _SAYS for node in [*rest, *after, *loop.orelse] for call in calls_in(node))


def _has_taken_a_job(loop: Loop, place: Place) -> bool:
    """Whether this turn of a loop has taken something from a queue before the wait, and calls more than a word after it."""
    before, after = around(loop.body, place.path[place.path.index(loop) + 1 :])
    takes = any(last_name(call.func) in _TAKES and not call.args for node in before for call in calls_in(node))
    return takes and any(last_name(call.func) not in _SAYS for node in after for call in calls_in(node))


def _is_number(node: ast.Constant) -> bool:
    return isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def _only_waits(loop: Loop) -> bool:
    """Whether all that a loop does is to wait for something: `while not items: condition.wait()`.

    `while not stop.wait(1): pass` has its turns, empty as they are.
    """
    return (
        isinstance(loop, ast.While)
        and not isinstance(loop.test, ast.Constant)
        and not all(isinstance(one, ast.Pass) for one in loop.body)
        and all(isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and _is_wait(one.value)) for one in loop.body)
    )


def _is_wait(node: ast.expr) -> bool:
    node = node.value if isinstance(node, ast.Await) else node
    return isinstance(node, ast.Call) and last_name(node.func) in _BY_CALL


# What comes after it.


def _goes_on_after(loop: Loop, place: Place, callers: Sequence[Frame]) -> bool:
    """Whether the end of a loop is what is waited for: it asks for something to be done, or work of another sort follows it."""
    assigned = {name for node in loop.body for name in assigned_in(node)}
    done_in_loop = {last_name(call.func) for call in calls_in(loop)}
    index = place.path.index(loop)
    _, after = around(getattr(place.function, "body", ()), place.path[: index + 1])
    leaves = [one for one in ast.walk(loop) if isinstance(one, (ast.Break, ast.Return))]
    ends = isinstance(loop, ast.While) and not isinstance(loop.test, ast.Constant)
    new = {last_name(call.func) for node in after for call in calls_in(node)} - done_in_loop - _SAYS
    if leaves and _asks_for_progress(loop, assigned):
        after = [one for one in after if any(last_name(call.func) == "print" for call in calls_in(one))]
        return bool(new or after or _new_work_of(callers) or _new_work_where_it_leaves(loop))
    return bool((ends or leaves) and new)


def _asks_for_progress(loop: Loop, assigned: set[str]) -> bool:
    """Whether it is left because of what one of its turns has found out; what it does about an error is no progress."""
    for node in _without_handlers(loop):
        if isinstance(node, ast.If) and any(isinstance(one, (ast.Break, ast.Return)) for one in ast.walk(node)):
            if _is_sentinel(node.test):
                continue
            if used_in(node.test) & assigned or not _is_flag(node.test):
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
            if any(last_name(call.func) not in _SAYS for one in node.body for call in calls_in(one)):
                return True
    return False


def _new_work_of(callers: Sequence[Frame]) -> bool:
    for frame in callers:
        place = place_of(frame)
        if place is None:
            continue
        _, after = around(getattr(place.function, "body", ()), place.path)
        if any(last_name(call.func) not in _SAYS for node in after for call in calls_in(node)):
            return True
    return False


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
    return isinstance(node, ast.Call) and last_name(node.func) == "Timer"
