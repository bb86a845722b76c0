"""The report people read: a code frame for each finding, its fate and its remedies. Colours appear only in a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from lint_lambda.core.finding import Finding, Severity
from lint_lambda.knowledge.texts import say
from lint_lambda.output.context import Context, printable
from lint_lambda.output.frame import Label, Line, frame, wrapped
from lint_lambda.output.prose import notes

_STYLES = {
    "": "",
    "code": "",
    "gutter": "bold blue",
    "place": "bold",
    "secondary": "blue",
    "help": "bold green",
}
_SEVERITY = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFORMATION: "bold cyan"}

STARTS = r"(?:error|warning|information)\[LAM\d{3}\]: ."


def make_console(file: IO[str]) -> Console:
    """A console on `file`: plain unless it is a terminal; rich honours NO_COLOR, FORCE_COLOR and COLUMNS."""
    return Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True)


def render(findings: Iterable[Finding], context: Context) -> str:
    """The report as it goes to a file."""
    file = io.StringIO()
    write(findings, context, make_console(file))
    return file.getvalue()


def write(findings: Iterable[Finding], context: Context, console: Console) -> None:
    """Print every finding, an empty line after each; then once the remedies that many of them share."""
    width = console.width if console.is_terminal else None
    general: dict[str, list[str]] = {}
    for finding in findings:
        for line in _finding(finding, context, width):
            console.print(line, soft_wrap=True)
        console.print()
        for remedy in finding.general:
            general.setdefault(remedy, []).append(finding.code)
    for line in _general(general, width):
        console.print(line, soft_wrap=True)
    if general:
        console.print()


def _finding(finding: Finding, context: Context, width: int | None) -> Iterable[Text]:
    severity = _SEVERITY[finding.severity]
    page = context.page(finding.code)
    word, code = finding.severity.value, finding.code
    fixable = f" {say('report.fixable-mark')}" if finding.fixable else ""
    first, *rest = wrapped(f"{word}[{code}]: ", f"{printable(finding.message)}{fixable}", width)
    yield Text.assemble(
        (f"{word}[", severity),
        (code, Style.parse(severity) + Style(link=page)),
        ("]", severity),
        (first[len(word) + len(code) + 2 :], "bold"),
    )
    yield from (Text(line, "bold") for line in rest)
    label = finding.fate.value.replace("-", " ") if finding.fate is not None else finding.name.replace("-", " ")
    labels = [Label(finding.location, label, primary=True)]
    labels += [Label(related.location, related.message) for related in finding.related]
    for segments in frame(labels, context, width):
        yield _paint(segments, severity)
    margin = len(str(max(label.location.span.end_line for label in labels)))
    for word, said in notes(finding):
        gutter = f"{'':{margin}} = "
        first, *rest = wrapped(f"{gutter}{word}: ", printable(said), width)
        yield Text.assemble(
            (gutter, _STYLES["gutter"]),
            (f"{word}:", _STYLES["help"] if word == "help" else "bold"),
            first[len(gutter) + len(word) + 1 :],
        )
        yield from map(Text, rest)


def _general(general: Mapping[str, Sequence[str]], width: int | None) -> Iterable[Text]:
    """The remedies that findings share, each with the rules that it is for."""
    if general:
        yield Text.assemble(("help: ", _STYLES["help"]), say("report.general"))
    for remedy, codes in general.items():
        first, *rest = wrapped("  - ", f"{printable(remedy)} ({', '.join(sorted(set(codes)))})", width)
        yield Text(first)
        yield from map(Text, rest)


def _paint(segments: Line, severity: str) -> Text:
    painted = Text()
    for text, style in segments:
        painted.append(text, severity if style == "primary" else _STYLES[style])
    return painted
