"""Handlers and applications by the names that a deployment gives them, whatever they look like."""

from __future__ import annotations

from collections.abc import Iterator

from lint_lambda.core import ir
from lint_lambda.core import walk as tree
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.deployment.handlers.bindings import ModuleNames
from lint_lambda.deployment.handlers.patterns import callables, named_exactly
from lint_lambda.deployment.handlers.signatures import definition_place
from lint_lambda.deployment.locating import Lost, near_name
from lint_lambda.deployment.model import Function
from lint_lambda.knowledge.texts import say

_DYNAMIC = frozenset({"globals", "setattr", "vars"})
"""Calls by which a module may get names that nobody can read off it."""


def defined(module: ir.Module, name: str, function: Function) -> Handler | Lost:
    """The handler of a function, as the module defines it."""
    names = ModuleNames(module)
    why = say("handlers.declared", place=function.declared, function=function.name)
    place = next((place for known, place in callables(names) if known == name), None)
    if place is None:
        place = next((place for known, place in named_exactly(names, name) if known == name), None)
    if place is None and function.is_node:
        first, *rest = name.split(".")
        place = _member(names, names.bound[first].value, rest) if rest and first in names.bound else None
    if place is None:
        place = _from_elsewhere(names)
    if place is not None:
        return Handler(module.path, name, place, "deployment", why)
    known = sorted({*(known for known, _ in callables(names)), *names.bound})
    where = module.path if function.inline is None else function.inline.file or function.declared.file
    return Lost(f"`{where}` does not define `{name}`", near_name(name, known), absent=True)


def _member(names: ModuleNames, value: ir.Expr | ir.Import, path: list[str]) -> Place | None:
    """Where the member at `path` stands (``exports.users = { create }``); what is no literal may have any."""
    inner = value if isinstance(value, ir.Import) else names.value(value)
    if isinstance(inner, ir.Import):
        return Place(names.path, inner.site)
    if not path or not isinstance(inner, ir.Collection):
        return definition_place(names, inner, "")
    for key, given in zip(inner.keys, inner.values):
        if key is None:  # a spread
            return definition_place(names, given, "")
        if isinstance(key, ir.Const) and key.value == path[0]:
            return _member(names, given, path[1:])
    return None


def _from_elsewhere(names: ModuleNames) -> Place | None:
    """Where a name may come from that no statement binds: `from … import *`, or a module that fills itself."""
    for node in tree.nodes(names.body):
        if isinstance(node, ir.Import) and node.name == "*":
            return Place(names.path, node.site)
        if isinstance(node, ir.Call) and tree.last_name(node.func) in _DYNAMIC:
            return Place(names.path, node.site)
    return Place(names.path, names.functions["__getattr__"].site) if "__getattr__" in names.functions else None


def served(module: ir.Module, name: str, function: Function) -> Iterator[Handler]:
    """The application that a server is told, and what it is made from by a call of a method (``app = made.as_asgi()``)."""
    names = ModuleNames(module)
    current, seen = name, set[str]()
    why = say("handlers.declared-served", place=function.declared, function=function.name)
    while current in names.bound and current not in seen:
        seen.add(current)
        value = names.bound[current].value
        place = (
            Place(names.path, value.site) if isinstance(value, ir.Import) else definition_place(names, value, current)
        )
        yield Handler(module.path, current, place, "deployment", why, application=True, adapter=function.adapter)
        made = value.func if isinstance(value, ir.Call) else None
        if not isinstance(made, ir.Attr) or not isinstance(made.base, ir.Name):
            return
        current = made.base.name
