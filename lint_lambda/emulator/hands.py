"""What a thread or a task that waits still has in its hands: names it will use again, and containers that hold something."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from lint_lambda.emulator.frames import Loop, Place, last_name, tree_of


def in_hand(place: Place, loop: Loop | None, innermost: bool) -> bool:
    """Whether a name that this turn of `loop` (None: this call) has assigned before the wait is used after it, or is what
    the function further in was called with."""
    scope = place.path if loop is None else place.path[place.path.index(loop) + 1 :]
    body: Sequence[ast.AST] = loop.body if loop is not None else getattr(place.function, "body", ())
    before, after = around(body, scope)
    assigned = {name for node in before for name in assigned_in(node)}
    if isinstance(loop, (ast.For, ast.AsyncFor)) and scope:
        assigned |= _assigned_by(loop.target)
    needed = {name for node in after for name in used_in(node)}
    if not innermost and scope:
        needed |= used_in(scope[-1])
    return bool(assigned & needed)


def around(body: Sequence[ast.AST], scope: Sequence[ast.stmt]) -> tuple[list[ast.AST], list[ast.AST]]:
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


def assigned_in(node: ast.AST) -> Iterator[str]:
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


def used_in(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def handed_over(holds: Sequence[Sequence[Any]], file: str) -> bool:
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
    tree = tree_of(file)
    if tree is None:
        return frozenset(), frozenset()
    filled, emptied = _filled(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            if name == "task_done":
                emptied.add(name)
            elif name == "heappop" and node.args:
                emptied.add(last_name(node.args[0]))
            elif name in _EMPTIES and isinstance(node.func, ast.Attribute):
                emptied.add(last_name(node.func.value))
        elif isinstance(node, ast.Delete):
            emptied |= {last_name(one.value) for one in node.targets if isinstance(one, ast.Subscript)}
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            for target in node.targets:
                if isinstance(target, ast.Tuple):
                    swapped = {last_name(one) for one in target.elts} & {last_name(one) for one in node.value.elts}
                    emptied |= swapped
    return frozenset(filled - {""}), frozenset(emptied - {""})


def _filled(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            if name == "heappush" and node.args:
                found.add(last_name(node.args[0]))
            elif name in _FILLS and isinstance(node.func, ast.Attribute):
                found.add(last_name(node.func.value))
        elif isinstance(node, ast.AugAssign):
            found.add(last_name(node.target))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.add(last_name(node.value))
    return found
