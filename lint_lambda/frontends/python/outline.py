"""What a file binds at its top level, by the interpreter's own parser: enough to tell whether it can define a handler."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence

from lint_lambda.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How the value of a name is written.

    - `kind`: ``name`` (`name`), ``member`` (`name` of `inner[0]`), ``call`` (a call of the name or member `inner[0]`, given the rest of
      `inner`), ``choice`` (between all of `inner`), ``lambda``, ``data`` (what cannot be called), or ``other``.
    """

    kind: str
    name: str = ""
    inner: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """One name, and what it is bound to.

    - `kind`: ``function`` (or a lambda), ``class``, ``value`` (a call, a name, an attribute, a choice), or ``import`` under another name.
    - `parameters`: the positional ones, by name. `rest`: whether it takes any number. `decorators`: each by the last part of its name.
    - `value`: how a value is written. `methods`: those of a class. `inherits`: whether it may have others.
    """

    name: str
    kind: str
    parameters: tuple[str, ...] = ()
    decorators: frozenset[str] = frozenset()
    rest: bool = False
    value: Shape | None = None
    methods: tuple[Bound, ...] = ()
    inherits: bool = False


def outline(source: bytes) -> list[Bound] | None:
    """The functions, values and imports of a module's own scope, in order; None when the interpreter cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the code under analysis: invalid escapes and the like
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return [bound for statement in _top_level(tree.body) for bound in _bound(statement)]


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_METHODS = (*_FUNCTIONS, ast.Expr, ast.Pass)
"""What stands in a class all of whose methods are plain to see."""

_BINDING = (
    *_FUNCTIONS,
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
    if isinstance(node, _FUNCTIONS):
        yield _function(node)
    elif isinstance(node, ast.ClassDef):
        methods = tuple(_function(each) for each in node.body if isinstance(each, _FUNCTIONS))
        told = not node.bases and not node.keywords and all(isinstance(each, _METHODS) for each in node.body)
        yield Bound(node.name, "class", (), _decorators(node), methods=methods, inherits=not told)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            if alias.asname is not None and alias.asname != alias.name:
                yield Bound(alias.asname, "import")
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if not isinstance(target, ast.Name):
                continue
            if isinstance(node.value, ast.Lambda):
                given = node.value.args
                yield Bound(target.id, "function", _positional(given), rest=given.vararg is not None)
            elif isinstance(node.value, (ast.Call, ast.Name, ast.Attribute, ast.IfExp)):
                yield Bound(target.id, "value", value=_shape(node.value))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Bound:
    return Bound(node.name, "function", _positional(node.args), _decorators(node), rest=node.args.vararg is not None)


def _shape(node: ast.expr) -> Shape:
    """Nothing here is looked at deeper than it matters: a call within a call is another."""
    if isinstance(node, ast.Name):
        return Shape("name", node.id)
    if isinstance(node, ast.Attribute):
        base = node.value.func if isinstance(node.value, ast.Call) else node.value
        of = Shape("name", base.id) if isinstance(base, ast.Name) else Shape("other")
        return Shape("member", node.attr, (Shape("call", inner=(of,)) if isinstance(node.value, ast.Call) else of,))
    if isinstance(node, ast.Call):
        callee = Shape("name" if isinstance(node.func, ast.Name) else "member", _last_name(node.func))
        given = (*node.args, *(each.value for each in node.keywords))
        return Shape("call", inner=(callee, *map(_given, given)))
    if isinstance(node, ast.IfExp):
        return Shape("choice", inner=(_given(node.body), _given(node.orelse)))
    return _given(node)


def _given(node: ast.expr) -> Shape:
    """One argument of a call, or one side of a choice."""
    if isinstance(node, ast.Name):
        return Shape("name", node.id)
    if isinstance(node, ast.Attribute):
        return Shape("member", node.attr, (Shape("other"),))
    return Shape("data" if isinstance(node, (ast.Constant, ast.Subscript, ast.JoinedStr)) else "other")


def _positional(given: ast.arguments) -> tuple[str, ...]:
    return tuple(each.arg for each in (*given.posonlyargs, *given.args))


def _decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> frozenset[str]:
    return frozenset(map(_last_name, node.decorator_list))


def _last_name(node: ast.expr) -> str:
    """``c`` of ``a.b.c``, ``a.b.c(…)`` and ``a.b.c[…]``; empty when there is none."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
