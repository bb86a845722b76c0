"""Edits that wait before the response: from what a fix is to do to candidates in JavaScript and TypeScript, best first.

A candidate is a good guess. Whether it mends the finding and starts no other is for `lint_lambda.fixes` to try.

    code.py      the text and its tree         awaiting.py   `await`, `return`, `async`
    lists.py     `Promise.all`, `for … of`     instead.py    another call, which waits
    flushing.py  a library's own call that waits
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.frontends.javascript.edits import awaiting, flushing, instead, lists
from lint_lambda.frontends.javascript.edits.code import Change, Code, unsafe
from lint_lambda.knowledge.texts import say

_REFUSED = frozenset({"times-out", "partial-wait", "escaped", "import-time"})
"""Reasons for which a wait that is added by a tool would change what the code is meant to do."""


def candidates(intent: FixIntent, text: Callable[[str], str]) -> Iterator[Candidate]:
    """Every edit worth trying, best first. `text` gives the text of a file.

    Raises `NoFix` where it is known that none would do.
    """
    code_of = cache(lambda path: Code(path, text(path)))
    if intent.remedy.no_edit:
        raise NoFix(intent.remedy.no_edit)
    if intent.reason in _REFUSED:
        raise NoFix(say(f"refused_reasons.{intent.reason}"))
    code = code_of(intent.launch.path)
    for said, edits in _changes(intent, code, code_of):
        yield unsafe(code, say("fixes.wait", code=said), edits)
    yield from _at_hop(intent, code_of)


def _changes(intent: FixIntent, code: Code, code_of: Callable[[str], Code]) -> Iterator[Change]:
    call = code.at(intent.launch.span)
    if call is None:
        return
    yield from instead.changes(intent, code, call)
    if not intent.remedy.kind.alike:  # to await what it gives is no way to wait for it
        yield from flushing.changes(intent, code, call)
        return
    yield from lists.changes(code, call)
    held = awaiting.kept(code, call)
    if held is not None:
        yield held
    direct = awaiting.awaited(code, call)
    if direct is not None:
        yield direct
    if direct is None and intent.reason != "answered-first":
        given = awaiting.returned(code, call)
        if given is not None:
            yield given
        here = [hop for hop in reversed(intent.hops) if hop.path == code.path]
        if len(here) == len(intent.hops):
            nodes = [node for hop in here if (node := code.at(hop.span)) is not None]
            yield from awaiting.through(code, call, nodes)


def _at_hop(intent: FixIntent, code_of: Callable[[str], Code]) -> Iterator[Candidate]:
    """Wait where the function is called that gives the promise to its caller."""
    code = code_of(intent.launch.path)
    node = code.at(intent.launch.span)
    for hop in reversed(intent.hops):
        if node is None or not awaiting.is_given(node) or not intent.remedy.kind.alike:
            return
        code = code_of(hop.path)
        node = code.at(hop.span)
        if node is None:
            return
        for said, edits in (*lists.changes(code, node), awaiting.awaited(code, node) or ("", [])):
            if edits:
                yield unsafe(code, say("fixes.wait", code=said), edits)
