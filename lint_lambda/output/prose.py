"""What a finding says after its message: its fate, its handlers, its remedies and its fixes, a line each."""

from __future__ import annotations

from collections.abc import Iterable

from lint_lambda.core.finding import Finding
from lint_lambda.knowledge.texts import say, texts

MOST_HANDLERS = 5


def fate(finding: Finding) -> str:
    """What becomes of the work, and how certain that is; empty for a finding that is about no launch."""
    if finding.fate is None:
        return ""
    name, level = finding.fate.value, finding.confidence.label
    certainty = f"{level}-{name}" if f"{level}-{name}" in texts("certainty") else level
    how = say(f"certainty.{certainty}", fate=say(f"fate_names.{name}"))
    return f"{how}: {say(f'fate_stories.{name}')}" if name in texts("fate_stories") else how


def notes(finding: Finding) -> Iterable[tuple[str, str]]:
    """Lines in order, each with the word that introduces it."""
    if finding.fate is not None:
        yield "fate", fate(finding)
    if len(finding.handlers) > 1:
        more = len(finding.handlers) - MOST_HANDLERS
        named = ", ".join(finding.handlers[:MOST_HANDLERS])
        yield "handlers", f"{named} and {more} more" if more > 0 else named
    for text in finding.help:
        yield "help", text
    for fix in finding.fixes:
        yield "fix", f"{fix.title} ({fix.applicability.value})" if fix.edits else fix.title


def body(finding: Finding) -> list[str]:
    """The lines as plain text, for formats that show a finding alone: with the remedies that many findings share."""
    return [f"{word}: {text}" for word, text in (*notes(finding), *(("help", text) for text in finding.general))]
