"""YAML and JSON as trees that know where each value stands; within bounds, whatever the text.

Scalars are never converted: ``1e400``, ``2024-99-99`` and ``!!python/object`` are text like any other. Aliases are shared, not
copied, so a bomb of them stays small; merge keys are looked up, not spread. Tags that YAML does not know (``!Ref``) are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from lint_lambda.core.record import dataclass, field

LARGEST = 2_000_000
"""Bytes of a template that are read: AWS takes a megabyte at most, and what is larger is generated."""

DEEPEST = 200
"""Levels of nesting that are read; AWS CloudFormation takes far fewer."""

_STANDARD = "tag:yaml.org,2002:"


class DocumentError(Exception):
    """A text that cannot be read as what it should be; `line` counts from 1, and is None where it is unknown."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(eq=False, slots=True)
class Scalar:
    """Text. `line` counts from 1, `column` from 0; `style` is YAML's: ``|``, ``>``, ``"``, ``'``, or empty for plain."""

    value: str
    line: int
    column: int = 0
    style: str = ""


@dataclass(eq=False, slots=True)
class Items:
    """A sequence."""

    values: list[Node]
    line: int


@dataclass(eq=False, slots=True)
class Table:
    """A mapping from text; keys that are no text are left out. `merged` are what merge keys bring in, nearest first."""

    line: int
    own: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    merged: list[Node] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        """The value of a key, its own or merged."""
        if key in self.own or not self.merged:
            return self.own.get(key)
        return next((table.own[key] for table in self._tables() if key in table.own), None)

    def table(self, key: str) -> Table:
        """The mapping under a key; an empty one where there is none."""
        found = self.get(key)
        return found if isinstance(found, Table) else Table(self.line)

    def text(self, key: str) -> str | None:
        """The text under a key; None where there is none."""
        found = self.get(key)
        return found.value if isinstance(found, Scalar) else None

    def items(self) -> Iterator[tuple[str, Node]]:
        seen: set[str] = set()
        for table in self._tables():
            for key, value in table.own.items():
                if key not in seen:
                    seen.add(key)
                    yield key, value

    def values(self) -> Iterator[Node]:
        return (value for _, value in self.items())

    def line_of(self, key: str) -> int:
        """The line on which a key stands."""
        return next((table.lines[key] for table in self._tables() if key in table.lines), self.line)

    def __bool__(self) -> bool:
        return any(table.own for table in self._tables())

    def _tables(self) -> Iterator[Table]:
        """This table and those merged into it, each once however often it is merged."""
        pending: list[Node] = [self]
        seen: set[int] = set()
        while pending:
            node = pending.pop(0)
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, Table):
                yield node
                pending[:0] = node.merged
            elif isinstance(node, Items):
                pending[:0] = node.values


@dataclass(eq=False, slots=True)
class Tagged:
    """A value under a tag of its own: ``!Ref Name`` is the tag ``Ref`` and the text ``Name``."""

    tag: str
    value: Node
    line: int


Node: TypeAlias = "Scalar | Items | Table | Tagged"


def _complaint(error: Any, line: int | None) -> str:
    """The parser's own words, and where what it was reading begins: the mistake is often there, and the place of the complaint after it."""
    began = error.context_mark.line + 1 if error.context and error.context_mark is not None else line
    where = "" if began == line else f" ({error.context} that begins on line {began})"
    return f"{error.problem or error.context}{where}"


def parse_yaml(text: str) -> list[Node]:
    """The documents of a YAML text. Raises `DocumentError`."""
    import yaml  # late: most runs read no template

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return list(_Builder().documents(yaml.parse(text, Loader=loader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        raise DocumentError(f"not valid YAML: {_complaint(error, line)}", line) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise DocumentError(f"not valid YAML: {' '.join(str(error).split())}") from error


def parse_json(text: str) -> list[Node]:
    """A JSON text, as the one document it is. Raises `DocumentError`."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"not valid JSON: {error.msg}", error.lineno) from error
    except (RecursionError, ValueError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DocumentError(f"not valid JSON: {reason}") from error
    try:
        # JSON is YAML once its tabs are blanks, and YAML's parser knows the places; tabs inside texts are written \t.
        return parse_yaml(text.replace("\t", " "))
    except DocumentError:
        return [_plain(value, 0)]  # one of the few texts that are JSON only: read all the same, without lines


def _plain(value: Any, depth: int) -> Node:
    if depth > DEEPEST:
        raise DocumentError("it is nested too deeply")
    if isinstance(value, dict):
        return Table(1, {key: _plain(inner, depth + 1) for key, inner in value.items()})
    if isinstance(value, list):
        return Items([_plain(inner, depth + 1) for inner in value], 1)
    return Scalar(
        value if isinstance(value, str) else json.dumps(value), 1, style='"' if isinstance(value, str) else ""
    )


class _Builder:
    """Makes trees of a parser's events, without recursion."""

    def __init__(self) -> None:
        self._anchors: dict[str, Node] = {}
        self._open: list[tuple[Node, Node | None]] = []
        """What is being filled, outermost first, each with the key that waits for its value."""
        self._done: Node | None = None

    def documents(self, events: Iterator[Any]) -> Iterator[Node]:
        import yaml

        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors, self._done = {}, None
            elif isinstance(event, yaml.DocumentEndEvent):
                if self._done is not None:
                    yield self._done
            elif isinstance(event, yaml.ScalarEvent):
                self._begin(event, Scalar(event.value, *_place(event), event.style or ""), closed=True)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._begin(event, Items([], _place(event)[0]))
            elif isinstance(event, yaml.MappingStartEvent):
                self._begin(event, Table(_place(event)[0]))
            elif isinstance(event, yaml.AliasEvent):
                self._add(self._known(event))
            elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                self._open.pop()

    def _known(self, event: Any) -> Node:
        try:
            return self._anchors[event.anchor]
        except KeyError:
            raise DocumentError(f"not valid YAML: nothing is called *{event.anchor}", _place(event)[0]) from None

    def _begin(self, event: Any, node: Node, closed: bool = False) -> None:
        if len(self._open) >= DEEPEST:
            raise DocumentError("it is nested too deeply", event.start_mark.line + 1)
        tag = event.tag or ""
        whole: Node = node
        if tag.startswith("!") and tag != "!":
            whole = Tagged(tag[1:], node, node.line)
        if event.anchor is not None:
            self._anchors[event.anchor] = whole
        self._add(whole)
        if not closed:
            self._open.append((node, None))

    def _add(self, node: Node) -> None:
        if not self._open:
            self._done = node
            return
        holder, key = self._open[-1]
        if isinstance(holder, Items):
            holder.values.append(node)
        elif isinstance(holder, Table):
            if key is None:
                self._open[-1] = (holder, node)
                return
            self._open[-1] = (holder, None)
            if isinstance(key, Scalar):
                _set(holder, key, node)


def _place(event: Any) -> tuple[int, int]:
    """The line (from 1) and column (from 0) at which the event's text begins."""
    return event.start_mark.line + 1, event.start_mark.column


def _set(table: Table, key: Scalar, value: Node) -> None:
    if key.value == "<<" and not key.style:
        table.merged.append(value)
    else:
        table.own[key.value] = value
        table.lines[key.value] = key.line


def load(path: str, content: bytes) -> list[Node]:
    """The documents of a file, JSON by its ending and YAML otherwise. Raises `DocumentError`."""
    if len(content) > LARGEST:
        raise DocumentError(f"larger than {LARGEST // 1_000_000} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError("not UTF-8", content.count(b"\n", 0, error.start) + 1) from error
    if path.endswith(".json") or (path.endswith(".template") and text.lstrip()[:1] == "{"):
        return parse_json(text)
    return parse_yaml(text)
