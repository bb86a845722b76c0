"""What is read off the syntax of a Python program of infrastructure, and put together from its texts."""

from __future__ import annotations

import ast
import posixpath
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from lint_lambda.deployment.files import folder
from lint_lambda.deployment.model import Inline
from lint_lambda.deployment.values import PROJECT, Quoted, Unknown, Value

Scope: TypeAlias = "Mapping[str, ast.expr | Value]"
"""What names stand for; ``self.name`` is one, too."""
Definition = (ast.FunctionDef, ast.AsyncFunctionDef)


def assigned(body: Sequence[ast.stmt]) -> dict[str, ast.expr | Value]:
    """Names that are given one value, wherever that is among the statements of a body."""
    found: dict[str, ast.expr | Value] = {}
    twice: set[str] = set()
    pending = list(body)
    while pending:
        statement = pending.pop(0)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody"):
            pending += getattr(statement, field, ())
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        elif isinstance(statement, ast.With):
            for item in statement.items:
                if isinstance(item.optional_vars, ast.Name):
                    found[item.optional_vars.id] = item.context_expr
            continue
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                twice |= {target.id} & found.keys()
                found[target.id] = value
    for name in twice:
        del found[name]
    return found


def attributes(tree: ast.Module) -> dict[str, ast.expr]:
    """Attributes of `self` that are given one value in the whole file, and of classes."""
    found: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == "self"
                ):
                    twice |= {target.attr} & found.keys()
                    found[target.attr] = node.value
        elif isinstance(node, ast.ClassDef):
            for name, value in assigned(node.body).items():
                if isinstance(value, ast.expr):
                    twice |= {name} & found.keys()
                    found[name] = value
    return {name: value for name, value in found.items() if name not in twice}


def last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def join(left: str, right: str) -> str:
    if left.startswith(PROJECT):
        inside = posixpath.normpath(posixpath.join("/", left[len(PROJECT) :], right))
        return PROJECT + inside.lstrip("/")
    return posixpath.normpath(posixpath.join(left, right)) if left else right


def joined(parts: Sequence[Value]) -> Value:
    whole = ""
    for part in parts:
        if not isinstance(part, str):
            return Unknown("a path that is put together")
        whole = join(whole, part) if whole else part
    return whole


def parent(path: str) -> str:
    if path.startswith(PROJECT):
        return PROJECT + folder(path[len(PROJECT) :])
    return posixpath.dirname(path) or "."


def dedented(value: str) -> Value:
    """A text without its common indentation, its places moved along."""
    whole = textwrap.dedent(value)
    place = value.inline if isinstance(value, Quoted) else None
    before, after = value.split("\n"), whole.split("\n")
    if place is None or len(before) != len(after):
        return whole
    lines = []
    for old, new, (line, columns) in zip(before, after, place.lines):
        cut = len(old) - len(new) if old.endswith(new) else 0
        lines.append((line, columns[cut:] or columns[-1:]))
    return Quoted(whole, Inline(whole, tuple(lines), place.exact))


def returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """The expressions that a function returns."""
    return [node.value for node in inside(function) if isinstance(node, ast.Return) and node.value is not None]


def inside(function: ast.AST) -> Iterator[ast.AST]:
    """Everything in a function, but for the functions and classes inside it."""
    pending = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop(0)
        yield node
        if not isinstance(node, (*Definition, ast.ClassDef, ast.Lambda)):
            pending += ast.iter_child_nodes(node)


def bound(
    function: ast.FunctionDef | ast.AsyncFunctionDef, given: Sequence[Value], named: Mapping[str, Value]
) -> Scope:
    """What the parameters of a function stand for in a call; `named` are the arguments by their names."""
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    found: dict[str, ast.expr | Value] = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults))
    found.update({a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None})
    if names[:1] in (["self"], ["cls"]):
        names = names[1:]
    for name in names[len(given) :]:
        found.setdefault(name, Unknown(name))
    found.update(zip(names, given))
    known = {*names, *(argument.arg for argument in arguments.kwonlyargs)}
    found.update({name: value for name, value in named.items() if name in known})
    if arguments.kwarg is not None:
        found[arguments.kwarg.arg] = {name: value for name, value in named.items() if name not in known}
    if arguments.vararg is not None:
        found[arguments.vararg.arg] = list(given[len(names) :])
    return found


def formatted(template: str, given: Sequence[Value], named: Mapping[str, Value]) -> str | None:
    """``"…{}…".format(…)``, of plain fields."""
    left = iter(given)

    def one(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        name = match[1]
        value = next(left, None) if not name else named.get(name)
        if name.isdigit():
            value = given[int(name)] if int(name) < len(given) else None
        return str(value) if isinstance(value, (str, int, float)) else "${" + (name or "…") + "}"

    return re.sub(r"\{\{|\}\}|\{(\w*)(?:[!:][^}]*)?\}", one, template)
