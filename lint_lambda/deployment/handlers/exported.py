"""Find handlers in modules that name what they give to others: what a module gives as ``handler`` is one.

So is a function with the parameters of a handler, and what is annotated as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.handlers.bindings import ModuleNames
from lint_lambda.deployment.handlers.shape import fits
from lint_lambda.deployment.handlers.signatures import definition_place, found_by
from lint_lambda.knowledge.texts import say

NAMES = frozenset({"handler", "lambdaHandler", "lambda_handler"})
"""Names under which a module gives a handler, whatever that looks like."""

TEST_FILE = re.compile(r"(?:\.(?:test|spec)\.\w+|(?:^|/)(?:test|spec)\.\w+|(?:^|/)__(?:tests|mocks)__/.*)\Z")

_MAY_HOLD = re.compile(
    rb"\b(?:handler|lambdaHandler|lambda_handler)\b|\w*event\w*\s*(?::[^,)=]*)?,\s*_*(?:\w*context|ctx)\b"
    rb"|:\s*(?:\w+\.)?\w*Handler\b"
)
_HANDLER_TYPE = re.compile(r"(?:\w*[a-z0-9])?Handler(?:V2)?")
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
        if isinstance(value, ir.Import):
            place = definition_place(names, ir.Name(name, ""), name)
        elif isinstance(inner := tree.undecorated(value), (ir.Func, ir.Call, ir.Attr)):
            place = definition_place(names, inner, name)
        else:
            continue
        found.append(found_by(module.path, name, place, say("handlers.exported", name=name)))
    return found


def _by_shape(names: ModuleNames, annotated: frozenset[str]) -> Iterator[Handler]:
    """Functions with a handler's parameters, and what is annotated as a handler."""
    for name, binding in sorted(names.bound.items()):
        value = binding.value
        inner = None if isinstance(value, ir.Import) else tree.undecorated(value)
        if name in NAMES or not isinstance(inner, ir.Func) or inner.qualname not in names.functions:
            continue
        params = [param.name for param in names.functions[inner.qualname].params if param.kind == "positional"]
        shaped = len(params) > 1 and fits(name, params[0], params[1]) == "signature"
        if shaped or name in annotated:
            place = definition_place(names, inner, name)
            first, second = (*params, "", "")[:2]
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
        if isinstance(target, ir.Name) and _HANDLER_TYPE.fullmatch(tree.last_name(statement.annotation))
    )
