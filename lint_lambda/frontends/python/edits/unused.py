"""What an edit leaves without a use: imports that nothing needs any more, and the comments that keep a line from going."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import libcst as cst

from lint_lambda.frontends.python.edits.code import Code, Edits, walk


def names_in(nodes: Iterable[cst.CSTNode]) -> list[str]:
    """The names in the nodes."""
    return list(dict.fromkeys(node.value for node in nodes if isinstance(node, cst.Name)))


def unneeded(code: Code, gone: Sequence[cst.CSTNode], names: Iterable[str], text: str) -> Edits:
    """The edits that take away the import of each name that only `gone`, and not the new `text`, has used."""
    edits: Edits = []
    taken = set(map(id, gone))
    for root in dict.fromkeys(names):
        word = re.compile(rf"(?<!\w){re.escape(root)}(?!\w)")
        uses = [node for node in walk(code.module) if isinstance(node, cst.Name) and node.value == root]
        left = [node for node in uses if id(node) not in taken]
        if not root or len(word.findall(code.text)) != len(uses) or word.search(text):
            continue
        lines = [code.statement(each) for each in left]
        if not lines or not all(isinstance(each, (cst.Import, cst.ImportFrom)) for each in lines):
            continue
        line = lines[0]
        listed = line.names if isinstance(line, (cst.Import, cst.ImportFrom)) else ()
        lone = not isinstance(listed, cst.ImportStar) and len(listed) == 1 and all(each is line for each in lines)
        if lone and code.is_alone(line) and len(code.block(code.unit(line))) > 1 and not is_commented(code, line):
            edits.append(code.remove_line(code.unit(line)))
    return edits


def has_comment(node: cst.CSTNode) -> bool:
    return any(isinstance(each, cst.Comment) for each in walk(node))


def is_commented(code: Code, statement: cst.CSTNode) -> bool:
    """Whether a comment stands in a statement, or behind it."""
    unit = code.unit(statement)
    behind = unit.trailing_whitespace.comment if isinstance(unit, cst.SimpleStatementLine) else None
    return behind is not None or has_comment(statement)
