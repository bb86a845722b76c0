"""Workers that take jobs from a queue: what waits for the jobs is the queue, not the worker, which never ends."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits import sight
from lint_lambda.frontends.python.edits.around import flushes
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.placing import wrapped_in_finally
from lint_lambda.knowledge.texts import say

_COUNTS = "task_done"
"""The call by which a worker tells a queue that a job is done."""


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """Wait, in the handler or in the function that launches, until every job of a queue is done."""
    for place, call in intent.drains:
        if place.path != intent.launch.path:
            continue
        code = code_of(place.path)
        made = code.at(place.span, cst.Call)
        statement = code.statement(made) if made is not None else None
        if made is None or not isinstance(statement, (cst.Assign, cst.AnnAssign)) or statement.value is not made:
            continue
        target = statement.targets[0].target if isinstance(statement, cst.Assign) else statement.target
        name = dotted(target)
        counting = _counting(code)
        if not name or counting is None:
            continue
        method = call.rpartition(".")[2]
        for spot in _spots(intent, code_of, name, made):
            if counting and spot.path != place.path:
                continue
            if intent.reason == "import-time" and code.function(made) is spot.function:
                continue  # the jobs come later
            waits = f"{spot.name}.{method}()"
            for said in (f"await {waits}", waits) if spot.function.asynchronous is not None else (waits,):
                for guarded, edits in flushes(spot.code, spot.block, spot.near, said, late=False, some_path=False):
                    title = say("fixes.wait-finally" if guarded else "fixes.wait", code=said)
                    yield unsafe(spot.path, title, [*counting, *edits])


def _spots(intent: FixIntent, code_of: CodeOf, name: str, made: cst.Call) -> Iterator[sight.Spot]:
    """Where the queue has a name; that of an object is also known by the name that the module gives to the object."""
    yield from sight.objects(intent, code_of, name, made)
    code = code_of(intent.launch.path)
    of_class = next((above for above in code.ancestors(made) if isinstance(above, cst.ClassDef)), None)
    if not name.startswith("self.") or of_class is None:
        return
    for unit in code.module.body:
        for small in unit.body if isinstance(unit, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and isinstance(small.value, cst.Call) and len(small.targets) == 1:
                holder = dotted(small.targets[0].target)
                if holder and dotted(small.value.func) == of_class.name.value:
                    yield from sight.objects(intent, code_of, holder + name.removeprefix("self"), small.value)


def _counting(code: Code) -> Edits | None:
    """What makes the file's workers tell their queue that a job is done; nothing where they do, None where they cannot.

    A queue that counts no job as done would be waited for in vain.
    """
    if any(isinstance(node, cst.Attribute) and node.attr.value == _COUNTS for node in walk(code.module)):
        return []
    edits: Edits = []
    for node in walk(code.module):
        if isinstance(node, cst.Assign) and _takes_in_loop(code, node):
            rest = _rest(code, node)
            if not rest or not code.is_short(rest):
                return None
            call = node.value.expression if isinstance(node.value, cst.Await) else node.value
            assert isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute)
            edits += wrapped_in_finally(code, rest, f"{code.source(call.func.value)}.{_COUNTS}()")
    return edits or None


def _takes_in_loop(code: Code, node: cst.Assign) -> bool:
    """``job = jobs.get()`` in a loop that goes on for ever."""
    call = node.value.expression if isinstance(node.value, cst.Await) else node.value
    if not isinstance(call, cst.Call) or call.args or not isinstance(call.func, cst.Attribute):
        return False
    loop = next((above for above in code.ancestors(node) if isinstance(above, (cst.While, cst.FunctionDef))), None)
    return (
        call.func.attr.value == "get"
        and isinstance(loop, cst.While)
        and code.block(code.unit(node)) == list(bindings.suite(loop.body))
    )


def _rest(code: Code, node: cst.Assign) -> list[cst.CSTNode]:
    unit = code.unit(node)
    block = code.block(unit)
    rest = block[block.index(unit) + 1 :]
    return rest if all(isinstance(each, (cst.SimpleStatementLine, cst.BaseCompoundStatement)) for each in rest) else []
