"""Clients that only their end flushes: made by the handler, and closed there, instead of once for all invocations."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.frontends.python.edits import sight
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, own_body, walk
from lint_lambda.frontends.python.edits.placing import wrapped_in_finally
from lint_lambda.frontends.python.edits.sight import Spot
from lint_lambda.knowledge.texts import say


def candidates(spot: Spot, words: str) -> Iterator[tuple[str, Edits]]:
    """Titles and edits, where the module makes the client by one call, and only the handler uses it."""
    code, handler = spot.code, spot.function
    body = sight.body(handler)
    made = _maker(code, spot.name)
    if made is None or spot.block != body or not isinstance(handler.body, cst.IndentedBlock):
        return
    if not body or not code.is_short(body) or not _is_used_by(code, handler, spot.name, made):
        return
    wrapped = wrapped_in_finally(code, body, words)
    place, text = wrapped[0]
    wrapped[0] = (place, f"{code.indent(body[0])}{spot.name} = {code.source(made.value)}{code.newline}{text}")
    title = say("fixes.make-in-handler", function=handler.name.value, name=spot.name, code=words)
    yield title, [code.remove_line(code.unit(made)), *wrapped]


def _maker(code: Code, name: str) -> cst.Assign | None:
    found = [
        small
        for unit in code.module.body
        if isinstance(unit, cst.SimpleStatementLine)
        for small in unit.body
        if isinstance(small, cst.Assign) and name in [dotted(each.target) for each in small.targets]
    ]
    if len(found) != 1 or len(found[0].targets) != 1 or not isinstance(found[0].value, cst.Call):
        return None
    plain = "\n" not in code.source(found[0].value) and dotted(found[0].value.func).rpartition(".")[2][:1].isupper()
    return found[0] if plain and code.is_alone(found[0]) else None


def _is_used_by(code: Code, handler: cst.FunctionDef, name: str, made: cst.Assign) -> bool:
    """Whether the handler's own code has every use of the name."""
    own = {id(each) for node in own_body(handler) for each in walk(node)}
    own |= {id(each) for each in walk(made)}
    return all(id(each) in own for each in walk(code.module) if isinstance(each, cst.Name) and each.value == name)
