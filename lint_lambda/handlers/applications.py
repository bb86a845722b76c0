"""Find the web applications of a module, which an adapter serves where no handler is written.

Their endpoints are what Lambda comes to. Only top-level names count, as a server is told ``module:name``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lint_lambda.core import ir
from lint_lambda.core.verdict import Handler
from lint_lambda.handlers import tree
from lint_lambda.handlers.bindings import ModuleNames
from lint_lambda.handlers.signatures import TEST_FILE, definition_place

USUAL = frozenset({"api", "app", "application", "asgi", "wsgi"})
"""Names that servers are told; what a function of the project makes under one of them is an application."""


def discover(
    module: ir.Module,
    is_application: Callable[[str], bool],
    registry: frozenset[str],
    adapter: str,
    *,
    called: bool = False,
) -> Iterator[Handler]:
    """The applications of a module, by name.

    `is_application` tells the library types they have; `registry` are names that hold the endpoints of a whole application.
    `called`: a handler that is written calls them; it is only the names in `registry` that it leads nowhere to.
    """
    if TEST_FILE.search(module.path):
        return
    names = ModuleNames(module)
    for name, binding in sorted(names.bound.items()):
        value = binding.value
        if isinstance(value, ir.Import):
            continue
        if name in registry:
            why = f"{adapter} serves the endpoints in {name}"
        elif called:
            continue
        elif isinstance(value, ir.Call) and is_application(symbol(names, value.func, name)):
            why = f"{adapter} serves this application"
        elif isinstance(value, ir.Call) and name in USUAL and _makes(names, value, name, is_application):
            why = f"{adapter} serves the application that is made here"
        else:
            continue
        yield Handler(
            module.path,
            name,
            definition_place(names, value, name),
            "deployment",
            why,
            application=True,
            adapter=adapter,
        )


def symbol(names: ModuleNames, expression: ir.Expr, inside: str) -> str:
    """The dotted name of something imported; empty for anything else."""
    if isinstance(expression, ir.Attr):
        base = symbol(names, expression.base, inside)
        return f"{base}.{expression.name}" if base else ""
    value = names.value(expression, inside)
    if not isinstance(value, ir.Import) or value.level:
        return ""
    return value.module if value.name is None else f"{value.module}.{value.name}"


def _makes(names: ModuleNames, made: ir.Call, name: str, is_application: Callable[[str], bool]) -> bool:
    """Whether a function of the project, as far as it is known, makes an application."""
    function = names.function(made.func, name)
    if function is None:
        return isinstance(names.value(made.func, name), ir.Import)
    calls = (node for node in tree.nodes(function.body) if isinstance(node, ir.Call))
    return any(is_application(symbol(names, call.func, "")) for call in calls)
