"""Find handlers in modules that name what they give to others: what a module gives as ``handler`` is one.

So is a function with the parameters of a handler, and what is annotated as one. None is what takes something else by its parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.handlers.bindings import ModuleNames
from lint_lambda.deployment.handlers.shape import fits, takes_an_event, takes_something_else
from lint_lambda.deployment.handlers.signatures import definition_place, found_by
from lint_lambda.knowledge.texts import say

NAMES = frozenset({"handler", "lambdaHandler", "lambda_handler"})
"""Names under which a module gives a handler, whatever that looks like."""

TEST_FILE = re.compile(r"(?:\.(?:test|spec)\.\w+|(?:^|/)(?:test|spec)\.\w+|(?:^|/)__(?:tests|mocks)__/.*)\Z")

_MAY_HOLD = re.compile(
    rb"\b(?:handler|lambdaHandler|lambda_handler)\b|\w*event\w*\s*(?::[^,)=]*)?,\s*_*(?:\w*context|ctx)\b"
    rb"|:\s*(?:\w+\.)?\w*Handler(?:V2)?\b"
)
_HANDLER_TYPE = re.compile(r"\w*Handler(?:V2)?")
_OTHER_TYPE = re.compile(r"(?:Error)?RequestHandler|Next\w*Handler|\w*EventHandler|SubmitHandler|CommandHandler")
"""The types of what servers of another kind, pages and command lines call."""
_GIVES = re.compile(rb"\bexports?\b")


def may_hold_handler(source: bytes) -> bool:
    """Whether `discover` could find a handler in a file that holds this."""
    return _MAY_HOLD.search(source) is not None and _GIVES.search(source) is not None


def discover(module: ir.Module) -> list[Handler]:
    """The handlers of a module, by name."""
    if TEST_FILE.search(module.path):
        return []
    names = ModuleNames(module)
    found = [*_by_shape(names, _annotated(names))]
    for name in sorted(NAMES & names.bound.keys()):
        bound = names.bound[name].value
        value = bound if isinstance(bound, ir.Import) else names.value(bound, name)
        params = _params(names, value)
        if params is not None and takes_something_else(*params):
            continue
        if isinstance(value, ir.Import):
            place = definition_place(names, ir.Name(name, ""), name)
        elif isinstance(inner := tree.undecorated(value), (ir.Func, ir.Call, ir.Attr)):
            place = definition_place(names, inner, name)
        else:
            continue
        handler = found_by(module.path, name, place, say("handlers.exported", name=name))
        by_name = params is None or not takes_an_event(name, *params)
        if by_name and params is not None and _calls_itself(names, name):
            continue
        found.append(replace(handler, by_name=by_name))
    return found


def _params(names: ModuleNames, value: ir.Expr | ir.Import) -> tuple[str, str] | None:
    """The first two parameters of a function, empty where there are fewer; None for what is no function."""
    inner = None if isinstance(value, ir.Import) else tree.undecorated(value)
    if not isinstance(inner, ir.Func) or inner.qualname not in names.functions:
        return None
    params = [param.name for param in names.functions[inner.qualname].params if param.kind == "positional"]
    first, second = (*params, "", "")[:2]
    return first, second


def _calls_itself(names: ModuleNames, name: str) -> bool:
    """Whether the module calls what it gives under this name as soon as it is loaded, as a script does."""
    statements = (each for each in tree.top_level(names.body) if isinstance(each, ir.Eval))
    calls = (node for each in statements for node in tree.nodes(each) if isinstance(node, ir.Call))
    return any(
        isinstance(call.func, ir.Name) and call.func.name == name and call.func.owner == MODULE_BODY for call in calls
    )


def _by_shape(names: ModuleNames, annotated: frozenset[str]) -> Iterator[Handler]:
    """Functions with a handler's parameters, and what is annotated as a handler."""
    for name, binding in sorted(names.bound.items()):
        value = binding.value
        if name in NAMES or isinstance(value, ir.Import):
            continue
        params = _params(names, value)
        if params is None or takes_something_else(*params):
            continue
        first, second = params
        shaped = bool(second) and fits(name, first, second) == "signature"
        if shaped or name in annotated:
            place = definition_place(names, tree.undecorated(value), name)
            why = (
                say("handlers_by_shape.signature", name=name, first=first, second=second)
                if shaped
                else say("handlers.annotated-as", name=name)
            )
            yield found_by(names.path, name, place, why)


def _annotated(names: ModuleNames) -> frozenset[str]:
    """Names whose annotation is that of a handler: ``Handler``, ``SQSHandler``, ``lambda.APIGatewayProxyHandlerV2``."""
    return frozenset(
        target.name
        for statement in tree.top_level(names.body)
        if isinstance(statement, ir.Assign) and statement.annotation is not None
        for target in statement.targets
        if isinstance(target, ir.Name) and _is_handlers(statement.annotation)
    )


def _is_handlers(annotation: ir.Expr) -> bool:
    named = tree.last_name(annotation.base if isinstance(annotation, ir.Item) else annotation)
    return _HANDLER_TYPE.fullmatch(named) is not None and _OTHER_TYPE.fullmatch(named) is None
