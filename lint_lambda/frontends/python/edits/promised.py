"""Work whose result the caller is to ask for later: the response carries an identifier that was made for it."""

from __future__ import annotations

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import NoFix
from lint_lambda.frontends.python.edits.code import Code, CodeOf, dotted, own_body, walk
from lint_lambda.knowledge.conventions import load_conventions
from lint_lambda.knowledge.texts import say


def refuse(intent: FixIntent, code_of: CodeOf) -> None:
    """Raise `NoFix` where a function on the way to the launch mints an identifier, hands it down, and answers with it.

    A caller who gets a job's identifier does not want to wait for the job.
    """
    for place in (intent.launch, *intent.hops):
        code = code_of(place.path)
        call = code.called_at(place.span)
        promised = _promised(code, call) if call is not None else ""
        if promised:
            raise NoFix(say("refusals.promised", name=promised))


def _promised(code: Code, call: cst.Call) -> str:
    """The identifier, by its name in the function around a call; empty if there is none."""
    function = code.function(call)
    if not isinstance(function, cst.FunctionDef):
        return ""
    body = list(own_body(function))
    assigned = [
        (dotted(target.target), node.value) for node in body if isinstance(node, cst.Assign) for target in node.targets
    ]
    minted = {name for name, value in assigned if any(map(_mints, walk(value)))}
    given = _names(call)
    given |= {each for name, value in assigned if name in given for each in _names(value)}
    answered = {name for node in body if isinstance(node, cst.Return) and node.value for name in _names(node.value)}
    return min(minted & given & answered, default="")


def _mints(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and load_conventions().mints_identifier(dotted(node.func))


def _names(node: cst.CSTNode) -> set[str]:
    return {each.value for each in walk(node) if isinstance(each, cst.Name)}
