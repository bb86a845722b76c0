"""What the expressions of a TypeScript or JavaScript program of infrastructure come to, as far as they are literal.

Nothing is run. Names are followed to their one declaration, in this file or in one that it imports by path; paths are put together
from ``__dirname``; what functions of the program return is put in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, cast

from lint_lambda.core.record import replace
from lint_lambda.deployment import inline
from lint_lambda.deployment import typescript_texts as texts
from lint_lambda.deployment.documents import Items, Scalar, Table, Tagged
from lint_lambda.deployment.documents import Node as Document
from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.typescript_syntax import (
    CLASSES,
    FUNCTIONS,
    Scope,
    inner,
    is_node,
    literal,
    nodes,
    parser,
    returned,
    source,
    taken,
    unescaped,
)
from lint_lambda.deployment.values import PROJECT, SPREAD, Made, Quoted, Unknown, Value, text

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST = 25
MOST_EXPRESSIONS = 100_000
"""Expressions of one file that are evaluated: a few that double each other come to more than anybody wrote."""
MOST_TURNS = 200
"""Turns of one loop that are followed."""
_OF_THE_FILE = frozenset({"import.meta.dirname", "import.meta.filename", "import.meta.url"})
_SUFFIXES = (".ts", ".js", ".mts", ".mjs", ".cts", ".cjs", "/index.ts", "/index.js")


class Program(Protocol):
    """The files that a module may take names from."""

    def returned(self, module: Module, call: Node, scope: Scope, depth: int) -> Value:
        """What a function of the program returns for a call; None for any other call, and where it cannot be told."""


class Module:
    """One TypeScript or JavaScript file. What of it cannot be parsed is passed over; the rest is read."""

    def __init__(
        self, path: str, files: Files, modules: dict[str, Module] | None = None, program: Program | None = None
    ) -> None:
        """`modules`: those that have been read already, by path. `program`: what follows calls; without one none is followed."""
        self.path = path
        self.files = files
        self.program = program
        self._left = MOST_EXPRESSIONS
        self._source = files.read(path)[:2_000_000]
        self.root = parser().parse(self._source).root_node
        self.nodes = list(nodes(self.root))
        self._declared: dict[int, Mapping[str, Node | Value]] = {}
        self.globals = self.declared(self.root)
        self._fields = self._members()
        self._modules: dict[str, Module] = {} if modules is None else modules
        self._modules[path] = self
        self._origins: dict[str, tuple[Module, str] | None] = {}
        self.functions: dict[str, list[Node]] = {}
        self.classes: dict[str, Node] = {}
        for node in self.nodes:
            if node.type in CLASSES and (name := source(node.child_by_field_name("name"))):
                self.classes.setdefault(name, node)
            elif node.type in FUNCTIONS and (name := name_of(node)):
                self.functions.setdefault(name, []).append(node)

    # --- what is asked -----------------------------------------------------------------------------------------------

    @property
    def is_exhausted(self) -> bool:
        """Whether its expressions came to more than are evaluated."""
        return self._left < 0

    def exported(self) -> Iterator[tuple[Node, Scope]]:
        """What the module exports by default, or as ``module.exports``."""
        for node in self.nodes:
            value = None
            if node.type == "export_statement" and any(child.type == "default" for child in node.children):
                value = node.child_by_field_name("value") or node.child_by_field_name("declaration")
            elif node.type == "assignment_expression" and source(node.child_by_field_name("left")) in (
                "module.exports",
                "exports.default",
            ):
                value = node.child_by_field_name("right")
            if value is not None:
                yield value, self.globals

    def exported_as(self, name: str) -> Iterator[tuple[Node, Scope]]:
        """What the module exports under a name (empty for all of it); of a function, what it returns."""
        found = list(self.exported()) if not name else []
        for node in self.nodes if name else ():
            left = source(node.child_by_field_name("left")) if node.type == "assignment_expression" else ""
            if left in (f"module.exports.{name}", f"exports.{name}"):
                found += [(value, self.globals) for value in [node.child_by_field_name("right")] if value is not None]
        if name and not found:
            known = self.globals.get(name)
            found += [(known, self.globals)] if known is not None and is_node(known) else []
            found += [(function, self.globals) for function in self.functions.get(name, ())]
            for node, scope in self.exported():
                found += [
                    (value, scope)
                    for pair in node.named_children
                    if pair.type == "pair" and source(pair.child_by_field_name("key")).strip("'\"") == name
                    for value in [pair.child_by_field_name("value")]
                    if value is not None
                ]
        for node, scope in found:
            inside = inner(node)
            if inside is not None and inside.type in FUNCTIONS:
                body = inside.child_by_field_name("body")
                within = {**scope, **self.declared(body)} if body is not None else scope
                yield from ((each, within) for each in returned(inside))
            elif inside is not None:
                yield inside, scope

    def document(self, node: Node | None, scope: Scope, depth: int = 0) -> Document:
        """An expression as a tree with places, as the reader of a YAML file has it."""
        node = inner(node)
        self._left -= 1
        line = node.start_point[0] + 1 if node is not None else 1
        if node is None or depth > DEEPEST or self._left < 0:
            return Tagged("…", Scalar("", line), line)
        if node.type == "object":
            return self._table(node, scope, depth)
        if node.type == "array":
            return Items([self.document(each, scope, depth + 1) for each in node.named_children], line)
        if node.type == "identifier":
            found = self._looked_up(source(node), scope)
            if found is not None:
                return found[0].document(found[1], found[2], depth + 1)
        value = self.value(node, scope, depth)
        if isinstance(value, bool):
            return Scalar("true" if value else "false", line)
        if isinstance(value, (str, int, float)):
            return Scalar(str(value), line, node.start_point[1], '"')
        return Tagged("…", Scalar(source(node)[:60], line), line)

    def _table(self, node: Node, scope: Scope, depth: int) -> Table:
        table = Table(node.start_point[0] + 1)
        for pair in node.named_children:
            if pair.type == "pair":
                name = self._key(pair.child_by_field_name("key"), scope, depth)
                if name is not None:
                    table.own[name] = self.document(pair.child_by_field_name("value"), scope, depth + 1)
                    table.lines[name] = pair.start_point[0] + 1
            elif pair.type == "shorthand_property_identifier":
                table.own[source(pair)] = self._named(source(pair), scope, depth)
                table.lines[source(pair)] = pair.start_point[0] + 1
            elif pair.type == "spread_element" and pair.named_children:
                table.merged.append(self.document(pair.named_children[0], scope, depth + 1))
        return table

    def _named(self, name: str, scope: Scope, depth: int) -> Document:
        found = self._looked_up(name, scope)
        return Tagged("…", Scalar(name, 1), 1) if found is None else found[0].document(found[1], found[2], depth + 1)

    # --- names -------------------------------------------------------------------------------------------------------

    def declared(self, body: Node) -> Mapping[str, Node | Value]:
        """Constants and variables that are given one value, wherever that is in a body, but in no function inside it."""
        if body.id not in self._declared:
            self._declared[body.id] = self._looked_for(body)
        return self._declared[body.id]

    @staticmethod
    def _looked_for(body: Node) -> dict[str, Node | Value]:
        found: dict[str, Node | Value] = {}
        twice: set[str] = set()
        pending = list(body.named_children)
        while pending:
            node = pending.pop(0)
            if node.type in FUNCTIONS or node.type == "class_body":
                continue
            if node.type == "variable_declarator":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name is not None and name.type == "identifier" and value is not None and value.type not in FUNCTIONS:
                    twice |= {source(name)} & found.keys()
                    found[source(name)] = value
            pending += node.named_children
        for name_ in twice:
            del found[name_]
        return found

    def _members(self) -> dict[str, Node]:
        """What is assigned to members of `this`, or declared as fields of classes, once."""
        found: dict[str, Node] = {}
        twice: set[str] = set()
        for node in self.nodes:
            name, value = "", None
            if node.type == "assignment_expression":
                left = source(node.child_by_field_name("left"))
                name, value = left.removeprefix("this."), node.child_by_field_name("right")
                name = name if left.startswith("this.") else ""
            elif node.type == "public_field_definition":
                name, value = source(node.child_by_field_name("name")), node.child_by_field_name("value")
            if name and value is not None:
                twice |= {name} & found.keys()
                found[name] = value
        return {name: value for name, value in found.items() if name not in twice}

    def _looked_up(self, name: str, scope: Scope) -> tuple[Module, Node, Scope] | None:
        """The module, expression and scope of what a name stands for; None for what is no expression."""
        whole = self.namespace(name) if scope.get(name) is self.globals.get(name) or name not in scope else None
        exported = next(whole.exported(), None) if whole is not None else None
        if whole is not None and exported is not None:
            return (whole, *exported)
        known = scope.get(name, self.globals.get(name))
        if known is not None and is_node(known):
            outer = {key: value for key, value in scope.items() if key != name}
            return self, known, outer
        return self._imported(name) if name not in scope else None

    def _imported(self, name: str) -> tuple[Module, Node, Scope] | None:
        """What a name stands for that another file of the project exports."""
        found = self.origin(name)
        if found is None:
            return None
        module, wanted = found
        if not wanted:
            exported = next(module.exported(), None)
            return (module, *exported) if exported is not None else None
        value = module.globals.get(wanted)
        if value is not None and is_node(value):
            return module, value, module.globals
        exported = next(module.exported_as(wanted), None) if wanted not in module.functions else None
        return (module, *exported) if exported is not None else None

    def origin(self, name: str, depth: int = 0) -> tuple[Module, str] | None:
        """The file of the program that a name is imported from, and its name there; empty for what is exported by default."""
        if name not in self._origins:
            self._origins[name] = None  # while it is looked for
            path, wanted = self._imports.get(name, ("", None))
            module = self._module(path) if path else None
            self._origins[name] = module.declaring(wanted or "", depth) if module is not None else None
        return self._origins[name]

    def namespace(self, name: str) -> Module | None:
        """The file that ``import * as name`` imports."""
        return self._module(self._namespaces[name]) if name in self._namespaces else None

    def declaring(self, name: str, depth: int) -> tuple[Module, str]:
        """The file that declares what this one exports under a name: it may pass on what others export."""
        if not name or name in self.globals or name in self.classes or name in self.functions or depth > 4:
            return self, name
        for node in self.root.named_children:
            path = source(node.child_by_field_name("source")).strip("'\"") if node.type == "export_statement" else ""
            if not path.startswith("."):
                continue
            passed = [each for each in nodes(node) if each.type == "export_specifier"]
            names = {source(e.child_by_field_name("alias") or e.child_by_field_name("name")): e for e in passed}
            if (passed and name not in names) or (module := self._module(path)) is None or module is self:
                continue
            wanted = source(names[name].child_by_field_name("name")) if passed else name
            found = module.declaring(wanted, depth + 1)
            if passed or found[1] in {*found[0].globals, *found[0].classes, *found[0].functions}:
                return found
        return self.origin(name, depth + 1) or (self, name)

    @cached_property
    def _imports(self) -> dict[str, tuple[str, str | None]]:
        """By name: the path that it is imported from, and the name it has there; None for what is exported by default."""
        found: dict[str, tuple[str, str | None]] = {}
        for path, node in self._importing():
            for clause in nodes(node):
                if clause.type == "import_specifier":
                    wanted = source(clause.child_by_field_name("name"))
                    found[source(clause.child_by_field_name("alias")) or wanted] = (path, wanted)
                elif clause.type == "import_clause" and clause.named_children:
                    found.setdefault(source(clause.named_children[0]), (path, None))
                elif clause.type == "shorthand_property_identifier_pattern":
                    found[source(clause)] = (path, source(clause))
        return found

    @cached_property
    def _namespaces(self) -> dict[str, str]:
        """By name: the path of a file that is imported whole."""
        found = {}
        for path, node in self._importing():
            for clause in nodes(node):
                if clause.type == "namespace_import" and clause.named_children:
                    found[source(clause.named_children[0])] = path
            if node.type == "variable_declarator" and (name := node.child_by_field_name("name")) is not None:
                if name.type == "identifier":
                    found[source(name)] = path
        return found

    def _importing(self) -> Iterator[tuple[str, Node]]:
        """Each import with its specifier: of modules, and by `require`."""
        for node in self.nodes:
            path = ""
            if node.type == "import_statement":
                path = source(node.child_by_field_name("source"))
            elif node.type == "variable_declarator":
                called = inner(node.child_by_field_name("value"))
                arguments = called.child_by_field_name("arguments") if called is not None else None
                if (
                    called is not None
                    and source(called.child_by_field_name("function")) == "require"
                    and arguments is not None
                ):
                    path = source(arguments.named_children[0]) if arguments.named_children else ""
            if path := path.strip("'\"`"):
                yield path, node

    def _module(self, written: str) -> Module | None:
        if not written.startswith("."):
            return self._read_module(self.files.specifiers.resolve(self.path, written))
        place = join(folder(self.path), written)
        for suffix in ("", *_SUFFIXES):
            path = f"{place}{suffix}"
            if place is not None and self.files.is_file(path) and path.endswith(_SUFFIXES[:6]):
                return self._read_module(path)
        return None

    def _read_module(self, path: str | None) -> Module | None:
        if path is None or not path.endswith(_SUFFIXES[:6]):
            return None
        if path not in self._modules:
            Module(path, self.files, self._modules, self.program)
        return self._modules[path]

    def turns(self, target: Node | None, over: Node | None, scope: Scope) -> list[dict[str, Node | Value]]:
        """What a loop over literals binds, turn by turn; nothing where it cannot be told."""
        values = self.value(over, scope) if over is not None else None
        if not isinstance(values, list) or len(values) > MOST_TURNS or target is None:
            return []
        found: list[dict[str, Node | Value]] = []
        for value in values:
            if target.type == "identifier":
                found.append({source(target): value})
            elif target.type == "array_pattern" and isinstance(value, list):
                each: dict[str, Node | Value] = {}
                for name, part in zip(target.named_children, value):
                    each.update(taken(name, part) if name.type == "object_pattern" else {source(name): part})
                found.append(each)
            elif target.type == "object_pattern":
                found.append(taken(target, value))
        return found

    # --- expressions -------------------------------------------------------------------------------------------------

    def value(self, node: Node | None, scope: Scope, depth: int = 0) -> Value:
        """What an expression comes to."""
        node = inner(node)
        self._left -= 1
        if node is None or depth > DEEPEST or self._left < 0:
            return None if node is None else Unknown("…")
        simple = literal(node)
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
        if node.type == "ternary_expression":
            return self._choice(node, scope, depth)
        return Unknown(source(node)[:200])

    def _choice(self, node: Node, scope: Scope, depth: int) -> Value:
        """Where a condition decides that nobody knows, both branches have to say the same."""
        test, then, otherwise = (
            self.value(node.child_by_field_name(name), scope, depth + 1)
            for name in ("condition", "consequence", "alternative")
        )
        if isinstance(test, bool):
            return then if test else otherwise
        return then if then == otherwise else Unknown(source(node)[:200])

    def _string(self, node: Node, scope: Scope, depth: int) -> Value:
        parts: list[str] = []
        plain = True
        for part in node.named_children:
            if part.type == "string_fragment":
                parts.append(source(part))
            elif part.type == "escape_sequence":
                plain = False
                parts.append(unescaped(source(part)))
            elif part.type == "template_substitution":
                plain = False
                value = self.value(part.named_children[0] if part.named_children else None, scope, depth + 1)
                known = isinstance(value, (str, int, float)) and not isinstance(value, bool)
                parts.append(str(value) if known else source(part))
        whole = "".join(parts)
        if not plain and "${" in whole and "\n" not in whole:
            return Unknown(source(node)[:200])
        line, column = node.start_point[0] + 1, self._column(node)
        if plain:
            code = inline.block(whole, line, [column + 1, *(0 for _ in whole.split("\n")[1:])])
        else:
            code = inline.spread(whole, line, node.end_point[0] + 1, column)
        return Quoted(whole, replace(code, file=self.path))

    def _column(self, node: Node) -> int:
        start = self._source.rfind(b"\n", 0, node.start_byte) + 1
        return len(self._source[start : node.start_byte].decode("utf-8", "replace"))

    def _identifier(self, node: Node, scope: Scope, depth: int) -> Value:
        name = source(node)
        if name in ("__dirname", "__filename") and name not in scope and name not in self.globals:
            return PROJECT + (folder(self.path) if name == "__dirname" else self.path)
        if name in scope and not is_node(known := scope[name]):
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
                found[source(pair)] = self._identifier(pair, scope, depth)
            elif pair.type == "spread_element" and pair.named_children:
                spread = self.value(pair.named_children[0], scope, depth + 1)
                if isinstance(spread, dict):
                    found.update(spread)
                elif spread is not None:
                    found[SPREAD] = spread
        return found

    def _key(self, node: Node | None, scope: Scope, depth: int) -> str | None:
        if node is None:
            return None
        if node.type in ("property_identifier", "number"):
            return source(node)
        inner = node.named_children[0] if node.type == "computed_property_name" and node.named_children else node
        return text(self.value(inner, scope, depth + 1))

    def _sum(self, node: Node, scope: Scope, depth: int) -> Value:
        left = self.value(node.child_by_field_name("left"), scope, depth + 1)
        right = self.value(node.child_by_field_name("right"), scope, depth + 1)
        operator = source(node.child_by_field_name("operator"))
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return str(left) + str(right)
        if operator in ("??", "||"):
            return right if left is None or isinstance(left, Unknown) else left
        return Unknown(source(node)[:200])

    def _member(self, node: Node, scope: Scope, depth: int) -> Value:
        whole = source(node)
        name = source(node.child_by_field_name("property"))
        base = node.child_by_field_name("object")
        if whole in _OF_THE_FILE:
            return PROJECT + (folder(self.path) if whole.endswith("dirname") else self.path)
        if base is not None and base.type == "this":
            held = scope.get(f"this.{name}", self._fields.get(name))
            if held is None:
                return Unknown(whole[:60])
            return self.value(held, scope, depth + 1) if is_node(held) else cast("Value", held)
        if base is not None and base.type == "identifier" and source(base) not in scope:
            elsewhere = self._static(source(base), name, depth)
            if elsewhere is not None:
                return elsewhere
        holder = self.value(base, scope, depth + 1) if base is not None else None
        if node.type == "subscript_expression":
            index = self.value(node.child_by_field_name("index"), scope, depth + 1)
            name = index if isinstance(index, str) else name
        if isinstance(holder, dict) and name in holder:
            return holder[name]
        if isinstance(holder, str) and name in ("pathname", "href") and holder.startswith(PROJECT):
            return holder  # of a URL
        if (
            isinstance(holder, list)
            and node.type == "subscript_expression"
            and isinstance(index, int)
            and 0 <= index < len(holder)
        ):
            return holder[index]
        return Unknown(whole[:60])

    def _static(self, name: str, member: str, depth: int) -> Value:
        """A constant of a file that is imported whole, or of a class or an enumeration; None for anything else."""
        module = self.namespace(name)
        if module is not None:
            value = module.globals.get(member)
            return module.value(value, module.globals, depth + 1) if value is not None and is_node(value) else None
        module, wanted = self.origin(name) or (self, name)
        if wanted in module.classes and member in module._fields:
            return module.value(module._fields[member], {}, depth + 1)
        return (
            module.value(module._members_of_enums[wanted, member], {}, depth + 1)
            if (wanted, member) in module._members_of_enums
            else None
        )

    @cached_property
    def _members_of_enums(self) -> dict[tuple[str, str], Node]:
        found = {}
        for node in self.nodes:
            if node.type == "enum_assignment" and node.parent is not None and node.parent.parent is not None:
                key, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if value is not None:
                    found[source(node.parent.parent.child_by_field_name("name")), source(key)] = value
        return found

    def _called(self, node: Node, scope: Scope, depth: int) -> Value:
        given = self.program.returned(self, node, scope, depth) if self.program is not None else None
        if given is not None:
            return given
        made = self.made(node, scope, depth)
        path = texts.path_of(made)
        if path is not None:
            return path
        callee = node.child_by_field_name("function")
        if callee is not None and callee.type == "member_expression" and made.last in texts.METHODS:
            held = self.value(callee.child_by_field_name("object"), scope, depth + 1)
            whole = texts.called(held, made.last, made.arguments, folder(next(iter(self._modules))))
            if isinstance(whole, str) and not isinstance(whole, Quoted) and "\n" in whole:
                code = inline.spread(whole, node.start_point[0] + 1, node.end_point[0] + 1, 0)
                return Quoted(whole, replace(code, file=self.path))
            if whole is not None or isinstance(held, Quoted):
                return held if whole is None else whole
        listed = self._listed(made)
        if listed is not None:
            return listed
        if made.last == "join" and callee is not None and callee.type == "member_expression":
            parts = self.value(callee.child_by_field_name("object"), scope, depth + 1)
            joint = made.arguments[0] if made.arguments else ","
            if isinstance(parts, list) and isinstance(joint, str) and all(isinstance(part, str) for part in parts):
                whole = str(joint).join(str(part) for part in parts)
                code = inline.spread(whole, node.start_point[0] + 1, node.end_point[0] + 1, 0)
                return Quoted(whole, replace(code, file=self.path))
        return made

    @staticmethod
    def _listed(made: Made) -> list[Value] | None:
        """``Object.entries(…)`` and the like; None for any other call."""
        held = made.arguments[0] if made.arguments else None
        if not isinstance(held, dict) or not made.name.startswith("Object."):
            return None
        entries = {key: value for key, value in held.items() if key != SPREAD}
        if made.last == "entries":
            return [[key, value] for key, value in entries.items()]
        return list(entries) if made.last == "keys" else list(entries.values()) if made.last == "values" else None

    def made(self, node: Node, scope: Scope, depth: int) -> Made:
        callee = node.child_by_field_name("constructor" if node.type == "new_expression" else "function")
        arguments = node.child_by_field_name("arguments")
        values = (
            [self.value(each, scope, depth + 1) for each in arguments.named_children if each.type != "comment"]
            if arguments is not None
            else []
        )
        named = values[-1] if values and isinstance(values[-1], dict) else {}
        return Made(source(callee), tuple(values), named, node.start_point[0] + 1)


def name_of(function: Node) -> str:
    """The name of a function: its own, or that of the constant or the field that it is."""
    name = source(function.child_by_field_name("name"))
    holder = function.parent
    if not name and holder is not None and holder.type in ("variable_declarator", "public_field_definition"):
        name = source(holder.child_by_field_name("name"))
    return name
