"""Lower Python expressions, and keep the scopes that decide what a name refers to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

import libcst as cst

from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.frontends.python import bindings, syntax
from lint_lambda.frontends.python.bindings import Bindings
from lint_lambda.frontends.python.slices import Slices

_LONG_TEXT = 300  # A longer literal is never a key, a command or a name that matters; not evaluating it saves time.

_LONG_CHAIN = 8
"""A chain of more ``and`` or ``or`` becomes a balanced tree: what is nested deeply is followed slowly, or not at all."""

ASSIGNMENTS: dict[type[cst.BaseAugOp], str] = {
    cst.AddAssign: "+=",
    cst.SubtractAssign: "-=",
    cst.MultiplyAssign: "*=",
    cst.DivideAssign: "/=",
    cst.FloorDivideAssign: "//=",
    cst.ModuloAssign: "%=",
    cst.PowerAssign: "**=",
    cst.MatrixMultiplyAssign: "@=",
    cst.LeftShiftAssign: "<<=",
    cst.RightShiftAssign: ">>=",
    cst.BitAndAssign: "&=",
    cst.BitOrAssign: "|=",
    cst.BitXorAssign: "^=",
}
_OPERATIONS: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
    cst.BitAnd: "&",
    cst.BitOr: "|",
    cst.BitXor: "^",
}
_COMPARISONS: dict[type[cst.BaseCompOp], str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
}
_CONSTANTS: dict[str, bool | None] = {"True": True, "False": False, "None": None}

_Definition = TypeVar("_Definition", ir.Function, ir.Class)


class Scope:
    """A module, function or class body while it is being lowered."""

    def __init__(
        self,
        kind: Literal["module", "function", "class"],
        qualname: str,
        bound: Bindings,
        outer: Scope | None,
        body: Sequence[cst.CSTNode] = (),
    ) -> None:
        self.kind = kind
        self.qualname = qualname
        self.bound = bound
        self.outer = outer
        self.slices = Slices(body)
        self.captured: set[str] = set()
        self.fields: list[tuple[str, ir.Expr]] = []
        self.is_generator = False
        self.renamed: list[dict[str, str]] = []  # comprehension variables, innermost last

    @property
    def owner_for_own(self) -> str:
        """`ir.Name.owner` of a name that this scope binds, seen from inside it."""
        return MODULE_BODY if self.kind == "module" else ir.LOCAL

    def child(self, name: str) -> str:
        """The qualified name of a definition in this scope."""
        if self.kind == "module":
            return name
        return f"{self.qualname}.<locals>.{name}" if self.kind == "function" else f"{self.qualname}.{name}"


def _text(node: cst.SimpleString) -> ir.Expr:
    said = node.value
    if said[0] in "'\"" and "\\" not in said and "\r" not in said:  # nothing to evaluate, which is what most texts are
        quotes = 3 if said[:3] in ('"""', "'''") and len(said) > 5 else 1
        return ir.Const(said[quotes:-quotes])
    value = node.evaluated_value
    return ir.Const(value) if isinstance(value, str) else ir.Opaque(())


def _concatenated(node: cst.ConcatenatedString) -> list[cst.SimpleString | cst.FormattedString]:
    """The parts of ``"a" "b" …``."""
    parts = []
    rest: cst.BaseExpression = node
    while isinstance(rest, cst.ConcatenatedString):
        parts.append(rest.left)
        rest = rest.right
    return [part for part in (*parts, rest) if isinstance(part, (cst.SimpleString, cst.FormattedString))]


class ExpressionLowering:
    """Shared state of a file's lowering, and everything below the statement."""

    def __init__(self, walrus: bool, record: Callable[[cst.CSTNode], None]) -> None:
        self.walrus = walrus
        self.functions: dict[str, ir.Function] = {}
        self.classes: dict[str, ir.Class] = {}
        self.scope = Scope("module", MODULE_BODY, Bindings(), None)
        self._record = record
        self._sites = 0
        self._dispatch: Mapping[type[cst.CSTNode], Callable[[Any], ir.Expr]] = {
            cst.Name: self._name,
            cst.Attribute: self._attribute,
            cst.Call: self._call,
            cst.SimpleString: self._string,
            cst.ConcatenatedString: self._string,
            cst.FormattedString: self._formatted,
            cst.Integer: self._integer,
            cst.Float: self._float,
            cst.Subscript: self._subscript,
            cst.Await: lambda node: ir.Await(self.expr(node.expression), self.site(node)),
            cst.BooleanOperation: self._boolean,
            cst.UnaryOperation: self._unary,
            cst.Comparison: self._comparison,
            cst.BinaryOperation: self._binary,
            cst.IfExp: lambda node: ir.Choice(self.expr(node.test), self.expr(node.body), self.expr(node.orelse)),
            cst.Lambda: self._lambda,
            cst.List: lambda node: self._elements("list", node),
            cst.Tuple: lambda node: self._elements("tuple", node),
            cst.Set: lambda node: self._elements("set", node),
            cst.Dict: self._dict,
            cst.ListComp: lambda node: self._comprehension("list", node),
            cst.SetComp: lambda node: self._comprehension("set", node),
            cst.GeneratorExp: lambda node: self._comprehension("generator", node),
            cst.DictComp: lambda node: self._comprehension("dict", node),
            cst.NamedExpr: self._named,
            cst.Yield: self._yield,
        }

    _quoted: cst.CSTNode | None = None
    """The text that is being read as an annotation."""

    def site(self, node: cst.CSTNode) -> ir.Site:
        """Number `node`: the next ordinal of this file."""
        self._record(node if self._quoted is None else self._quoted)
        self._sites += 1
        return self._sites - 1

    @staticmethod
    def unique(qualname: str, taken: Mapping[str, _Definition]) -> str:
        """`qualname`, or with ``#2``, ``#3`` … when the file defines it again."""
        if qualname not in taken:
            return qualname
        number = 2
        while f"{qualname}#{number}" in taken:
            number += 1
        return f"{qualname}#{number}"

    def expr(self, node: cst.BaseExpression) -> ir.Expr:
        lowering = self._dispatch.get(type(node))
        return ir.Opaque(()) if lowering is None else lowering(node)

    def annotation(self, node: cst.BaseExpression) -> ir.Expr:
        """Lower an annotation; one written as text is what the text says."""
        if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
            said = self._string(node, longest=sys.maxsize)
            if not isinstance(said, ir.Const):
                return said
            inside = syntax.parse_expression(str(said.value))
            if inside is None:
                return ir.Opaque(())
            self._quoted = node  # what is in it has no place of its own in the file
            try:
                return self.expr(inside)
            finally:
                self._quoted = None
        if isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index):
            return ir.Item(self.expr(node.value), self.annotation(node.slice[0].slice.value))
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
            return ir.Bool("or", self.annotation(node.left), self.annotation(node.right))
        return self.expr(node)

    # --- names ---------------------------------------------------------------------------------------------------

    def name(self, name: str) -> ir.Name:
        """Resolve `name` as the language does from the current scope, noting captures on the way."""
        scope: Scope | None = self.scope
        for renamed in reversed(self.scope.renamed):
            if name in renamed:
                return ir.Name(renamed[name], self.scope.owner_for_own)
        first = True
        while scope is not None:
            if name in scope.bound.declared_global:
                return ir.Name(name, MODULE_BODY)
            visible = first or scope.kind != "class"
            if visible and name in scope.bound.own:
                if first:
                    return ir.Name(name, scope.owner_for_own)
                if scope.kind == "module":
                    return ir.Name(name, MODULE_BODY)
                scope.captured.add(name)
                return ir.Name(name, scope.qualname)
            if not first and scope.kind == "function":
                for renamed in reversed(scope.renamed):
                    if name in renamed:
                        scope.captured.add(renamed[name])
                        return ir.Name(renamed[name], scope.qualname)
            first = False
            scope = scope.outer
        return ir.Name(name, ir.BUILTIN if name in bindings.BUILTINS else ir.UNBOUND)

    def target(self, node: cst.BaseExpression) -> ir.Target:
        """Lower an assignment target; one that binds nothing we follow (a call's attribute …) keeps its base."""
        if isinstance(node, cst.Name):
            return self.name(node.value)
        if isinstance(node, cst.Attribute):
            return ir.Attr(self.expr(node.value), node.attr.value, self.site(node))
        if isinstance(node, cst.Subscript):
            return ir.Item(self.expr(node.value), self._index(node))
        if isinstance(node, (cst.Tuple, cst.List)):
            starred = [i for i, element in enumerate(node.elements) if isinstance(element, cst.StarredElement)]
            targets = tuple(self.target(element.value) for element in node.elements)
            return ir.Unpack(targets, starred[0] if starred else -1)
        return ir.Unpack(())

    # --- atoms ---------------------------------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> ir.Expr:
        if node.value in _CONSTANTS:
            return ir.Const(_CONSTANTS[node.value])
        return self.name(node.value)

    def _attribute(self, node: cst.Attribute) -> ir.Expr:
        return ir.Attr(self.expr(node.value), node.attr.value, self.site(node))

    def _string(self, node: cst.SimpleString | cst.ConcatenatedString, longest: int = _LONG_TEXT) -> ir.Expr:
        if isinstance(node, cst.SimpleString):
            if len(node.value) > longest:
                return ir.Opaque(())
            return _text(node)
        parts = _concatenated(node)
        if not any(isinstance(part, cst.FormattedString) for part in parts):
            values = [part.evaluated_value if isinstance(part, cst.SimpleString) else None for part in parts]
            texts = [value for value in values if isinstance(value, str)]
            return ir.Const("".join(texts)) if len(texts) == len(parts) else ir.Opaque(())
        lowered: list[ir.Expr] = []
        for part in parts:
            lowered += self._formatted_parts(part) if isinstance(part, cst.FormattedString) else [self.expr(part)]
        return ir.Concat(tuple(lowered), self.site(node))

    def _formatted(self, node: cst.FormattedString) -> ir.Expr:
        return ir.Concat(tuple(self._formatted_parts(node)), self.site(node))

    def _formatted_parts(self, node: cst.FormattedString) -> list[ir.Expr]:
        parts: list[ir.Expr] = []
        for part in node.parts:
            if isinstance(part, cst.FormattedStringExpression):
                parts.append(self.expr(part.expression))
            elif isinstance(part, cst.FormattedStringText):
                parts.append(ir.Const(part.value))
        return parts

    def _integer(self, node: cst.Integer) -> ir.Expr:
        return ir.Const(node.evaluated_value)

    def _float(self, node: cst.Float) -> ir.Expr:
        return ir.Const(node.evaluated_value)

    def _index(self, node: cst.Subscript) -> ir.Expr | None:
        if len(node.slice) == 1:
            only = node.slice[0].slice
            return self.expr(only.value) if isinstance(only, cst.Index) else None
        # Several indices only occur in annotations (dict[str, Thread]) and numeric code; the last one is the value type.
        last = node.slice[-1].slice
        return self.expr(last.value) if isinstance(last, cst.Index) else None

    def _subscript(self, node: cst.Subscript) -> ir.Expr:
        return ir.Item(self.expr(node.value), self._index(node), self.scope.slices.left_out(node))

    # --- operators -----------------------------------------------------------------------------------------------

    def _boolean(self, node: cst.BooleanOperation) -> ir.Expr:
        """``a and b and …``: a chain of any length is no deeper than it must be."""
        op: Literal["and", "or"] = "and" if isinstance(node.operator, cst.And) else "or"
        operands: list[cst.BaseExpression] = [node.right]
        left = node.left
        while isinstance(left, cst.BooleanOperation) and type(left.operator) is type(node.operator):
            operands.append(left.right)
            left = left.left
        operands.append(left)
        values = [self.expr(operand) for operand in reversed(operands)]
        while len(values) > _LONG_CHAIN:
            pairs = [values[number : number + 2] for number in range(0, len(values), 2)]
            values = [ir.Bool(op, *pair) if len(pair) == 2 else pair[0] for pair in pairs]
        value = values[0]
        for other in values[1:]:
            value = ir.Bool(op, value, other)
        return value

    def _unary(self, node: cst.UnaryOperation) -> ir.Expr:
        value = self.expr(node.expression)
        if isinstance(node.operator, cst.Not):
            return ir.Not(value)
        if isinstance(node.operator, cst.Minus) and isinstance(value, ir.Const):
            if isinstance(value.value, (int, float)):
                return ir.Const(-value.value)
        return ir.Opaque((value,))

    def _comparison(self, node: cst.Comparison) -> ir.Expr:
        left = self.expr(node.left)
        if len(node.comparisons) == 1:
            only = node.comparisons[0]
            op = _COMPARISONS.get(type(only.operator))
            right = self.expr(only.comparator)
            return ir.Opaque((left, right)) if op is None else ir.Compare(op, left, right)
        return ir.Opaque((left, *(self.expr(part.comparator) for part in node.comparisons)))

    def _binary(self, node: cst.BinaryOperation) -> ir.Expr:
        spine = [node]
        while isinstance(spine[-1].left, cst.BinaryOperation):
            spine.append(spine[-1].left)
        value = self.expr(spine[-1].left)
        added: list[ir.Expr] = []
        """What ``a + b + c`` puts end to end, up to here."""
        for number in range(len(spine) - 1, -1, -1):
            each = spine[number]
            right = self.expr(each.right)
            if isinstance(each.operator, cst.Add):
                added = added or [value]
                added.append(right)
                if number > 0 and isinstance(spine[number - 1].operator, cst.Add):
                    continue
                value, added = ir.Concat(tuple(added), self.site(each), "+"), []
            else:
                value = self._operation(each, value, right, flat=len(spine) > _LONG_CHAIN)
        return value

    def _operation(self, node: cst.BinaryOperation, left: ir.Expr, right: ir.Expr, *, flat: bool) -> ir.Expr:
        """`flat`: of a chain so long that its operations are not told apart."""
        op = _OPERATIONS[type(node.operator)]
        if op == "%":
            # A text with its holes filled: its own end counts.
            return ir.Concat((ir.Opaque(()), left), self.site(node), op, (right,))
        if op in ("-", "&"):
            return ir.Concat((left,), self.site(node), op, (right,))  # of a set: some of its elements
        if flat and op == "|":
            return ir.Bool("or", left, right)
        if flat and isinstance(left, ir.Opaque):
            return ir.Opaque((*left.parts, right))
        return ir.Opaque((left, right), "" if flat else op)

    def _named(self, node: cst.NamedExpr) -> ir.Expr:
        value = self.expr(node.value)
        target = self.target(node.target)
        return ir.Bind(target, value) if isinstance(target, ir.Name) else value

    def _yield(self, node: cst.Yield) -> ir.Expr:
        self.scope.is_generator = True
        if isinstance(node.value, cst.From):
            return ir.Yield(self.expr(node.value.item), True, self.site(node))
        return ir.Yield(None if node.value is None else self.expr(node.value), False, self.site(node))

    # --- calls, displays, comprehensions --------------------------------------------------------------------------

    def _call(self, node: cst.Call) -> ir.Expr:
        func = self.expr(node.func)
        args = tuple(
            ir.Arg(
                self.expr(argument.value),
                None if argument.keyword is None else argument.keyword.value,
                len(argument.star),
            )
            for argument in node.args
        )
        return ir.Call(func, args, self.site(node))

    def _elements(self, kind: Literal["list", "tuple", "set"], node: cst.List | cst.Tuple | cst.Set) -> ir.Expr:
        values = tuple(
            ir.Spread(self.expr(element.value)) if isinstance(element, cst.StarredElement) else self.expr(element.value)
            for element in node.elements
        )
        return ir.Collection(kind, values, (), self.site(node))

    def _dict(self, node: cst.Dict) -> ir.Expr:
        keys: list[ir.Expr | None] = []
        values: list[ir.Expr] = []
        for element in node.elements:
            keys.append(self.expr(element.key) if isinstance(element, cst.DictElement) else None)
            values.append(self.expr(element.value))
        return ir.Collection("dict", tuple(values), tuple(keys), self.site(node))

    def _comprehension(self, kind: Literal["list", "set", "dict", "generator"], node: Any) -> ir.Expr:
        site = self.site(node)
        clauses: list[ir.Generator] = []
        pushed = 0
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            iterable = self.expr(clause.iter)
            self.scope.renamed.append({name: f"{name}@{site}" for name in bindings.of_target(clause.target)})
            pushed += 1
            target = self.target(clause.target)
            conditions = tuple(self.expr(condition.test) for condition in clause.ifs)
            clauses.append(ir.Generator(target, iterable, conditions, clause.asynchronous is not None))
            clause = clause.inner_for_in
        if kind == "dict":
            key: ir.Expr | None = self.expr(node.key)
            element = self.expr(node.value)
        else:
            key, element = None, self.expr(node.elt)
        del self.scope.renamed[-pushed:]
        return ir.Comprehension(kind, element, key, tuple(clauses), site)

    # --- functions -----------------------------------------------------------------------------------------------

    def _lambda(self, node: cst.Lambda) -> ir.Expr:
        site = self.site(node)
        return ir.Func(
            self.function(
                "<lambda>",
                node.params,
                (node.body,),
                is_async=False,
                binding="function",
                decorators=(),
                returns=None,
                site=site,
            )
        )

    def function(
        self,
        name: str,
        parameters: cst.Parameters,
        body: Sequence[cst.CSTNode],
        *,
        is_async: bool,
        binding: str,
        decorators: tuple[ir.Expr, ...],
        returns: cst.BaseExpression | None,
        site: ir.Site,
    ) -> str:
        """Lower a function or lambda (whose body is one expression) and return its qualified name."""
        params = self._params(parameters)
        returned = None if returns is None else self.annotation(returns)
        qualname = self.unique(self.scope.child(name), self.functions)
        outer = self.scope
        is_lambda = len(body) == 1 and isinstance(body[0], cst.BaseExpression)
        bound = Bindings() if is_lambda else bindings.of_body(body, self.walrus)
        bound.own.update(param.name for param in params)
        self.scope = Scope("function", qualname, bound, outer, body)
        # Reserve the name: a nested definition of the same name must not take it.
        self.functions[qualname] = cast(ir.Function, None)
        if is_lambda:
            value = self.expr(cast(cst.BaseExpression, body[0]))
            lowered: ir.Block = (ir.Return(value, self.site(body[0])),)
        else:
            lowered = self.function_body(body)
        scope, self.scope = self.scope, outer
        self.functions[qualname] = ir.Function(
            qualname=qualname,
            params=params,
            body=lowered,
            is_async=is_async,
            is_generator=scope.is_generator,
            binding=cast(Any, binding),
            decorators=decorators,
            captured=tuple(sorted(scope.captured)),
            owner_class=outer.qualname if outer.kind == "class" else None,
            returns=returned,
            site=site,
        )
        return qualname

    def function_body(self, body: Sequence[cst.CSTNode]) -> ir.Block:
        """Lower a ``def``'s statements: the statement lowering's part."""
        raise NotImplementedError

    def _params(self, parameters: cst.Parameters) -> tuple[ir.Param, ...]:
        out: list[ir.Param] = []

        def add(param: cst.Param, kind: Literal["positional", "keyword", "rest", "keywords"]) -> None:
            default = None if param.default is None else self.expr(param.default)
            annotation = None if param.annotation is None else self.annotation(param.annotation.annotation)
            out.append(ir.Param(param.name.value, kind, default, annotation))

        for param in (*parameters.posonly_params, *parameters.params):
            add(param, "positional")
        if isinstance(parameters.star_arg, cst.Param):
            add(parameters.star_arg, "rest")
        for param in parameters.kwonly_params:
            add(param, "keyword")
        if parameters.star_kwarg is not None:
            add(parameters.star_kwarg, "keywords")
        return tuple(out)
