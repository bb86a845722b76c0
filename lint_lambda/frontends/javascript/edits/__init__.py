"""Edits that wait before the response: from what a fix is to do to candidates in JavaScript and TypeScript, best first.

A candidate is a good guess. Whether it mends the finding and starts no other is for `lint_lambda.fixes` to try.

    code.py      the text and its tree         awaiting.py   `await`, `return`, `async`
    lists.py     `Promise.all`, `for … of`     instead.py    another call, which waits
    flushing.py  a library's own call that waits
    testing.py   async tests of lists           settling.py   `Promise.all` of which one fails
    replies.py   routes that answer first       observed.py   what is subscribed to
    loaded.py    what a module starts
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import REFUSED, Candidate, NoFix
from lint_lambda.core.source import Location, Span
from lint_lambda.frontends.javascript.edits import (
    awaiting,
    flushing,
    instead,
    lists,
    loaded,
    observed,
    replies,
    settling,
    testing,
)
from lint_lambda.frontends.javascript.edits.code import Change, Code, chain_of, promise_of, unsafe, whole
from lint_lambda.knowledge.texts import say

if TYPE_CHECKING:
    from tree_sitter import Node


def candidates(intent: FixIntent, text: Callable[[str], str]) -> Iterator[Candidate]:
    """Every edit worth trying, best first. `text` gives the text of a file.

    Raises `NoFix` where it is known that none would do.
    """
    code_of = cache(lambda path: Code(path, text(path)))
    if intent.remedy.promised:
        code = code_of(intent.launch.path)
        call = code.at(intent.launch.span)
        for said, edits in () if call is None else observed.changes(intent, code, call):
            yield unsafe(code, say("fixes.wait", code=said), edits)
        raise NoFix(intent.remedy.no_edit or say("refusals.begin", name=intent.remedy.promised.rpartition(":")[2]))
    if intent.remedy.no_edit:
        raise NoFix(intent.remedy.no_edit)
    if intent.reason == "import-time" and intent.remedy.kind.alike and intent.handler.path == intent.launch.path:
        code = code_of(intent.launch.path)
        call = code.at(intent.launch.span)
        for said, edits in () if call is None else loaded.changes(code, call, code.at(intent.handler.span)):
            yield unsafe(code, say("fixes.wait", code=said), edits)
    if intent.reason in REFUSED:
        raise NoFix(say(f"refused_reasons.{intent.reason}"))
    code = code_of(intent.launch.path)
    call = code.at(intent.launch.span)
    if call is None:
        return
    if intent.remedy.kind.unstarted:
        call = chain_of(call)  # what is awaited too early is no query any more
    for said, edits in instead.changes(intent, code, call):
        yield unsafe(code, say("fixes.wait", code=said), edits)
    node = promise_of(call)
    if not intent.remedy.kind.alike and node is call:  # to await what it gives is no way to wait for it
        nodes = [] if {hop.path for hop in intent.hops} - {code.path} else _nodes(code, intent.hops)
        for said, edits in flushing.changes(intent, code, call, nodes):
            yield unsafe(code, say("fixes.wait", code=said), edits)
        return
    if awaiting.is_raced(code, whole(node)):
        raise NoFix(say("refused_reasons.times-out"))
    for said, edits in testing.changes(code, node):
        yield unsafe(code, say("fixes.wait", code=said), edits)
    yield from _upwards(intent, code_of, code, node)
    for said, edits in settling.changes(code, node):
        yield unsafe(code, say("fixes.wait-for-all", code=said), edits)
    for place in (intent.launch, *reversed(intent.hops)):
        near = code_of(place.path)
        for said, edits in () if (found := near.at(place.span)) is None else replies.changes(near, found):
            yield unsafe(near, say("fixes.answer-last", code=said), edits)


def _upwards(intent: FixIntent, code_of: Callable[[str], Code], code: Code, node: Node) -> Iterator[Candidate]:
    """Wait where the promise is made, or at the nearest call that gives it to its caller."""
    hops = list(intent.hops)
    is_launch = True
    while True:
        near: list[Location] = []
        for hop in reversed(hops):
            if hop.path != code.path:
                break
            near.append(hop)
        key = awaiting.key_given(node)
        if key and hops:  # where it is given to is the place to wait, as what is done there until then is not held up
            holder = code_of(hops[-1].path)
            taken = holder.at(hops[-1].span)
            at_holder = awaiting.kept_in(holder, taken, key) if taken is not None else None
            if at_holder is not None:
                yield unsafe(holder, say("fixes.wait", code=at_holder[0]), at_holder[1])
        for said, edits in _changes(intent, code, node, _nodes(code, near)):
            if edits:
                yield unsafe(code, say("fixes.wait", code=said), edits)
        for said, made in _through(intent, code_of, code, node, hops):
            yield unsafe(code, say("fixes.wait", code=said), made.pop(code, []), made)
        for said, edits in () if is_launch else awaiting.everywhere(code, lists.gathered(node) or node):
            yield unsafe(code, say("fixes.wait", code=said), edits)
        if not hops or not (awaiting.is_given(node) or key):
            return
        hop = hops.pop()
        code = code_of(hop.path)
        call = code.at(hop.span)
        if call is None or awaiting.registers(call):
            return
        if intent.kind == "coroutine":
            call = chain_of(call)  # what is called on it in turn gives it again
        node, is_launch = promise_of(call), False
        if awaiting.is_raced(code, whole(node)):
            raise NoFix(say("refused_reasons.times-out"))


def _nodes(code: Code, hops: Iterable[Location]) -> list[Node]:
    return [node for hop in hops if (node := code.at(hop.span)) is not None]


def _through(
    intent: FixIntent, code_of: Callable[[str], Code], code: Code, node: Node, hops: Iterable[Location]
) -> Iterator[tuple[str, dict[Code, list[tuple[Span, str]]]]]:
    """Ways to wait in a plain function that leads to the promise, in whichever file that is."""
    call = lists.gathered(node) or node
    if intent.reason == "answered-first" or (
        not awaiting.is_handed_on(call) and awaiting.awaited(code, call) is not None
    ):
        return
    steps = [(code, call)]
    for hop in reversed([*hops]):
        caller = code_of(hop.path)
        above = caller.at(hop.span)
        if above is None:
            break
        steps.append((caller, above))
    yield from awaiting.through(steps)


def _changes(intent: FixIntent, code: Code, call: Node, hops: list[Node]) -> Iterator[Change]:
    """Ways to wait for one promise in a file; `hops` are the calls that lead to it there, the nearest first."""
    together = lists.gathered(call)
    if together is None:
        yield from lists.changes(code, call, hops)
    else:
        call = together
    held = awaiting.kept(code, call)
    direct = None if awaiting.is_handed_on(call) else awaiting.awaited(code, call)
    if direct is not None and not any(map(awaiting.taken_by, awaiting.uses_of(whole(call)))):
        yield direct  # what has its name is used like a result
    if held is not None:
        yield held
    if direct is not None:
        yield direct
    if direct is None and intent.reason != "answered-first":
        given = awaiting.returned(code, call)
        if given is not None:
            yield given
