"""Lower what a JavaScript module takes from others and gives to them: ESM, CommonJS, and TypeScript's own forms.

What a module gives is a name of its own scope, as everything else there. Where it gives something under a name that it has for
something else, that other one is called otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.frontends.javascript.classes import ClassLowering
from lint_lambda.frontends.javascript.expressions import EXPORTS
from lint_lambda.frontends.javascript.syntax import field, has, inner, string, text

if TYPE_CHECKING:
    from tree_sitter import Node

DEFAULT = "default"
"""The name of what a module gives by default."""

_BUILTIN = (
    "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs http "
    "http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder timers tls "
    "trace_events tty url util v8 vm worker_threads zlib"
)
_NODE = frozenset(_BUILTIN.split())
_PREFIX = "node:"

_GIVEN = re.compile(rb"\bexports\.([\w$]+)\s*=(?!=)\s*([\w$]*)\s*(?=[;\n}]|\Z)?")


def specifier(written: str) -> str:
    """How the analysis calls the module that an import names: Node's own always with ``node:``."""
    if written.partition("/")[0] in _NODE:
        return _PREFIX + written
    return written


class ModuleLowering(ClassLowering):
    """Imports and exports, on top of classes."""

    # --- what is taken -----------------------------------------------------------------------------------------------

    def import_statement(self, node: Node, out: list[ir.Stmt]) -> None:
        required = next((child for child in node.named_children if child.type == "import_require_clause"), None)
        if required is not None:
            self._import(text(required.named_children[0]), None, field(required, "source"), node, out)
            return
        source = field(node, "source")
        clause = next((child for child in node.named_children if child.type == "import_clause"), None)
        if clause is None:
            out.append(self._bare(source, node))
            return
        for part in clause.named_children:
            if part.type == "identifier":
                self._import(text(part), DEFAULT, source, part, out)
            elif part.type == "namespace_import":
                self._import(text(part.named_children[0]), None, source, part, out)
            elif part.type == "named_imports":
                for each in part.named_children:
                    if each.type == "import_specifier":
                        name = field(each, "name")
                        known_as = text(field(each, "alias") or name)
                        self._import(known_as, _name(name), source, each, out)

    def _import(self, bound: str, name: str | None, source: Node | None, node: Node, out: list[ir.Stmt]) -> None:
        out.append(self._imported(self.name(bound), name, source, node))

    def _imported(self, target: ir.Name, name: str | None, source: Node | None, node: Node) -> ir.Import:
        module = "" if source is None else specifier(string(source))
        return ir.Import(target, module, name, 0, module, self.site(node))

    def _bare(self, source: Node | None, node: Node) -> ir.Import:
        """An import for what the module does."""
        return self._imported(self.scope.temporary(), None, source, node)

    def loaded(self, node: Node, callee: Node, given: Node) -> ir.Expr | None:
        """What ``require("x")`` and ``import("x")`` give; None for any other call."""
        is_require = callee.type == "identifier" and text(callee) == "require"
        if not is_require and callee.type != "import":
            return None
        parts = self.children(given)
        if not parts or parts[0].type != "string" or (is_require and self.name("require").owner != ir.UNBOUND):
            return None
        held = self.scope.temporary()
        self.before.append(self._imported(held, None, parts[0], node))
        if is_require:
            return held
        resolved = ir.Attr(ir.Name("Promise", ir.BUILTIN), "resolve", self.site(callee))
        return ir.Call(resolved, (ir.Arg(held),), self.site(node))

    # --- what is given -----------------------------------------------------------------------------------------------

    def given_otherwise(self, statements: Iterable[Node], source: bytes) -> Iterator[str]:
        """The names under which the module gives something that may not be what it has of that name."""
        for match in _GIVEN.finditer(source):
            if match[1] != match[2]:
                yield match[1].decode("ascii", "ignore")
        for statement in statements:
            if statement.type == "export_statement" and field(statement, "source") is None:
                for name, alias in _clauses(statement):
                    if alias != name:
                        yield alias
            elif statement.type == "expression_statement" and b"module.exports" in source:
                yield from _members_otherwise(statement)

    def export_statement(self, node: Node, out: list[ir.Stmt]) -> None:
        source, declaration = field(node, "source"), field(node, "declaration")
        decorators = [child for child in node.children if child.type == "decorator"]
        if source is not None:
            self._export_from(node, source, out)
        elif has(node, DEFAULT):
            self._export_default(node, declaration, decorators, out)
        elif declaration is not None:
            if decorators:
                value = self.class_(declaration, text(field(declaration, "name")), decorators)
                out.append(ir.Assign((self.name(text(field(declaration, "name"))),), value))
            else:
                self.statement(declaration, out)
        elif has(node, "="):
            parts = self.children(node)
            self.export_all(parts[0] if parts else None, out)
        else:
            for name, alias in _clauses(node):
                if alias != name:
                    out.append(ir.Assign((ir.Name(alias, MODULE_BODY),), self.name(name)))

    def _export_from(self, node: Node, source: Node, out: list[ir.Stmt]) -> None:
        for child in node.named_children:
            if child.type == "namespace_export":
                target = ir.Name(_name(child.named_children[0]), MODULE_BODY)
                out.append(self._imported(target, None, source, node))
        clauses = list(_clauses(node))
        for name, alias in clauses:
            out.append(self._imported(ir.Name(alias, MODULE_BODY), name, source, node))
        if not clauses and has(node, "*"):
            out.append(self._imported(ir.Name("*", MODULE_BODY), "*", source, node))

    def _export_default(self, node: Node, declaration: Node | None, decorators: list[Node], out: list[ir.Stmt]) -> None:
        value = field(node, "value")
        self.called = DEFAULT
        if value is not None:
            given = self.expr(value)
        elif declaration is None:
            return
        elif declaration.type in ("class_declaration", "abstract_class_declaration", "class"):
            given = self.class_(declaration, text(field(declaration, "name")) or DEFAULT, decorators)
        else:
            name = text(field(declaration, "name"))
            given = self.name(name) if name else ir.Func(self.function(declaration, DEFAULT))
        self.called = ""
        own = "" if declaration is None else text(field(declaration, "name"))
        targets = [ir.Name(DEFAULT, MODULE_BODY)]
        if own and not isinstance(given, ir.Name):
            targets.append(self.name(own))
        out.append(ir.Assign(tuple(targets), given))

    def export_all(self, value: Node | None, out: list[ir.Stmt]) -> None:
        """``module.exports = value``: of an object that is written there, each member is given by its name."""
        value = inner(value)
        if value is not None and value.type == "object":
            for part in self.children(value):
                self._export_member(part, out)
        given = self._exports_again(value) if value is not None and value.type == "object" else self.expr(value)
        if given is not None:
            out += self.before
            self.before = []
            out.append(ir.Assign((ir.Name(EXPORTS, MODULE_BODY),), given))

    def _export_member(self, part: Node, out: list[ir.Stmt]) -> None:
        if part.type == _SHORT:
            name = text(part)
            self.exports.add(name)
            out.append(ir.Assign((ir.Name(name, MODULE_BODY),), self.name(name)))
            return
        name = _name(field(part, "key") or field(part, "name"))
        if not name:
            return
        if part.type == "pair":
            lowered = self.expr(self.named(field(part, "value"), field(part, "key")))
        elif part.type == "method_definition":
            lowered = ir.Func(self.function(part, name, method=True))
        else:
            return
        out += self.before
        self.before = []
        self.exports.add(name)
        out.append(ir.Assign((ir.Name(name, MODULE_BODY),), lowered))

    def _exports_again(self, value: Node) -> ir.Expr | None:
        """An object into which something is spread, whose members have no names there, with those that have; None for any other."""
        keys: list[ir.Expr | None] = []
        values: list[ir.Expr] = []
        for part in self.children(value):
            if part.type == "spread_element":
                keys.append(None)
                values.append(self.only(part))
            elif name := _name(part if part.type == _SHORT else field(part, "key") or field(part, "name")):
                keys.append(ir.Const(name))
                values.append(ir.Name(name, MODULE_BODY))
        return ir.Collection("dict", tuple(values), tuple(keys), self.site(value)) if None in keys else None

    def statement(self, node: Node, out: list[ir.Stmt]) -> None:
        """Lower one statement."""
        raise NotImplementedError


_SHORT = "shorthand_property_identifier"


def _clauses(node: Node) -> Iterator[tuple[str, str]]:
    """The names of an ``export { a as b }``: the module's, and the one that it is given under."""
    for clause in node.named_children:
        if clause.type == "export_clause":
            for each in clause.named_children:
                if each.type == "export_specifier":
                    name = field(each, "name")
                    yield _name(name), _name(field(each, "alias") or name)


def _members_otherwise(statement: Node) -> Iterator[str]:
    """The names of ``module.exports = { name: something else }``."""
    value = statement.named_children[0] if statement.named_children else None
    if value is None or value.type != "assignment_expression" or text(field(value, "left")) != "module.exports":
        return
    given = inner(field(value, "right"))
    for part in [] if given is None or given.type != "object" else given.named_children:
        if part.type == "pair" and text(field(part, "key")) != text(field(part, "value")):
            yield _name(field(part, "key"))


def _name(node: Node | None) -> str:
    """A name as it is, or written as a text."""
    if node is None or node.type == "computed_property_name":
        return ""
    return string(node) if node.type == "string" else text(node)
