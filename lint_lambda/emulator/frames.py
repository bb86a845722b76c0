"""Where a thread or a task that has stopped stands in its source: its frames, the statement, and the loops around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

Loop = ast.While | ast.For | ast.AsyncFor


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


@dataclass(frozen=True)
class Place:
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
def tree_of(file: str) -> ast.Module | None:
    try:
        return parsed(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None  # no file, or one that is newer than this Python


def function_at(tree: ast.AST, line: int, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The innermost function of that name around a line (its decorators, too)."""
    found = None
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first <= line <= (node.end_lineno or first):
                found = node
    return found


def place_of(frame: Frame) -> Place | None:
    tree = tree_of(frame.file)
    name = frame.function.rpartition(".")[2]
    function = function_at(tree, frame.line, name) if tree is not None else None
    if function is None:
        return None
    path: list[ast.stmt] = []
    inside: Sequence[ast.stmt] = function.body
    while (next_one := next((one for one in inside if _covers(one, frame.line)), None)) is not None:
        path.append(next_one)
        if _in_header(next_one, frame):
            break
        inside = list(_blocks(next_one))
    # A loop's own test is asked in each of its turns; what a `for` iterates over is made once.
    loops = [one for one in path if isinstance(one, (ast.While, ast.For, ast.AsyncFor))]
    if loops and isinstance(loops[-1], ast.For) and path[-1] is loops[-1] and not serves(loops[-1]):
        loops.pop()
    return Place(function, tuple(path), tuple(loops))


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _in_header(node: ast.stmt, frame: Frame) -> bool:
    """Whether it stands in what a statement asks or goes over, and not in a body that is written on the same line."""
    if isinstance(node, (ast.For, ast.AsyncFor)) and frame.span is not None and is_at(node, frame):
        return True  # it asks for the next item
    asked = getattr(node, "iter", None) or getattr(node, "test", None)
    if frame.span is None or not isinstance(asked, ast.expr):
        return False
    first, start, last, end = frame.span
    begins, ends = (asked.lineno, asked.col_offset), (asked.end_lineno or first, asked.end_col_offset or 0)
    return begins <= (first, start) and (last, end) <= ends


def _blocks(node: ast.stmt) -> Iterator[ast.stmt]:
    for name in ("body", "orelse", "finalbody"):
        yield from getattr(node, name, ())
    for handler in getattr(node, "handlers", ()):
        yield from handler.body


def serves(loop: ast.For | ast.AsyncFor) -> bool:
    """`for item in iter(queue.get, None)`, `async for`: the next item may always come."""
    call = loop.iter
    return isinstance(loop, ast.AsyncFor) or (
        isinstance(call, ast.Call) and last_name(call.func) == "iter" and len(call.args) == 2
    )


def is_at(node: ast.expr | ast.stmt, frame: Frame) -> bool:
    if frame.span is None:
        return node.lineno <= frame.line <= (node.end_lineno or node.lineno)
    first, start, last, end = frame.span
    return (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == (first, start, last, end)


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def last_name(node: ast.AST) -> str:
    """`c` of `a.b.c`; empty for what has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
