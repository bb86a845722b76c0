"""Which names a Python scope binds: the part of the language's scoping rules that must be known before a body is lowered."""

from __future__ import annotations

import builtins
import dataclasses  # noqa: TID251 - it asks libcst's classes
import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import libcst as cst

from lint_lambda.core.record import dataclass, field

BUILTINS = frozenset(dir(builtins)) | {"__file__", "__path__", "ExceptionGroup", "BaseExceptionGroup", "aiter", "anext"}
"""Names that every module can read without binding them, in any supported version of the language."""


@dataclass(slots=True)
class Bindings:
    """Names that one function, class or module body binds itself, and those it declares to belong elsewhere."""

    own: set[str] = field(default_factory=set)
    declared_global: set[str] = field(default_factory=set)
    declared_nonlocal: set[str] = field(default_factory=set)


def of_body(body: Iterable[cst.CSTNode], walrus: bool) -> Bindings:
    """Collect the bindings of a suite; nested functions and classes bind only their own name here.

    `walrus` says whether the file holds ``:=`` at all: only then are expressions searched.
    """
    found = Bindings()
    _statements(body, found)
    if walrus:
        for statement in body:
            found.own.update(_walrus_names(statement))
    found.own -= found.declared_global | found.declared_nonlocal
    return found


def of_functions(body: Iterable[cst.CSTNode]) -> set[str]:
    """Names of the module that functions and classes in `body` declare theirs to assign: they bind them, whether the module does or not."""
    found: set[str] = set()
    pending: list[Any] = [*body]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.Global):
            found.update(item.name.value for item in node.names)
        for field_ in _SUITES:
            inner = getattr(node, field_, None)
            pending += inner if isinstance(inner, (list, tuple)) else [inner] if isinstance(inner, cst.CSTNode) else []
    return found


_SUITES = ("body", "orelse", "finalbody", "handlers", "cases")
"""The fields of a statement in which others stand."""


def of_target(target: cst.BaseExpression) -> Iterator[str]:
    """Names that an assignment target binds."""
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from of_target(element.value)


def suite(body: cst.BaseSuite) -> Sequence[cst.CSTNode]:
    """The statements of an indented block, or of the rest of a one-line suite."""
    return body.body


_HOLDS_A_SUITE = (
    cst.If,
    cst.Else,
    cst.Finally,
    cst.For,
    cst.While,
    cst.Try,
    cst.TryStar,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.With,
    cst.MatchCase,
)
"""Statements, and parts of statements, whose body is of the same scope."""


_WITHOUT_OTHERS = frozenset((cst.SimpleStatementLine, cst.FunctionDef, cst.ClassDef))
"""What most statements are: nothing in these is of the same scope but what `_statement` sees."""
_BIND_NOTHING = frozenset((cst.Expr, cst.Return, cst.Raise, cst.Pass, cst.Assert))


def _statements(body: Iterable[cst.CSTNode], found: Bindings) -> None:
    """Statements, and those in their suites: by a stack, as `elif` may follow `elif` three thousand times."""
    pending = [*body]
    while pending:
        node = pending.pop()
        _statement(node, found)
        if type(node) not in _WITHOUT_OTHERS:
            pending += _inner(node)


def _statement(node: cst.CSTNode, found: Bindings) -> None:
    """What one statement, or one part of a statement, binds itself."""
    if isinstance(node, cst.SimpleStatementLine):
        for small in node.body:
            _small_statement(small, found)
    elif isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        found.own.add(node.name.value)
    elif isinstance(node, cst.For):
        found.own.update(of_target(node.target))
    elif isinstance(node, cst.With):
        for item in node.items:
            if item.asname is not None:
                found.own.update(of_target(item.asname.name))
    elif isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
        if node.name is not None:
            found.own.update(of_target(node.name.name))
    elif isinstance(node, cst.MatchCase):
        found.own.update(of_pattern(node.pattern))
    else:
        _small_statement(node, found)


def _inner(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The statements of a statement's own suite, and its other arms, handlers and cases."""
    if isinstance(node, _HOLDS_A_SUITE):
        yield from suite(node.body)
    if isinstance(node, cst.Match):
        yield from node.cases
    elif isinstance(node, (cst.Try, cst.TryStar)):
        yield from node.handlers
        yield from (tail for tail in (node.orelse, node.finalbody) if tail is not None)
    elif isinstance(node, (cst.If, cst.For, cst.While)) and node.orelse is not None:
        yield node.orelse


def _small_statement(node: cst.CSTNode, found: Bindings) -> None:
    if type(node) in _BIND_NOTHING:
        return
    if isinstance(node, cst.Assign):
        for target in node.targets:
            found.own.update(of_target(target.target))
    elif isinstance(node, (cst.AnnAssign, cst.AugAssign)):
        found.own.update(of_target(node.target))
    elif isinstance(node, (cst.Import, cst.ImportFrom)):
        if not isinstance(node.names, cst.ImportStar):
            found.own.update(bound_by_alias(alias, isinstance(node, cst.Import)) for alias in node.names)
    elif isinstance(node, cst.Global):
        found.declared_global.update(item.name.value for item in node.names)
    elif isinstance(node, cst.Nonlocal):
        found.declared_nonlocal.update(item.name.value for item in node.names)
    elif isinstance(node, cst.TypeAlias):
        found.own.add(node.name.value)


def bound_by_alias(alias: cst.ImportAlias, whole_module: bool) -> str:
    """The name an import clause binds: ``a`` for ``import a.b``, ``c`` for ``… as c``."""
    if alias.asname is not None:
        return next(of_target(alias.asname.name))
    dotted = dotted_name(alias.name)
    return dotted.split(".", 1)[0] if whole_module else dotted


def dotted_name(node: cst.BaseExpression) -> str:
    """``a.b.c`` of a Name or a chain of Attributes."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if isinstance(node, cst.Name):
        parts.append(node.value)
    return ".".join(reversed(parts))


def of_pattern(pattern: cst.MatchPattern) -> Iterator[str]:
    """Names that a ``case`` pattern binds."""
    if isinstance(pattern, cst.MatchAs):
        if pattern.pattern is not None:
            yield from of_pattern(pattern.pattern)
        if pattern.name is not None:
            yield pattern.name.value
    elif isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
        for element in pattern.patterns:
            if isinstance(element, cst.MatchSequenceElement):
                yield from of_pattern(element.value)
            elif element.name is not None:
                yield element.name.value
    elif isinstance(pattern, cst.MatchMapping):
        for entry in pattern.elements:
            yield from of_pattern(entry.pattern)
        if pattern.rest is not None:
            yield pattern.rest.value
    elif isinstance(pattern, cst.MatchClass):
        for positional in pattern.patterns:
            yield from of_pattern(positional.value)
        for keyword in pattern.kwds:
            yield from of_pattern(keyword.pattern)
    elif isinstance(pattern, cst.MatchOr):
        for alternative in pattern.patterns:
            yield from of_pattern(alternative.pattern)


def _walrus_names(node: cst.CSTNode) -> Iterator[str]:
    for part in own_nodes(node):
        if isinstance(part, cst.NamedExpr):
            yield from of_target(part.target)


def own_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """This node and those below it that belong to the same scope, names and texts left out."""
    pending: list[Any] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, (list, tuple)):
            pending += current
        else:
            yield current
            # Not `children`, which makes every node below anew.
            for name in _parts(type(current).__name__):
                part = getattr(current, name)
                if part is not None:
                    pending.append(part)


_ELSEWHERE = (cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Name, cst.SimpleString)
"""Nodes in which nothing stands that belongs to the scope they stand in."""


@functools.cache
def _parts(kind: str) -> tuple[str, ...]:
    """The fields of a node in which expressions may stand; of what is no node, none."""
    type_ = getattr(cst, kind, None)
    if not isinstance(type_, type) or not issubclass(type_, cst.CSTNode) or issubclass(type_, _ELSEWHERE):
        return ()
    layout = (
        "whitespace",
        "leading",
        "lines",
        "lpar",
        "rpar",
        "lbrac",
        "rbrac",
        "comma",
        "semicolon",
        "operator",
        "indent",
    )
    names = (field.name for field in dataclasses.fields(type_))
    return tuple(name for name in names if not name.startswith(layout))
