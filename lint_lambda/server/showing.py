"""What an editor shows of a view: diagnostics, hovers, lenses above handlers, hints beside launches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lint_lambda.config import Config
from lint_lambda.core.finding import Fate, Finding
from lint_lambda.core.record import replace
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Handler
from lint_lambda.engine import graphing
from lint_lambda.engine.live import View
from lint_lambda.engine.room import with_room
from lint_lambda.knowledge.rules import Rules
from lint_lambda.knowledge.texts import say, texts
from lint_lambda.output import graphs, prose
from lint_lambda.output import json as dialect
from lint_lambda.output.context import Context

GRAPH = "lambda-lint.graph"
"""The command that shows a handler's call graph."""

Data = dict[str, Any]
"""A structure of LSP as plain data."""


def context(view: View, uris: Mapping[str, str], encoding: str) -> Context:
    """What the dialect of editors needs to know of files."""
    run = view.run

    def text(path: str) -> str | None:
        return (run.program.text(path) if path in run.project.every_file else _peeked(view, path)) or None

    return Context(
        run.project.root, text, page_of(run.config, run.rules), directory=Path(), uris=uris, encoding=encoding
    )


def _peeked(view: View, path: str) -> str:
    return view.run.project.peek(path).decode("utf-8", "replace")


def page_of(config: Config, rules: Rules) -> Any:
    """Gives the address of a rule's page, by its code."""

    def page(code: str) -> str | None:
        return config.rule_url.format(code=code, name=rules[code].name) if code in rules.codes else None

    return page


def diagnostics(findings: Iterable[Finding], about: Context) -> dict[str, list[Data]]:
    """The diagnostics by file."""
    found: dict[str, list[Data]] = {}
    for finding in sorted(findings, key=lambda each: each.sort_key):
        found.setdefault(finding.location.path, []).append(dialect.diagnostic(finding, about))
    return found


def hover(findings: Iterable[Finding], view: View, about: Context) -> Data | None:
    """What is told where the pointer rests on findings: each with its remedies, and the page of its rule."""
    parts = []
    where: Location | None = None
    for finding in findings:
        where = where or finding.location
        rule = view.run.rules[finding.code]
        helps = "\n".join(f"- {_sentence(text)}" for text in finding.remedies)
        fate = f"*{_sentence(prose.fate(finding))}*\n\n" if finding.fate is not None else ""
        told = f"**{finding.code} {finding.name}**\n\n{_sentence(finding.message)}\n\n{fate}{helps}"
        page = about.page(finding.code)
        link = f"\n\n[{finding.code} {rule.name}]({page})" if page else ""
        parts.append(f"{told}\n\n---\n\n{rule.page.rstrip()}{link}")
    if where is None:
        return None
    return {
        "contents": {"kind": "markdown", "value": "\n\n---\n\n".join(parts)},
        "range": dialect.range_of(where, about),
    }


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "…", ":")) else ".")


@with_room
def lenses(view: View, path: str, about: Context) -> list[Data]:
    """One above each handler of a file: how much it launches, and how much of that is unfinished at its response."""
    found = []
    run = view.run
    in_place = run.snapshot.deployment.in_place
    for handler in view.handlers_in(path):
        location = in_place.location(run.program.locate(handler.place))
        title = lens_title(view, handler)
        command = {"title": title, "command": GRAPH, "arguments": [about.uri(path), handler.name]}
        found.append({"range": dialect.range_of(location, about), "command": command})
    return found


def lens_title(view: View, handler: Handler) -> str:
    """How much a handler launches, in words."""
    name = str(handler)
    unfinished = {
        finding.location for finding in view.findings if finding.fate is not None and name in finding.handlers
    }
    launched = {view.run.program.locate(each.place) for each in view.launched.get(handler, ())} | unfinished
    if not launched:
        return say("editor.no-launches")
    count = say("editor.one-launch") if len(launched) == 1 else say("editor.launches", count=len(launched))
    state = say("editor.unfinished", count=len(unfinished)) if unfinished else say("editor.all-finished")
    return f"{count}, {state}"


@with_room
def graph(view: View, path: str, name: str, about: Context) -> str | None:
    """The graph of a handler as a page; None where there is no such handler any more."""
    handlers = [*view.points.handlers, *view.handlers_in(path)]
    handler = next((each for each in handlers if (each.path, each.name) == (path, name)), None)
    if handler is None:
        return None
    drawn = graphing.graph_of(view.run, list(dict.fromkeys(handlers)), handler)
    return graphs.renderer("html")(drawn, replace(about, directory=view.run.project.root))


@with_room
def hints(view: View, path: str, about: Context, first: int, last: int) -> list[Data]:
    """Behind each launch between two lines (from 0) of a file: what becomes of it."""
    run = view.run
    in_place = run.snapshot.deployment.in_place
    fates = {verdict.launch: verdict.fate for verdict in view.concluded.verdicts}
    told = {(finding.location, finding.fate): finding for finding in view.findings}
    found: dict[Location, Data] = {}
    launched = {each.place for launches in view.launched.values() for each in launches if each.place.path == path}
    for place in sorted(launched | {place for place in fates if place.path == path}):
        location = in_place.location(run.program.locate(place))
        fate = fates.get(place, Fate.JOINED)
        finding = told.get((location, fate))
        end = dialect.range_of(location, about)["end"]
        if first <= end["line"] <= last:
            found[location] = {
                "position": end,
                "label": texts("fate_names")[fate.value],
                "paddingLeft": True,
                "tooltip": finding.message if finding is not None else say(f"editor.hint-{_kind(fate)}"),
            }
    return list(found.values())


def _kind(fate: Fate) -> str:
    return "joined" if fate is Fate.JOINED else "accepted"
