"""Read Terraform's language where it is written as JSON (``.tf.json``, as tools write it): the blocks that `hcl` makes of the other syntax.

Each value is written in the other syntax and parsed there, so that expressions inside texts mean the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from lint_lambda.deployment import hcl
from lint_lambda.deployment.documents import DocumentError, Items, Node, Scalar, Table, parse_json
from lint_lambda.deployment.hcl import DEEPEST, Block

_LABELS = {
    "resource": 2,
    "data": 2,
    "module": 1,
    "variable": 1,
    "output": 1,
    "provider": 1,
    "locals": 0,
    "terraform": 0,
}
"""By kind of block: how many names stand before its body."""
_COMMENT = "//"


def parse(path: str, source: bytes) -> tuple[Block, int]:
    """The blocks of a file, and the first line that cannot be read (0 for none)."""
    whole = Block("", (), path, 1)
    try:
        documents = parse_json(source.decode("utf-8-sig"))
    except DocumentError as error:
        return whole, error.line or 1
    except UnicodeDecodeError as error:
        return whole, source.count(b"\n", 0, error.start) + 1
    for document in documents:
        for table in _tables(document):
            for kind, node in table.items():
                whole.blocks += _blocks(kind, (), node, path, table.line_of(kind), _LABELS.get(kind, 0))
    return whole, 0


def parse_values(path: str, source: bytes) -> Block:
    """The values of a ``.tfvars.json`` file."""
    whole = Block("", (), path, 1)
    try:
        documents = parse_json(source.decode("utf-8-sig"))
    except (DocumentError, UnicodeDecodeError):
        return whole  # Terraform itself refuses it
    for table in (table for document in documents for table in _tables(document)):
        _fill(whole, table, 0)
    return whole


def _tables(node: Node) -> list[Table]:
    """A mapping, or those of a list: several blocks may be written as either."""
    if isinstance(node, Items):
        return [each for each in node.values if isinstance(each, Table)]
    return [node] if isinstance(node, Table) else []


def _blocks(kind: str, labels: tuple[str, ...], node: Node, path: str, line: int, left: int) -> Iterator[Block]:
    for table in _tables(node):
        if left:
            for name, inner in table.items():
                if name != _COMMENT:
                    yield from _blocks(kind, (*labels, name), inner, path, table.line_of(name), left - 1)
        else:
            block = Block(kind, labels, path, line)
            _fill(block, table, 0)
            yield block


def _fill(block: Block, table: Table, depth: int) -> None:
    """The attributes and the inner blocks of a body: JSON does not tell one from the other, so mappings are both."""
    for name, node in table.items():
        if name == _COMMENT or depth > DEEPEST:
            continue
        line = table.line_of(name)
        written = _written(node, depth)
        value = hcl.expression(written, line) if written is not None else None
        if value is not None:
            block.attributes[name] = value
        for inner in _tables(node):
            within = Block(name, (), block.path, inner.line)
            _fill(within, inner, depth + 1)
            block.blocks.append(within)


def _written(node: Node, depth: int) -> str | None:
    """A value in the other syntax; None for what cannot be written there."""
    if depth > DEEPEST:
        return None
    if isinstance(node, Scalar):
        return node.value if not node.style else f'"{_template(node.value)}"'
    if isinstance(node, Items):
        values = [_written(each, depth + 1) for each in node.values]
        return f"[{', '.join(value for value in values if value is not None)}]"
    if isinstance(node, Table):
        pairs = ((f'"{_template(name)}"', _written(each, depth + 1)) for name, each in node.items())
        return "{" + ", ".join(f"{name} = {value}" for name, value in pairs if value is not None) + "}"
    return None


def _template(text: str) -> str:
    """A text for between quotes: what stands in ``${…}`` is an expression, and stays as it is."""
    parts: list[str] = []
    position = 0
    while position < len(text):
        start = min((at for at in (text.find(mark, position) for mark in ("${", "%{")) if at >= 0), default=len(text))
        parts.append(json.dumps(text[position:start], ensure_ascii=False)[1:-1])
        end = _end(text, start)
        parts.append(text[start:end])
        position = end
    return "".join(parts)


def _end(text: str, start: int) -> int:
    """Where an expression that begins at `start` ends."""
    depth = 0
    quoted = False
    for position in range(start, len(text)):
        character = text[position]
        if character == '"' and text[position - 1] != "\\":
            quoted = not quoted
        elif not quoted and character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return position + 1
    return len(text)
