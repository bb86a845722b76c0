"""Where a wait can stand so that every path from the launch to the end comes by it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, Edits, own

_LOOPS = (cst.For, cst.While)
_MOST_LATER = 6
"""Statements behind a launch before which a wait is tried, beside those that leave the block."""


def outermost_loop(code: Code, node: cst.CSTNode) -> cst.For | cst.While | None:
    """The loop of the node's own function that repeats it, the outermost if there are several."""
    found: cst.For | cst.While | None = None
    for above in code.ancestors(node):
        if isinstance(above, (cst.FunctionDef, cst.Lambda)):
            break
        if isinstance(above, (cst.For, cst.While)):
            found = above
    return found


def stands_last(code: Code, launch: cst.Call) -> bool:
    """Whether nothing uses the value of the launch, and nothing comes between it and the end of its block."""
    statement = code.statement(launch)
    if not isinstance(statement, cst.Expr) or statement.value is not launch or outermost_loop(code, launch) is not None:
        return False
    block = code.block(code.unit(statement))
    behind = block[block.index(code.unit(statement)) + 1 :] if code.is_alone(statement) and block else [launch]
    if not behind:
        return True
    first = behind[0].body[0] if isinstance(behind[0], cst.SimpleStatementLine) else behind[0]
    return isinstance(first, cst.Return)


def placements(code: Code, statement: cst.CSTNode, since: cst.CSTNode, join: str) -> Iterator[Edits]:
    """Ways to put `join` (lines of code) between the statement and every end, the simplest first.

    `since`: the launch; a return before it needs no wait. Waits that are not needed are taken away where the edits are tried.
    """
    function = code.function(statement)
    if not isinstance(function, cst.FunctionDef):
        return
    unit = code.unit(statement)
    body = list(bindings.suite(function.body))
    if _is_unconditional(code, unit) and not _ends_with_its_block(code, since):
        yield before_exits(code, body, unit, since, join, (cst.Return,))
    block = code.block(unit)
    if not block:
        return
    if not _repeats(code, unit):
        yield before_exits(code, block, unit, since, join, (cst.Return, cst.Break, cst.Continue))
        rest = block[block.index(unit) + 1 :]
        if (
            rest
            and code.is_short(rest)
            and all(code.is_alone(each) or isinstance(each, cst.SimpleStatementLine) for each in rest)
        ):
            yield wrapped_in_finally(code, rest, join)
        for later in reversed(rest[-_MOST_LATER:]):  # one of them may end the invocation, or take the handle away
            if code.is_alone(_only(later)):
                yield [code.before(later, join)]


def wrapped_in_finally(code: Code, units: list[cst.CSTNode], join: str) -> Edits:
    """``try:`` around the statements, the wait in its ``finally``; where it stood among them, it is not needed twice."""
    indent, step = code.indent(units[0]), code.step()
    moved = [unit for unit in units if code.source(unit) == join and code.is_alone(_only(unit))]
    if moved and len(moved) < len(units) and units[0] not in moved and units[-1] not in moved:
        gone = {code.span(unit).line for unit in moved}
        edits = [edit for edit in code.indented(units) if edit[0].line not in gone]
        edits += [code.remove_line(unit) for unit in moved]
        place, text = edits[0]
        edits[0] = (place, f"{indent}try:{code.newline}{text}")
        edits.append(code.after(units[-1], f"finally:\n{step}{join}", indent=indent))
        return edits
    edits = code.indented(units)
    place, text = edits[0]
    edits[0] = (place, f"{indent}try:{code.newline}{text}")
    lines = join.replace("\n", f"\n{step}")
    edits.append(code.after(units[-1], f"finally:\n{step}{lines}", indent=indent))
    return edits


def _only(unit: cst.CSTNode) -> cst.CSTNode:
    return unit.body[0] if isinstance(unit, cst.SimpleStatementLine) else unit


def before_exits(
    code: Code,
    block: list[cst.CSTNode],
    unit: cst.CSTNode,
    since: cst.CSTNode,
    join: str,
    exits: tuple[type[cst.CSTNode], ...],
) -> Edits:
    """The wait at the end of the block, and before each statement after the launch that leaves it early."""
    edits: Edits = []
    start = code.span(since)
    for statement in block:
        for node in own(statement):
            if isinstance(node, exits) and code.span(node) > start and _leaves(code, node, block):
                edits += _ahead_of(code, node, join, unit)
    last = block[-1]
    if not ends(last):
        if isinstance(last, cst.BaseSmallStatement):
            if "\n" in join:
                return []
            edits.append(code.append(last, f"; {join}"))
        else:
            edits.append(code.after(last, join, indent=code.indent(last)))
    return edits


def _ahead_of(code: Code, node: cst.CSTNode, join: str, unit: cst.CSTNode) -> Edits:
    """In front of a statement and the comments above it; right below the launch when nothing stands between the two."""
    if not code.is_alone(node):
        return [code.insert(node, f"{join}; ")] if "\n" not in join else []
    exit_ = code.unit(node)
    block = code.block(exit_)
    if unit in block and block.index(exit_) == block.index(unit) + 1:
        return [code.after(unit, join)]
    return [code.before(exit_, join)]


def _ends_with_its_block(code: Code, launch: cst.CSTNode) -> bool:
    """Whether the launch is a method's of what an enclosing ``with`` names: behind the block that may be unable to give anything."""
    receiver = launch.func.value if isinstance(launch, cst.Call) and isinstance(launch.func, cst.Attribute) else None
    if not isinstance(receiver, cst.Name):
        return False
    return any(
        item.asname is not None and receiver.value in bindings.of_target(item.asname.name)
        for above in code.ancestors(launch)
        if isinstance(above, cst.With)
        for item in above.items
    )


def _is_unconditional(code: Code, unit: cst.CSTNode) -> bool:
    """Whether the statement is one of the function's own, or stands under ``with`` only."""
    for above in code.ancestors(unit):
        if isinstance(above, cst.FunctionDef):
            return True
        if not isinstance(above, (cst.IndentedBlock, cst.With)):
            return False
    return False


def _repeats(code: Code, unit: cst.CSTNode) -> bool:
    """Whether a loop repeats the block of the statement: a wait in it would do the work one by one."""
    return outermost_loop(code, unit) is not None


def _leaves(code: Code, node: cst.CSTNode, block: list[cst.CSTNode]) -> bool:
    """Whether a ``break`` or ``continue`` belongs to a loop around the block; a ``return`` always leaves."""
    if isinstance(node, cst.Return):
        return True
    for above in code.ancestors(node):
        if isinstance(above, _LOOPS):
            return not any(above is each or above in own(each) for each in block)
    return False


def ends(unit: cst.CSTNode) -> bool:
    """Whether control never runs on behind the statement."""
    if isinstance(unit, cst.SimpleStatementLine):
        return ends(unit.body[-1])
    if isinstance(unit, (cst.Return, cst.Raise, cst.Break, cst.Continue)):
        return True
    if isinstance(unit, cst.If):
        return unit.orelse is not None and _suite_ends(unit.body) and ends(unit.orelse)
    if isinstance(unit, cst.Else):
        return _suite_ends(unit.body)
    if isinstance(unit, cst.With):
        return _suite_ends(unit.body)
    if isinstance(unit, (cst.Try, cst.TryStar)):
        if unit.finalbody is not None and _suite_ends(unit.finalbody.body):
            return True
        main = _suite_ends(unit.body) or (unit.orelse is not None and _suite_ends(unit.orelse.body))
        return main and all(_suite_ends(handler.body) for handler in unit.handlers)
    if isinstance(unit, cst.Match):
        wildcard = any(
            isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None and case.guard is None
            for case in unit.cases
        )
        return wildcard and all(_suite_ends(case.body) for case in unit.cases)
    return False


def _suite_ends(suite: cst.BaseSuite) -> bool:
    return bool(suite.body) and ends(suite.body[-1])
