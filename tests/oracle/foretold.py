"""The findings that a fixture's marks foretell, in the form in which `prove` sets them beside what it sees."""

from __future__ import annotations

import ast
from pathlib import Path

from lint_lambda.emulator.frames import parsed
from lint_lambda.emulator.story import ANYTHING, Finding, Sight
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.rulebook import load_rules
from tests.oracle.fixture import Fixture, Mark

_KINDS = {rule.code: [load_kinds()[kind] for kind in rule.kinds] for rule in load_rules()}


def foretold(fixture: Fixture, task_root: Path) -> list[Finding]:
    """A finding for each mark. What rules about an extension's conduct (LAM6xx) point at is no launch: probes alone judge it."""
    return [_finding(fixture, mark, task_root) for mark in fixture.expected if not mark.code.startswith("LAM6")]


def _finding(fixture: Fixture, mark: Mark, task_root: Path) -> Finding:
    file = task_root / (fixture.app if fixture.root is None else mark.file.relative_to(fixture.root))
    end = (_node_end if fixture.is_node else _end)(file, mark.line)
    kinds = _KINDS[mark.code]
    seen = ANYTHING.observed if any(kind.observed for kind in kinds) else ()
    sight = Sight(observed=seen, data=bool(kinds) and all(kind.data for kind in kinds))
    fate, confidence = mark.fate or "", mark.confidence or ""
    return Finding(mark.code, str(file), mark.line, end, "", fate, confidence, sight=sight)


def _end(file: Path, line: int) -> int:
    """The last line of the Python expression that begins on a line."""
    ends = [
        node.end_lineno or 0
        for node in ast.walk(parsed(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.expr) and node.lineno == line
    ]
    return max(ends, default=line)


def _node_end(file: Path, line: int) -> int:
    """The line on which every bracket has been closed that a line of JavaScript opens."""
    lines = file.read_text(encoding="utf-8").splitlines()
    depth = 0
    for number, text in enumerate(lines[line - 1 :], line):
        code = text.partition("//")[0]
        depth += sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))
        if depth <= 0:
            return number
    return line
