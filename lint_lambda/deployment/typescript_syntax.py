"""What is read off the syntax of a TypeScript or JavaScript program of infrastructure, and put together from its texts."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from lint_lambda.deployment.files import folder
from lint_lambda.deployment.values import PROJECT, Unknown, Value

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Scope: TypeAlias = "Mapping[str, Node | Value]"
"""What names stand for; ``this.name`` is one, too."""
TRANSPARENT = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"}
    | {"type_assertion", "expression_statement"}
)
FUNCTIONS = frozenset(
    {"function_declaration", "method_definition", "arrow_function", "function_expression", "function"}
)
CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})


@cache
def parser() -> Parser:
    import tree_sitter  # late: few projects have such a file
    import tree_sitter_typescript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_typescript.language_typescript()))


def is_node(value: Node | Value) -> TypeGuard[Node]:
    """Whether a name stands for an expression that has not been evaluated."""
    return hasattr(value, "start_point")


def nodes(root: Node) -> Iterator[Node]:
    """A node and all named ones below it, in order, without recursion."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.named_children))


def inner(node: Node | None) -> Node | None:
    """The expression under what leaves its value as it is."""
    while node is not None and node.type in TRANSPARENT:
        node = node.named_children[-1 if node.type == "type_assertion" else 0] if node.named_children else None
    return node


def source(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def literal(node: Node) -> tuple[Value] | None:
    if node.type == "number":
        try:
            number = float(source(node).replace("_", ""))
        except ValueError:
            return (Unknown(source(node)[:60]),)
        return (int(number) if number.is_integer() else number,)
    if node.type in ("true", "false"):
        return (node.type == "true",)
    return (None,) if node.type in ("null", "undefined") else None


def pattern(node: Node | None) -> Node | None:
    """The name, or names, that a parameter binds."""
    if node is not None and node.type in ("required_parameter", "optional_parameter"):
        return node.child_by_field_name("pattern")
    return node


def bound(function: Node, values: list[Value]) -> dict[str, Node | Value]:
    """What the parameters of a function stand for in a call; ``this.name`` where a constructor keeps one under its name."""
    found: dict[str, Node | Value] = {}
    parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    several = parameters is not None and parameters.type == "formal_parameters"
    listed = (
        [each for each in parameters.named_children if each.type != "comment"]
        if several and parameters
        else [parameters]
    )
    for position, parameter in enumerate(each for each in listed if each is not None):
        name = pattern(parameter)
        if name is None:
            continue
        default = parameter.child_by_field_name("value") if parameter is not name else None
        value: Node | Value = values[position] if position < len(values) else default
        if value is None and default is None:
            value = Unknown(source(name))
        if name.type == "object_pattern":
            found.update(taken(name, value if not is_node(value) else None))
        else:
            found[source(name)] = value
            if any(
                child.type == "accessibility_modifier" or source(child) == "readonly" for child in parameter.children
            ):
                found[f"this.{source(name)}"] = value
    return found


def taken(names: Node, value: object) -> dict[str, Node | Value]:
    """What ``{ a, b: c, d = 1 }`` takes out of a mapping."""
    found: dict[str, Node | Value] = {}
    held = value if isinstance(value, dict) else {}
    for each in names.named_children:
        name, key, default = source(each), source(each), None
        if each.type == "pair_pattern":
            inside = each.child_by_field_name("value")
            key, name = source(each.child_by_field_name("key")), source(inside)
            if inside is not None and inside.type == "assignment_pattern":
                name, default = source(inside.child_by_field_name("left")), inside.child_by_field_name("right")
        elif each.type == "object_assignment_pattern":
            name = key = source(each.child_by_field_name("left"))
            default = each.child_by_field_name("right")
        elif each.type != "shorthand_property_identifier_pattern":
            continue
        found[name] = held[key] if key in held else default if default is not None else Unknown(name)
    return found


def returned(function: Node) -> list[Node]:
    """The expressions that a function returns."""
    body = function.child_by_field_name("body")
    if body is None:
        return []
    if body.type != "statement_block":
        return [body]
    found = []
    pending = list(body.named_children)
    while pending:
        node = pending.pop(0)
        if node.type == "return_statement":
            found += node.named_children[:1]
        elif node.type not in FUNCTIONS | CLASSES:
            pending += node.named_children
    return found


def unescaped(escape: str) -> str:
    simple = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\`": "`", "\\$": "$", "\\'": "'", '\\"': '"', "\\\\": "\\"}
    if escape in simple:
        return simple[escape]
    if re.fullmatch(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})", escape):
        return str(ast.literal_eval(f'"{escape}"'))
    return escape[1:]


def joined(parts: tuple[Value, ...], anew: bool) -> Value:
    """``path.join`` and ``path.resolve``; the latter begins anew at an absolute path."""
    whole = ""
    for part in parts:
        if not isinstance(part, str):
            return Unknown("a path that is put together")
        if not whole or (anew and part.startswith(PROJECT)):
            whole = part
        elif whole.startswith(PROJECT):
            inside = posixpath.normpath("/" + whole[len(PROJECT) :] + "/" + part.removeprefix(PROJECT))
            whole = PROJECT + inside.lstrip("/")
        else:
            whole = posixpath.normpath(f"{whole}/{part}")
    return whole


def parent(path: str) -> str:
    return PROJECT + folder(path[len(PROJECT) :]) if path.startswith(PROJECT) else posixpath.dirname(path) or "."
