"""Write ignore comments for findings that are accepted: a text with them, which means the same and silences each."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Sequence

from lint_lambda.core.errors import NotAnalysed, SyntaxProblem
from lint_lambda.core.finding import Finding
from lint_lambda.frontends import FRONTENDS, of
from lint_lambda.ignores import read_ignores

_OURS = re.compile(r"(?:\#|//|/\*)\s*lambda-lint:\s*ignore\s*\[(?P<codes>[^\]]*)\]")
_LINE = re.compile(r"(?P<text>[^\r\n]*)(?P<end>\r\n|\r|\n|\Z)")


class CannotIgnore(Exception):
    """No comment can silence the finding; the message says why."""


def may_be_ignored(finding: Finding) -> bool:
    """Whether a comment in the code can accept it: it must be about a launch."""
    return finding.fate is not None


def with_ignores(path: str, text: str, findings: Sequence[Finding], reason: str) -> str:
    """The text of a file with a comment for each finding. Raises `CannotIgnore` for one that has no room for it."""
    lines = [(found["text"], found["end"]) for found in _LINE.finditer(text)]
    closed = _inside_strings(path, text)
    wanted: dict[int, list[str]] = {}
    for finding in findings:
        span = finding.location.span
        candidates = [line for line in (span.end_line, span.line) if _has_room(lines[line - 1][0], line in closed)]
        if not candidates:
            raise CannotIgnore(f"line {span.line} has no room for a comment")
        wanted.setdefault(candidates[0], []).append(finding.code)
    for line, codes in wanted.items():
        before, end = lines[line - 1]
        lines[line - 1] = (_commented(before, sorted(set(codes)), reason, of(path).comment), end)
    after = "".join(line + end for line, end in lines)
    _check(path, text, after, findings)
    return after


def _has_room(line: str, inside: bool) -> bool:
    return not inside and not line.endswith("\\")


def _inside_strings(path: str, text: str) -> set[int]:
    """Lines whose end is within a string."""
    found: set[int] = set()
    for first, last in of(path).strings(text):
        found.update(range(first, last))
    return found


def _commented(line: str, codes: Sequence[str], reason: str, begins: str) -> str:
    """The line with the codes in a comment of ours that it has, or in a new one at its end."""
    for ours in _OURS.finditer(line):
        known = [code.strip() for code in ours["codes"].split(",") if code.strip()]
        merged = ", ".join([*known, *(code for code in codes if code not in known)])
        return line[: ours.start("codes")] + merged + line[ours.end("codes") :]
    return f"{line.rstrip()}{begins}lambda-lint: ignore[{', '.join(codes)}] {reason}"


def _check(path: str, before: str, after: str, findings: Iterable[Finding]) -> None:
    """Raises `CannotIgnore` unless the program is the same and every finding is silenced."""
    ignores, _ = read_ignores(path, after)
    for finding in findings:
        if not any(ignore.covers(finding) for ignore in ignores):
            raise CannotIgnore(f"line {finding.location.span.line} has no room for a comment")
    if _program(path, before) != _program(path, after):
        raise CannotIgnore("the comments would change the program")


def _program(path: str, text: str) -> object:
    """The program as its language reads it, without its places; None where that is not known. Nothing is executed."""
    if of(path) is not FRONTENDS[0]:
        try:
            return of(path).lower(text.encode(), path)
        except (SyntaxProblem, NotAnalysed):
            return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
