"""Find handlers by what they look like: a signature, an annotation, a decorator, or an assigned name.

Only top-level names count, as Lambda loads ``module.name``. `discover` looks at one module; a function that merely helps
a handler, because it takes the same ``(event, context)`` and a handler calls it, is left to `lint_lambda.deployment.handlers.helpers`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.deployment.handlers.bindings import Binding, ModuleNames
from lint_lambda.deployment.handlers.shape import EXACT, fits, is_unmistakable_name, looks_assigned
from lint_lambda.knowledge.models import HandlerSigns
from lint_lambda.knowledge.tables import PlatformModel
from lint_lambda.knowledge.texts import say

TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py\Z")
"""What pytest collects calls handlers with events of its own."""

_WRAPPER = re.compile(
    r"(?i)lambda|wsgi|asgi|wrap|middl?eware|partial|(?:make|create|build|get)_?handler|handler_factory"
)
_ADAPTER = re.compile(r"(?i)wsgi|asgi|(?:make|create|build|get)_?(?:lambda_)?handler")
_LOG_HANDLER = re.compile(r"[A-Z]\w*Handler\Z")


def discover(module: ir.Module, signs: HandlerSigns) -> list[Handler]:
    """The handlers that stand in `module`, by name; functions that only help another are among them."""
    if TEST_FILE.search(module.path) or any(_belongs(module, platform) for platform in signs.platforms):
        return []
    names = ModuleNames(module)
    found = []
    for name, binding in sorted(names.bound.items()):
        if isinstance(binding.value, ir.Import):
            handler = _imported(names, name, binding.value)
        elif isinstance(inner := tree.undecorated(binding.value), ir.Func):
            handler = _defined(names, name, names.functions[inner.qualname], signs)
        else:
            handler = _assigned(names, name, binding.value, signs)
        if handler is not None:
            found.append(handler)
    return found


def is_unmistakable(module: ir.Module, name: str, signs: HandlerSigns) -> bool:
    """Whether a handler found here is one even where a template declares others: by its name, a decorator or an annotation."""
    if name in EXACT:
        return True
    names = ModuleNames(module)
    function = names.function(ir.Name(name, MODULE_BODY))
    if function is None:
        return False
    decorators = {tree.last_name(decorator) for decorator in function.decorators}
    return bool(decorators & signs.makers) or any(_is_lambda_context(p.annotation) for p in function.params)


def _belongs(module: ir.Module, platform: PlatformModel) -> bool:
    """Whether that platform calls the module's functions: by what it imports, what else it defines, and its folder."""
    if platform.folders and re.search(platform.folders, module.path):
        return True
    if any(function.qualname in platform.functions for function in module.functions):
        return True
    body = next(function.body for function in module.functions if function.qualname == MODULE_BODY)
    imported = [f"{_imported_name(node)}." for node in body if isinstance(node, ir.Import)]
    return any(name.startswith(f"{given}.") for name in imported for given in platform.modules)


def _imported_name(node: ir.Import) -> str:
    return f"{node.loads}.{node.name}" if node.name is not None else node.loads


def callable_with_two(function: ir.Function, bound: bool = False) -> bool:
    """Whether Lambda's call ``f(event, context)`` fits the parameters; `bound` drops the first, a method's ``self``."""
    positional = [param for param in function.params if param.kind == "positional"][1 if bound else 0 :]
    rest = any(param.kind == "rest" for param in function.params)
    required = [param for param in positional if param.default is None]
    needed = any(param.kind == "keyword" and param.default is None for param in function.params)
    return len(required) <= 2 and (len(positional) >= 2 or rest) and not needed


def definition_place(names: ModuleNames, value: ir.Expr, name: str) -> Place:
    """Where a handler bound to `value` is: its definition in this module if it has one, else the value itself."""
    function = names.function(value, name)
    if function is not None:
        return Place(names.path, function.site)
    for node in tree.nodes(value):
        if isinstance(node, (ir.Call, ir.Attr)):
            return Place(names.path, node.site)
    return Place(names.path, 0)


def found_by(
    path: str, name: str, place: Place, why: str, source: Literal["signature", "configuration", "option"] = "signature"
) -> Handler:
    return Handler(path=path, name=name, place=place, source=source, why=why)


# --- definitions -----------------------------------------------------------------------------------------------------


def _defined(names: ModuleNames, name: str, function: ir.Function, signs: HandlerSigns) -> Handler | None:
    """``def name(event, context)``, or a lambda of that shape."""
    decorators = {tree.last_name(decorator) for decorator in function.decorators}
    if decorators & signs.others:
        return None
    why = _why(name, function, decorators, signs)
    if not why or _is_callback(names, name, function, signs):
        return None
    return found_by(names.path, name, Place(names.path, function.site), why)


def _is_callback(names: ModuleNames, name: str, function: ir.Function, signs: HandlerSigns) -> bool:
    """Whether the file gives the function to a call and leaves what comes of it, as ``signal.signal(SIGTERM, handler)`` does.

    Then somebody else calls it, unless its parameters or the rest of its name say that Lambda does.
    """
    positional = [param.name for param in function.params if param.kind == "positional"]
    if is_unmistakable_name(name) or (len(positional) > 1 and fits(name, *positional[:2]) == "signature"):
        return False
    for node in (node for each in names.functions.values() for node in tree.nodes(each.body)):
        called = node.value if isinstance(node, ir.Eval) else None
        if isinstance(called, ir.Call) and not _WRAPPER.search(tree.last_name(called.func)):
            given = [argument.value for argument in called.args]
            if tree.last_name(called.func) not in signs.makers and ir.Name(name, MODULE_BODY) in given:
                return True
    return False


def _why(name: str, function: ir.Function, decorators: set[str], signs: HandlerSigns) -> str:
    if name.startswith("test_"):
        return ""
    positional = [param for param in function.params if param.kind == "positional"]
    known = sorted(decorators & signs.makers)
    if known and positional:
        return say("handlers.decorated", decorator=known[0])
    if not callable_with_two(function):
        # A decorator may add arguments to the handler's own two, or take them away.
        plain = len(positional) > 2 and fits(name, positional[0].name, positional[1].name) == "signature"
        decorated = decorators and (name in EXACT - {"handler"} or (name in EXACT and plain))
        return say("handlers.named-decorated", name=name) if decorated else ""
    if len(positional) < 2:
        return say("handlers.named-any", name=name) if name in EXACT and _takes_anything(function) else ""
    if any(_is_lambda_context(param.annotation) for param in positional):
        return say("handlers.annotated")
    first, second = positional[0].name, positional[1].name
    fit = fits(name, first, second)
    if not fit or (decorators and name not in EXACT and fit != "signature"):
        # An unknown decorator on something that is not plainly (event, context): some framework's own hook.
        return ""
    return say(f"handlers_by_shape.{fit}", name=name, first=first, second=second)


def _takes_anything(function: ir.Function) -> bool:
    return all(param.kind != "positional" or param.name not in ("self", "cls") for param in function.params)


def _is_lambda_context(annotation: ir.Expr | None) -> bool:
    for node in tree.nodes(annotation):
        if isinstance(node, (ir.Name, ir.Attr)) and node.name == "LambdaContext":
            return True
        if isinstance(node, ir.Const) and isinstance(node.value, str) and re.search(r"\bLambdaContext\b", node.value):
            return True
    return False


# --- assignments -----------------------------------------------------------------------------------------------------


def _assigned(names: ModuleNames, name: str, value: ir.Expr, signs: HandlerSigns) -> Handler | None:
    """``handler = wrap(main)``, ``handler = Api()``, ``handler = service.handle``, ``handler = main``."""
    if not looks_assigned(name):
        return None
    why = ""
    if isinstance(value, ir.Name):
        function = names.function(value, name)
        if function is not None:
            # Under its own name a handler is found anyway; this would be the same one again.
            again = value.name in EXACT and value.name != name
            why = (
                say("handlers.assigned", name=name, value=value.name)
                if callable_with_two(function) and not again
                else ""
            )
        elif isinstance(aliased := names.value(value, name), ir.Call):
            why = _why_called(names, name, aliased, signs)
    elif isinstance(value, ir.Call):
        why = _why_called(names, name, value, signs)
    elif isinstance(value, ir.Attr):
        why = _why_attribute(names, name, value)
    elif isinstance(value, ir.Choice):
        branch = _assigned(names, name, value.then, signs) or _assigned(names, name, value.otherwise, signs)
        why = branch.why if branch is not None else ""
    return found_by(names.path, name, definition_place(names, value, name), why) if why else None


def _why_called(names: ModuleNames, name: str, value: ir.Call, signs: HandlerSigns) -> str:
    callee = tree.last_name(value.func)
    if any(_handles(names, argument.value, name, signs) for argument in value.args):
        return say("handlers.wrapped", name=name, wrapper=callee or "a call")
    if callee == "partial" and value.args:
        function = names.function(value.args[0].value, name)
        given = [argument for argument in value.args[1:] if argument.name is None]
        named = {argument.name for argument in value.args[1:] if argument.name is not None}
        fits_rest = function is not None and callable_with_two(_without(function, len(given), named))
        return say("handlers.wrapped", name=name, wrapper=callee) if fits_rest else ""
    class_ = names.class_(value.func, name)
    if class_ is not None:
        method = names.method(class_, "__call__")
        if method is not None:
            return say("handlers.callable", name=name, type=callee) if callable_with_two(method, True) else ""
        imported_base = any(names.class_(base) is None for base in class_.bases)
        return say("handlers.instance", name=name, type=callee) if imported_base and name in EXACT else ""
    factory = names.function(value.func, name)
    if factory is not None:
        returned = [node.qualname for node in tree.nodes(factory.body) if isinstance(node, ir.Func)]
        if any(callable_with_two(names.functions[qualname]) for qualname in returned) or name in EXACT:
            return say("handlers.made", name=name, factory=callee)
        return ""
    if name not in EXACT or _LOG_HANDLER.match(callee):
        return ""
    makes = name != "handler" or callee in signs.makers or _WRAPPER.search(callee)
    return say("handlers.made", name=name, factory=callee) if makes else ""


def _without(function: ir.Function, first: int, named: Collection[str]) -> ir.Function:
    """The function with its first parameters, and those that are named, given already."""
    positional = [param for param in function.params if param.kind == "positional"][:first]
    return replace(function, params=tuple(p for p in function.params if p not in positional and p.name not in named))


def _handles(
    names: ModuleNames,
    value: ir.Expr,
    name: str,
    signs: HandlerSigns,
    before: Mapping[str, Binding | None] | None = None,
) -> bool:
    """Whether `value` is itself a handler's function or an adapter, or a call that wraps one, however often.

    `before`: what names mean here that were given something else later, as in ``handler = wrap(handler)``.
    """
    before = before if before is not None else {name: names.bound[name].before if name in names.bound else None}
    if isinstance(value, ir.Name) and value.owner == MODULE_BODY:
        binding = before[value.name] if value.name in before else names.bound.get(value.name)
        if binding is None or isinstance(binding.value, ir.Import):
            return False
        return _handles(names, binding.value, name, signs, {**before, value.name: binding.before})
    inner = tree.undecorated(value)
    if isinstance(inner, ir.Func):
        return callable_with_two(names.functions[inner.qualname])
    if isinstance(value, ir.Attr):
        return value.name in EXACT
    if not isinstance(value, ir.Call):
        return False
    callee = tree.last_name(value.func)
    if callee in signs.makers or _ADAPTER.search(callee):
        return True
    return any(_handles(names, argument.value, name, signs, before) for argument in value.args)


def _why_attribute(names: ModuleNames, name: str, value: ir.Attr) -> str:
    class_ = names.class_(value.base, name)
    bound = class_ is None
    if class_ is None and isinstance(made := names.value(value.base, name), ir.Call):
        class_ = names.class_(made.func)
    if class_ is not None:
        method = names.method(class_, value.name)
        if method is not None:
            bound = method.binding == "class" or (bound and method.binding != "static")
            return (
                say("handlers.assigned", name=name, value=f"{class_.qualname}.{value.name}")
                if callable_with_two(method, bound)
                else ""
            )
    return say("handlers.assigned-elsewhere", name=name, value=value.name) if name in EXACT else ""


def _imported(names: ModuleNames, name: str, value: ir.Import) -> Handler | None:
    """``from jobs import main as lambda_handler``: renamed on import, so that Lambda finds it under this name."""
    if name not in EXACT or value.name is None or value.name in (name, "*"):
        return None
    return found_by(
        names.path, name, Place(names.path, value.site), say("handlers.imported", name=name, value=value.name)
    )
