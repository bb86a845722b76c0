"""The words of a finding about a launch: its message, its remedies and the places that explain it, in the code's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from lint_lambda.core.finding import Fate, Finding, FixIntent, Related, Role
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.remedy import NOTHING_KNOWN, Remedy
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Place, Verdict
from lint_lambda.frontends import of
from lint_lambda.knowledge.rules import Rule
from lint_lambda.knowledge.texts import say, texts
from lint_lambda.reporting.naming import Bodies, Holding, display, holding, name_all

LONGEST_QUOTE = 60
"""Characters of source that a message quotes at most."""

Locate = Callable[[Place], Location]


def remedies(rule: Rule, values: Mapping[str, str], verdict: Verdict | None = None) -> tuple[str, ...]:
    """Of each remedy of the rule, the first wording that applies."""
    reason, fate = (verdict.reason, verdict.fate) if verdict is not None else ("", None)
    found = []
    language = of(verdict.launch.path).semantics.language if verdict is not None else ""
    for wordings in rule.help_in(language):
        rendered = (wording.render(values, reason, fate) for wording in wordings)
        text = next((text for text in rendered if text is not None), None)
        if text is not None:
            found.append(text)
    return tuple(found)


def general_remedies(rule: Rule, path: str = "") -> tuple[str, ...]:
    """The remedies that the rule shares with others, in the words for the language of a file."""
    language = of(path).semantics.language
    known = texts("remedies")
    keys = (f"{key}-{language}" if f"{key}-{language}" in known else key for key in rule.shared)
    return tuple(say(f"remedies.{key}") for key in keys)


class Sources:
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


class Case:
    """One verdict under one rule, and the words of its finding."""

    def __init__(
        self,
        verdict: Verdict,
        rule: Rule,
        locate: Locate,
        sources: Sources,
        bodies: Bodies,
        remedy: Remedy = NOTHING_KNOWN,
    ) -> None:
        self.verdict = verdict
        self.rule = rule
        self.locate = locate
        self.remedy = remedy
        self.sources = sources
        self.location = locate(verdict.launch)
        self.launch_text = sources.at(self.location)
        self.bodies = bodies
        self.label = self._label()
        self.function = bodies.function(verdict.launch.path, verdict.function)

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
            help=self.help(values),
            general=general_remedies(self.rule, verdict.launch.path),
            intent=FixIntent(
                kind=verdict.kind,
                call=verdict.call,
                label=verdict.label,
                reason=verdict.reason,
                launch=self.location,
                hops=tuple(map(self.locate, verdict.path)),
                handler=self.locate(verdict.handlers[0].place),
                handlers=tuple((handler.path, handler.display_name) for handler in verdict.handlers),
                managed=any(handler.managed for handler in verdict.handlers),
                noted=None if verdict.noted is None else self.locate(verdict.noted),
                drains=tuple((self.locate(place), call) for place, call in verdict.drains),
                traits=verdict.traits,
                prompt=verdict.prompt,
                made=None if verdict.made is None else self.locate(verdict.made),
                cancelled=verdict.fate is Fate.CANCELLED,
            ),
        )

    def _label(self) -> str:
        """What the work is called; where its function has no name but a description, what is called with it: `records.forEach`."""
        label = self.verdict.label
        callee, called, _ = self.launch_text.partition("(")
        return callee if " " in label and called and re.fullmatch(r"[\w.$?]+", callee) else label

    def help(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """The framework's own remedy, then those of the rule, unless they would hold up what has to answer at once.

        Where the library has no call that waits, its model says what to do instead, and the rule's remedies would be wrong.
        """
        advice = (self.verdict.advice,) if self.verdict.advice else ()
        kind = self.remedy.kind
        if self.remedy.no_edit and not self.remedy.joins and kind.by_library and not kind.no_join:
            return (*advice, self.remedy.no_edit)
        return (
            advice
            if self.verdict.prompt or self.verdict.alone
            else (*advice, *remedies(self.rule, values, self.verdict))
        )

    def values(self) -> dict[str, str]:
        """Every placeholder of a rule that claims launches:

        - `label`: the work, of the kind that `noun` says; `call`: the symbol that launches it, `library`: its package; `function`: the function that launches;
        - `handler`: the first handler; `handlers`: all of them, as far as a line holds, each in backticks;
        - `fate`, `why`: in words; `exit`: what an edit has to come before, to be read after "before";
        - `handle`, `group`: the names that hold it; `kept`: the handle, under this name only if it is an attribute of
          an object, which a helper leaves behind; `loop`: the loop that repeats it; `launch`: its source, if short;
        - `noted`: the source of the place that explains the reason, such as a wait which may time out, if short;
        - `flushed`: the calls that would wait, but for those of what the launch has started; `listener`: a word for what it has;
        - `waits`: the calls of a library that would wait; `setting`: the setting with which it works at once;
        - `mapped`: what names the results of a launch that is a `map`, which are read by going through them;
        - `in_async`, `in_sync`: the function again, under the one of the two that it is.
        """
        verdict = self.verdict
        held = holding(self.bodies.way(verdict.launch.path, verdict.function, verdict.launch.site))
        starts = self.remedy.of_language and verdict.made is None
        kept = held if verdict.made is None else self.made_as(verdict.made)
        loop = ""
        if held.loops:
            loop = say("phrases.loop")
            if held.loop is not None:
                line = self.locate(Place(verdict.launch.path, held.loop)).span.line
                loop = say("phrases.loop_on", line=say("phrases.line", line=line))
        is_async = self.function is not None and self.function.is_async
        launch = self.sources.quote(self.location)
        return {
            "label": self.label,
            "noun": self.remedy.kind.noun,
            "call": verdict.call,
            "library": verdict.call.partition(".")[0],
            "function": display(verdict.function),
            "handler": verdict.handlers[0].name,
            "handlers": name_all(verdict.handlers),
            "fate": say(f"fates.{verdict.fate.value}"),
            "why": self.why(),
            "exit": self.exit(held),
            "waits": self.waits(),
            "flushed": "" if starts else self.waits(),
            "listener": "listener" if starts else "",
            "setting": self.setting(),
            "handle": kept.handle,
            "kept": held.handle if verdict.path and held.owned else "",
            "group": held.group,
            "loop": loop,
            "launch": launch,
            "noted": self.noted_source(),
            "mapped": (held.handle or launch or "…") if verdict.call.rpartition(".")[2] == "map" else "",
            "in_async": display(verdict.function) if is_async else "",
            "in_sync": "" if is_async else display(verdict.function),
        }

    def made_as(self, place: Place) -> Holding:
        """What the code calls the object that is made at `place`."""
        ways = (self.bodies.way(place.path, name, place.site) for name in self.bodies.names(place.path))
        return holding(next((way for way in ways if way), []))

    def waits(self) -> str:
        """The calls that would wait, as the library models know them, by the last part of their names."""
        calls = [join.call for join in self.remedy.joins if not join.ends] or [join.call for join in self.remedy.joins]
        # The call that is reported does not wait, whatever it does with other arguments.
        last = (call.rpartition(".")[2] for call in calls if call != self.verdict.call)
        names = list(dict.fromkeys(f"`{name}()`" for name in last if not name.startswith("_")))
        return say("phrases.or", first=", ".join(names[:-1]), last=names[-1]) if len(names) > 1 else "".join(names)

    def setting(self) -> str:
        """The setting with which nothing is left pending."""
        for setting in self.remedy.settings:
            return say("phrases.setting", name=setting.name, value=setting.value)
        return ""

    def why(self) -> str:
        """Why the work is still pending; some fates have words of their own for a reason."""
        reason, fate = self.verdict.reason, self.verdict.fate.value
        key = f"{reason}-{fate}" if f"{reason}-{fate}" in texts("reasons") else reason
        return say(f"reasons.{key}", leaving=self.leaving(), noted=self.noted())

    def leaving(self) -> str:
        """The path that abandons the launch, as the subject of a sentence."""
        place = self.verdict.abandoned_at
        return say("phrases.one_path") if place is None else say("phrases.path_to", place=self.return_on(place))

    def noted(self) -> str:
        """The place that explains the reason, as a sentence names it."""
        quoted = self.noted_source()
        return f"`{quoted}`" if quoted else texts("unquoted").get(self.verdict.reason, "")

    def noted_source(self) -> str:
        return self.sources.quote(self.locate(self.verdict.noted)) if self.verdict.noted is not None else ""

    def exit(self, held: Holding) -> str:
        """What waiting must come before, seen from where the names that hold it can be used."""
        verdict = self.verdict
        if verdict.function == MODULE_BODY or (verdict.path and "." in held.group):
            return say("phrases.function_returns", function=f"`{verdict.handlers[0].display_name}`")
        place = verdict.abandoned_at
        if place is not None and place.path == verdict.launch.path:
            if self.bodies.way(place.path, verdict.function, place.site):
                return self.return_on(place)
        return say("phrases.function_returns", function=display(verdict.function))

    def return_on(self, place: Place) -> str:
        location = self.locate(place)
        elsewhere = place.path != self.verdict.launch.path
        line = say("phrases.line_of" if elsewhere else "phrases.line", line=location.span.line, path=place.path)
        # The body of a lambda returns without a `return`.
        return say("phrases.return_on", line=line) if self.sources.at(location).startswith("return") else line

    def related(self) -> Iterable[Related]:
        """The story in order: the handler, the calls down to the launch, the return that leaves it, the reasons."""
        verdict = self.verdict
        handler = verdict.handlers[0]
        served = handler.application and handler.adapter
        called = say(
            "related.served" if served else "related.called", adapter=handler.adapter, handler=handler.display_name
        )
        yield Related(Role.HANDLER, self.locate(handler.place), called)
        calls = len(verdict.path) - (verdict.endpoint[1] if verdict.endpoint is not None else 0)
        for place in dict.fromkeys(verdict.path[:calls]):  # recursion comes by a call more than once
            yield Related(Role.CALL, self.locate(place), say("related.call"))
        if verdict.endpoint is not None:
            yield Related(Role.CALL, self.locate(verdict.endpoint[0]), say("related.endpoint"))
        for place in dict.fromkeys(verdict.path[calls:]):
            yield Related(Role.CALL, self.locate(place), say("related.call"))
        if verdict.made is not None:
            yield Related(Role.NOTE, self.locate(verdict.made), say("related.made"))
        if verdict.abandoned_at is not None:
            location = self.locate(verdict.abandoned_at)
            key = next((each for each in (verdict.reason, verdict.kind) if each in texts("returns")), "pending")
            yield Related(Role.RETURN, location, say(f"returns.{key}", label=self.label))
        if verdict.noted is not None and verdict.reason in texts("noted"):
            yield Related(Role.NOTE, self.locate(verdict.noted), say(f"noted.{verdict.reason}"))
