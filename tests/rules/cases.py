"""Verdicts written by hand about a piece of source, and the findings that come of them."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

from lint_lambda.core.finding import Confidence, Fate, Finding
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.source import Location, Span
from lint_lambda.core.verdict import Handler, Place, Verdict
from lint_lambda.frontends.python.lower import locate, lower
from lint_lambda.reporting.selection import findings
from tests.rules.pages import RULES


class Code:
    """Files of a made-up project: path to text. Places are named by the text that stands there."""

    def __init__(self, app: str, **others: str) -> None:
        self.texts = {"app.py": dedent(app), **{f"{name}.py": dedent(text) for name, text in others.items()}}
        self.modules = {path: lower(text.encode(), path) for path, text in self.texts.items()}
        self.spans = {path: locate(text.encode(), path) for path, text in self.texts.items()}

    def text(self, place: Place) -> str:
        span = self.spans[place.path][place.site]
        lines = self.texts[place.path].splitlines()[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column]
        lines[0] = lines[0][span.column :]
        return "\n".join(lines)

    def place(self, text: str, path: str = "app.py", number: int = 0) -> Place:
        """The place (the first, or `number` further) whose text this is."""
        places = [Place(path, site) for site in range(len(self.spans[path]))]
        return [place for place in places if self.text(place) == text][number]

    def handler(self, name: str = "handler", path: str = "app.py", text: str = "") -> Handler:
        """The handler `name`, defined where `text` (by default its name) stands."""
        return Handler(path, name, self.place(text or name, path), "signature", "it looks like one")

    def verdict(
        self,
        launch: str,
        kind: str = "thread",
        path: str = "app.py",
        number: int = 0,
        handlers: tuple[Handler, ...] = (),
    ) -> Verdict:
        """A verdict on the launch with that text: frozen, never joined, for `handler`, which falls off its end."""
        place = self.place(launch, path, number)
        functions = [f for f in self.modules[path].functions if f.qualname != MODULE_BODY]
        line = self.span(place).line
        inside = [f for f in functions if self.span(Place(path, f.site)).line <= line]
        return Verdict(
            kind=kind,
            fate=Fate.FROZEN,
            confidence=Confidence.HIGH,
            launch=place,
            call="library.call",
            label="work",
            function=max(inside, key=lambda f: self.span(Place(path, f.site)).line).qualname if inside else MODULE_BODY,
            handlers=handlers or (self.handler(),),
            path=(),
            abandoned_at=None,
            reason="never-joined",
        )

    def span(self, place: Place) -> Span:
        return self.spans[place.path][place.site]

    def findings(self, *verdicts: Verdict) -> list[Finding]:
        return findings(
            verdicts,
            RULES,
            lambda place: Location(place.path, self.span(place)),
            self.texts.__getitem__,
            self.modules.get,
        )

    def finding(self, launch: str, kind: str = "thread", returns: str = "", **changes: object) -> Finding:
        """The one finding of `verdict` with `changes`; `returns` is the text of the return that abandons it."""
        verdict = replace(self.verdict(launch, kind), **changes)  # type: ignore[arg-type]
        if returns:
            verdict = replace(verdict, abandoned_at=self.place(returns))
        (finding,) = self.findings(verdict)
        return finding
