"""Where a flush can stand in a block: before each way out, or in a `finally` around what fills the buffer.

A flush is unlike the wait for a handle: it may come when there is nothing to flush, and one serves all launches before it.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, Edits, own, walk
from lint_lambda.frontends.python.edits.placing import before_exits, ends, outermost_loop, wrapped_in_finally

_EXITS = (cst.Return, cst.Break, cst.Continue)


def flushes(
    code: Code, block: list[cst.CSTNode], near: cst.CSTNode | None, words: str, *, late: bool, some_path: bool
) -> Iterator[tuple[bool, Edits]]:
    """Ways to put `words` between `near` (without it, the start of the block) and every way out of the block, best first.

    - `late`: the buffer may be filled by what a `return` still calls, unseen.
    - `some_path`: a flush stands on some paths already.

    Yields whether the words come into a ``finally``, and the edits.
    """
    start = next((number for number, unit in enumerate(block) if near is None or near in walk(unit)), None)
    if start is None:
        return
    top = block[start]
    owner = code.parent(code.parent(top) or top) or top
    since = owner if near is None else outermost_loop(code, near) or near
    exits: Edits = []
    if not (late and any(_calls(node) for unit in block[start:] for node in own(unit) if isinstance(node, cst.Return))):
        leaving = _EXITS[:1] if isinstance(owner, cst.FunctionDef) else _EXITS
        exits = before_exits(code, block, top, since, words, leaving)
    guarded = [
        edits
        for edits in (_in_finally(code, block[start:], near, words), _wrapped(code, block[start:], words))
        if edits
    ]
    if exits and (len(exits) == 1 or some_path):
        yield False, exits
    for edits in guarded:
        yield True, edits
    if exits:
        yield False, exits


def _calls(node: cst.Return) -> bool:
    return node.value is not None and any(isinstance(each, (cst.Call, cst.Await)) for each in walk(node.value))


def _in_finally(code: Code, units: list[cst.CSTNode], near: cst.CSTNode | None, words: str) -> Edits:
    """Into the ``finally`` that is there already, or a new one of the ``try`` that is all there is."""
    tried = units[0]
    if not isinstance(tried, (cst.Try, cst.TryStar)) or (len(units) > 1 and not _is_plain_return(units[1:])):
        return []
    if tried.finalbody is None:
        if near is not None and not any(near in walk(each) for each in (tried.body, *tried.handlers)):
            return []
        lines = words.replace("\n", f"\n{code.step()}")
        return [code.after(tried, f"finally:\n{code.step()}{lines}", indent=code.indent(tried))]
    if near is not None and near in walk(tried.finalbody):
        return []
    last = bindings.suite(tried.finalbody.body)[-1]
    if ends(last) or not isinstance(tried.finalbody.body, cst.IndentedBlock):
        return []
    return [code.after(last, words, indent=code.indent(last))]


def _is_plain_return(units: list[cst.CSTNode]) -> bool:
    """Whether only a return follows that calls nothing."""
    if len(units) != 1 or not isinstance(units[0], cst.SimpleStatementLine):
        return False
    small = units[0].body[0]
    return isinstance(small, cst.Return) and not _calls(small)


def _wrapped(code: Code, units: list[cst.CSTNode], words: str) -> Edits:
    in_lines = all(isinstance(unit, (cst.SimpleStatementLine, cst.BaseCompoundStatement)) for unit in units)
    in_block = isinstance(code.parent(units[0]), cst.IndentedBlock)
    return wrapped_in_finally(code, units, words) if in_lines and in_block and code.is_short(units) else []
