"""Which names a scope binds, and what a name refers to: blocks, functions, modules; hoisting; shadowing.

The intermediate representation has one scope for each function. So a name that a block binds again gets another one there: the
second ``x`` is ``x#2``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.frontends.javascript.syntax import field, text

if TYPE_CHECKING:
    from tree_sitter import Node

THIS = "this"

_GLOBALS = (
    "AbortController AbortSignal AggregateError Array ArrayBuffer Atomics BigInt Blob Boolean Buffer CompressionStream "
    "CustomEvent DataView Date DecompressionStream Error EvalError Event EventTarget File FinalizationRegistry FormData Function "
    "Headers Infinity Intl Iterator JSON Map Math MessageChannel MessagePort NaN Number Object Promise Proxy RangeError ReadableStream "
    "ReferenceError Reflect RegExp Request Response Set SharedArrayBuffer String Symbol SyntaxError TextDecoder TextEncoder "
    "TransformStream TypeError URIError URL URLSearchParams Uint8Array WeakMap WeakRef WeakSet WebSocket WritableStream "
    "atob awslambda btoa clearImmediate clearInterval clearTimeout console crypto decodeURI decodeURIComponent encodeURI "
    "encodeURIComponent fetch global globalThis isFinite isNaN parseFloat parseInt performance process queueMicrotask "
    "setImmediate setInterval setTimeout structuredClone"
)
GLOBALS = frozenset(_GLOBALS.split())
"""Names that every module can read without binding them."""

_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "function_expression",
        "generator_function",
        "arrow_function",
        "method_definition",
        "class_declaration",
        "abstract_class_declaration",
        "class",
    }
)


class Scope:
    """A module, function or class body while it is being lowered; `blocks` are its blocks, the innermost last.

    Each block has the names that it binds, and by which name the representation knows them.
    """

    def __init__(
        self, kind: Literal["module", "function", "class"], qualname: str, outer: Scope | None, arrow: bool = False
    ) -> None:
        self.kind = kind
        self.qualname = qualname
        self.outer = outer
        self.blocks: list[dict[str, str]] = [{}]
        self.taken: set[str] = set()
        self.captured: set[str] = set()
        self.is_generator = False
        self.uses_this = False
        self.temporaries = 0
        if kind == "function" and not arrow:
            self.blocks[0][THIS] = THIS
            self.taken.add(THIS)

    @property
    def owner_for_own(self) -> str:
        """`ir.Name.owner` of a name that this scope binds, seen from inside it."""
        return MODULE_BODY if self.kind == "module" else ir.LOCAL

    def child(self, name: str) -> str:
        """The qualified name of a definition in this scope."""
        if self.kind == "module":
            return name
        return f"{self.qualname}.<locals>.{name}" if self.kind == "function" else f"{self.qualname}.{name}"

    def declare(self, name: str, *, block: int = -1, known_as: str = "") -> None:
        """Bind a name in a block, by default the innermost one."""
        if name in self.blocks[block]:
            return
        unique, number = known_as or name, 2
        while unique in self.taken:
            unique, number = f"{name}#{number}", number + 1
        self.taken.add(unique)
        self.blocks[block][name] = unique

    def temporary(self) -> ir.Name:
        """A variable that no code can name."""
        self.temporaries += 1
        return ir.Name(f"<{self.temporaries}>", self.owner_for_own)


def resolve(scope: Scope | None, name: str) -> ir.Name:
    """What a name refers to in a scope; captures on the way are noted."""
    first = True
    while scope is not None:
        if scope.kind != "class":
            for block in reversed(scope.blocks):
                if name in block:
                    unique = block[name]
                    if name == THIS:
                        scope.uses_this = True
                    if first or scope.kind == "module":
                        return ir.Name(unique, scope.owner_for_own)
                    scope.captured.add(unique)
                    return ir.Name(unique, scope.qualname)
        first = False
        scope = scope.outer
    return ir.Name(name, ir.BUILTIN if name in GLOBALS else ir.UNBOUND)


# --- what is declared ------------------------------------------------------------------------------------------------


def declared(statements: Iterable[Node]) -> Iterator[str]:
    """The names that the statements of a block bind in it, but for ``var``."""
    for statement in statements:
        kind = statement.type
        if kind == "export_statement":
            inner = field(statement, "declaration")
            if inner is not None:
                yield from declared([inner])
        elif kind == "lexical_declaration":
            for declarator in statement.named_children:
                if declarator.type == "variable_declarator":
                    yield from of_pattern(field(declarator, "name"))
        elif using(statement):
            for name, _ in using(statement):
                yield from of_pattern(name)
        elif kind in _NAMED:
            yield text(field(statement, "name"))
        elif kind == "expression_statement" and statement.named_children:
            inner = statement.named_children[0]
            if inner.type == "internal_module":
                yield text(field(inner, "name"))
        elif kind == "import_statement":
            yield from _imported(statement)
        elif kind == "labeled_statement":
            body = field(statement, "body")
            if body is not None:
                yield from declared([body])


def using(statement: Node) -> list[tuple[Node | None, Node | None]]:
    """The names and the values of a declaration of what is disposed of at the end of its block; of another statement, nothing.

    To the grammar of TypeScript it is an assignment that begins with a word.
    """
    if statement.type == "using_declaration":
        declarators = (each for each in statement.named_children if each.type == "variable_declarator")
        return [(field(each, "name"), field(each, "value")) for each in declarators]
    inner = (
        statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
    )
    if inner is not None and inner.type == "await_expression" and inner.named_children:
        inner = inner.named_children[0]
    if inner is None or inner.type != "assignment_expression" or inner.children[0].type != "using":
        return []
    return [(field(inner, "left"), field(inner, "right"))]


_NAMED = frozenset(
    {
        "function_declaration",
        "generator_function_declaration",
        "class_declaration",
        "abstract_class_declaration",
        "interface_declaration",
        "enum_declaration",
        "internal_module",
    }
)


def _imported(statement: Node) -> Iterator[str]:
    for clause in statement.named_children:
        if clause.type == "import_require_clause":
            yield text(clause.named_children[0])
        if clause.type != "import_clause":
            continue
        for part in clause.named_children:
            if part.type == "identifier":
                yield text(part)
            elif part.type == "namespace_import":
                yield text(part.named_children[0])
            elif part.type == "named_imports":
                for each in part.named_children:
                    if each.type == "import_specifier":
                        yield text(field(each, "alias") or field(each, "name"))


def hoisted(body: Iterable[Node]) -> Iterator[str]:
    """The names that ``var`` binds anywhere in a function's body, but for the functions in it."""
    pending = list(body)
    while pending:
        node = pending.pop()
        kind = node.type
        if kind in _FUNCTIONS:
            continue
        if kind == "variable_declaration":
            for declarator in node.named_children:
                if declarator.type == "variable_declarator":
                    yield from of_pattern(field(declarator, "name"))
        elif kind == "for_in_statement" and text(field(node, "kind")) == "var":
            yield from of_pattern(field(node, "left"))
        pending += node.named_children


def of_pattern(pattern: Node | None) -> Iterator[str]:
    """The names that a pattern binds."""
    pending = [] if pattern is None else [pattern]
    while pending:
        node = pending.pop()
        kind = node.type
        if kind in ("identifier", "shorthand_property_identifier_pattern"):
            yield text(node)
        elif kind in ("object_pattern", "array_pattern", "rest_pattern"):
            pending += reversed(node.named_children)
        elif kind in ("assignment_pattern", "object_assignment_pattern"):
            left = field(node, "left")
            pending += [] if left is None else [left]
        elif kind == "pair_pattern":
            value = field(node, "value")
            pending += [] if value is None else [value]
