"""Lower JavaScript functions: parameters, ``this``, and what patterns bind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, cast

from lint_lambda.core import ir
from lint_lambda.frontends.javascript import scopes
from lint_lambda.frontends.javascript.expressions import NOTHING, ExpressionLowering
from lint_lambda.frontends.javascript.scopes import Scope
from lint_lambda.frontends.javascript.syntax import field, has, inner, text

if TYPE_CHECKING:
    from tree_sitter import Node


class FunctionLowering(ExpressionLowering):
    """Functions, on top of expressions."""

    def function(
        self,
        node: Node,
        name: str,
        *,
        method: bool = False,
        binding: ir.Binding = "function",
        decorators: tuple[ir.Expr, ...] = (),
        first: Sequence[ir.Stmt] = (),
        fields: Sequence[Node] = (),
    ) -> str:
        """Lower a function of any form and return its qualified name.

        - `method`: it has a ``this`` whether it uses that or not. `binding`: how its class hands it out.
        - `fields`: those that an instance gets before the constructor's body runs, or once the base's constructor has.
        """
        self.called = ""
        arrow = node.type == "arrow_function"
        outer, qualname = self.scope, self.unique(self.scope.child(name), self.functions)
        self.functions[qualname] = cast(ir.Function, None)  # a nested definition of the same name must not take it
        given = self._given(node)
        typed = [self._typed(each) for each in given]
        returns = self.annotation(field(node, "return_type"))
        site = self.site(field(node, "name") or node)
        self.scope = Scope("function", qualname, outer, arrow)
        before, self.before = self.before, []
        own = field(node, "name")
        if node.type in ("function_expression", "generator_function", "function") and own is not None:
            self.scope.blocks.insert(0, {})
            self.scope.declare(text(own), block=0)
        prologue: list[ir.Stmt] = list(first)
        params = [self._param(each, *more, prologue) for each, more in zip(given, typed)]
        body = field(node, "body")
        start = (
            () if own is None or not self._is_named(node) else (ir.Assign((self.name(text(own)),), ir.Func(qualname)),)
        )
        lowered = (*start, *self._body(body, prologue, fields))
        scope, self.scope, self.before = self.scope, outer, before
        if not arrow and (method or scope.uses_this):
            params.insert(0, ir.Param(scopes.THIS, "receiver", None, None))
        elif binding == "function":
            binding = "static"
        self.functions[qualname] = ir.Function(
            qualname=qualname,
            params=tuple(params),
            body=lowered,
            is_async=has(node, "async"),
            is_generator=has(node, "*") or "generator" in node.type,
            binding=binding,
            decorators=decorators,
            captured=tuple(sorted(scope.captured)),
            owner_class=outer.qualname if outer.kind == "class" else None,
            returns=returns,
            site=site,
        )
        return qualname

    @staticmethod
    def _is_named(node: Node) -> bool:
        return node.type in ("function_expression", "generator_function", "function")

    def _body(self, body: Node | None, prologue: list[ir.Stmt], fields: Sequence[Node]) -> ir.Block:
        if body is None:
            return tuple(prologue)
        if body.type != "statement_block":
            site_of = inner(body) or body
            value = self.expr(body)
            return (*prologue, *self.before, ir.Return(value, self.site(site_of)))
        statements = self.children(body)
        for name in scopes.hoisted(statements):
            self.scope.declare(name, block=-1)
        self.scope.blocks.append({})
        lowered = self.block(statements)
        self.scope.blocks.pop()
        if not fields:
            return (*prologue, *lowered)
        after = next((n + 1 for n, each in enumerate(statements) if _calls_super(each)), 0)
        position = len(lowered) - (len(statements) - after) if after else 0
        return (*lowered[:position], *prologue, *self.field_values(fields), *lowered[position:])

    def block(self, statements: Sequence[Node]) -> ir.Block:
        """Lower the statements of a block whose names are declared in the innermost block of the scope."""
        raise NotImplementedError

    def field_values(self, fields: Sequence[Node]) -> list[ir.Stmt]:
        """What constructing an instance assigns to its fields."""
        raise NotImplementedError

    # --- parameters --------------------------------------------------------------------------------------------------

    def _given(self, node: Node) -> list[Node]:
        single = field(node, "parameter")
        if single is not None:
            return [single]
        parameters = field(node, "parameters")
        found = [] if parameters is None else self.children(parameters)
        return [each for each in found if each.type != "this" and _pattern(each).type != "this"]

    def _typed(self, node: Node) -> tuple[ir.Expr | None, tuple[ir.Expr, ...]]:
        """The type and the decorators of a parameter: they stand in the scope around the function."""
        decorators = tuple(self.only(each) for each in node.named_children if each.type == "decorator")
        return self.annotation(field(node, "type")), decorators

    def _param(
        self,
        node: Node,
        annotation: ir.Expr | None,
        decorators: tuple[ir.Expr, ...],
        prologue: list[ir.Stmt],
    ) -> ir.Param:
        pattern = _pattern(node)
        kind: Literal["positional", "rest"] = "positional"
        if pattern.type == "rest_pattern":
            kind, pattern = "rest", self.children(pattern)[0]
        for bound in scopes.of_pattern(pattern):
            self.scope.declare(bound)
        is_name = pattern.type == "identifier"
        held = self.name(text(pattern)) if is_name else self.scope.temporary()
        name, default = held.name, None
        value = field(node, "value") or (field(node, "right") if node.type == "assignment_pattern" else None)
        if value is not None:
            default = self.expr(value)  # it is evaluated where the argument is missing, each time
            if not isinstance(default, ir.Const):
                chosen = ir.Choice(ir.Compare("is", held, NOTHING), default, held)
                prologue += (*self.before, ir.Assign((held,), chosen))
                self.before, default = [], NOTHING
        if not is_name:
            self.bind(pattern, held, prologue)
        if any(child.type in ("accessibility_modifier", "readonly", "override_modifier") for child in node.children):
            own = ir.Attr(self.name(scopes.THIS), name, self.site(pattern))
            prologue.append(ir.Assign((own,), ir.Name(name, ir.LOCAL)))
        return ir.Param(name, kind, default, annotation, decorators)

    def annotation(self, node: Node | None) -> ir.Expr | None:
        """A type as the name of what it may be an instance of; None where none is written."""
        if node is None:
            return None
        kind = node.type
        if kind in ("type_annotation", "parenthesized_type", "readonly_type", "asserts_annotation"):
            parts = self.children(node)
            return self.annotation(parts[0]) if parts else None
        if kind in ("type_identifier", "identifier"):
            return self.name(text(node))
        if kind in ("nested_type_identifier", "nested_identifier", "member_expression"):
            parts = self.children(node)
            base = self.annotation(parts[0])
            return None if base is None else ir.Attr(base, text(parts[-1]), self.site(node))
        if kind == "generic_type":
            base = self.annotation(field(node, "name"))
            arguments = field(node, "type_arguments")
            if isinstance(base, ir.Name) and arguments is not None and self.children(arguments):
                return ir.Item(base, self.annotation(self.children(arguments)[0]) or ir.Opaque(()))
            return base
        if kind == "union_type":
            sides = [side for side in map(self.annotation, self.children(node)) if side is not None]
            if not sides:
                return None
            value = sides[0]
            for other in sides[1:]:
                value = ir.Bool("or", value, other)
            return value
        return ir.Opaque(())

    # --- patterns ----------------------------------------------------------------------------------------------------

    def bind(self, pattern: Node | None, value: ir.Expr, out: list[ir.Stmt]) -> None:
        """Bind what a pattern names to the parts of `value`; `out` is given the assignments."""
        pattern = inner(pattern)
        if pattern is None:
            out.append(ir.Eval(value))
        elif pattern.type == "object_pattern":
            self._bind_object(pattern, self._held(value, out), out)
        elif pattern.type == "array_pattern":
            self._bind_array(pattern, value, out)
        elif pattern.type in ("assignment_pattern", "object_assignment_pattern"):
            self._bind_default(pattern, value, out)
        elif pattern.type == "rest_pattern":
            self.bind(self.children(pattern)[0], value, out)
        elif pattern.type == "shorthand_property_identifier_pattern":
            out.append(ir.Assign((self.name(text(pattern)),), value))
        else:
            out.append(ir.Assign((self.target(pattern),), value))

    def _held(self, value: ir.Expr, out: list[ir.Stmt]) -> ir.Name:
        """A variable that holds the value, so that it is evaluated once."""
        if isinstance(value, ir.Name):
            return value
        held = self.scope.temporary()
        out.append(ir.Assign((held,), value))
        return held

    def _bind_object(self, pattern: Node, held: ir.Name, out: list[ir.Stmt]) -> None:
        taken: list[str] = []
        for part in self.children(pattern):
            if part.type == "pair_pattern":
                key = field(part, "key")
                if key is not None and key.type == "computed_property_name":
                    self.bind(field(part, "value"), ir.Item(held, self.only(key)), out)
                    continue
                named = self.key(key)
                name = str(named.value) if isinstance(named, ir.Const) else ""
                taken.append(name)
                self.bind(field(part, "value"), ir.Attr(held, name, self.site(part)), out)
            elif part.type == "rest_pattern":
                self.bind(part, ir.Without(held, tuple(taken), self.site(part)), out)
            else:
                inside = field(part, "left") if part.type == "object_assignment_pattern" else part
                taken.append(text(inside))
                self.bind(part, ir.Attr(held, text(inside), self.site(part)), out)

    def _bind_array(self, pattern: Node, value: ir.Expr, out: list[ir.Stmt]) -> None:
        targets: list[ir.Target] = []
        later: list[tuple[Node, ir.Name]] = []
        starred, hole = -1, True
        for part in pattern.children:
            if part.type == ",":
                if hole:
                    targets.append(ir.Unpack(()))
                hole = True
            elif part.is_named and part.type != "comment":
                hole = False
                if part.type == "rest_pattern":
                    starred = len(targets)
                    part = self.children(part)[0]
                if part.type == "identifier":
                    targets.append(self.name(text(part)))
                else:
                    held = self.scope.temporary()
                    targets.append(held)
                    later.append((part, held))
        out.append(ir.Assign((ir.Unpack(tuple(targets), starred),), value))
        for part, held in later:
            self.bind(part, held, out)

    def _bind_default(self, pattern: Node, value: ir.Expr, out: list[ir.Stmt]) -> None:
        left = field(pattern, "left")
        held = self.scope.temporary()
        out.append(ir.Assign((held,), value))
        default = self.expr(self.named(field(pattern, "right"), left))
        chosen = ir.Choice(ir.Compare("is", held, NOTHING), default, held)
        out.append(ir.Assign((held,), chosen))
        self.bind(left, held, out)


def _pattern(node: Node) -> Node:
    """What a parameter binds, without its default and type."""
    if node.type in ("required_parameter", "optional_parameter"):
        return field(node, "pattern") or node
    if node.type == "assignment_pattern":
        return field(node, "left") or node
    return node


def _calls_super(statement: Node) -> bool:
    call = (
        statement.named_children[0] if statement.type == "expression_statement" and statement.named_children else None
    )
    callee = None if call is None or call.type != "call_expression" else field(call, "function")
    return callee is not None and callee.type == "super"
