"""Lower JavaScript classes: methods, fields, accessors, static parts, decorators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lint_lambda.core import ir
from lint_lambda.frontends.javascript import scopes
from lint_lambda.frontends.javascript.functions import FunctionLowering
from lint_lambda.frontends.javascript.scopes import Scope
from lint_lambda.frontends.javascript.syntax import field, has, inner, string, text

if TYPE_CHECKING:
    from tree_sitter import Node

CONSTRUCTOR = "constructor"
_FIELDS = frozenset({"field_definition", "public_field_definition"})


_PROTOTYPE = re.compile(rb"\b([A-Za-z_$][\w$]*)\.prototype\b")
_INHERITS = re.compile(
    rb"\binherits\(\s*([\w$]+)\s*,\s*([\w$.]+)|\b([\w$]+)\.prototype\s*=\s*(?:new\s+([\w$.]+)|Object\.create\(\s*([\w$.]+)\.prototype)"
)


class ClassLowering(FunctionLowering):
    """Classes, on top of functions."""

    prototypes: dict[str, str] = {}
    """The functions of the file that are classes of the old kind, each with its base's name or nothing."""

    def find_prototypes(self, source: bytes) -> None:
        self.prototypes = {name.decode(): "" for name in _PROTOTYPE.findall(source)} if b".prototype" in source else {}
        for match in _INHERITS.finditer(source) if self.prototypes or b"inherits(" in source else ():
            name, base = match[1] or match[3], match[2] or match[4] or match[5]
            self.prototypes[name.decode()] = base.decode()

    def on_prototype(self, left: Node | None, right: Node | None) -> list[ir.Stmt]:
        """``F.prototype.m = function …``, or ``F.prototype = {…}``: methods of the class that the function is."""
        right = inner(right)
        if left is None or right is None or left.type != "member_expression":
            return []
        base = field(left, "object")
        if base is not None and self._is_prototype(base):
            return [self._prototype_member(base, text(field(left, "property")), left, right)]
        if right.type == "object" and self._is_prototype(left):
            return [*self._prototype_members(left, right)]
        return []

    def is_assigned_to_prototype(self, call: Node) -> bool:
        """Whether this is ``Object.assign(F.prototype, {…})``."""
        given = field(call, "arguments") if call.type == "call_expression" else None
        if given is None or text(field(call, "function")) != "Object.assign":
            return False
        parts = self.children(given)
        return len(parts) == 2 and self._is_prototype(parts[0]) and parts[1].type == "object"

    def prototype_members(self, call: Node) -> list[ir.Stmt]:
        given = field(call, "arguments")
        prototype, members = [] if given is None else self.children(given)
        return [*self._prototype_members(prototype, members)]

    def _is_prototype(self, node: Node) -> bool:
        is_member = node.type == "member_expression" and text(field(node, "property")) == "prototype"
        return is_member and text(field(node, "object")) in self.prototypes

    def _prototype_members(self, prototype: Node, members: Node) -> Iterator[ir.Stmt]:
        for part in self.children(members):
            if part.type == "pair":
                value = inner(field(part, "value"))
                if value is not None and text(field(part, "key")) != CONSTRUCTOR:
                    yield self._prototype_member(prototype, text(field(part, "key")), part, value)
            elif part.type == "method_definition":
                yield self._prototype_member(prototype, text(field(part, "name")), part, part)

    def _prototype_member(self, prototype: Node, name: str, node: Node, value: Node) -> ir.Stmt:
        target = ir.Attr(self.expr(field(prototype, "object")), name, self.site(node))
        if value.type in ("function_expression", "generator_function", "method_definition"):
            return ir.Assign((target,), ir.Func(self.function(value, name, method=True)))
        return ir.Assign((target,), self.expr(value))

    def function_value(self, node: Node, name: str) -> ir.Expr:
        """A function by a name; one that has a prototype of its own is a class."""
        if name not in self.prototypes or node.type == "arrow_function":
            return ir.Func(self.function(node, name))
        outer, qualname = self.scope, self.unique(self.scope.child(name), self.classes)
        base = self.prototypes[name]
        bases = (self._dotted(base, node),) if base else ()
        self.scope = Scope("class", qualname, outer)
        made = ir.Func(self.function(node, CONSTRUCTOR, method=True))
        self.scope = outer
        body = (ir.Assign((ir.Name(CONSTRUCTOR, ir.LOCAL),), made),)
        self.classes[qualname] = ir.Class(qualname, bases, body, (), (), self.site(node))
        return ir.Class_(qualname)

    def _dotted(self, name: str, node: Node) -> ir.Expr:
        first, *rest = name.split(".")
        value: ir.Expr = self.name(first)
        for part in rest:
            value = ir.Attr(value, part, self.site(node))
        return value

    def class_expression(self, node: Node) -> ir.Expr:
        return self.class_(node, text(field(node, "name")) or self.called or "<class>", ())

    def class_(self, node: Node, name: str, outside: Sequence[Node]) -> ir.Expr:
        """The value of a class. `outside`: decorators that stand before an ``export``."""
        self.called = ""
        written = [*outside, *(child for child in node.children if child.type == "decorator")]
        decorators = tuple(self.only(each) for each in written)
        bases = tuple(self._bases(node))
        outer, qualname = self.scope, self.unique(self.scope.child(name), self.classes)
        site = self.site(field(node, "name") or node)
        self.scope = Scope("class", qualname, outer)
        before, self.before = self.before, []
        body = field(node, "body")
        fields: list[tuple[str, ir.Expr]] = []
        lowered = () if body is None else self._class_body(body, bool(bases), fields)
        self.scope, self.before = outer, before
        self.classes[qualname] = ir.Class(
            qualname, bases, lowered, decorators, tuple(fields), site, tuple(self._promises(node))
        )
        value: ir.Expr = ir.Class_(qualname)
        for each, decorator in zip(reversed(written), reversed(decorators)):
            value = ir.Call(decorator, (ir.Arg(value),), self.site(each), decorates=True)
        return value

    def _bases(self, node: Node) -> list[ir.Expr]:
        heritage = next((child for child in node.children if child.type == "class_heritage"), None)
        if heritage is None:
            return []
        clauses = [child for child in self.children(heritage) if child.type == "extends_clause"]
        if clauses:
            return [self.expr(field(clause, "value")) for clause in clauses]
        return [self.expr(child) for child in self.children(heritage) if child.type != "implements_clause"]

    def interface(self, node: Node) -> ir.Expr:
        """An interface: a class without members, which others promise to be."""
        qualname = self.unique(self.scope.child(text(field(node, "name"))), self.classes)
        self.classes[qualname] = ir.Class(qualname, (), (), (), (), self.site(node))
        return ir.Class_(qualname)

    def _promises(self, node: Node) -> Iterator[ir.Expr]:
        """The interfaces that a class implements."""
        for heritage in node.children:
            for clause in self.children(heritage) if heritage.type == "class_heritage" else ():
                for each in self.children(clause) if clause.type == "implements_clause" else ():
                    if each.type == "generic_type":
                        each = field(each, "name") or each
                    if each.type == "type_identifier":
                        yield self.name(text(each))

    def _class_body(self, body: Node, derived: bool, fields: list[tuple[str, ir.Expr]]) -> ir.Block:
        out: list[ir.Stmt] = []
        decorators: list[Node] = []
        constructor: Node | None = None
        own: list[Node] = []
        for member in self.children(body):
            if member.type == "decorator":
                decorators.append(member)
                continue
            written = [*decorators, *(child for child in member.named_children if child.type == "decorator")]
            decorators = []
            if member.type == "method_definition":
                if text(field(member, "name")) == CONSTRUCTOR:
                    constructor = member
                else:
                    self._method(member, written, out)
            elif member.type in _FIELDS:
                self._field(member, written, own, fields, out)
            elif member.type == "class_static_block":
                made = ir.Func(self.function(member, "<static block>"))
                out.append(ir.Eval(ir.Call(made, (), self.site(member))))
        if constructor is not None:
            given = ir.Func(self.function(constructor, CONSTRUCTOR, method=True, fields=own))
            out.append(ir.Assign((ir.Name(CONSTRUCTOR, ir.LOCAL),), given))
        elif any(field(each, "value") is not None for each in own):
            given = ir.Func(self._constructor(body, derived, own))
            out.append(ir.Assign((ir.Name(CONSTRUCTOR, ir.LOCAL),), given))
        return tuple(out)

    def _method(self, member: Node, written: Sequence[Node], out: list[ir.Stmt]) -> None:
        name = self._member_name(member)
        decorators = tuple(self.only(each) for each in written)
        is_static = has(member, "static")
        binding: ir.Binding = "class" if is_static else "function"
        if has(member, "get"):
            binding = "class-property" if is_static else "property"
        made = self.function(member, name, method=True, binding=binding, decorators=decorators)
        value: ir.Expr = ir.Func(made)
        for each, decorator in zip(reversed(written), reversed(decorators)):
            value = ir.Call(decorator, (ir.Arg(value),), self.site(each), decorates=True)
        bound = ir.SETTER.format(name) if has(member, "set") else name
        out.append(ir.Assign((ir.Name(bound, ir.LOCAL),), value))

    def _member_name(self, member: Node) -> str:
        name = field(member, "name") or field(member, "property")
        if name is None:
            return "<member>"
        if name.type == "computed_property_name":
            inside = self.children(name)[0]
            return string(inside) if inside.type == "string" else f"[{text(inside)}]"
        return string(name) if name.type == "string" else text(name)

    def _field(
        self,
        member: Node,
        written: Sequence[Node],
        own: list[Node],
        fields: list[tuple[str, ir.Expr]],
        out: list[ir.Stmt],
    ) -> None:
        name = self._member_name(member)
        annotation = self.annotation(field(member, "type"))
        if annotation is not None and not has(member, "static"):
            fields.append((name, annotation))
        for each in written:
            out.append(ir.Eval(self.only(each)))
        if has(member, "static"):
            self.called = name
            out.append(ir.Assign((ir.Name(name, ir.LOCAL),), self.expr(field(member, "value"))))
            self.called = ""
        else:
            own.append(member)

    def field_values(self, fields: Sequence[Node]) -> list[ir.Stmt]:
        out: list[ir.Stmt] = []
        for member in fields:
            value = field(member, "value")
            if value is None:
                continue
            name = self._member_name(member)
            self.called = name
            lowered = self.expr(value)
            self.called = ""
            out += self.before
            self.before = []
            own = ir.Attr(self.name(scopes.THIS), name, self.site(member))
            out.append(ir.Assign((own,), lowered))
        return out

    def _constructor(self, body: Node, derived: bool, fields: Sequence[Node]) -> str:
        """The constructor of a class that has only fields."""
        outer, qualname = self.scope, self.unique(self.scope.child(CONSTRUCTOR), self.functions)
        self.scope = Scope("function", qualname, outer)
        before, self.before = self.before, []
        params = [ir.Param(scopes.THIS, "receiver", None, None)]
        first: list[ir.Stmt] = []
        site = self.site(body)
        if derived:
            params.append(ir.Param("given", "rest", None, None))
            parent = ir.Attr(ir.Call(ir.Name("super", ir.BUILTIN), (), site), CONSTRUCTOR, site)
            first.append(ir.Eval(ir.Call(parent, (ir.Arg(ir.Name("given", ir.LOCAL), None, 1),), site)))
        lowered = (*first, *self.field_values(fields))
        scope, self.scope, self.before = self.scope, outer, before
        self.functions[qualname] = ir.Function(
            qualname=qualname,
            params=tuple(params),
            body=lowered,
            is_async=False,
            is_generator=False,
            binding="function",
            decorators=(),
            captured=tuple(sorted(scope.captured)),
            owner_class=outer.qualname,
            returns=None,
            site=site,
        )
        return qualname
