"""One parsed file, as edits need it: nodes by position, what encloses them, and their text.

Edits are replacements in the text, so whatever they do not touch (layout, comments, quotes) stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TypeVar

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from lint_lambda.core.finding import Applicability, Edit
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.core.source import Location, Span
from lint_lambda.frontends.python import bindings, syntax
from lint_lambda.knowledge.texts import say

Node = TypeVar("Node", bound=cst.CSTNode)
Function = (cst.FunctionDef, cst.Lambda)
Edits = list[tuple[Span, str]]

LONGEST_BLOCK = 25
"""Lines that an edit indents at most."""


class Code:
    """Raises `NoFix` for text that libcst cannot be given as it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = re.split(r"\r\n|\r|\n", text)
        ends = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
        self._starts = ends
        tree = syntax.parse_as_written(text)
        if tree is None:
            raise NoFix(say("refusals.unparsed"))
        wrapper = MetadataWrapper(tree, unsafe_skip_copy=True)
        self.module = wrapper.module
        self.newline = self.module.default_newline
        self._positions: Mapping[cst.CSTNode, CodeRange] = wrapper.resolve(PositionProvider)
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}  # libcst's own provider takes several times as long
        self._all: list[cst.CSTNode] = []  # in the order of the text
        stack: list[cst.CSTNode] = [self.module]
        while stack:
            node = stack.pop()
            self._all.append(node)
            below = _below(node)
            self._parents.update((child, node) for child in below)
            stack.extend(reversed(below))
        sources = [node.module for node in self._all if isinstance(node, cst.ImportFrom) and node.module is not None]
        imported = {id(node) for source in sources for node in walk(source)}
        used = [node for node in self._all if id(node) not in imported]
        self.names = {
            node.value
            for node in used
            if isinstance(node, cst.Name) and not isinstance(self.parent(node), cst.ImportFrom)
        }
        self.variables = {node.value for node in used if isinstance(node, cst.Name) and not self._is_member(node)}

    def _is_member(self, name: cst.Name) -> bool:
        """Whether a name is looked up in an object, or says which parameter is meant: it binds nothing."""
        above = self.parent(name)
        if isinstance(above, cst.ImportFrom):
            return True
        return (isinstance(above, cst.Attribute) and above.attr is name) or (
            isinstance(above, cst.Arg) and above.keyword is name
        )

    # --- nodes and their places --------------------------------------------------------------------------------------

    def span(self, node: cst.CSTNode) -> Span:
        place = self._positions[node]
        return Span(place.start.line, place.start.column, place.end.line, place.end.column)

    def source(self, node: cst.CSTNode) -> str:
        """The node's text as it is written."""
        span = self.span(node)
        start = self._starts[span.line - 1] + span.column
        return self.text[start : self._starts[span.end_line - 1] + span.end_column]

    def at(self, span: Span, kind: type[Node]) -> Node | None:
        """The node of that kind that covers exactly `span`."""
        return next((node for node in self._nodes.get(span, ()) if isinstance(node, kind)), None)

    def called_at(self, span: Span) -> cst.Call | None:
        """The call that covers exactly `span`, awaited or not."""
        found = self.at(span, cst.Call)
        awaited = self.at(span, cst.Await) if found is None else None
        return awaited.expression if awaited is not None and isinstance(awaited.expression, cst.Call) else found

    @cached_property
    def _nodes(self) -> Mapping[Span, Sequence[cst.CSTNode]]:
        """The nodes by what they cover, the outer ones first."""
        found: dict[Span, list[cst.CSTNode]] = {}
        for node in self._all:
            if node in self._positions:
                found.setdefault(self.span(node), []).append(node)
        return found

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """From the node's parent outwards."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | cst.Module:
        """What the node is evaluated in."""
        for above in self.ancestors(node):
            if isinstance(above, (cst.FunctionDef, cst.Lambda)):
                return above
        return self.module

    def is_async(self, node: cst.CSTNode) -> bool:
        function = self.function(node)
        return isinstance(function, cst.FunctionDef) and function.asynchronous is not None

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The statement that the node is part of: a small statement, or a compound one for its header."""
        for each in (node, *self.ancestors(node)):
            if isinstance(each, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                return each
        return self.module

    def unit(self, statement: cst.CSTNode) -> cst.CSTNode:
        """A statement as its block lists it: the line of a small statement that stands in an indented block."""
        above = self.parent(statement)
        return above if isinstance(above, cst.SimpleStatementLine) else statement

    def block(self, unit: cst.CSTNode) -> list[cst.CSTNode]:
        """The statements among which `unit` stands."""
        above = self.parent(unit)
        return list(above.body) if isinstance(above, (cst.IndentedBlock, cst.Module, cst.SimpleStatementSuite)) else []

    def is_alone(self, statement: cst.CSTNode) -> bool:
        """Whether the statement has a line to itself, so that others can be put on the lines around it."""
        above = self.parent(statement)
        if isinstance(statement, cst.BaseSmallStatement):
            return isinstance(above, cst.SimpleStatementLine) and len(above.body) == 1
        return isinstance(above, (cst.IndentedBlock, cst.Module))

    def indent(self, unit: cst.CSTNode) -> str:
        """The white space in front of a statement that begins its line."""
        line = self.lines[self.span(unit).line - 1]
        return line[: len(line) - len(line.lstrip())]

    def is_short(self, units: list[cst.CSTNode]) -> bool:
        """Whether the statements may be indented without burying the change in a long diff."""
        return self.span(units[-1]).end_line - self.span(units[0]).line < LONGEST_BLOCK

    def step(self) -> str:
        """One level of indentation, as the file has it."""
        return self.module.default_indent

    # --- replacements ------------------------------------------------------------------------------------------------

    def before(self, unit: cst.CSTNode, text: str, *, above_comments: bool = True) -> tuple[Span, str]:
        """Put lines in front of a statement that begins its line, and of the comments right above it."""
        number = self.span(unit).line
        indent = self.indent(unit)
        while above_comments and number > 1 and self.lines[number - 2].startswith(f"{indent}#"):
            number -= 1
        lines = "".join(f"{line}{self.newline}{indent}" for line in text.split("\n"))
        return Span(number, len(indent), number, len(indent)), lines

    def after(self, unit: cst.CSTNode, text: str, indent: str | None = None) -> tuple[Span, str]:
        """Put lines below a statement and the comment behind it."""
        last = self.span(unit).end_line
        end = len(self.lines[last - 1])
        indent = self.indent(unit) if indent is None else indent
        lines = "".join(f"{self.newline}{indent}{line}" for line in text.split("\n"))
        return Span(last, end, last, end), lines

    def insert(self, node: cst.CSTNode, text: str) -> tuple[Span, str]:
        """Put text in front of a node."""
        span = self.span(node)
        return Span(span.line, span.column, span.line, span.column), text

    def append(self, node: cst.CSTNode, text: str) -> tuple[Span, str]:
        """Put text behind a node."""
        span = self.span(node)
        return Span(span.end_line, span.end_column, span.end_line, span.end_column), text

    def remove_line(self, unit: cst.CSTNode) -> tuple[Span, str]:
        """Take a statement away that has its lines to itself, and of the empty lines around it as many as leave the larger gap."""
        span = self.span(unit)
        end = span.end_line
        first = span.line
        while first > 1 and not self.lines[first - 2].strip():
            first -= 1
        above = span.line - first
        while end < len(self.lines) - 1 and not self.lines[end].strip() and (above > 0 or span.line == 1):
            end += 1
            above -= 1
        return Span(span.line, 0, end + 1, 0), ""

    def indented(self, units: Iterable[cst.CSTNode]) -> Edits:
        """Indent statements by one level; the inside of a text that runs over lines is left alone."""
        nodes = list(units)
        protected = {
            line
            for unit in nodes
            for node in walk(unit)
            if isinstance(node, (cst.SimpleString, cst.FormattedString))
            for line in range(self.span(node).line + 1, self.span(node).end_line + 1)
        }
        first, last = self.span(nodes[0]).line, self.span(nodes[-1]).end_line
        while first > 1 and self.lines[first - 2].strip().startswith("#"):
            first -= 1  # the comments above move along
        step = self.step()
        return [
            (Span(number, 0, number, 0), step)
            for number in range(first, last + 1)
            if number not in protected and self.lines[number - 1].strip()
        ]

    # --- names -------------------------------------------------------------------------------------------------------

    def fresh(self, near: cst.CSTNode, *wishes: str) -> str:
        """The first of the wished names that neither the module binds nor the function around `near` uses."""
        function = self.function(near)
        taken = {node.value for node in walk(function) if isinstance(node, cst.Name) and self._is_variable(node)}
        taken |= bindings.of_body(self.module.body, walrus=True).own
        for wish in wishes:
            if wish not in taken:
                return wish
        number = 2
        while f"{wishes[0]}_{number}" in taken:
            number += 1
        return f"{wishes[0]}_{number}"

    def _is_variable(self, name: cst.Name) -> bool:
        """Whether a name stands for a value: not the attribute of one, nor a keyword of a call."""
        above = self.parent(name)
        named = isinstance(above, cst.Attribute) and above.attr is name
        return not named and not (isinstance(above, cst.Arg) and above.keyword is name)

    def imports(self) -> list[tuple[cst.SimpleStatementLine, cst.Import | cst.ImportFrom]]:
        """The imports of the module's top level, each with its line."""
        return [
            (unit, small)
            for unit in self.module.body
            if isinstance(unit, cst.SimpleStatementLine)
            for small in unit.body
            if isinstance(small, (cst.Import, cst.ImportFrom))
        ]

    def importing(self, module: str) -> tuple[str, Edits]:
        """How the file calls a module, and the edit that imports it where it does not yet."""
        imports = self.imports()
        for _, small in imports:
            if isinstance(small, cst.Import):
                for alias in small.names:
                    if bindings.dotted_name(alias.name) == module:
                        return bindings.bound_by_alias(alias, whole_module=True), []
        if module in self.variables:
            return "", []  # the name means something else here
        line = f"import {module}"
        plain = [(unit, small) for unit, small in imports if isinstance(small, cst.Import)]
        for unit, small in plain:
            if bindings.dotted_name(small.names[0].name) > module:
                return module, [self.before(unit, line, above_comments=False)]
        if plain:
            return module, [self.after(plain[-1][0], line)]
        ordinary = [unit for unit, small in imports if not _is_future(small)]
        if ordinary:
            return module, [self.before(ordinary[0], line, above_comments=False)]
        if imports:
            return module, [self.after(imports[-1][0], f"\n{line}", indent="")]
        rest = self.module.body[1:] if self.module.get_docstring() is not None else self.module.body
        return module, [self.before(rest[0], f"{line}\n", above_comments=False)] if rest else []


CodeOf = Callable[[str], Code]


def reader(text: Callable[[str], str]) -> CodeOf:
    """Files as code; `text` gives the text of a file."""
    return lambda path: _parsed(text(path))


@lru_cache(maxsize=8)
def _parsed(text: str) -> Code:
    """Findings of one file are fixed one after the other, all on the same text."""
    return Code(text)


def unsafe(path: str, title: str, edits: Edits, elsewhere: Mapping[str, Edits] | None = None) -> Candidate:
    """Edits in one file, and in others, that change when the response goes out, or when work is done."""
    others = dict(elsewhere or {})
    here = (*edits, *others.pop(path, ()))
    placed = (Edit(other, span, text) for other, found in others.items() for span, text in found)
    return Candidate(title, Applicability.UNSAFE, path, here, tuple(placed))


def _is_future(small: cst.Import | cst.ImportFrom) -> bool:
    return isinstance(small, cst.ImportFrom) and small.module is not None and _name(small.module) == "__future__"


def _name(node: cst.BaseExpression) -> str:
    return bindings.dotted_name(node)


@lru_cache(maxsize=1 << 15)
def _below(node: cst.CSTNode) -> Sequence[cst.CSTNode]:
    """The nodes directly below one, in the order of the text. libcst visits all that there is in a node to tell, each time."""
    return node.children


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and everything below it, in the order of the text."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(_below(current)))


def own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The node and what is below it, without the bodies of functions and classes nested in it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        inner = reversed(_below(current))
        stack.extend(child for child in inner if not isinstance(child, (cst.FunctionDef, cst.ClassDef, cst.Lambda)))


def own_body(function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """What is below a function's statements, without the bodies of functions and classes nested in it."""
    for statement in bindings.suite(function.body):
        yield from own(statement)


def dotted(node: cst.BaseExpression | None) -> str:
    """``t`` or ``self.thread``; empty for anything that is not a plain name."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""


def in_coroutine(hop: Location, code_of: CodeOf) -> bool:
    """Whether a caller is a coroutine."""
    code = code_of(hop.path)
    call = code.called_at(hop.span)
    return call is not None and code.is_async(call)
