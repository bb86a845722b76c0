"""Read programs of infrastructure in TypeScript and JavaScript: what their expressions come to, as far as they are literal.

Nothing is run. Names are followed to their one declaration, in this file or in one that it imports by path; paths are put together
from ``__dirname``; loops over literals and calls of the file's own functions are followed.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, TypeGuard, cast

from lint_lambda.deployment import inline
from lint_lambda.deployment.documents import Items, Scalar, Table, Tagged
from lint_lambda.deployment.documents import Node as Document
from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.values import PROJECT, SPREAD, Made, Quoted, Unknown, Value, text

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

DEEPEST = 25
MOST_EXPRESSIONS = 100_000
"""Expressions of one file that are evaluated: a few that double each other come to more than anybody wrote."""
MOST_TURNS = 200
"""Turns of one loop, or calls of one helper, that are followed."""

_TRANSPARENT = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"}
    | {"type_assertion", "expression_statement"}
)
_FUNCTIONS = frozenset(
    {"function_declaration", "method_definition", "arrow_function", "function_expression", "function"}
)
_MAY_MAKE = re.compile(rb"handler|entry|Function\b")
"""What stands in a call that makes a function; the arguments of others are not evaluated."""
_SUFFIXES = (".ts", ".js", ".mts", ".mjs", ".cts", ".cjs", "/index.ts", "/index.js")

Scope = Mapping[str, "Node | Value"]


@cache
def _parser() -> Parser:
    import tree_sitter  # late: few projects have such a file
    import tree_sitter_typescript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_typescript.language_typescript()))


class Module:
    """One TypeScript or JavaScript file. What of it cannot be parsed is passed over; the rest is read."""

    def __init__(self, path: str, files: Files, depth: int = 0, modules: dict[str, Module] | None = None) -> None:
        """`modules`: those that have been read already, by path."""
        self.path = path
        self.files = files
        self._left = MOST_EXPRESSIONS
        self._depth = depth
        self._source = files.read(path)[:2_000_000]
        self.root = _parser().parse(self._source).root_node
        self._nodes = list(_nodes(self.root))
        self._globals = self._declared(self.root)
        self._fields = self._members()
        self._modules: dict[str, Module] = {} if modules is None else modules

    # --- what is asked -----------------------------------------------------------------------------------------------

    def constructs(self) -> Iterator[Made]:
        """Every `new` and every call with its arguments; one inside a loop or a helper once for each turn or call."""
        yield from self._within(self.root, {})

    def exported(self) -> Iterator[tuple[Node, Scope]]:
        """What the module exports by default, or as ``module.exports``."""
        for node in self._nodes:
            value = None
            if node.type == "export_statement" and any(child.type == "default" for child in node.children):
                value = node.child_by_field_name("value") or node.child_by_field_name("declaration")
            elif node.type == "assignment_expression" and _text(node.child_by_field_name("left")) in (
                "module.exports",
                "exports.default",
            ):
                value = node.child_by_field_name("right")
            if value is not None:
                yield value, self._globals

    def document(self, node: Node | None, scope: Scope, depth: int = 0) -> Document:
        """An expression as a tree with places, as the reader of a YAML file has it."""
        node = _inner(node)
        self._left -= 1
        line = node.start_point[0] + 1 if node is not None else 1
        if node is None or depth > DEEPEST or self._left < 0:
            return Tagged("…", Scalar("", line), line)
        if node.type == "object":
            return self._table(node, scope, depth)
        if node.type == "array":
            return Items([self.document(each, scope, depth + 1) for each in node.named_children], line)
        if node.type == "identifier":
            found = self._looked_up(_text(node), scope)
            if found is not None:
                return found[0].document(found[1], found[2], depth + 1)
        value = self.value(node, scope, depth)
        if isinstance(value, bool):
            return Scalar("true" if value else "false", line)
        if isinstance(value, (str, int, float)):
            return Scalar(str(value), line, node.start_point[1], '"')
        return Tagged("…", Scalar(_text(node)[:60], line), line)

    def _table(self, node: Node, scope: Scope, depth: int) -> Table:
        table = Table(node.start_point[0] + 1)
        for pair in node.named_children:
            if pair.type == "pair":
                name = self._key(pair.child_by_field_name("key"), scope, depth)
                if name is not None:
                    table.own[name] = self.document(pair.child_by_field_name("value"), scope, depth + 1)
                    table.lines[name] = pair.start_point[0] + 1
            elif pair.type == "shorthand_property_identifier":
                table.own[_text(pair)] = self._named(_text(pair), scope, depth)
                table.lines[_text(pair)] = pair.start_point[0] + 1
            elif pair.type == "spread_element" and pair.named_children:
                table.merged.append(self.document(pair.named_children[0], scope, depth + 1))
        return table

    def _named(self, name: str, scope: Scope, depth: int) -> Document:
        found = self._looked_up(name, scope)
        return Tagged("…", Scalar(name, 1), 1) if found is None else found[0].document(found[1], found[2], depth + 1)

    # --- names -------------------------------------------------------------------------------------------------------

    def _declared(self, body: Node) -> dict[str, Node | Value]:
        """Constants and variables that are given one value, wherever that is in a body, but in no function inside it."""
        found: dict[str, Node | Value] = {}
        twice: set[str] = set()
        pending = list(body.named_children)
        while pending:
            node = pending.pop(0)
            if node.type in _FUNCTIONS or node.type == "class_body":
                continue
            if node.type == "variable_declarator":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name is not None and name.type == "identifier" and value is not None:
                    twice |= {_text(name)} & found.keys()
                    found[_text(name)] = value
            pending += node.named_children
        for name_ in twice:
            del found[name_]
        return found

    def _members(self) -> dict[str, Node]:
        """What is assigned to members of `this`, or declared as fields of classes, once."""
        found: dict[str, Node] = {}
        twice: set[str] = set()
        for node in self._nodes:
            name, value = "", None
            if node.type == "assignment_expression":
                left = _text(node.child_by_field_name("left"))
                name, value = left.removeprefix("this."), node.child_by_field_name("right")
                name = name if left.startswith("this.") else ""
            elif node.type == "public_field_definition":
                name, value = _text(node.child_by_field_name("name")), node.child_by_field_name("value")
            if name and value is not None:
                twice |= {name} & found.keys()
                found[name] = value
        return {name: value for name, value in found.items() if name not in twice}

    def _looked_up(self, name: str, scope: Scope) -> tuple[Module, Node, Scope] | None:
        """The module, expression and scope of what a name stands for; None for what is no expression."""
        known = scope.get(name, self._globals.get(name))
        if known is not None and _is_node(known):
            outer = {key: value for key, value in scope.items() if key != name}
            return self, known, outer
        return self._imported(name) if name not in scope else None

    def _imported(self, name: str) -> tuple[Module, Node, Scope] | None:
        """What a name stands for that another file of the project exports."""
        if name not in self._imports or self._depth > 3:
            return None
        source, wanted = self._imports[name]
        module = self._module(source)
        if module is None:
            return None
        if wanted is None:
            found = next(module.exported(), None)
            return (module, *found) if found is not None else None
        value = module._globals.get(wanted)
        return (module, value, module._globals) if value is not None and _is_node(value) else None

    @cached_property
    def _imports(self) -> dict[str, tuple[str, str | None]]:
        """By name: the path that it is imported from, and the name it has there; None for what is exported by default."""
        found: dict[str, tuple[str, str | None]] = {}
        for node in self.root.named_children:
            source = _text(node.child_by_field_name("source")).strip("'\"") if node.type == "import_statement" else ""
            if not source.startswith("."):
                continue
            for clause in _nodes(node):
                if clause.type == "import_specifier":
                    wanted = _text(clause.child_by_field_name("name"))
                    found[_text(clause.child_by_field_name("alias")) or wanted] = (source, wanted)
                elif clause.type == "import_clause" and clause.named_children:
                    found.setdefault(_text(clause.named_children[0]), (source, None))
        return found

    def _module(self, source: str) -> Module | None:
        place = join(folder(self.path), source)
        for suffix in ("", *_SUFFIXES):
            path = f"{place}{suffix}"
            if place is not None and self.files.is_file(path) and path.endswith(_SUFFIXES[:6]):
                if path not in self._modules:
                    self._modules[path] = Module(path, self.files, self._depth + 1, self._modules)
                return self._modules[path]
        return None

    # --- walking -----------------------------------------------------------------------------------------------------

    def _within(self, node: Node, scope: Scope) -> Iterator[Made]:
        for child in node.named_children:
            if child.type in _FUNCTIONS:
                body = child.child_by_field_name("body")
                if body is not None:
                    for bound in self._calls_of(child):
                        yield from self._within(body, {**scope, **self._declared(body), **bound})
                continue
            if child.type == "for_in_statement" and (body := child.child_by_field_name("body")) is not None:
                turns = self._turns(child.child_by_field_name("left"), child.child_by_field_name("right"), scope)
                for bound in turns or [{}]:
                    yield from self._within(body, {**scope, **self._declared(body), **bound})
                continue
            if child.type in ("new_expression", "call_expression"):
                turned = self._each(child, scope)
                if turned is not None:
                    yield from turned
                    continue
                made = self._made(child, scope, 0) if _MAY_MAKE.search(child.text or b"") else None
                if made is not None and made.name:
                    yield made
            yield from self._within(child, scope)

    def _each(self, call: Node, scope: Scope) -> Iterator[Made] | None:
        """``[…].forEach((name) => …)``, followed turn by turn."""
        callee, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if callee is None or callee.type != "member_expression" or arguments is None:
            return None
        if _text(callee.child_by_field_name("property")) not in ("forEach", "map"):
            return None
        function = next((each for each in arguments.named_children if each.type in _FUNCTIONS), None)
        if function is None or (body := function.child_by_field_name("body")) is None:
            return None
        names = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        first = names.named_children[0] if names is not None and names.named_children else names
        turns = self._turns(_pattern(first), callee.child_by_field_name("object"), scope)
        return self._followed(body, scope, turns) if turns else None

    def _followed(self, body: Node, scope: Scope, turns: list[Scope]) -> Iterator[Made]:
        for bound in turns:
            inner = {**scope, **self._declared(body), **bound}
            if body.type in ("new_expression", "call_expression"):
                yield self._made(body, inner, 0)
            yield from self._within(body, inner)

    def _turns(self, target: Node | None, over: Node | None, scope: Scope) -> list[Scope]:
        values = self.value(over, scope) if over is not None else None
        if isinstance(values, Made) and values.name == "Object.entries" and isinstance(values.arguments[0], dict):
            values = [[key, inner] for key, inner in values.arguments[0].items()]
        if isinstance(values, Made) and values.name == "Object.keys" and isinstance(values.arguments[0], dict):
            values = list(values.arguments[0])
        if not isinstance(values, list) or len(values) > MOST_TURNS or target is None:
            return []
        turns: list[Scope] = []
        for value in values:
            if target.type == "identifier":
                turns.append({_text(target): value})
            elif target.type == "array_pattern" and isinstance(value, list):
                turns.append({_text(name): each for name, each in zip(target.named_children, value)})
            elif target.type == "object_pattern" and isinstance(value, dict):
                turns.append(
                    {_text(name): value[_text(name)] for name in target.named_children if _text(name) in value}
                )
        return turns

    def _calls_of(self, function: Node) -> list[Scope]:
        """The arguments of each call of a function of this file; none where it is not called by its name."""
        name = _text(function.child_by_field_name("name"))
        if not name and function.parent is not None and function.parent.type == "variable_declarator":
            name = _text(function.parent.child_by_field_name("name"))
        parameters = function.child_by_field_name("parameters")
        if not name or name == "constructor" or parameters is None or not parameters.named_children:
            return [{}]
        found: list[Scope] = []
        for node in self._nodes:
            if node.type != "call_expression" or len(found) >= MOST_TURNS:
                continue
            callee = _text(node.child_by_field_name("function"))
            if callee not in (name, f"this.{name}"):
                continue
            arguments = node.child_by_field_name("arguments")
            values = (
                [self.value(each, self._globals) for each in arguments.named_children] if arguments is not None else []
            )
            found.append(_bound(parameters.named_children, values))
        return found or [{}]

    # --- expressions -------------------------------------------------------------------------------------------------

    def value(self, node: Node | None, scope: Scope, depth: int = 0) -> Value:
        """What an expression comes to."""
        node = _inner(node)
        self._left -= 1
        if node is None or depth > DEEPEST or self._left < 0:
            return None if node is None else Unknown("…")
        simple = _literal(node)
        if simple is not None:
            return simple[0]
        if node.type in ("string", "template_string"):
            return self._string(node, scope, depth)
        if node.type == "identifier":
            return self._identifier(node, scope, depth)
        if node.type == "array":
            return [self.value(each, scope, depth + 1) for each in node.named_children]
        if node.type == "object":
            return self._object(node, scope, depth)
        if node.type == "binary_expression":
            return self._sum(node, scope, depth)
        if node.type in ("call_expression", "new_expression"):
            return self._called(node, scope, depth)
        if node.type in ("member_expression", "subscript_expression"):
            return self._member(node, scope, depth)
        return Unknown(_text(node)[:200])

    def _string(self, node: Node, scope: Scope, depth: int) -> Value:
        parts: list[str] = []
        plain = True
        for part in node.named_children:
            if part.type == "string_fragment":
                parts.append(_text(part))
            elif part.type == "escape_sequence":
                plain = False
                parts.append(_unescaped(_text(part)))
            elif part.type == "template_substitution":
                plain = False
                value = self.value(part.named_children[0] if part.named_children else None, scope, depth + 1)
                if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                    return Unknown(_text(node)[:200])
                parts.append(str(value))
        whole = "".join(parts)
        line = node.start_point[0] + 1
        column = self._column(node)
        if not plain:
            return Quoted(whole, inline.anywhere(whole, line, column))
        return Quoted(whole, inline.block(whole, line, [column + 1, *(0 for _ in whole.split("\n")[1:])]))

    def _column(self, node: Node) -> int:
        start = self._source.rfind(b"\n", 0, node.start_byte) + 1
        return len(self._source[start : node.start_byte].decode("utf-8", "replace"))

    def _identifier(self, node: Node, scope: Scope, depth: int) -> Value:
        name = _text(node)
        if name == "__dirname":
            return PROJECT + folder(self.path)
        if name in scope and not _is_node(known := scope[name]):
            return cast("Value", known)
        found = self._looked_up(name, scope)
        return Unknown(name) if found is None else found[0].value(found[1], found[2], depth + 1)

    def _object(self, node: Node, scope: Scope, depth: int) -> Value:
        found: dict[str, Value] = {}
        for pair in node.named_children:
            if pair.type == "pair":
                name = self._key(pair.child_by_field_name("key"), scope, depth)
                if name is not None:
                    found[name] = self.value(pair.child_by_field_name("value"), scope, depth + 1)
            elif pair.type == "shorthand_property_identifier":
                found[_text(pair)] = self._identifier(pair, scope, depth)
            elif pair.type == "spread_element" and pair.named_children:
                spread = self.value(pair.named_children[0], scope, depth + 1)
                found.update(spread if isinstance(spread, dict) else {SPREAD: spread})
        return found

    def _key(self, node: Node | None, scope: Scope, depth: int) -> str | None:
        if node is None:
            return None
        if node.type in ("property_identifier", "number"):
            return _text(node)
        inner = node.named_children[0] if node.type == "computed_property_name" and node.named_children else node
        return text(self.value(inner, scope, depth + 1))

    def _sum(self, node: Node, scope: Scope, depth: int) -> Value:
        left = self.value(node.child_by_field_name("left"), scope, depth + 1)
        right = self.value(node.child_by_field_name("right"), scope, depth + 1)
        operator = _text(node.child_by_field_name("operator"))
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return str(left) + str(right)
        if operator in ("??", "||"):
            return right if left is None or isinstance(left, Unknown) else left
        return Unknown(_text(node)[:200])

    def _member(self, node: Node, scope: Scope, depth: int) -> Value:
        whole = _text(node)
        name = _text(node.child_by_field_name("property"))
        base = node.child_by_field_name("object")
        if whole == "import.meta.dirname":
            return PROJECT + folder(self.path)
        if base is not None and base.type == "this" and name in self._fields:
            return self.value(self._fields[name], scope, depth + 1)
        holder = self.value(base, scope, depth + 1) if base is not None and base.type != "this" else None
        if node.type == "subscript_expression":
            index = self.value(node.child_by_field_name("index"), scope, depth + 1)
            name = index if isinstance(index, str) else name
        if isinstance(holder, dict) and name in holder:
            return holder[name]
        return Unknown(whole[:60])

    def _called(self, node: Node, scope: Scope, depth: int) -> Value:
        made = self._made(node, scope, depth)
        if made.name in ("path.join", "path.resolve", "join", "resolve", "posix.join", "path.posix.join"):
            return _joined(made.arguments, "resolve" in made.name)
        if made.name in ("path.dirname", "dirname") and made.arguments and isinstance(made.arguments[0], str):
            return _parent(made.arguments[0])
        if made.name == "process.cwd":
            return "."
        if made.name == "fileURLToPath" and "import.meta.url" in _text(node):
            return PROJECT + self.path
        callee = node.child_by_field_name("function")
        if callee is not None and callee.type == "member_expression" and made.last in ("toString", "trim"):
            return self.value(callee.child_by_field_name("object"), scope, depth + 1)
        if made.last == "join" and callee is not None and callee.type == "member_expression":
            parts = self.value(callee.child_by_field_name("object"), scope, depth + 1)
            joint = made.arguments[0] if made.arguments else ","
            if isinstance(parts, list) and isinstance(joint, str) and all(isinstance(part, str) for part in parts):
                whole = str(joint).join(str(part) for part in parts)
                return Quoted(whole, inline.anywhere(whole, node.start_point[0] + 1, 0))
        return made

    def _made(self, node: Node, scope: Scope, depth: int) -> Made:
        callee = node.child_by_field_name("constructor" if node.type == "new_expression" else "function")
        arguments = node.child_by_field_name("arguments")
        values = (
            [self.value(each, scope, depth + 1) for each in arguments.named_children if each.type != "comment"]
            if arguments is not None
            else []
        )
        named = values[-1] if values and isinstance(values[-1], dict) else {}
        return Made(_text(callee), tuple(values), named, node.start_point[0] + 1)


def _is_node(value: Node | Value) -> TypeGuard[Node]:
    """Whether a name stands for an expression that has not been evaluated."""
    return hasattr(value, "start_point")


def _nodes(root: Node) -> Iterator[Node]:
    """A node and all named ones below it, in order, without recursion."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.named_children))


def _inner(node: Node | None) -> Node | None:
    """The expression under what leaves its value as it is."""
    while node is not None and node.type in _TRANSPARENT:
        node = node.named_children[-1 if node.type == "type_assertion" else 0] if node.named_children else None
    return node


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def _literal(node: Node) -> tuple[Value] | None:
    if node.type == "number":
        try:
            number = float(_text(node).replace("_", ""))
        except ValueError:
            return (Unknown(_text(node)[:60]),)
        return (int(number) if number.is_integer() else number,)
    if node.type in ("true", "false"):
        return (node.type == "true",)
    return (None,) if node.type in ("null", "undefined") else None


def _pattern(node: Node | None) -> Node | None:
    """The name, or names, that a parameter binds."""
    if node is not None and node.type in ("required_parameter", "optional_parameter"):
        return node.child_by_field_name("pattern")
    return node


def _bound(parameters: list[Node], values: list[Value]) -> Scope:
    bound: dict[str, Node | Value] = {}
    for parameter, value in zip(parameters, values):
        pattern = _pattern(parameter)
        if pattern is None:
            continue
        if pattern.type == "identifier":
            bound[_text(pattern)] = value
        elif pattern.type == "object_pattern" and isinstance(value, dict):
            bound.update({_text(name): value[_text(name)] for name in pattern.named_children if _text(name) in value})
    return bound


def _unescaped(escape: str) -> str:
    simple = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\`": "`", "\\$": "$", "\\'": "'", '\\"': '"', "\\\\": "\\"}
    if escape in simple:
        return simple[escape]
    if re.fullmatch(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})", escape):
        return str(ast.literal_eval(f'"{escape}"'))
    return escape[1:]


def _joined(parts: tuple[Value, ...], anew: bool) -> Value:
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


def _parent(path: str) -> str:
    return PROJECT + folder(path[len(PROJECT) :]) if path.startswith(PROJECT) else posixpath.dirname(path) or "."
