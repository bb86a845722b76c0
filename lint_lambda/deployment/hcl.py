"""Read Terraform's language: blocks and attributes, and what expressions come to, as far as they are literal."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

from lint_lambda.core.record import dataclass, field
from lint_lambda.deployment import inline
from lint_lambda.deployment.documents import DocumentError, Table, parse_json, parse_yaml
from lint_lambda.deployment.files import Files, join
from lint_lambda.deployment.intrinsics import Evaluation
from lint_lambda.deployment.values import PROJECT, Made, Quoted, Unknown, Value, number

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

MOST_EXPRESSIONS = 100_000
"""Expressions of one module's instance that are evaluated: a few that double each other come to more than anybody wrote."""
DEEPEST = 30
_SAME = frozenset(
    {"abspath", "pathexpand", "tostring", "toset", "tolist", "tomap", "nonsensitive", "trimspace", "try", "one"}
)
"""Functions whose first argument is what they come to, as far as matters here."""


@cache
def _parser() -> Parser:
    import tree_sitter  # late: few projects have such a file
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


@dataclass(eq=False, slots=True)
class Block:
    """``kind "label" "label" { … }``; the file itself is one without a kind. `line` counts from 1."""

    kind: str
    labels: tuple[str, ...]
    path: str
    line: int
    attributes: dict[str, Node] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def inner(self, kind: str) -> Block | None:
        return next((block for block in self.blocks if block.kind == kind), None)


def parse(path: str, source: bytes) -> tuple[Block, int]:
    """The blocks of a file, and the first line that cannot be read (0 for none)."""
    root = _parser().parse(source).root_node
    whole = Block("", (), path, 1)
    for body in root.named_children:
        if body.type == "body":
            _fill(whole, body, path)
    broken = next((node.start_point[0] + 1 for node in _all(root) if node.type == "ERROR" or node.is_missing), 0)
    return whole, broken if root.has_error else 0


def expression(source: str, line: int) -> Node | None:
    """An expression by itself, as if it stood on this line; None where it is none."""
    root = _parser().parse(("\n" * (line - 1) + f"x = {source}\n").encode()).root_node
    pending = [root]
    while pending:
        node = pending.pop()
        if node.type == "attribute" and len(node.named_children) >= 2:
            return node.named_children[-1]
        pending.extend(reversed(node.named_children))
    return None


def _all(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        if node.has_error:
            pending.extend(reversed(node.children))


def _fill(block: Block, body: Node, path: str, depth: int = 0) -> None:
    for node in body.named_children:
        if node.type == "attribute" and len(node.named_children) >= 2:
            block.attributes[_text(node.named_children[0])] = node.named_children[-1]
        elif node.type == "block" and node.named_children and depth < DEEPEST:
            kind, *rest = node.named_children
            labels = tuple(_text(each).strip('"') for each in rest if each.type in ("string_lit", "identifier"))
            inner = Block(_text(kind), labels, path, node.start_point[0] + 1)
            for each in rest:
                if each.type == "body":
                    _fill(inner, each, path, depth + 1)
            block.blocks.append(inner)


class Scope:
    """What names mean in one instance of a module: its variables, locals, and the turn of a ``for_each``.

    `directory` is the module's, `root` that of the module which uses it in the end; `outputs` says what a module that this one uses
    gives back, by its label and the output's name; `files` gives what functions read.
    """

    def __init__(
        self,
        directory: str,
        root: str,
        variables: Mapping[str, Value],
        local: Mapping[str, Node],
        each: tuple[Value, Value] | None = None,
        count: int | None = None,
        names: Mapping[str, Value] | None = None,
        left: list[int] | None = None,
        outputs: Callable[[str, str], Value] | None = None,
        files: Files | None = None,
    ) -> None:
        self._left = left if left is not None else [MOST_EXPRESSIONS]
        self.directory = directory
        self.root = root
        self.variables = variables
        self.local = local
        self.each = each
        self.count = count
        self.names = names or {}
        self.outputs = outputs
        self.files = files

    def turn(self, each: tuple[Value, Value] | None, count: int | None) -> Scope:
        other = copy(self)
        other.each, other.count = each, count
        return other

    def binding(self, names: Mapping[str, Value]) -> Scope:
        other = copy(self)
        other.names = {**self.names, **names}
        return other

    # --- expressions -------------------------------------------------------------------------------------------------

    def value(self, node: Node | None, depth: int = 0) -> Value:
        """What an expression comes to."""
        self._left[0] -= 1
        if node is None or depth > DEEPEST or self._left[0] < 0:
            return None if node is None else Unknown("…")
        if node.type == "expression":
            return self._expression(node, depth)
        if node.type in ("literal_value", "collection_value", "template_expr", "operation") and node.named_children:
            return self.value(node.named_children[0], depth + 1)
        if node.type in ("string_lit", "quoted_template"):
            return self._template(node, depth)
        if node.type == "heredoc_template":
            return self._heredoc(node, depth)
        if node.type == "numeric_lit":
            return number(_text(node))
        if node.type == "bool_lit":
            return _text(node) == "true"
        if node.type == "null_lit":
            return None
        if node.type == "tuple":
            return [self.value(each, depth + 1) for each in node.named_children if each.type == "expression"]
        if node.type == "object":
            return self._object(node, depth)
        if node.type == "function_call":
            return self._call(node, depth)
        if node.type == "conditional":
            return self._conditional(node, depth)
        if node.type == "for_expr":
            return self._for(node, depth)
        return Unknown(_text(node))

    def _expression(self, node: Node, depth: int) -> Value:
        parts = node.named_children
        if not parts:
            return Unknown(_text(node))
        if parts[0].type == "variable_expr":
            return self._reference(node, depth)
        value = self.value(parts[0], depth + 1)
        return self._looked_in(value, parts[1:], node, depth)

    def _reference(self, node: Node, depth: int) -> Value:
        first, *rest = node.named_children
        name = _text(first)
        member = _text(rest[0].named_children[0]) if rest and rest[0].type == "get_attr" else ""
        unknown = Unknown(_text(node))
        found: Value = unknown
        if name in self.names:
            return self._looked_in(self.names[name], rest, node, depth)
        if name == "var":
            found = self.variables.get(member, unknown)
        elif name == "local" and member in self.local:
            found = self.value(self.local[member], depth + 1)
        elif name == "each" and self.each is not None:
            found = self.each[0] if member == "key" else self.each[1]
        elif name == "count" and self.count is not None:
            found = self.count
        elif name == "module" and self.outputs is not None:
            return self._given_back(member, rest[1:], node, depth)
        elif name == "path":
            found = PROJECT + (self.directory if member == "module" else self.root)
        else:
            return unknown
        return self._looked_in(found, rest[1:], node, depth)

    def _given_back(self, label: str, rest: list[Node], node: Node, depth: int) -> Value:
        """``module.label.output``, of each instance the same where there are several (``module.label["key"].output``)."""
        named = [part for part in rest if part.type == "get_attr"]
        if not named or self.outputs is None or depth > DEEPEST:
            return Unknown(_text(node))
        found = self.outputs(label, _text(named[0].named_children[0]))
        if isinstance(found, Unknown):
            return Unknown(_text(node))
        return self._looked_in(found, rest[rest.index(named[0]) + 1 :], node, depth)

    def _looked_in(self, value: Value, rest: Sequence[Node], node: Node, depth: int) -> Value:
        for part in rest:
            key: Value = None
            if part.type == "get_attr":
                key = _text(part.named_children[0])
            elif part.type == "index":
                inner = part.named_children[0]
                key = self.value(inner.named_children[0], depth + 1) if inner.named_children else None
            if isinstance(value, dict) and isinstance(key, str) and key in value:
                value = value[key]
            elif isinstance(value, list) and isinstance(key, (int, float)) and 0 <= int(key) < len(value):
                value = value[int(key)]
            else:
                return Unknown(_text(node))
        return value

    def _template(self, node: Node, depth: int) -> Value:
        parts: list[str] = []
        plain = [part for part in node.named_children if part.type.startswith("template_")]
        whole = [part for part in plain if part.type not in ("template_literal", "template_directive")]
        if len(plain) == 1 and whole:  # it is what the expression is, not a text
            inner = next((each for each in plain[0].named_children if each.type == "expression"), None)
            return self.value(inner, depth + 1)
        for part in node.named_children:
            if part.type == "template_literal":
                parts.append(_unescaped(_text(part)))
            elif part.type == "template_interpolation":
                inner = next((each for each in part.named_children if each.type == "expression"), None)
                value = self.value(inner, depth + 1)
                if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                    return Unknown(_text(node))
                parts.append(f"{value:g}" if isinstance(value, float) else str(value))
            elif part.type == "template_directive":
                return Unknown(_text(node))
        text = "".join(parts)
        if "\n" in text and all(part.type == "template_literal" for part in plain):
            line, column = node.start_point
            return Quoted(text, inline.anywhere(text, line + 1, column))
        return text

    def _heredoc(self, node: Node, depth: int) -> Value:
        source = _text(node)
        head, _, body = source.partition("\n")
        lines = body.split("\n")[:-1]
        cut = 0
        if head.startswith("<<-"):
            cut = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        whole = "\n".join([*(line[cut:] for line in lines), ""])
        if "${" in whole or "%{" in whole:
            return Unknown("a text that is put together")
        return Quoted(whole, inline.block(whole, node.start_point[0] + 2, [cut] * (len(lines) + 1)))

    def _object(self, node: Node, depth: int) -> Value:
        found: dict[str, Value] = {}
        for element in node.named_children:
            if element.type != "object_elem" or len(element.named_children) < 2:
                continue
            key, value = element.named_children[0], element.named_children[-1]
            plain = key.named_children[0] if key.type == "expression" and len(key.named_children) == 1 else key
            name: Value = _text(plain) if plain.type == "variable_expr" else self.value(key, depth + 1)
            if isinstance(name, str):
                found[name] = self.value(value, depth + 1)
        return found

    def _call(self, node: Node, depth: int) -> Value:
        name = _text(node.named_children[0])
        held = next((each for each in node.named_children if each.type == "function_arguments"), None)
        given = (
            [self.value(each, depth + 1) for each in held.named_children if each.type == "expression"] if held else []
        )
        unknown = Unknown(_text(node))
        if name in _SAME and given:
            return next((value for value in given if not isinstance(value, Unknown)), given[0])
        if name in ("file", "filebase64", "templatefile", "filebase64sha256") and given:
            is_text = name in ("file", "templatefile")
            return Made("read", tuple(given), {}, node.start_point[0] + 1) if is_text else unknown
        if name == "merge":
            whole: dict[str, Value] = {}
            for value in given:
                whole.update(value if isinstance(value, dict) else {})
            return whole
        if name == "concat":
            return [each for value in given if isinstance(value, list) for each in value]
        if name == "keys" and given and isinstance(given[0], dict):
            return list(given[0])
        if name == "values" and given and isinstance(given[0], dict):
            return list(given[0].values())
        if name == "length" and given and isinstance(given[0], (list, dict)):
            return len(given[0])
        if name == "element" and len(given) == 2 and isinstance(given[0], list) and given[0]:
            return given[0][int(given[1]) % len(given[0])] if isinstance(given[1], (int, float)) else unknown
        if name == "flatten" and given and isinstance(given[0], list):
            return [each for value in given[0] for each in (value if isinstance(value, list) else [value])]
        if name in ("distinct", "compact", "sort", "reverse") and given and isinstance(given[0], list):
            return [each for each in given[0] if each not in ("", None)]
        if name == "zipmap" and len(given) == 2 and isinstance(given[0], list) and isinstance(given[1], list):
            return {key: value for key, value in zip(given[0], given[1]) if isinstance(key, str)}
        if name == "range" and len(given) == 1 and isinstance(given[0], (int, float)):
            return list(range(min(int(given[0]), 500)))
        if name in ("jsondecode", "yamldecode", "fileset", "fileexists"):
            return self._read(name, given, unknown)
        if name == "lookup" and len(given) >= 2 and isinstance(given[0], dict) and isinstance(given[1], str):
            return given[0].get(given[1], given[2] if len(given) > 2 else unknown)
        if name == "coalesce":
            return next((value for value in given if value not in (None, "")), unknown)
        return self._of_texts(name, given, unknown)

    def _read(self, name: str, given: list[Value], unknown: Unknown) -> Value:
        """What is in a file of the project, or which files a folder holds."""
        asked = given[0] if given else None
        if (
            name in ("jsondecode", "yamldecode")
            and isinstance(asked, Made)
            and asked.last == "read"
            and asked.arguments
        ):
            asked = asked.arguments[0]
            place = self._place(asked)
            if self.files is None or place is None or not self.files.is_file(place):
                return unknown
            content = self.files.text(place)
        elif name in ("jsondecode", "yamldecode") and isinstance(asked, str):
            content = asked
        else:
            place = self._place(asked)
            if name != "fileset" or self.files is None or place is None or len(given) < 2:
                return unknown
            wanted = re.compile(_glob(str(given[1])))
            prefix = f"{place}/" if place else ""
            inside = (path[len(prefix) :] for path in sorted(self.files.below(place)))
            found: list[Value] = [path for path in inside if wanted.fullmatch(path)]
            return found[:500]
        try:
            documents = parse_json(content) if name == "jsondecode" else parse_yaml(content)
        except DocumentError:
            return unknown
        return Evaluation(Table(1)).value(documents[0]) if documents else unknown

    def _place(self, path: Value) -> str | None:
        """The project's path that a path means: relative ones are seen from the root module."""
        if not isinstance(path, str):
            return None
        return join("", path[len(PROJECT) :].lstrip("/") or ".") if path.startswith(PROJECT) else join(self.root, path)

    @staticmethod
    def _of_texts(name: str, given: list[Value], unknown: Unknown) -> Value:
        texts = [value for value in given if isinstance(value, str)]
        if name == "join" and len(given) == 2 and isinstance(given[0], str) and isinstance(given[1], list):
            parts = [part for part in given[1] if isinstance(part, str)]
            return given[0].join(parts) if len(parts) == len(given[1]) else unknown
        if not texts or len(texts) != len(given):
            return unknown
        if name in ("trimsuffix", "trimprefix", "split", "trim") and len(texts) == 2:
            first, second = texts
            if name == "split":
                return [*second.split(first)] if first else unknown
            return (
                first.removesuffix(second)
                if name == "trimsuffix"
                else first.removeprefix(second)
                if name == "trimprefix"
                else first.strip(second)
            )
        if name == "replace" and len(texts) == 3 and not texts[1].startswith("/"):
            return texts[0].replace(texts[1], texts[2])
        if name == "format":
            try:
                return texts[0] % tuple(texts[1:])
            except (TypeError, ValueError):
                return unknown
        simple: dict[str, Callable[[str], str]] = {
            "lower": str.lower,
            "upper": str.upper,
            "title": str.title,
            "basename": posixpath.basename,
            "dirname": posixpath.dirname,
        }
        return simple[name](texts[0]) if name in simple else unknown

    def _conditional(self, node: Node, depth: int) -> Value:
        if len(node.named_children) != 3:
            return Unknown(_text(node))
        test, then, otherwise = (self.value(each, depth + 1) for each in node.named_children)
        if isinstance(test, bool):
            return then if test else otherwise
        return then if then == otherwise else Unknown(_text(node))

    def _for(self, node: Node, depth: int) -> Value:
        """``[for x in xs : …]`` and ``{for k, v in m : … => …}``; of what a condition leaves out, only what is certainly left out."""
        kind = node.named_children[0] if node.named_children else node
        intro = next((each for each in kind.named_children if each.type == "for_intro"), None)
        bodies = [each for each in kind.named_children if each.type == "expression"]
        if intro is None:
            return Unknown(_text(node))
        condition = next((each for each in kind.named_children if each.type == "for_cond"), None)
        names = [_text(each) for each in intro.named_children if each.type == "identifier"]
        over = self.value(intro.named_children[-1], depth + 1)
        pairs: list[tuple[Value, Value]] = []
        if isinstance(over, dict):
            pairs = list(over.items())
        elif isinstance(over, list):
            pairs = list(enumerate(over))
        else:
            return Unknown(_text(node))
        scopes = [
            self.binding({names[0]: key, names[1]: value} if len(names) > 1 else {names[0]: value})
            for key, value in pairs[:500]
            if names
        ]
        if condition is not None:
            test = next((each for each in condition.named_children if each.type == "expression"), None)
            scopes = [scope for scope in scopes if scope.value(test, depth + 1) is not False]
        if kind.type == "for_tuple_expr" and len(bodies) == 1:
            return [scope.value(bodies[0], depth + 1) for scope in scopes]
        if kind.type == "for_object_expr" and len(bodies) >= 2:
            made = [(scope.value(bodies[0], depth + 1), scope.value(bodies[1], depth + 1)) for scope in scopes]
            return {key: value for key, value in made if isinstance(key, str)}
        return Unknown(_text(node))


def _glob(pattern: str) -> str:
    """A pattern of `fileset` as a regular expression."""
    found = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return found.replace(r"\?", "[^/]")


_ESCAPE = re.compile(r"\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[0][1:]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPED.get(code, code)

    return _ESCAPE.sub(one, text)


def _text(node: Node | None) -> str:
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""
