"""What a file binds at its top level, by the interpreter's own parser: enough to tell whether it can define a handler."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence

from lint_lambda.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Bound:
    """One name, and what it is bound to.

    - `kind`: ``function`` (or a lambda), ``value`` (a call, a name, an attribute, a choice), or ``import`` under another name.
    - `parameters`: the positional ones, by name. `decorators`: each by the last part of its name.
    """

    name: str
    kind: str
    parameters: tuple[str, ...] = ()
    decorators: frozenset[str] = frozenset()


def outline(source: bytes) -> list[Bound] | None:
    """The functions, values and imports of a module's own scope, in order; None when the interpreter cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the code under analysis: invalid escapes and the like
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return [bound for statement in _top_level(tree.body) for bound in _bound(statement)]


_BINDING = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Assign,
    ast.AnnAssign,
    ast.Import,
    ast.ImportFrom,
)


def _top_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported, those inside other statements as well."""
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, _BINDING):
            yield node
        else:
            for name in ("finalbody", "orelse", "handlers", "cases", "body"):
                inner = getattr(node, name, None)
                if isinstance(inner, list):
                    pending += reversed(inner)


def _bound(node: ast.stmt) -> Iterator[Bound]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield Bound(node.name, "function", _positional(node.args), frozenset(map(_last_name, node.decorator_list)))
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            if alias.asname is not None and alias.asname != alias.name:
                yield Bound(alias.asname, "import")
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if not isinstance(target, ast.Name):
                continue
            if isinstance(node.value, ast.Lambda):
                yield Bound(target.id, "function", _positional(node.value.args))
            elif isinstance(node.value, (ast.Call, ast.Name, ast.Attribute, ast.IfExp)):
                yield Bound(target.id, "value")


def _positional(given: ast.arguments) -> tuple[str, ...]:
    return tuple(each.arg for each in (*given.posonlyargs, *given.args))


def _last_name(node: ast.expr) -> str:
    """``c`` of ``a.b.c``, ``a.b.c(…)`` and ``a.b.c[…]``; empty when there is none."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
