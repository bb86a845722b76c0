"""What a library is made with: an argument given or left out, another class, so that it does its work before it returns."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.remedy import Made
from lint_lambda.core.source import Span
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.construction import configured
from lint_lambda.frontends.python.edits.deferring import importing
from lint_lambda.frontends.python.edits.unused import has_comment, names_in, unneeded
from lint_lambda.knowledge.texts import say


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """For each way that the models know, in each file on the way to the launch: every such call of the file is changed."""
    places = (intent.launch, *reversed(intent.hops), intent.handler)
    for made in intent.remedy.made:
        name = made.call.rpartition(".")[2]
        for path in dict.fromkeys(place.path for place in places):
            code = code_of(path)
            calls = [
                node
                for node in walk(code.module)
                if isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[2] == name
            ]
            try:
                edits = [edit for call in calls for edit in _changed(code, call, made)]
            except NoFix:
                continue  # a name that would have to be imported means something else here
            if edits:
                said = f"{made.instead.rpartition('.')[2] or name}({_said(made)})"
                yield unsafe(path, say("fixes.configure", code=said), list(dict.fromkeys(edits)))


def _said(made: Made) -> str:
    if not made.name:
        return ""
    return f"…, {made.name}={made.value.rpartition(':')[2]}" if made.value else f"… without {made.name}"


def _changed(code: Code, call: cst.Call, made: Made) -> Edits:
    if made.instead:
        return _other_class(code, call, made.instead)
    if not made.value:
        return without(code, call, made.name)
    module, _, value = made.value.rpartition(":")
    imports: Edits = []
    if module:
        [value], imports = importing(code, module, (value,))
    edits = configured(code, call, made.name, value)
    return [*imports, *edits] if edits else []


def _other_class(code: Code, call: cst.Call, instead: str) -> Edits:
    """Another class in the place of one that is made without arguments, which the other might not take."""
    if call.args or has_comment(call):
        return []
    module, _, name = instead.rpartition(".")
    [known], imports = importing(code, module, (name,))
    gone = list(walk(call.func))
    removed = unneeded(code, gone, names_in(gone), known)
    if removed and imports and known == name:  # the new import takes the place of the old one
        span = Span(removed[0][0].line, 0, removed[0][0].line + 1, 0)
        removed, imports = [(span, f"from {module} import {name}{code.newline}")], []
    return [*imports, (code.span(call.func), known), *removed]


def without(code: Code, call: cst.Call, name: str) -> Edits:
    """The call without the argument, and without the comma that belongs to it."""
    for number, argument in enumerate(call.args):
        if argument.keyword is not None and argument.keyword.value == name and not has_comment(call):
            span = code.span(argument.value)
            start = code.span(argument.keyword)
            first = Span(start.line, start.column, span.end_line, span.end_column)
            if number > 0:
                before = code.span(call.args[number - 1].value)
                return [(Span(before.end_line, before.end_column, first.end_line, first.end_column), "")]
            if len(call.args) > 1:
                behind = call.args[1]
                after = code.span(behind.keyword or behind.value)
                return [(Span(first.line, first.column, after.line, after.column), "")]
            return [(first, "")]
    return []
