"""Refuse waits for work that cannot go on before what waits for it does: they would keep the response back until the timeout."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Union

import libcst as cst

from lint_lambda.core.edited import edited
from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.source import Location
from lint_lambda.frontends.python.edits.code import Code, CodeOf, dotted, walk
from lint_lambda.knowledge.texts import say

_WAITS = frozenset({"join", "result", "get", "wait", "communicate", "run_until_complete", "shutdown"})
"""Methods that a fix waits with."""
_GIVES = frozenset({"set", "put", "put_nowait", "notify", "notify_all", "release", "set_result", "send"})
"""Methods that let other code go on, which waits for the same object."""
_TAKES = frozenset({"acquire", "wait", "get", "recv"})
"""Methods that wait for another's `_GIVES`, called without a limit."""
_POOLED = frozenset({"submit", "map", "starmap", "apply_async", "run_in_executor"})

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def refuse(intent: FixIntent, code_of: CodeOf) -> None:
    """Raise `NoFix` where a wait next to the launch would stand in what a pool, or the end of other work, calls."""
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is None:
        return
    for hop in intent.hops:
        hop_code = code_of(hop.path)
        call = hop_code.called_at(hop.span)
        if call is None or not isinstance(call.func, cst.Attribute):
            continue
        if call.func.attr.value == "add_done_callback":
            raise NoFix(say("refusals.in-callback"))
        pool = dotted(call.func.value)
        if call.func.attr.value in _POOLED and pool and hop.path == intent.launch.path:
            if isinstance(launch.func, cst.Attribute) and dotted(launch.func.value) == pool:
                raise NoFix(say("refusals.own-pool", name=pool))


def sound(intent: FixIntent, code_of: CodeOf, found: Iterator[Candidate]) -> Iterator[Candidate]:
    """The candidates whose waits let the work go on. Raises `NoFix` at the end if there were others."""
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    needs = _needs(code, launch) if launch is not None else frozenset()
    held = next((name for hop in intent.hops for name in _held_at(code_of(hop.path), hop, needs)), "")
    stalled = ""
    try:
        for candidate in found:
            name = held or (_stalls(candidate, code, needs) if candidate.path == intent.launch.path else "")
            if name:
                stalled = name
            else:
                yield candidate
    except NoFix:
        if not stalled:
            raise
    if stalled:
        raise NoFix(say("refusals.stalls", name=stalled))


# --- what the work waits for ------------------------------------------------------------------------------------------


def _needs(code: Code, launch: cst.Call) -> frozenset[str]:
    """What the work of a launch, as far as this file shows it, takes from others: locks, events, queues, as they are written.

    What it takes by a parameter is called as the launch calls it.
    """
    tree = ast.parse(code.text)
    defined: dict[str, list[Function]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            defined.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            runs = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "run"]
            defined.setdefault(node.name, []).extend(runs)
    given = _named(code, launch)
    found: set[str] = set()
    seen: set[int] = set()
    left = [(function, True) for name in given for function in defined.get(name.rpartition(".")[2], ())]
    while left:
        function, is_direct = left.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        taken = set(_taken(function))
        parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)} - {"self", "cls"}
        if is_direct and any(name.partition(".")[0] in parameters for name in taken):
            taken |= given
        found |= taken
        called = {_text(each.func).rpartition(".")[2] for each in ast.walk(function) if isinstance(each, ast.Call)}
        left += [(each, False) for name in called for each in defined.get(name, ())]
    return frozenset(found)


def _named(code: Code, launch: cst.Call) -> set[str]:
    """Every name in a launch, and in what makes the object that it starts."""
    nodes: list[cst.CSTNode] = [launch]
    handle = dotted(launch.func.value) if isinstance(launch.func, cst.Attribute) else ""
    if handle:
        nodes += [
            node.value
            for node in walk(code.module)
            if isinstance(node, cst.Assign) and handle in [dotted(each.target) for each in node.targets]
        ]
    return {
        name
        for each in nodes
        for node in walk(each)
        if isinstance(node, (cst.Name, cst.Attribute)) and (name := dotted(node))
    }


def _taken(function: Function) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            yield from filter(None, (_text(item.context_expr) for item in node.items))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TAKES:
            if not node.args and not node.keywords:
                yield _text(node.func.value)


# --- where a wait would stand -----------------------------------------------------------------------------------------


def _held_at(code: Code, hop: Location, needs: frozenset[str]) -> Iterator[str]:
    """What a caller holds while it calls."""
    call = code.called_at(hop.span)
    for above in code.ancestors(call) if call is not None else ():
        if isinstance(above, cst.With):
            yield from (name for item in above.items if (name := dotted(item.item)) in needs)


def _stalls(candidate: Candidate, code: Code, needs: frozenset[str]) -> str:
    """What keeps the work from going on while an edit's new waits last; empty if nothing does."""
    if not needs:
        return ""
    after = edited(code.text, candidate.edits)
    if after is None:
        return ""
    before, behind = _hindered(code.text, needs), _hindered(after, needs)
    return next((name for name, count in behind.items() if count > before.get(name, 0)), "")


def _hindered(text: str, needs: frozenset[str]) -> dict[str, int]:
    """How many waits stand where one of `needs` is held, or before it is given."""
    found: dict[str, int] = {}
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return found
    for node in ast.walk(tree):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for name in {_text(item.context_expr) for item in node.items} & needs:
                found[name] = found.get(name, 0) + sum(_is_wait(each) for part in node.body for each in ast.walk(part))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for name in needs:
                found[name] = found.get(name, 0) + _too_early(node, name)
    return found


def _too_early(function: Function, name: str) -> int:
    """Waits between ``name.acquire()`` and ``name.release()``, and those that stand before anything is given, and not behind."""
    nodes = sorted((each for each in ast.walk(function) if isinstance(each, ast.expr)), key=lambda each: each.lineno)
    calls = [
        (each.lineno, each.func.attr)
        for each in nodes
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and _text(each.func.value) == name
    ]
    gives = [line for line, method in calls if method in _GIVES]
    takes = [line for line, method in calls if method == "acquire"]
    count = 0
    for line in (each.lineno for each in nodes if _is_wait(each)):
        held = [at for at in takes if at < line]
        if held:
            count += not any(held[-1] <= at < line for at in gives)
        elif gives and not takes:
            count += line < gives[0]
    if gives and not takes:  # a `finally` is also come to by a return that stands before anything is given
        for node in ast.walk(function):
            if isinstance(node, ast.Try) and any(_is_wait(each) for part in node.finalbody for each in ast.walk(part)):
                inside = (each for part in node.body for each in ast.walk(part))
                count += sum(isinstance(each, ast.Return) and each.lineno < gives[0] for each in inside)
    return count


def _is_wait(node: ast.AST) -> bool:
    if isinstance(node, ast.Await):
        return True
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WAITS


def _text(node: ast.expr) -> str:
    """``lock`` or ``self.lock``; empty for anything that is not a plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _text(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
