"""Timeouts that the code catches and forgets: the exception goes on, so that nobody takes the response for a success."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate
from lint_lambda.core.source import Location, Span
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, own_body, unsafe, walk
from lint_lambda.frontends.python.edits.unused import names_in, unneeded
from lint_lambda.knowledge.conventions import load_conventions
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """For each place where a function on the way to the launch, or the one around it, swallows a timeout."""
    seen: set[Location] = set()
    for place in (intent.launch, *reversed(intent.hops), *([intent.noted] if intent.noted is not None else [])):
        code = code_of(place.path)
        call = code.called_at(place.span)
        function = code.function(call) if call is not None else None
        if not isinstance(function, cst.FunctionDef):
            continue
        around = Location(place.path, code.span(function))
        if around in seen:
            continue
        seen.add(around)
        for node in own_body(function):
            for edits in _raising(code, node):
                yield unsafe(place.path, say("fixes.fail", code="raise"), edits)
        for node in own_body(function) if intent.kind == "subprocess" and intent.remedy.of_language else ():
            for said, edits in _killing(code, node):
                yield unsafe(place.path, say("fixes.kill", code=said), edits)


def _killing(code: Code, node: cst.CSTNode) -> Iterator[tuple[str, Edits]]:
    """``child.kill()`` where the wait for a child has timed out and the code answers that: nobody wants its work any more."""
    if not isinstance(node, cst.Try):
        return
    waits = [
        dotted(call.func.value)
        for call in walk(node.body)
        if isinstance(call, cst.Call)
        and isinstance(call.func, cst.Attribute)
        and call.func.attr.value in ("wait", "communicate")
    ]
    for handler in node.handlers:
        body = list(bindings.suite(handler.body))
        timed_out = handler.type is not None and all(map(_tells_of_timeout, _types(handler.type)))
        if timed_out and len(waits) == 1 and waits[0] and isinstance(handler.body, cst.IndentedBlock):
            lines = f"{waits[0]}.kill()\n{waits[0]}.wait()"
            yield f"{waits[0]}.kill()", [code.before(body[0], lines)]


def _raising(code: Code, node: cst.CSTNode) -> Iterator[Edits]:
    if isinstance(node, cst.With):
        yield from _unsuppressed(code, node)
    elif isinstance(node, cst.Try):
        for handler in node.handlers:
            if handler.type is not None and all(map(_tells_of_timeout, _types(handler.type))):
                yield from _let_go(code, node, handler)


def _types(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    return [each.value for each in node.elements] if isinstance(node, cst.Tuple) else [node]


def _tells_of_timeout(node: cst.BaseExpression) -> bool:
    return "Timeout" in dotted(node).rpartition(".")[2]


def _unsuppressed(code: Code, node: cst.With) -> Iterator[Edits]:
    """The body of ``with suppress(TimeoutError):`` by itself."""
    call = node.items[0].item
    if len(node.items) != 1 or not isinstance(call, cst.Call) or not dotted(call.func).endswith("suppress"):
        return
    if call.args and all(not each.star and _tells_of_timeout(each.value) for each in call.args):
        yield from _unwrapped(code, node, node.body, list(walk(node.items[0])))


def _let_go(code: Code, tried: cst.Try, handler: cst.ExceptHandler) -> Iterator[Edits]:
    """Without the handler that does nothing, or with ``raise`` at the end of one that only says something."""
    body = list(bindings.suite(handler.body))
    smalls = [small for unit in body for small in (unit.body if isinstance(unit, cst.SimpleStatementLine) else [unit])]
    if not isinstance(handler.body, cst.IndentedBlock) or not smalls:
        return
    if all(isinstance(small, cst.Pass) for small in smalls):
        if len(tried.handlers) == 1 and tried.orelse is None and tried.finalbody is None:
            yield from _unwrapped(code, tried, tried.body, list(walk(handler)))
        yield [(code.span(smalls[0]), "raise")]
    elif all(isinstance(small, cst.Expr) and _says(small.value) for small in smalls):
        yield [code.after(body[-1], "raise", indent=code.indent(body[-1]))]


def _says(node: cst.BaseExpression) -> bool:
    """Whether an expression only shows something to a person."""
    name = dotted(node.func) if isinstance(node, cst.Call) else ""
    return bool(name) and name.rpartition(".")[2] in load_conventions().tells


def _unwrapped(code: Code, whole: cst.CSTNode, suite: cst.BaseSuite, gone: list[cst.CSTNode]) -> Iterator[Edits]:
    """The statements of a block in the place of what is around it."""
    units = list(bindings.suite(suite))
    if not isinstance(suite, cst.IndentedBlock) or not code.is_short(units):
        return
    outer, inner = code.span(whole), code.span(units[0])
    step = len(code.indent(units[0])) - len(code.indent(whole))
    last = code.span(units[-1])
    edits: Edits = [(Span(outer.line, 0, inner.line, 0), ""), (Span(last.end_line + 1, 0, outer.end_line + 1, 0), "")]
    if outer.end_line == last.end_line:
        edits.pop()
    for number in range(inner.line, last.end_line + 1):
        if code.lines[number - 1][:step].isspace():
            edits.append((Span(number, 0, number, step), ""))
    yield [*unneeded(code, gone, names_in(gone), ""), *edits]
    yield edits
