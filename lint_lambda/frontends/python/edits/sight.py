"""In sight: the functions in which a client can be named, and by which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.record import dataclass
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, CodeOf, dotted, own, own_body, walk


@dataclass
class Spot:
    """A block through which every use of a client passes, and the client's name in it.

    - `near`: what fills the buffer there, as far as the block shows it.
    - `maker`: the expression that makes the client, where the function itself makes it.
    """

    path: str
    code: Code
    function: cst.FunctionDef
    block: list[cst.CSTNode]
    near: cst.CSTNode | None
    name: str
    maker: cst.BaseExpression | None = None


def handler(intent: FixIntent, code_of: CodeOf) -> tuple[Code, cst.FunctionDef] | None:
    """The definition of the handler, where it is a function."""
    code = code_of(intent.handler.path)
    name = code.at(intent.handler.span, cst.Name)
    function = code.parent(name) if name is not None else None
    return (code, function) if isinstance(function, cst.FunctionDef) else None


def in_handler(intent: FixIntent, code_of: CodeOf, name: Callable[[Code, cst.FunctionDef], str]) -> Iterator[Spot]:
    """The handler, where `name` gives the client a name in it."""
    found = handler(intent, code_of)
    if found is None:
        return
    code, function = found
    known = name(code, function)
    if not known or binds(function, known.split(".")[0]):
        return
    near: cst.CSTNode | None = None
    for place in (*intent.hops, intent.launch):
        if place.path == intent.handler.path and near is None:
            near = within(code, function, code.called_at(place.span))
    yield Spot(intent.handler.path, code, function, body(function), near, known)


def in_function(intent: FixIntent, code: Code, near: cst.CSTNode, name: str) -> Iterator[Spot]:
    """The function around `near`, or the block of it that has the name, where it makes the client itself."""
    function = code.function(near)
    if not isinstance(function, cst.FunctionDef):
        return
    root = name.split(".", maxsplit=1)[0]
    whole = body(function)
    if not binds(function, root) or root in _parameters(function):
        yield Spot(intent.launch.path, code, function, whole, near, name)
        return
    for block, maker in sorted(_makers(code, function, root), key=lambda found: found[0] is not whole):
        if any(near is each or near in own(each) for each in block):
            yield Spot(intent.launch.path, code, function, block, near, name, maker)


def objects(intent: FixIntent, code_of: CodeOf, name: str, near: cst.CSTNode) -> Iterator[Spot]:
    """Where an object that is called `name` at `near`, in the file of the launch, can be named; best first."""
    code = code_of(intent.launch.path)
    if is_global(code, near, name):
        yield from in_handler(intent, code_of, lambda seen, _: _imported(intent, code_of, seen, name))
    yield from in_function(intent, code, near, name)


def is_global(code: Code, near: cst.CSTNode, name: str) -> bool:
    """Whether the module, and none of the functions around `near`, binds the name."""
    root = name.split(".", maxsplit=1)[0]
    around = [above for above in code.ancestors(near) if isinstance(above, (cst.FunctionDef, cst.Lambda))]
    return root not in ("self", "cls") and not any(binds(function, root) for function in around)


def _imported(intent: FixIntent, code_of: CodeOf, code: Code, name: str) -> str:
    """The name as the handler's file has it; empty where it does not import it."""
    if code is code_of(intent.launch.path):
        return name
    path = PurePosixPath(intent.launch.path)
    module = path.parent.name if path.name == "__init__.py" else path.stem
    root, _, rest = name.partition(".")
    for _, small in code.imports():
        if not isinstance(small.names, cst.ImportStar):
            for alias in small.names:
                imported, bound = bindings.dotted_name(alias.name), bindings.bound_by_alias(alias, True)
                if isinstance(small, cst.ImportFrom) and imported == root and _last(small.module) in (module, ""):
                    return f"{bound}.{rest}".rstrip(".")
                if imported.rpartition(".")[2] == module:
                    return f"{bound}.{name}"
    return ""


def may_be_none(code: Code, name: str) -> bool:
    """Whether the file binds a name, or an attribute, to None somewhere: a client that is optional, or made when it is first needed."""
    for node in walk(code.module):
        if (
            isinstance(node, (cst.Assign, cst.AnnAssign))
            and isinstance(node.value, cst.Name)
            and node.value.value == "None"
        ):
            targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]
            if name in map(dotted, targets):
                return True
    return False


def where_it_is(spot: Spot) -> list[cst.CSTNode] | None:
    """The block of the innermost ``if`` around what fills the buffer that asks for the client first; None if there is none."""
    for above in spot.code.ancestors(spot.near) if spot.near is not None else ():
        if isinstance(above, cst.FunctionDef):
            return None
        if isinstance(above, cst.If) and spot.name in {
            dotted(each) for each in walk(above.test) if isinstance(each, cst.BaseExpression)
        }:
            units = list(bindings.suite(above.body))
            if any(spot.near is each for unit in units for each in walk(unit)):
                return units
    return None


def is_module(code: Code, module: str) -> bool:
    """Whether the dotted name is known to be that of a module: a package, or what the file imports from."""
    if "." not in module:
        return True
    for _, small in code.imports():
        if isinstance(small, cst.ImportFrom) and small.module is not None:
            if bindings.dotted_name(small.module) == module:
                return True
        elif isinstance(small, cst.Import):
            if any(bindings.dotted_name(alias.name) == module for alias in small.names):
                return True
    return False


def _last(module: cst.BaseExpression | None) -> str:
    return bindings.dotted_name(module).rpartition(".")[2] if module is not None else ""


def within(code: Code, function: cst.FunctionDef, node: cst.CSTNode | None) -> cst.CSTNode | None:
    """The part of the function's own code that holds the node: the node, or the function nested in it that does."""
    if node is None:
        return None
    return next((each for each in (node, *code.ancestors(node)) if code.function(each) is function), None)


def body(function: cst.FunctionDef) -> list[cst.CSTNode]:
    """The statements of a function without its docstring."""
    whole = list(bindings.suite(function.body))
    return whole[1:] if function.get_docstring() is not None else whole


def _parameters(function: cst.FunctionDef | cst.Lambda) -> set[str]:
    given = function.params
    known = [*given.posonly_params, *given.params, *given.kwonly_params]
    known += [each for each in (given.star_arg, given.star_kwarg) if isinstance(each, cst.Param)]
    return {each.name.value for each in known}


def binds(function: cst.FunctionDef | cst.Lambda, name: str) -> bool:
    """Whether a name is a parameter or a variable of the function's own."""
    if name in _parameters(function):
        return True
    return isinstance(function, cst.FunctionDef) and name in bindings.of_body(bindings.suite(function.body), True).own


def _makers(
    code: Code, function: cst.FunctionDef, name: str
) -> Iterator[tuple[list[cst.CSTNode], cst.BaseExpression | None]]:
    """Blocks of a function in which the name is bound from some statement on, and to what."""
    for node in own_body(function):
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            targets = [each.target for each in node.targets] if isinstance(node, cst.Assign) else [node.target]
            if any(name in bindings.of_target(target) for target in targets):
                block = code.block(code.unit(node))
                yield (body(function) if code.unit(node) in body(function) else block), node.value
        elif isinstance(node, cst.With):
            for item in node.items:
                if item.asname is not None and dotted(_expression(item.asname.name)) == name:
                    yield list(bindings.suite(node.body)), item.item
        elif isinstance(node, cst.For) and name in bindings.of_target(node.target):
            yield list(bindings.suite(node.body)), None


def _expression(node: cst.CSTNode) -> cst.BaseExpression | None:
    return node if isinstance(node, cst.BaseExpression) else None


def made(code: Code, near: cst.CSTNode, name: str) -> cst.Call | None:
    """The one call of the file that makes what is called `name`, in the functions around `near` or in the module."""
    for scope in (near, *code.ancestors(near)):
        if isinstance(scope, (cst.FunctionDef, cst.Module)):
            values = [
                node.value
                for unit in (scope.body if isinstance(scope, cst.Module) else bindings.suite(scope.body))
                for node in own(unit)
                if isinstance(node, cst.Assign) and name in [dotted(each.target) for each in node.targets]
            ]
            if values:
                return values[0] if len(values) == 1 and isinstance(values[0], cst.Call) else None
    return None
