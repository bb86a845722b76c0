"""Comments that silence findings, and unused ones (LAM901).

- ``# lambda-lint: ignore[LAM201, LAM102] reason`` and ``# noqa: LAM201``: findings whose launch begins or ends on that line.
- ``# noqa`` alone: every finding there, as other tools read it.
- ``# lambda-lint: ignore-file[LAM201] reason``: findings of that rule in the whole file.

Comments begin as their language has it: ``//`` and ``/*`` as well as ``#``.

A file's front-end tells its comments, also where it cannot be parsed: it still has its ignores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from lint_lambda.core.finding import Applicability, Edit, Finding, Fix
from lint_lambda.core.near import nearest
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.source import Location, Span
from lint_lambda.frontends import of
from lint_lambda.knowledge.rules import Rules
from lint_lambda.knowledge.texts import say
from lint_lambda.reporting.selection import about_no_launch

UNUSED = "LAM901"

_NEWLINE = re.compile(r"\r\n|\r|\n")
_CODE = re.compile(r"[A-Za-z]+\d+")
_OWN = re.compile(r"(?:\#|//|/\*)\s*lambda-lint:\s*(?P<form>ignore-file|ignore)\b\s*(?:\[(?P<codes>[^\]]*)\])?")
_NEXT_COMMENT = re.compile(r"\#(?=\s|[^\W\d])")
"""What may begin another comment on the line of one, as in ``# noqa`` and ``#type: …``; a reason may name ``#123``."""
_NOQA = re.compile(
    r"#\s*noqa(?![\w-])(?P<colon>\s*:)?\s*(?P<codes>[a-z]+\d+(?:(?:\s*,\s*|\s+)[a-z]+\d+)*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Ignore:
    """One code of one comment, which begins at column `comment`.

    `code` is None for a bare ``# noqa``; it is in capitals, as it was meant.
    """

    code: str | None
    form: Literal["ignore", "ignore-file", "noqa"]
    location: Location
    comment: int

    def covers(self, finding: Finding) -> bool:
        span = finding.location.span
        if self.code not in (None, finding.code) or self.location.path != finding.location.path:
            return False
        return self.form == "ignore-file" or self.location.span.line in (span.line, span.end_line)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A comment of ours that silences nothing because of how it is written."""

    location: Location
    written: str
    problem: str
    hint: str


def may_hold_ignore(source: bytes) -> bool:
    """Whether comments of these bytes can silence anything, without reading any comment."""
    return b"lambda-lint:" in source or b"noqa" in source.lower()


def read_ignores(path: str, text: str) -> tuple[list[Ignore], list[Malformed]]:
    """Every ignore in the comments of a file, in order."""
    ignores: list[Ignore] = []
    malformed: list[Malformed] = []
    if "lambda-lint:" not in text and "noqa" not in text.lower():
        return ignores, malformed
    for line, column, comment in of(path).comments(text):
        for found in _OWN.finditer(comment):
            form: Literal["ignore", "ignore-file"] = "ignore" if found["form"] == "ignore" else "ignore-file"
            codes = list(_CODE.finditer(found["codes"] or ""))
            offset = column + (found.start("codes") if found["codes"] else 0)
            ignores += [Ignore(c[0].upper(), form, _location(path, line, offset, c), column) for c in codes]
            if not codes:
                problem, hint = say("ignores.no-rule"), say("ignores.no-rule-hint", form=form)
                malformed.append(Malformed(_location(path, line, column, found), found[0].rstrip(), problem, hint))
        for found in _NOQA.finditer(comment):
            if found["colon"] is None:
                ignores.append(Ignore(None, "noqa", _location(path, line, column, found), column))
            elif found["codes"]:
                offset = column + found.start("codes")
                codes = list(_CODE.finditer(found["codes"]))
                ignores += [Ignore(c[0].upper(), "noqa", _location(path, line, offset, c), column) for c in codes]
    return ignores, malformed


def _location(path: str, line: int, offset: int, found: re.Match[str]) -> Location:
    return Location(path, Span(line, offset + found.start(), line, offset + found.end()))


def apply_ignores(
    findings: Iterable[Finding],
    analysed: Iterable[str],
    text: Callable[[str], str | None],
    rules: Rules,
    selects: Callable[[str, str], bool],
    guard: Callable[[str, str], AbstractContextManager[object]] = lambda item, doing: nullcontext(),
) -> list[Finding]:
    """The findings that no comment silences, and one LAM901 for each ignore that silences none; sorted.

    Give findings of every rule and confidence: an ignore is used even if what it silences would be hidden anyway.

    - `analysed`: the files a handler reaches. Nothing can be said of ignores elsewhere.
    - `text`: a file's text by path, None when it has none.
    - `selects(code, path)`: whether the rule runs on that file; the ignores of a rule that does not are left alone.
    - `guard`: held around what is done with one file, whose findings stay where it fails.
    """
    findings = list(findings)
    paths = sorted({*analysed, *(finding.location.path for finding in findings)})
    kept: list[Finding] = []
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        by_path.setdefault(finding.location.path, []).append(finding)
    for path in paths:
        left = found = by_path.get(path, [])
        with guard(path, "reading its comments"):
            source = text(path) or ""
            ignores, malformed = read_ignores(path, source)
            unused = _unused(ignores, malformed, found, source, rules, selects) if selects(UNUSED, path) else []
            left = [f for f in (*found, *unused) if not any(ignore.covers(f) for ignore in ignores)]
        kept += left
    return sorted(kept, key=lambda finding: finding.sort_key)


def _unused(
    ignores: list[Ignore],
    malformed: list[Malformed],
    findings: list[Finding],
    text: str,
    rules: Rules,
    selects: Callable[[str, str], bool],
) -> list[Finding]:
    """A LAM901 for each ignore of no finding. One that may be a slip of the pen is not proposed for deletion."""
    rule = rules[UNUSED]
    said: list[tuple[Location, str, str, str]] = [(m.location, m.written, m.problem, m.hint) for m in malformed]
    removed: dict[Location, Fix] = {}
    for ignore in ignores:
        code, path = ignore.code, ignore.location.path
        if code is None or code == UNUSED or (ignore.form == "noqa" and not code.startswith("LAM")):
            continue
        if code not in rules.codes:
            near = nearest(code, rules.codes)
            hint = say("ignores.unknown-near", code=near) if near else say("ignores.unknown-hint")
            said.append((ignore.location, code, say("ignores.unknown", code=code), hint))
        elif selects(code, path) and not any(ignore.covers(finding) for finding in findings):
            in_file = ignore.form == "ignore-file"
            problem = say("ignores.unused-file" if in_file else "ignores.unused-line", code=code)
            said.append((ignore.location, code, problem, ""))
            removed[ignore.location] = _removal(ignore, text)
    counts: dict[str, int] = {}
    unused = []
    for location, subject, problem, hint in sorted(said):
        ordinal = counts[subject] = counts.get(subject, -1) + 1
        made = about_no_launch(rule, location, subject=subject, problem=problem, hint=hint, ordinal=ordinal)
        unused.append(replace(made, proposed=(removed[location],) if location in removed else ()))
    return unused


def _removal(ignore: Ignore, text: str) -> Fix:
    """The deletion of a code; where it is the only one, of the comment with its reason; where that is all, of the line."""
    path, span = ignore.location.path, ignore.location.span
    line = _NEWLINE.split(text)[span.line - 1]
    pattern = _NOQA if ignore.form == "noqa" else _OWN
    comment = next(found for found in pattern.finditer(line, ignore.comment) if found.end() >= span.end_column)
    codes = list(_CODE.finditer(line, comment.start("codes"), comment.end("codes")))
    index = [code.start() for code in codes].index(span.column)
    if len(codes) > 1:
        last = index + 1 == len(codes)
        start = codes[index - 1].end() if last else span.column
        end = span.end_column if last else codes[index + 1].start()
        return _delete(say("fixes.stop-ignoring", code=ignore.code), path, Span(span.line, start, span.line, end))
    behind = _NEXT_COMMENT.search(line, comment.end())
    end = behind.start() if behind else len(line)
    if comment[0].startswith("/*"):
        end = line.find("*/", comment.end()) + 2 or len(line)
    start = comment.start() if behind else len(line[: comment.start()].rstrip())
    if start == 0 and end == len(line):
        return _delete(say("fixes.delete-comment"), path, Span(span.line, 0, span.line + 1, 0))
    return _delete(say("fixes.delete-comment"), path, Span(span.line, start, span.line, end))


def _delete(title: str, path: str, span: Span) -> Fix:
    return Fix(title, Applicability.SAFE, (Edit(path, span, ""),))
