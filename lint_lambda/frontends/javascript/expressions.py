"""Lower JavaScript expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.frontends.javascript import scopes
from lint_lambda.frontends.javascript.scopes import Scope
from lint_lambda.frontends.javascript.slices import Slices
from lint_lambda.frontends.javascript.syntax import field, has, inner, string, text

if TYPE_CHECKING:
    from tree_sitter import Node

_LONG_TEXT = 300
"""A longer literal is never a key or a name that matters."""

NOTHING = ir.Const(None)
EXPORTS = "<exports>"
"""The variable that holds what a module gives to whoever asks for all of it."""

_COMPARISONS = {
    "===": "==",
    "==": "==",
    "!==": "!=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "in": "in",
}
_LAZY: dict[str, Literal["and", "or"]] = {"&&": "and", "||": "or", "??": "or"}

_Definition = TypeVar("_Definition", ir.Function, ir.Class)


class ExpressionLowering:
    """Shared state of a file's lowering, and everything below the statement."""

    def __init__(self, record: Callable[[Node], None]) -> None:
        self.functions: dict[str, ir.Function] = {}
        self.classes: dict[str, ir.Class] = {}
        self.scope = Scope("module", MODULE_BODY, None)
        self.before: list[ir.Stmt] = []
        """What has to run before the statement that is being lowered."""
        self.exports: set[str] = set()
        self._record = record
        self._slices = Slices()
        self._sites = 0
        self._dispatch: Mapping[str, Callable[[Node], ir.Expr]] = {
            "identifier": lambda node: self.name(text(node)),
            "shorthand_property_identifier": lambda node: self.name(text(node)),
            "this": lambda node: self.name(scopes.THIS),
            "member_expression": self._member,
            "subscript_expression": self._subscript,
            "call_expression": self._call,
            "new_expression": self._new,
            "string": self._string,
            "template_string": self._template,
            "number": _number,
            "true": lambda node: ir.Const(True),
            "false": lambda node: ir.Const(False),
            "null": lambda node: NOTHING,
            "undefined": lambda node: NOTHING,
            "await_expression": lambda node: ir.Await(self.only(node), self.site(node)),
            "yield_expression": self._yield,
            "binary_expression": self._binary,
            "unary_expression": self._unary,
            "update_expression": self._update,
            "ternary_expression": self._ternary,
            "assignment_expression": self._assignment,
            "augmented_assignment_expression": self._augmented,
            "sequence_expression": self._sequence,
            "array": self._array,
            "object": self._object,
            "arrow_function": self.function_expression,
            "function_expression": self.function_expression,
            "function": self.function_expression,
            "generator_function": self.function_expression,
            "class": self.class_expression,
            "super": self._super,
            "as_expression": self._transparent,
            "satisfies_expression": self._transparent,
            "non_null_expression": self._transparent,
            "parenthesized_expression": self._transparent,
            "type_assertion": self._transparent,
            "instantiation_expression": self._transparent,
            "jsx_element": self._parts,
            "jsx_self_closing_element": self._parts,
            "jsx_expression": self._parts,
            "jsx_attribute": self._parts,
            "jsx_opening_element": self._parts,
        }

    def site(self, node: Node) -> ir.Site:
        """Number `node`: the next ordinal of this file."""
        self._record(node)
        self._sites += 1
        return self._sites - 1

    @staticmethod
    def unique(qualname: str, taken: Mapping[str, _Definition]) -> str:
        """`qualname`, or with ``#2``, ``#3`` … when the file defines it again."""
        unique, number = qualname, 2
        while unique in taken:
            unique, number = f"{qualname}#{number}", number + 1
        return unique

    def name(self, name: str) -> ir.Name:
        return scopes.resolve(self.scope, name)

    def expr(self, node: Node | None) -> ir.Expr:
        if node is None:
            return NOTHING
        lowering = self._dispatch.get(node.type)
        return ir.Opaque(()) if lowering is None else lowering(node)

    def only(self, node: Node) -> ir.Expr:
        """The expression that a node has inside, comments left out."""
        return self.expr(next(iter(self.children(node)), None))

    @staticmethod
    def children(node: Node) -> list[Node]:
        """The node's parts, without comments."""
        return [child for child in node.named_children if child.type != "comment"]

    # --- atoms -------------------------------------------------------------------------------------------------------

    def _transparent(self, node: Node) -> ir.Expr:
        return self.expr(inner(node))

    def _parts(self, node: Node) -> ir.Expr:
        return ir.Opaque(tuple(self.expr(child) for child in node.named_children))

    def _string(self, node: Node) -> ir.Expr:
        if node.end_byte - node.start_byte > _LONG_TEXT:
            return ir.Opaque(())
        return ir.Const(string(node))

    def _template(self, node: Node) -> ir.Expr:
        parts: list[ir.Expr] = []
        for child in node.children:
            if child.type == "template_substitution":
                parts.append(self.only(child))
            elif child.type == "string_fragment":
                parts.append(ir.Const(text(child)))
        if all(isinstance(part, ir.Const) for part in parts):
            return ir.Const("".join(str(part.value) for part in parts if isinstance(part, ir.Const)))
        return ir.Concat(tuple(parts), self.site(node))

    def _super(self, node: Node) -> ir.Expr:
        return ir.Call(ir.Name("super", ir.BUILTIN), (), self.site(node))

    def _member(self, node: Node) -> ir.Expr:
        base = inner(field(node, "object"))
        name = text(field(node, "property"))
        if base is not None and self.is_exports(base):
            if name in self.exports:
                return ir.Name(name, MODULE_BODY)
            return ir.Attr(self.module_object(base), name, self.site(node))
        return self._paid(node, ir.Attr(self.expr(base), name, self.site(node)))

    def module_object(self, node: Node) -> ir.Expr:
        """The module itself, as a value."""
        return ir.Call(ir.Name(EXPORTS, ir.BUILTIN), (), self.site(node))

    def is_exports(self, node: Node) -> bool:
        """Whether this is ``exports`` or ``module.exports``."""
        if node.type == "identifier" and text(node) == "exports":
            return self.name("exports").owner == ir.UNBOUND
        if node.type == "member_expression" and text(field(node, "property")) == "exports":
            base = field(node, "object")
            return base is not None and text(base) == "module" and self.name("module").owner == ir.UNBOUND
        return False

    def _subscript(self, node: Node) -> ir.Expr:
        base = field(node, "object")
        index = inner(field(node, "index"))
        known = _known_key(index)
        if known is not None:
            return self._paid(node, ir.Attr(self.expr(base), known, self.site(node)))
        lowered = self.expr(base)
        owed, self.owed = self.owed, None
        item = ir.Item(lowered, self.expr(index))
        self.owed = owed
        return self._paid(node, item)

    # --- operators ---------------------------------------------------------------------------------------------------

    def _binary(self, node: Node) -> ir.Expr:
        """A chain of any length is no deeper than it must be."""
        spine = [node]
        while True:
            left = inner(field(spine[-1], "left"))
            if left is None or left.type != "binary_expression":
                break
            spine.append(left)
        value = self.expr(left)
        added: list[ir.Expr] = []
        for number in range(len(spine) - 1, -1, -1):
            each = spine[number]
            operator = text(field(each, "operator"))
            right = self.expr(field(each, "right"))
            if operator == "+":
                added = added or [value]
                added.append(right)
                if number > 0 and text(field(spine[number - 1], "operator")) == "+":
                    continue
                value, added = ir.Concat(tuple(added), self.site(each)), []
            else:
                value = _combined(operator, value, right)
        return value

    def _unary(self, node: Node) -> ir.Expr:
        operator = text(field(node, "operator"))
        if operator == "delete":
            return self._update(node)
        value = self.expr(field(node, "argument"))
        if operator == "!":
            return ir.Not(value)
        if operator == "-" and isinstance(value, ir.Const) and isinstance(value.value, (int, float)):
            return ir.Const(-value.value)
        if operator == "void":
            return ir.Sequence((value, NOTHING))
        return ir.Opaque((value,))

    def _update(self, node: Node) -> ir.Expr:
        """Something is counted, or deleted: what is there now, nobody says."""
        target = self.target(field(node, "argument"))
        return ir.Opaque(()) if isinstance(target, ir.Unpack) else ir.Bind(target, ir.Opaque(()))

    def _ternary(self, node: Node) -> ir.Expr:
        test = self.expr(field(node, "condition"))
        return ir.Choice(test, self.expr(field(node, "consequence")), self.expr(field(node, "alternative")))

    def _sequence(self, node: Node) -> ir.Expr:
        return ir.Sequence(tuple(self.expr(child) for child in self.children(node)))

    def _yield(self, node: Node) -> ir.Expr:
        self.scope.is_generator = True
        parts = self.children(node)
        value = self.expr(parts[0]) if parts else None
        if value is not None and not has(node, "*") and _is_async(node):
            value = ir.Await(value, self.site(parts[0]))
        return ir.Yield(value, has(node, "*"), self.site(node))

    # --- assignments -------------------------------------------------------------------------------------------------

    def target(self, node: Node | None) -> ir.Target:
        """Where an assignment to a plain target goes."""
        node = inner(node)
        if node is None:
            return ir.Unpack(())
        if node.type == "member_expression" and self.is_exports(field(node, "object") or node):
            name = text(field(node, "property"))
            self.exports.add(name)
            return ir.Name(name, MODULE_BODY)
        if node.type == "member_expression" and self.is_exports(node):
            return ir.Name(EXPORTS, MODULE_BODY)
        lowered = self.expr(node)
        return lowered if isinstance(lowered, (ir.Name, ir.Attr, ir.Item)) else ir.Unpack(())

    def _assignment(self, node: Node) -> ir.Expr:
        left = inner(field(node, "left"))
        value = self.expr(self.named(field(node, "right"), left))
        if left is not None and left.type in ("object_pattern", "array_pattern"):
            held = self.scope.temporary()
            into: list[ir.Stmt] = []
            self.bind(left, held, into)
            binds = [
                ir.Bind(each.targets[0], each.value) for each in into if isinstance(each, ir.Assign) and each.value
            ]
            return ir.Sequence((ir.Bind(held, value), *binds, held))
        return ir.Bind(self.target(left), value)

    def named(self, node: Node | None, target: Node | None) -> Node | None:
        """A value that is about to be called by the name of its `target`."""
        self.called = _called(target)
        return node

    called = ""
    """What the next function or class without a name of its own is called after."""

    def _augmented(self, node: Node) -> ir.Expr:
        left = field(node, "left")
        operator = text(field(node, "operator"))
        target = self.target(left)
        value = self.expr(self.named(field(node, "right"), left))
        if isinstance(target, ir.Unpack):
            return ir.Opaque((value,))
        if operator == "??=":
            return ir.Bind(target, ir.Choice(ir.Compare("is", target, NOTHING), value, target))
        if operator in ("||=", "&&="):
            return ir.Bind(target, ir.Bool("or" if operator == "||=" else "and", target, value))
        if operator == "+=":
            return ir.Bind(target, ir.Concat((target, value), self.site(node)))
        return ir.Bind(target, ir.Opaque((target, value)))

    def bind(self, pattern: Node | None, value: ir.Expr, out: list[ir.Stmt]) -> None:
        """Bind what a pattern names to the parts of `value`; `out` is given the assignments."""
        raise NotImplementedError

    # --- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: Node) -> ir.Expr:
        callee = inner(field(node, "function"))
        given = field(node, "arguments")
        if callee is not None and given is not None:
            loaded = self.loaded(node, callee, given)
            if loaded is not None:
                return loaded
            if callee.type == "super":
                base = ir.Attr(self._super(callee), "constructor", self.site(callee))
                return ir.Call(base, self.arguments(given), self.site(node))
        func = self._callee(field(node, "function"))
        owed, self.owed = self.owed, None
        if given is not None and given.type == "template_string":
            parts = (self.only(child) for child in given.children if child.type == "template_substitution")
            arguments = (ir.Arg(ir.Opaque(())), *map(ir.Arg, parts))
        else:
            arguments = self.arguments(given)
        self.owed = owed
        call = ir.Call(func, arguments, self.site(node), gives=self._said(node))
        called = _reflected(call) or call
        left_out = self._slices.left_out(node)
        return self._paid(node, ir.Item(called, None, left_out) if left_out else called)

    def _said(self, node: Node) -> ir.Expr | None:
        """The type that the code says a call gives: by a type argument, by ``as``, or by what its value is kept in."""
        arguments, above = field(node, "type_arguments"), node.parent
        said = [] if arguments is None else self.children(arguments)[:1]
        while above is not None and above.type in _HANDS_ON:
            said += above.named_children[1:2] if above.type == "as_expression" else []
            above = above.parent
        if above is not None and above.type == "variable_declarator":
            said += [each for each in (field(above, "type"),) if each is not None]
        found = (self.annotation(each) for each in said)
        return next((each for each in found if isinstance(each, (ir.Name, ir.Attr, ir.Bool))), None)

    def annotation(self, node: Node | None) -> ir.Expr | None:
        """A type as the name of what it may be an instance of; None where none is written."""
        raise NotImplementedError

    def _callee(self, node: Node | None) -> ir.Expr:
        """What is called. The grammar of TypeScript reads ``await f<T>(x)`` as ``(await f)<T>(x)``, and so with other operators."""
        if node is not None and node.type in ("await_expression", "unary_expression"):
            value = self.only(node) if node.type == "await_expression" else self.expr(field(node, "argument"))
            self.owed = node  # a member of what is called is none of its operands
            return value
        return self.expr(inner(node))

    owed: Node | None = None
    """An operator that stands before the call which is being lowered, and belongs to all of it."""

    def _paid(self, node: Node, value: ir.Expr) -> ir.Expr:
        """The value under the operator that it is owed, once nothing follows it any more."""
        owed, parent = self.owed, node.parent
        if owed is None or (parent is not None and parent.type in _POSTFIX and parent.children[0] == node):
            return value
        self.owed = None
        if owed.type == "await_expression":
            return ir.Await(value, self.site(owed))
        return ir.Not(value) if text(field(owed, "operator")) == "!" else ir.Opaque((value,))

    def _new(self, node: Node) -> ir.Expr:
        func = self.expr(field(node, "constructor"))
        return ir.Call(func, self.arguments(field(node, "arguments")), self.site(node))

    def arguments(self, node: Node | None) -> tuple[ir.Arg, ...]:
        self.called = ""
        return () if node is None else tuple(self._argument(child) for child in self.children(node))

    def _argument(self, node: Node) -> ir.Arg:
        self.called = ""
        if node.type == "spread_element":
            return ir.Arg(self.only(node), None, 1)
        return ir.Arg(self.expr(node))

    def loaded(self, node: Node, callee: Node, given: Node) -> ir.Expr | None:
        """What ``require("x")`` and ``import("x")`` give; None for any other call."""
        raise NotImplementedError

    # --- displays ----------------------------------------------------------------------------------------------------

    def _array(self, node: Node) -> ir.Expr:
        self.called = ""
        values = tuple(
            ir.Spread(self.only(child)) if child.type == "spread_element" else self.expr(child)
            for child in self.children(node)
        )
        return ir.Collection("list", values, (), self.site(node))

    def _object(self, node: Node) -> ir.Expr:
        keys: list[ir.Expr | None] = []
        values: list[ir.Expr] = []
        for part in self.children(node):
            if part.type == "pair":
                key = field(part, "key")
                keys.append(self.key(key))
                values.append(self.expr(self.named(field(part, "value"), key)))
            elif part.type == "shorthand_property_identifier":
                keys.append(ir.Const(text(part)))
                values.append(self.expr(part))
            elif part.type == "spread_element":
                keys.append(None)
                values.append(self.only(part))
            elif part.type == "method_definition" and not has(part, "set"):
                keys.append(self.key(field(part, "name")))
                binding: ir.Binding = "property" if has(part, "get") else "function"
                values.append(ir.Func(self.function(part, text(field(part, "name")), method=True, binding=binding)))
        return ir.Collection("dict", tuple(values), tuple(keys), self.site(node))

    def key(self, node: Node | None) -> ir.Expr:
        """The name of a member; one that is computed is an expression."""
        if node is None:
            return ir.Opaque(())
        if node.type == "computed_property_name":
            known = _known_key(next(iter(self.children(node)), None))
            return self.only(node) if known is None else ir.Const(known)
        return ir.Const(string(node) if node.type == "string" else text(node))

    # --- definitions -------------------------------------------------------------------------------------------------

    def function_expression(self, node: Node) -> ir.Expr:
        name = text(field(node, "name")) or self.called
        return self.function_value(node, name or f"<{_WHAT.get(node.type, 'anonymous function')}>")

    def function_value(self, node: Node, name: str) -> ir.Expr:
        """The value of a function by a name."""
        raise NotImplementedError

    def function(
        self,
        node: Node,
        name: str,
        *,
        method: bool = False,
        binding: ir.Binding = "function",
    ) -> str:
        """Lower a function of any form and return its qualified name."""
        raise NotImplementedError

    def class_expression(self, node: Node) -> ir.Expr:
        raise NotImplementedError


_HANDS_ON = frozenset({"parenthesized_expression", "await_expression", "non_null_expression", "as_expression"})
"""What gives the value that it is given, perhaps once that is there."""

_POSTFIX = frozenset({"call_expression", "member_expression", "subscript_expression", "non_null_expression"})

_WHAT = {"arrow_function": "arrow function"}


def _is_async(node: Node) -> bool:
    """Whether the function that this stands in is an async one."""
    around = node.parent
    while around is not None and "function" not in around.type and around.type != "method_definition":
        around = around.parent
    return around is not None and has(around, "async")


def _known_key(node: Node | None) -> str | None:
    """The name that a computed key is known to be: a text; or a symbol of the language's own, as classes write it."""
    if node is not None and node.type == "string":
        return string(node)
    is_symbol = node is not None and node.type == "member_expression" and text(field(node, "object")) == "Symbol"
    return f"[{text(node)}]" if is_symbol else None


def _reflected(call: ir.Call) -> ir.Expr | None:
    """What ``Reflect.get(o, k)`` and ``Reflect.apply(f, o, given)`` do without it; None for any other call."""
    func, first = call.func, call.args[0].value if len(call.args) > 1 else None
    if first is None or not isinstance(func, ir.Attr) or func.base != ir.Name("Reflect", ir.BUILTIN):
        return None
    if func.name == "get":
        return ir.Item(first, call.args[1].value)
    return ir.Call(ir.Attr(first, "apply", call.site), call.args[1:], call.site) if func.name == "apply" else None


def _called(target: Node | None) -> str:
    """What a value is called after that is assigned to this target."""
    if target is None:
        return ""
    if target.type == "member_expression":
        return text(field(target, "property"))
    return text(target) if target.type in ("identifier", "property_identifier", "private_property_identifier") else ""


def _number(node: Node) -> ir.Expr:
    said = text(node).replace("_", "").rstrip("n").lower()
    try:
        return ir.Const(int(said, 0))
    except ValueError:
        pass
    try:
        return ir.Const(float(said))
    except ValueError:  # an octal number of old
        return ir.Opaque(())


def _combined(operator: str, left: ir.Expr, right: ir.Expr) -> ir.Expr:
    """Two values under an operator that is no addition."""
    if operator in _LAZY:
        return ir.Bool(_LAZY[operator], left, right)
    if operator in _COMPARISONS:
        return ir.Compare(_COMPARISONS[operator], left, right)
    if isinstance(left, ir.Opaque):
        return ir.Opaque((*left.parts, right))
    return ir.Opaque((left, right))


def sequence(parts: Sequence[ir.Expr]) -> ir.Expr:
    """Several expressions one after another; the value is the last one's."""
    return parts[0] if len(parts) == 1 else ir.Sequence(tuple(parts))
