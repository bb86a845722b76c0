"""Workers that take jobs from a queue: what waits for the jobs is the queue, not the worker, which never ends."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python.edits import sight
from lint_lambda.frontends.python.edits.around import flushes
from lint_lambda.frontends.python.edits.code import CodeOf, dotted, unsafe, walk
from lint_lambda.knowledge.texts import say

_COUNTS = "task_done"
"""The call by which a worker tells a queue that a job is done."""


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """Wait, in the handler or in the function that launches, until every job of a queue is done."""
    for place, call in intent.drains:
        if place.path != intent.launch.path:
            continue
        code = code_of(place.path)
        if not any(isinstance(node, cst.Attribute) and node.attr.value == _COUNTS for node in walk(code.module)):
            continue  # then the queue counts no job as done, and would be waited for in vain
        made = code.at(place.span, cst.Call)
        statement = code.statement(made) if made is not None else None
        if made is None or not isinstance(statement, (cst.Assign, cst.AnnAssign)) or statement.value is not made:
            continue
        target = statement.targets[0].target if isinstance(statement, cst.Assign) else statement.target
        name = dotted(target)
        if not name:
            continue
        words = f"{name}.{call.rpartition('.')[2]}()"
        for spot in sight.objects(intent, code_of, name, made):
            said = words.replace(name, spot.name, 1)
            for guarded, edits in flushes(spot.code, spot.block, spot.near, said, late=False, some_path=False):
                yield unsafe(spot.path, say("fixes.wait-finally" if guarded else "fixes.wait", code=said), edits)
