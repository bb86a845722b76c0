"""The report people read: a code frame a finding, its fate, and the ways out. Colours only where a terminal is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from lint_lambda.core.finding import Confidence, Fate, Finding, Severity
from lint_lambda.output.context import Context, printable
from lint_lambda.output.frame import Label, Line, frame, wrapped

_STYLES = {
    "": "",
    "code": "",
    "gutter": "bold blue",
    "place": "bold",
    "secondary": "blue",
    "help": "bold green",
}
_SEVERITY = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFORMATION: "bold cyan"}

_FATE = {
    Fate.NEVER_RUNS: "nothing ever starts it",
    Fate.CANCELLED: "it runs to its first suspension and is cancelled there",
    Fate.FROZEN: "it stops when the response is out, and resumes in a later invocation or never",
    Fate.BUFFERED: "what was handed over waits in memory for a flush that does not come",
    Fate.BLOCKS: "the invocation waits until it times out",
    Fate.UNKNOWN: "its handle went where it cannot be followed",
}
_CONFIDENCE = {
    Confidence.HIGH: "on every path",
    Confidence.MEDIUM: "on some path",
    Confidence.LOW: "as far as can be seen",
}
MOST_HANDLERS = 5


def make_console(file: IO[str]) -> Console:
    """A console on `file`: plain unless it is a terminal; rich honours NO_COLOR, FORCE_COLOR and COLUMNS."""
    return Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True)


def write(findings: Iterable[Finding], context: Context, console: Console) -> None:
    """Print every finding, an empty line after each."""
    width = console.width if console.is_terminal else None
    for finding in findings:
        for line in _finding(finding, context, width):
            console.print(line, soft_wrap=True)
        console.print()


def _finding(finding: Finding, context: Context, width: int | None) -> Iterable[Text]:
    severity = _SEVERITY[finding.severity]
    page = context.page(finding.code)
    word, code = finding.severity.value, finding.code
    first, *rest = wrapped(f"{word}[{code}]: ", printable(finding.message), width)
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
    for word, said in _notes(finding):
        gutter = f"{'':{margin}} = "
        first, *rest = wrapped(f"{gutter}{word}: ", printable(said), width)
        yield Text.assemble(
            (gutter, _STYLES["gutter"]),
            (f"{word}:", _STYLES["help"] if word == "help" else "bold"),
            first[len(gutter) + len(word) + 1 :],
        )
        yield from map(Text, rest)


def _notes(finding: Finding) -> Iterable[tuple[str, str]]:
    if finding.fate is not None:
        how = f"{finding.fate.value} {_CONFIDENCE[finding.confidence]} ({finding.confidence.label} confidence)"
        yield "fate", f"{how}: {_FATE[finding.fate]}" if finding.fate in _FATE else how
    if len(finding.handlers) > 1:
        more = len(finding.handlers) - MOST_HANDLERS
        named = ", ".join(finding.handlers[:MOST_HANDLERS])
        yield "handlers", f"{named} and {more} more" if more > 0 else named
    for said in finding.help:
        yield "help", said
    for fix in finding.fixes:
        yield "fix", f"{fix.title} ({fix.applicability.value})" if fix.edits else fix.title


def _paint(segments: Line, severity: str) -> Text:
    painted = Text()
    for text, style in segments:
        painted.append(text, severity if style == "primary" else _STYLES[style])
    return painted
