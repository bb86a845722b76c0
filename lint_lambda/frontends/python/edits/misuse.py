"""Mends for wrong uses of what `lambda-lint scaffold` writes: what was meant is plain, and it is not to wait."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import EXTENSION, Candidate, NoFix
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, CodeOf, dotted, unsafe
from lint_lambda.frontends.python.edits.deferring import decorated, importing, source, undecorated
from lint_lambda.frontends.python.edits.handed import of_coroutine
from lint_lambda.knowledge.texts import say

_TAKE_FUNCTIONS = frozenset({"defer", "after_response"})
_LIBRARIES = (EXTENSION, "lambda_after_response")


def concerns(intent: FixIntent, code_of: CodeOf) -> bool:
    """Whether a finding is about something handed over where nothing runs it, or in a form that is refused."""
    return intent.kind == "deferred" or (intent.remedy.kind.coroutine and _taker(intent, code_of) is not None)


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`, for these."""
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    if launch is None:
        raise NoFix(say("refusals.unnamed-callee"))
    if intent.kind == "deferred":
        yield _decorating(intent, code_of)
        return
    taker = _taker(intent, code_of)
    assert taker is not None
    name = code.source(taker.func)
    if dotted(taker.func).rpartition(".")[2] in _TAKE_FUNCTIONS:
        if intent.kind == "task" or len(taker.args) != 1:
            raise NoFix(say("refusals.takes-function", name=name))
        text = of_coroutine(code, launch).call(name)
        edits = [(code.span(taker), text)]
    elif intent.kind == "task" and launch.args and isinstance(launch.args[0].value, cst.Call):
        made = code.source(launch.args[0].value)
        text, edits = f"{name}({made})", [(code.span(launch), made)]
    else:
        raise NoFix(say("refusals.takes-coroutine", name=name))
    yield unsafe(intent.launch.path, say("fixes.unstarted", code=text), edits)


def _decorating(intent: FixIntent, code_of: CodeOf) -> Candidate:
    if intent.reason == "import-time":
        raise NoFix(say("refusals.deferred-outside"))
    bare = list(undecorated(intent, code_of, anywhere=True))
    paths = {path for path, _ in bare}
    if len(paths) != 1:
        raise NoFix(say("refusals.several-files"))
    path = paths.pop()
    target = code_of(path)
    module = next((name for name, _ in _imported(target)), "")
    if not module:
        raise NoFix(say("refusals.decorate-elsewhere", path=path))
    names, edits = importing(target, module, ("deferring",))
    edits += [edit for _, handler in bare for edit in decorated(target, handler, names[0])]
    return unsafe(path, say("fixes.decorate", name=names[0]), edits)


def _imported(code: Code) -> Iterator[tuple[str, str]]:
    """The scaffold's modules that the file imports, each with a name that it binds, or how names of it begin."""
    for _, small in code.imports():
        if isinstance(small, cst.Import):
            for alias in small.names:
                if bindings.dotted_name(alias.name).rpartition(".")[2] in _LIBRARIES:
                    yield bindings.dotted_name(alias.name), f"{bindings.bound_by_alias(alias, whole_module=False)}."
        elif not isinstance(small.names, cst.ImportStar) and source(small).rpartition(".")[2] in _LIBRARIES:
            for alias in small.names:
                yield source(small), bindings.bound_by_alias(alias, whole_module=False)


def _taker(intent: FixIntent, code_of: CodeOf) -> cst.Call | None:
    """The call of a scaffold's function that the launch is handed to, first."""
    code = code_of(intent.launch.path)
    launch = code.at(intent.launch.span, cst.Call)
    above = code.parent(launch) if launch is not None else None
    call = code.parent(above) if isinstance(above, cst.Arg) else None
    if not isinstance(call, cst.Call) or call.args[0] is not above or above.star or above.keyword is not None:
        return None
    name = dotted(call.func)
    known = any(name == bound or (bound.endswith(".") and name.startswith(bound)) for _, bound in _imported(code))
    return call if known else None
