"""What starts without a handle to join: a raw thread becomes a `Thread`, the child of a fork is waited for by its number."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.deferring import importing
from lint_lambda.frontends.python.edits.placing import outermost_loop, placements
from lint_lambda.frontends.python.edits.unused import has_comment, names_in, unneeded
from lint_lambda.knowledge.texts import say

_ARGUMENTS = ("target", "args", "kwargs")


def candidates(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`; nothing for what has a handle."""
    last = intent.call.rpartition(".")[2]
    if dotted(launch.func).rpartition(".")[2] != last:
        return  # it goes by another name, which others may use
    if last in ("start_new_thread", "start_new"):
        yield from _as_thread(intent, code, launch)
    elif intent.call in ("os.fork", "os.forkpty"):
        yield from _of_child(intent, code, launch)


def _as_thread(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """``Thread(target=f, args=(x,))``, started and joined, in the place of ``start_new_thread(f, (x,))``."""
    statement = code.statement(launch)
    unit = code.unit(statement)
    dropped = isinstance(statement, cst.Expr) and statement.value is launch and code.is_alone(statement)
    if not dropped or has_comment(launch) or outermost_loop(code, launch) is not None:
        return
    if len(launch.args) > len(_ARGUMENTS) or any(each.star or each.keyword is not None for each in launch.args):
        return
    maker, imports = _thread(code)
    name = code.fresh(launch, "thread", "worker")
    given = ", ".join(f"{key}={_written(code, each.value)}" for key, each in zip(_ARGUMENTS, launch.args))
    text = f"{name} = {maker}({given})"
    gone = list(walk(launch.func))
    edits = [*imports, (code.span(launch), text), *unneeded(code, gone, names_in(gone), text)]
    start, join = f"{name}.start()", f"{name}.join()"
    for placed in placements(code, statement, launch, join):
        if placed:
            yield unsafe(intent.launch.path, say("fixes.wait", code=join), [*edits, code.after(unit, start), *placed])


def _thread(code: Code) -> tuple[str, Edits]:
    """How the file calls `threading.Thread`, by the module as the file has the raw one."""
    module, imports = code.importing("threading")
    if module:
        return f"{module}.Thread", imports
    [name], imports = importing(code, "threading", ("Thread",))
    return name, imports


def _written(code: Code, node: cst.BaseExpression) -> str:
    return f"({code.source(node)})" if node.lpar else code.source(node)


def _of_child(intent: FixIntent, code: Code, launch: cst.Call) -> Iterator[Candidate]:
    """``os.waitpid(pid, 0)`` in the parent: behind the block that is the child's, where that never runs on."""
    statement = code.statement(launch)
    if not isinstance(statement, cst.Assign) or statement.value is not launch or len(statement.targets) != 1:
        return
    name = dotted(statement.targets[0].target)
    block = code.block(code.unit(statement))
    if not name or not code.is_alone(statement):
        return
    [wait], imports = importing(code, "os", ("waitpid",))
    join = f"{wait}({name}, 0)"
    for child in block[block.index(code.unit(statement)) + 1 :]:
        if isinstance(child, cst.If) and _asks_for_child(child.test, name) and child.orelse is None:
            if _never_runs_on(child):
                for placed in placements(code, child, child, join):
                    if placed:
                        yield unsafe(intent.launch.path, say("fixes.wait", code=join), [*imports, *placed])
            return


def _asks_for_child(test: cst.BaseExpression, name: str) -> bool:
    """``pid == 0`` or ``not pid``"""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return dotted(test.expression) == name
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1 or dotted(test.left) != name:
        return False
    asked = test.comparisons[0]
    zero = isinstance(asked.comparator, cst.Integer) and asked.comparator.evaluated_value == 0
    return zero and isinstance(asked.operator, cst.Equal)


def _never_runs_on(child: cst.If) -> bool:
    """Whether the block ends the process, or leaves the function."""
    body = list(child.body.body)
    last = body[-1].body[-1] if body and isinstance(body[-1], cst.SimpleStatementLine) else None
    call = last.value if isinstance(last, cst.Expr) else None
    return isinstance(call, cst.Call) and dotted(call.func).rpartition(".")[2] in ("_exit", "execv", "execvp", "exit")
