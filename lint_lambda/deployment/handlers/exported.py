"""Find handlers in modules that name what they give to others: what a module gives as ``handler`` is one."""

from __future__ import annotations

import re

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.handlers.bindings import ModuleNames
from lint_lambda.deployment.handlers.signatures import definition_place, found_by
from lint_lambda.knowledge.texts import say

NAMES = frozenset({"handler", "lambdaHandler", "lambda_handler"})
"""Names under which a module gives a handler, whatever that looks like."""

TEST_FILE = re.compile(r"(?:\.(?:test|spec)\.\w+|(?:^|/)__(?:tests|mocks)__/.*)\Z")

_MAY_HOLD = re.compile(rb"\b(?:handler|lambdaHandler|lambda_handler)\b")
_GIVES = re.compile(rb"\bexports?\b")


def may_hold_handler(source: bytes) -> bool:
    """Whether `discover` could find a handler in a file that holds this."""
    return _MAY_HOLD.search(source) is not None and _GIVES.search(source) is not None


def discover(module: ir.Module) -> list[Handler]:
    """The handlers of a module, by name."""
    if TEST_FILE.search(module.path):
        return []
    names = ModuleNames(module)
    found = []
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
