"""Find the web applications of a module, which an adapter serves where no handler is written.

Their endpoints are what Lambda comes to. Only top-level names count, as a server is told ``module:name``. Some applications need
no adapter: Lambda calls them itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.deployment.handlers.bindings import ModuleNames
from lint_lambda.deployment.handlers.signatures import TEST_FILE, definition_place
from lint_lambda.knowledge.texts import say

USUAL = frozenset({"api", "app", "application", "asgi", "wsgi"})
"""Names that servers are told; what a function of the project makes under one of them is an application."""


DEEPEST_IMPORT = 3
"""How many imports the class of an application is followed through."""


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
            why = say("handlers.serves-endpoints", adapter=adapter, name=name)
        elif called:
            continue
        elif isinstance(value, ir.Call) and is_application(symbol(names, value.func, name)):
            why = say("handlers.serves", adapter=adapter)
        elif isinstance(value, ir.Call) and name in USUAL and _makes(names, value, name, is_application):
            why = say("handlers.serves-made", adapter=adapter)
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


def made_within(module: ir.Module, is_application: Callable[[str], bool], adapter: str) -> Iterator[Handler]:
    """The applications that functions of a module make, which starts them itself (``async function main() { const app = …``)."""
    names = ModuleNames(module)
    for function in module.functions:
        for statement in tree.nodes(function.body) if function.qualname != MODULE_BODY else ():
            if not isinstance(statement, ir.Assign) or statement.value is None:
                continue
            calls = (node for node in tree.nodes((statement.value,)) if isinstance(node, ir.Call))
            made = next((call for call in calls if is_application(symbol(names, call.func, ""))), None)
            named = next((target.name for target in statement.targets if isinstance(target, ir.Name)), "")
            if made is not None and named:
                why = say("handlers.serves", adapter=adapter)
                place = Place(module.path, made.site)
                yield Handler(module.path, named, place, "deployment", why, application=True, adapter=adapter)


def discover_handlers(
    module: ir.Module, is_handler: Callable[[str], bool], imported: Callable[[str, ir.Import], ir.Module | None]
) -> Iterator[Handler]:
    """The applications of a module that Lambda calls as they are, by name.

    `is_handler` tells the library types they have; `imported` gives the module of the project that an import is of.
    """
    if TEST_FILE.search(module.path):
        return
    names = ModuleNames(module)
    for name, binding in sorted(names.bound.items()):
        value = binding.value
        if isinstance(value, ir.Call) and _is_handler(names, value.func, name, is_handler, imported):
            place = definition_place(names, value, name)
            why = say("handlers.application", name=name)
            yield Handler(module.path, name, place, "signature", why, application=True)


def _is_handler(
    names: ModuleNames,
    type_: ir.Expr,
    inside: str,
    known: Callable[[str], bool],
    imported: Callable[[str, ir.Import], ir.Module | None],
    depth: int = 0,
) -> bool:
    """Whether a class is a library's, or the project's own that derives from it, in this module or in another.

    So is a function of this module that makes one, and gives it to one of the usual names.
    """
    if known(symbol(names, type_, inside)):
        return True
    class_ = names.class_(type_, inside)
    if class_ is not None:
        return any(_is_handler(names, base, "", known, imported, depth) for base in class_.bases)
    factory = names.function(type_, inside) if inside in USUAL else None
    if factory is not None:
        calls = (node for node in tree.nodes(factory.body) if isinstance(node, ir.Call))
        return any(_is_handler(names, call.func, "", known, imported, depth) for call in calls)
    value = names.value(type_, inside)
    if not isinstance(value, ir.Import) or value.name is None or depth > DEEPEST_IMPORT:
        return False
    module = imported(names.path, value)
    if module is None:
        return False
    other = ModuleNames(module)
    bound = other.bound.get(value.name)
    if bound is None:
        return False
    if isinstance(bound.value, ir.Import):  # a package that hands on what one of its modules defines
        return _is_handler(other, ir.Name(value.name, MODULE_BODY), "", known, imported, depth + 1)
    return _is_handler(other, bound.value, value.name, known, imported, depth + 1)


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
