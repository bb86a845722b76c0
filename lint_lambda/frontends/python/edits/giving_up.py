"""Waits that end before the work does: fail where one times out, wait for the rest where one is for the first only."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.placing import placements
from lint_lambda.knowledge.texts import say

_ALIVE = "is_alive"
"""What tells of a thread or a process, whose `join` tells nothing, whether it has ended."""


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`, for a wait that may end early; nothing where it is of another form."""
    if intent.noted is None:
        return
    code = code_of(intent.noted.path)
    wait = code.at(intent.noted.span, cst.Call)
    if wait is None:
        return
    if intent.reason == "times-out":
        for edits in _failing(intent, code, wait):
            yield unsafe(intent.noted.path, say("fixes.fail", code="raise TimeoutError(…)"), edits)
        if intent.remedy.kind.by_library and len(wait.args) == 1 and _is_nothing(wait.args[0].value):
            words = f"{code.source(wait.func)}()"
            yield unsafe(
                intent.noted.path,
                say("fixes.wait-instead", call=code.source(wait), code=words),
                [(code.span(wait), words)],
            )
    elif intent.reason == "partial-wait":
        yield from _for_the_rest(intent, code, wait)


# --- timeouts --------------------------------------------------------------------------------------------------------


def _failing(intent: FixIntent, code: Code, wait: cst.Call) -> Iterator[Edits]:
    """An exception where the wait has timed out, so that nobody takes the response for a success."""
    statement = code.statement(wait)
    whole = _awaited(code, wait)
    name = dotted(wait.func).rpartition(".")[2]
    fails = f'raise TimeoutError("{intent.label} has not finished in time")'
    step = code.step()
    if not code.is_alone(statement) or not isinstance(wait.func, (cst.Name, cst.Attribute)) or _tries_again(code, wait):
        return
    unit = code.unit(statement)
    is_bare = isinstance(statement, cst.Expr) and statement.value is whole
    owner = code.source(wait.func.value) if isinstance(wait.func, cst.Attribute) else ""
    if is_bare and name == "join" and owner and intent.remedy.kind.started:
        yield [code.after(unit, f"if {owner}.{_ALIVE}():\n{step}{fails}")]
    elif (
        is_bare and name == "wait" and owner and intent.call.endswith("_async") and isinstance(wait.func, cst.Attribute)
    ):
        yield [(code.span(wait.func.attr), "get")]  # raises where `wait` only returns
    elif is_bare and name == "wait" and owner and len(wait.args) == 1:
        lines = f":{code.newline}{code.indent(unit)}{step}{fails}"
        yield [code.insert(statement, "if not "), code.append(statement, lines)]
    elif is_bare and owner and intent.remedy.kind.by_library and intent.remedy.asks:
        yield [code.after(unit, f"if not {owner}.{intent.remedy.asks[0]}():\n{step}{fails}")]
    elif is_bare and name == "wait":
        left = code.fresh(wait, "pending", "unfinished")
        yield [code.insert(statement, f"_, {left} = "), code.after(unit, f"if {left}:\n{step}{fails}")]
    elif name == "wait":
        left = _second_target(statement, whole)
        if left == "_":
            left = code.fresh(wait, "pending", "unfinished")
            targets = _targets(statement)
            assert targets is not None
            renamed = [(code.span(targets.elements[1].value), left)]
            yield [*renamed, code.after(unit, f"if {left}:\n{step}{fails}")]
        elif left and not _is_used(code, wait, left):  # else the code answers that some are left
            yield [code.after(unit, f"if {left}:\n{step}{fails}")]


def _tries_again(code: Code, wait: cst.Call) -> bool:
    """Whether a loop waits for the same work several times: one time limit that has passed is not the last."""
    owner = dotted(wait.func).partition(".")[0]
    for above in code.ancestors(wait):
        if isinstance(above, cst.While):
            return True
        if isinstance(above, cst.For):
            return not any(isinstance(each, cst.Name) and each.value == owner for each in walk(above.target))
        if isinstance(above, cst.FunctionDef):
            break
    return False


def _is_nothing(limit: cst.BaseExpression) -> bool:
    """Whether a time limit is no time at all; any other limit is meant, and is not taken away."""
    return isinstance(limit, (cst.Integer, cst.Float)) and limit.evaluated_value == 0


def _is_used(code: Code, near: cst.CSTNode, name: str) -> bool:
    """Whether the function around `near` has the name in more than one place."""
    return sum(isinstance(node, cst.Name) and node.value == name for node in walk(code.function(near))) > 1


def _awaited(code: Code, call: cst.Call) -> cst.BaseExpression:
    above = code.parent(call)
    return above if isinstance(above, cst.Await) else call


def _targets(statement: cst.CSTNode) -> cst.Tuple | None:
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
        return target if isinstance(target, cst.Tuple) and len(target.elements) == 2 else None
    return None


def _second_target(statement: cst.CSTNode, value: cst.BaseExpression) -> str:
    """``pending`` of ``done, pending = wait(…)``."""
    targets = _targets(statement)
    if targets is None or not isinstance(statement, cst.Assign) or statement.value is not value:
        return ""
    return dotted(targets.elements[1].value)


# --- the first of several ---------------------------------------------------------------------------------------------


def _for_the_rest(intent: FixIntent, code: Code, wait: cst.Call) -> Iterator[Candidate]:
    """After ``wait(…, return_when=FIRST_COMPLETED)``: wait for all of them before the response."""
    statement = code.statement(wait)
    path = intent.noted.path if intent.noted is not None else intent.launch.path
    if dotted(wait.func).rpartition(".")[2] != "wait" or not wait.args or not code.is_alone(statement):
        return
    several = wait.args[0].value
    if wait.args[0].star or wait.args[0].keyword is not None:
        return
    imports: Edits = []
    words = code.source(several)
    if not _can_be_repeated(several):
        words = _second_target(statement, _awaited(code, wait))
        if not words.isidentifier() or words == "_" or _is_used(code, wait, words):
            words = code.fresh(wait, "jobs", "all_jobs")
            line = code.before(code.unit(statement), f"{words} = {code.source(several)}")
            imports = [line, (code.span(several), words)]
    if isinstance(code.parent(wait), cst.Await):
        module, more = code.importing("asyncio")
        join = f"await {module}.gather(*{words}, return_exceptions=True)"
        imports += more
        if not module:
            return
    else:
        join = f"{code.source(wait.func)}({words})"
    for edits in placements(code, statement, wait, join):
        if edits:
            yield unsafe(path, say("fixes.wait", code=join), [*imports, *edits])


def _can_be_repeated(node: cst.BaseExpression) -> bool:
    """Whether an expression stands for the same objects when it is evaluated again."""
    if isinstance(node, (cst.List, cst.Set, cst.Tuple)):
        return all(bool(dotted(each.value)) for each in node.elements)
    return bool(dotted(node))
