"""The report people read: a code frame for each finding, its fate and its remedies.

It makes lines of styled segments. `Plain` writes them without their styles; in a terminal `lint_lambda.output.terminal` paints them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Protocol

from lint_lambda.core.finding import Finding
from lint_lambda.core.printable import printable, printable_line
from lint_lambda.knowledge.texts import say
from lint_lambda.output.context import Context
from lint_lambda.output.frame import CODE_OF_RULE, Label, Line, frame, wrapped
from lint_lambda.output.prose import notes

STARTS = r"(?:error|warning|information)\[LAM\d{3}\]: ."


class Paper(Protocol):
    """What lines are written on. `width`: the columns that a line is to fit in; None for any length."""

    @property
    def width(self) -> int | None: ...

    def line(self, segments: Line, link: str | None = None) -> None:
        """Write a line. A segment whose style begins with `CODE_OF_RULE` leads to `link`."""


class Plain:
    """A file that nobody watches."""

    width = None

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def line(self, segments: Line, link: str | None = None) -> None:
        self._file.write(printable_line("".join(text for text, _ in segments)) + "\n")


def is_painted(file: IO[str]) -> bool:
    """Whether somebody looks at `file`, or the environment says so."""
    return file.isatty() or any(name in os.environ for name in ("FORCE_COLOR", "TTY_COMPATIBLE"))


def paper(file: IO[str]) -> Paper:
    """`file` without styles, unless it is a terminal or the environment asks for them."""
    if not is_painted(file):
        return Plain(file)
    from lint_lambda.output.terminal import Terminal  # with rich, which takes a while

    return Terminal.on(file)


def render(findings: Iterable[Finding], context: Context) -> str:
    """The report as it goes to a file."""
    file = io.StringIO()
    write(findings, context, paper(file))
    return file.getvalue()


def write(findings: Iterable[Finding], context: Context, paper: Paper) -> None:
    """Print every finding, an empty line after each; then once the remedies that many of them share."""
    general: dict[str, list[str]] = {}
    for finding in findings:
        for line in _finding(finding, context, paper.width):
            paper.line(line, context.page(finding.code))
        paper.line([])
        for remedy in finding.general:
            general.setdefault(remedy, []).append(finding.code)
    for line in _general(general, paper.width):
        paper.line(line)
    if general:
        paper.line([])


def _finding(finding: Finding, context: Context, width: int | None) -> Iterable[Line]:
    severity, code = finding.severity.value, finding.code
    fixable = f" {say('report.fixable-mark')}" if finding.fixable else ""
    first, *rest = wrapped(f"{severity}[{code}]: ", f"{printable(finding.message)}{fixable}", width)
    message = first[len(severity) + len(code) + 2 :]
    yield [(f"{severity}[", severity), (code, CODE_OF_RULE + severity), ("]", severity), (message, "place")]
    yield from ([(line, "place")] for line in rest)
    label = finding.fate.value.replace("-", " ") if finding.fate is not None else finding.name.replace("-", " ")
    labels = [Label(finding.location, label, primary=True)]
    labels += [Label(related.location, related.message) for related in finding.related]
    for segments in frame(labels, context, width):
        yield [(text, severity if style == "primary" else style) for text, style in segments]
    margin = len(str(max(label.location.span.end_line for label in labels)))
    for word, said in notes(finding):
        gutter = f"{'':{margin}} = "
        first, *rest = wrapped(f"{gutter}{word}: ", printable(said), width)
        style = "help" if word == "help" else "place"
        yield [(gutter, "gutter"), (f"{word}:", style), (first[len(gutter) + len(word) + 1 :], "")]
        yield from ([(line, "")] for line in rest)


def _general(general: Mapping[str, Sequence[str]], width: int | None) -> Iterable[Line]:
    """The remedies that findings share, each with the rules that it is for."""
    if general:
        yield [("help: ", "help"), (say("report.general"), "")]
    for remedy, codes in general.items():
        first, *rest = wrapped("  - ", f"{printable(remedy)} ({', '.join(sorted(set(codes)))})", width)
        yield from ([(line, "")] for line in (first, *rest))
