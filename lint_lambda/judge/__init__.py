"""Verdicts become findings: the rule that objects, its message and ways out in the words of the code, its fingerprint."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from lint_lambda.core import ir
from lint_lambda.core.finding import Confidence, Fate, Finding, FixIntent, Related, Role
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Handler, Place, Verdict
from lint_lambda.judge.holding import Holding, contains, holding
from lint_lambda.knowledge.rules import Rule, Rules

FATE_WORDS: Mapping[Fate, str] = {
    Fate.NEVER_RUNS: "never run",
    Fate.CANCELLED: "cancelled",
    Fate.FROZEN: "frozen",
    Fate.BUFFERED: "left in a buffer",
    Fate.BLOCKS: "waited for in vain",
    Fate.UNKNOWN: "possibly lost",
}
"""`{fate}` in a message, after "is"."""

WHY: Mapping[str, str] = {
    "never-joined": "nothing waits for it",
    "some-path": "{leaving} does not wait for it",
    "only-last": "the loop starts one each turn and only the last is waited for",
    "times-out": "{noted} can time out first",
    "partial-wait": "{noted} can return before all of it is done",
    "premature-signal": "{noted} returns as soon as it is signalled, before the work is finished",
    "escaped": "its handle is passed to {noted}, which lambda-lint cannot analyse",
    "import-time": "it starts when the module is imported, and no handler waits for it",
    "next-event": "it is pending when the next event is asked for, and there Lambda freezes the sandbox",
    "not-signalled": "{leaving} gives it nothing to go on with",
    "raises-first": "an exception before the hand-over leaves it without anything to go on with",
    "lags": "it takes one item an event, a path hands over several, and from then on it is behind",
    "uncaught": "nothing in its loop catches what it raises",
    "answers-first": "the response goes out first, and then Lambda freezes the sandbox",
    "never-called": "nothing that serves the application on Lambda calls it",
    "nothing-runs-it": "no function that runs what is deferred is running, so the call raises",
    "no-drain": "nothing is set for SIGTERM that does what is left",
    "refused": "Lambda refuses SHUTDOWN to an extension inside the function's process",
    "managed": "Managed Instances refuse INVOKE to extensions",
    "too-late": "registration closes when the runtime first asks for an event",
    "unreachable-hook": "Lambda freezes or kills the process and never lets it exit",
}
"""`{why}` in a message, by the verdict's reason.

`leaving` is the path that abandons the launch, `noted` the place that explains the reason.
"""

UNQUOTED: Mapping[str, str] = {
    "times-out": "the wait for it",
    "partial-wait": "the wait for it",
    "premature-signal": "the wait for it",
    "escaped": "code",
}
"""`noted` where there is no text to quote."""

NOTES: Mapping[str, str] = {
    "times-out": "this wait may end before the work does",
    "partial-wait": "this wait may end before all the work does",
    "premature-signal": "this wait ends when it is signalled, and the work goes on",
    "escaped": "the handle is passed to unanalysable code here",
}
"""What the place that explains a reason is."""

LONGEST_QUOTE = 60
"""Characters of source that a message quotes at most."""

HANDLERS_NAMED = 3
"""Handlers that a message names before it only counts them."""

Locate = Callable[[Place], Location]


def judge(
    verdicts: Iterable[Verdict],
    rules: Rules,
    locate: Locate,
    source: Callable[[str], str],
    module: Callable[[str], ir.Module | None],
) -> list[Finding]:
    """One finding for each launch site and rule, sorted by place.

    `locate` gives the span of a place, `source` the text of a file and `module` its lowered form. Where one launch has
    several verdicts under one rule (it is cancelled for one handler and frozen for another), the surest speaks and all
    handlers are named. Raises `LookupError` when no rule claims a verdict.
    """
    groups: dict[tuple[Place, str], list[Verdict]] = {}
    for verdict in verdicts:
        rule = rules.select(verdict.kind, verdict.fate, verdict.reason)
        groups.setdefault((verdict.launch, rule.code), []).append(verdict)
    texts = _Texts(source)
    found = []
    for (_, code), group in groups.items():
        group.sort(key=lambda verdict: -verdict.confidence)
        handlers = {str(handler): handler for verdict in group for handler in verdict.handlers}
        verdict = replace(group[0], handlers=tuple(handlers.values()))
        case = _Case(verdict, rules[code], locate, texts, module)
        found.append((case.finding(), verdict.function, case.launch_text))
    return _with_fingerprints(found)


def report(
    rule: Rule,
    location: Location,
    *,
    subject: str = "",
    problem: str = "",
    hint: str = "",
    ordinal: int = 0,
    confidence: Confidence = Confidence.HIGH,
) -> Finding:
    """A finding of a rule that claims no launch, from what fills its placeholders.

    `ordinal` tells findings apart that are alike in one file, for the fingerprint.
    """
    values = {"subject": subject, "problem": problem, "hint": hint}
    return Finding(
        code=rule.code,
        name=rule.name,
        severity=rule.severity,
        confidence=confidence,
        message=rule.message.format_map(values),
        location=location,
        help=_ways_out(rule, values),
        fingerprint=fingerprint(rule.code, "", f"{subject}\n{problem}", ordinal),
    )


def fingerprint(code: str, function: str, text: str, ordinal: int) -> str:
    """16 hex digits that name a finding across edits elsewhere: rule, enclosing function, what it says, which of equals.

    The layout of `text` does not matter: white space, line comments, quote style and trailing commas.
    """
    text = re.sub(r"\s#[^\n]*\n", "\n", text)
    text = re.sub(r"\s+", "", text).replace("'", '"')
    text = re.sub(r",(?=[)\]}])", "", text)
    return hashlib.sha256("\0".join((code, function, text, str(ordinal))).encode()).hexdigest()[:16]


def _with_fingerprints(found: list[tuple[Finding, str, str]]) -> list[Finding]:
    """Number the findings that are alike in one file, top down."""
    found.sort(key=lambda entry: entry[0].sort_key)
    seen: dict[tuple[str, str], int] = {}
    findings = []
    for finding, function, text in found:
        alike = (finding.location.path, fingerprint(finding.code, function, text, 0))
        ordinal = seen[alike] = seen.get(alike, -1) + 1
        findings.append(replace(finding, fingerprint=fingerprint(finding.code, function, text, ordinal)))
    return findings


def _ways_out(rule: Rule, values: Mapping[str, str], verdict: Verdict | None = None) -> tuple[str, ...]:
    """Of each way out of the rule, the first wording that applies."""
    reason, fate = (verdict.reason, verdict.fate) if verdict is not None else ("", None)
    ways = []
    for wordings in rule.help:
        rendered = (wording.render(values, reason, fate) for wording in wordings)
        text = next((text for text in rendered if text is not None), None)
        if text is not None:
            ways.append(text)
    return tuple(ways)


class _Texts:
    """Source text by span; every file is split into lines once."""

    def __init__(self, source: Callable[[str], str]) -> None:
        self._source = source
        self._lines: dict[str, list[str]] = {}

    def at(self, location: Location) -> str:
        lines = self._lines.get(location.path)
        if lines is None:
            # Not `splitlines`: a form feed, say, ends no line for the front-end that made the spans.
            lines = self._lines[location.path] = re.split(r"\r\n|\r|\n", self._source(location.path))
        span = location.span
        part = lines[span.line - 1 : span.end_line]
        if not part:
            return ""
        part[-1] = part[-1][: span.end_column]
        part[0] = part[0][span.column :]
        return "\n".join(part)

    def quote(self, location: Location) -> str:
        """The text as a message can quote it: empty when it is long or runs over several lines."""
        text = self.at(location)
        return text if len(text) <= LONGEST_QUOTE and "\n" not in text and "`" not in text else ""


class _Case:
    """One verdict under one rule, and the words of its finding."""

    def __init__(
        self,
        verdict: Verdict,
        rule: Rule,
        locate: Locate,
        texts: _Texts,
        module: Callable[[str], ir.Module | None],
    ) -> None:
        self.verdict = verdict
        self.rule = rule
        self.locate = locate
        self.texts = texts
        self.location = locate(verdict.launch)
        self.launch_text = texts.at(self.location)
        self.function = _function(module(verdict.launch.path), verdict.function)

    def finding(self) -> Finding:
        values = self.values()
        verdict = self.verdict
        return Finding(
            code=self.rule.code,
            name=self.rule.name,
            severity=self.rule.severity,
            confidence=verdict.confidence,
            message=self.rule.message.format_map(values),
            location=self.location,
            fate=verdict.fate,
            handlers=tuple(sorted(map(str, verdict.handlers))),
            related=tuple(self.related()),
            help=_ways_out(self.rule, values, verdict),
            intent=FixIntent(
                kind=verdict.kind,
                call=verdict.call,
                reason=verdict.reason,
                launch=self.location,
                hops=tuple(map(self.locate, verdict.path)),
                handler=self.locate(verdict.handlers[0].place),
                handlers=tuple((handler.path, handler.spoken) for handler in verdict.handlers),
                managed=any(handler.managed for handler in verdict.handlers),
            ),
        )

    def values(self) -> dict[str, str]:
        """Every placeholder of a rule that claims launches:

        - `label`: the work; `call`: the symbol that launches it; `function`: the function the launch stands in;
        - `handler`: the first handler; `handlers`: all of them, as far as a line holds, each in backticks;
        - `fate`, `why`: in words; `exit`: what an edit has to come before, to be read after "before";
        - `handle`, `group`: the names that hold it; `kept`: the handle, under this name only if it is an attribute of
          an object, which a helper leaves behind; `loop`: the loop that repeats it; `launch`: its source, if short;
        - `mapped`: what names the results of a launch that is a `map`, which are read by going through them;
        - `in_async`, `in_sync`: the function again, under the one of the two that it is.
        """
        verdict = self.verdict
        held = Holding() if self.function is None else holding(self.function, verdict.launch.site)
        loop = ""
        if held.loops:
            loop = "the loop"
            if held.loop is not None:
                loop += f" in line {self.locate(Place(verdict.launch.path, held.loop)).span.line}"
        is_async = self.function is not None and self.function.is_async
        launch = self.texts.quote(self.location)
        return {
            "label": verdict.label,
            "call": verdict.call,
            "function": _display(verdict.function),
            "handler": verdict.handlers[0].name,
            "handlers": _name_all(verdict.handlers),
            "fate": FATE_WORDS[verdict.fate],
            "why": WHY[verdict.reason].format(leaving=self.leaving(), noted=self.noted()),
            "exit": self.exit(held),
            "handle": held.handle,
            "kept": held.handle if verdict.path and held.owned else "",
            "group": held.group,
            "loop": loop,
            "launch": launch,
            "mapped": (held.handle or launch or "…") if verdict.call.rpartition(".")[2] == "map" else "",
            "in_async": _display(verdict.function) if is_async else "",
            "in_sync": "" if is_async else _display(verdict.function),
        }

    def leaving(self) -> str:
        """The path that abandons the launch, as the subject of a sentence."""
        place = self.verdict.abandoned_at
        return "one path" if place is None else f"the path to {self.return_in(place)}"

    def noted(self) -> str:
        """The place that explains the reason, as a sentence names it."""
        quoted = self.texts.quote(self.locate(self.verdict.noted)) if self.verdict.noted is not None else ""
        return f"`{quoted}`" if quoted else UNQUOTED.get(self.verdict.reason, "")

    def exit(self, held: Holding) -> str:
        """What waiting must come before, seen from where the names that hold it can be used."""
        verdict = self.verdict
        if verdict.function == MODULE_BODY or (verdict.path and "." in held.group):
            return f"`{verdict.handlers[0].spoken}` returns"
        place = verdict.abandoned_at
        if place is not None and self.function is not None and place.path == verdict.launch.path:
            if contains(self.function, place.site):
                return self.return_in(place)
        return f"{_display(verdict.function)} returns"

    def return_in(self, place: Place) -> str:
        location = self.locate(place)
        where = f"line {location.span.line}" + ("" if place.path == self.verdict.launch.path else f" of {place.path}")
        # The body of a lambda returns without saying so.
        return f"`return` in {where}" if self.texts.at(location).startswith("return") else where

    def related(self) -> Iterable[Related]:
        """The story in order: the handler, the calls down to the launch, the return that leaves it, the reasons."""
        verdict = self.verdict
        handler = verdict.handlers[0]
        called = (
            f"{handler.adapter} serves `{handler.spoken}`"
            if handler.application and handler.adapter
            else f"Lambda calls `{handler.spoken}`"
        )
        yield Related(Role.HANDLER, self.locate(handler.place), called)
        for place in dict.fromkeys(verdict.path):  # recursion comes by a call more than once
            location = self.locate(place)
            quoted = self.texts.quote(location)
            yield Related(Role.CALL, location, f"through `{quoted}`" if quoted else "through this call")
        if verdict.abandoned_at is not None:
            location = self.locate(verdict.abandoned_at)
            yield Related(Role.RETURN, location, f"returns here with `{verdict.label}` still pending")
        if verdict.noted is not None and verdict.reason in NOTES:
            yield Related(Role.NOTE, self.locate(verdict.noted), NOTES[verdict.reason])


def _function(module: ir.Module | None, qualname: str) -> ir.Function | None:
    if module is None:
        return None
    return next((function for function in module.functions if function.qualname == qualname), None)


def _display(qualname: str) -> str:
    """A function as a sentence names it."""
    if qualname == MODULE_BODY:
        return "the module"
    parts = [part.partition("#")[0] for part in qualname.split(".") if part != "<locals>"]
    return "the lambda" if parts[-1] == "<lambda>" else f"`{'.'.join(parts)}`"


def _name_all(handlers: tuple[Handler, ...]) -> str:
    """The handlers for a sentence, told apart by their files where names alone do not."""
    names = [handler.spoken for handler in handlers]
    most = HANDLERS_NAMED
    if len(set(names)) < len(names):
        names = [str(handler) for handler in handlers]
        most -= 1
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > most:
        quoted[most - 1 :] = [f"one of {len(quoted) - most + 1} other handlers"]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
