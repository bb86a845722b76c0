"""Read a rule page: its front matter is the definition, its body the documentation; every complaint names the line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from lint_lambda.core.finding import Fate, Severity
from lint_lambda.core.toml import parse
from lint_lambda.knowledge.kinds import FILE as KINDS
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.rules import REASONS, Advice, Rule, RuleError, Words, placeholders
from lint_lambda.knowledge.schema import suggestion
from lint_lambda.knowledge.texts import texts

HEADINGS = (
    "What it does",
    "Why it matters on Lambda",
    "Example",
    "Use instead",
    "Fix safety",
    "When it stays quiet",
)
"""The sections of every page, in this order."""

LAUNCH_ALWAYS = frozenset(
    {"label", "noun", "call", "library", "function", "handler", "handlers", "fate", "why", "exit"}
)
"""Placeholders that every finding about a launch has a value for; a message may use only these."""

LAUNCH_SOMETIMES = frozenset(
    {
        "waits",
        "setting",
        "flushed",
        "listener",
        "handle",
        "kept",
        "group",
        "loop",
        "launch",
        "noted",
        "mapped",
        "in_sync",
        "in_async",
    }
)
"""Placeholders that depend on the code around the launch; see `lint_lambda.reporting.wording` for what each one says."""

REPORT = frozenset({"subject", "problem", "hint"})
"""Placeholders of the rules that claim no launch."""

_REQUIRED = {"code", "name", "since", "severity", "kinds", "fates", "message", "help", "fixture"}
_OPTIONAL = {"help_for", "reasons", "shared"}
_CODE = re.compile(r"LAM\d{3}")
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")

T = TypeVar("T")


def read_rules(directory: Path) -> list[Rule]:
    """Every page of a directory as a rule. Raises `RuleError` for the first that is none."""
    pages = sorted(directory.glob("*.md"))
    if not pages:
        raise RuleError(f"{directory}:1: no rule pages (LAMxxx-name.md) here; reinstall the linter")
    kinds = load_kinds(directory if (directory / KINDS).is_file() else None)
    return [read_page(path, kinds) for path in pages]


def read_page(path: Path, kinds: Collection[str]) -> Rule:
    """One page as a rule, which claims some of the `kinds` that there are. Raises `RuleError`."""
    return _Page(path, kinds).rule()


class _Page:
    """A page being read: its front matter, and the line numbers that complaints need."""

    def __init__(self, path: Path, kinds: Collection[str]) -> None:
        self.path = path
        self.known_kinds = kinds
        self.lines = path.read_text(encoding="utf-8").splitlines()
        fences = [number for number, line in enumerate(self.lines) if line.rstrip() == "+++"][:2]
        if len(fences) < 2 or fences[0] != 0:
            self.fail(1, "the page must begin with TOML front matter between two lines `+++`")
        self.end = fences[1]
        try:
            # The opening fence becomes an empty line, so that the parser's line numbers are the file's.
            self.front: dict[str, Any] = parse("\n".join(["", *self.lines[1 : self.end]]))
        except ValueError as error:
            where = re.search(r"line (\d+)", str(error))
            self.fail(int(where[1]) if where else self.end + 1, f"the front matter is not valid TOML: {error}")

    def rule(self) -> Rule:
        unknown = sorted(self.front.keys() - _REQUIRED - _OPTIONAL)
        if unknown:
            known = ", ".join(sorted(_REQUIRED | _OPTIONAL))
            self.fail(self.line_of(unknown[0]), f"unknown key `{unknown[0]}`; known are {known}")
        missing = sorted(_REQUIRED - self.front.keys())
        if missing:
            self.fail(self.end + 1, f"the key `{missing[0]}` is missing from the front matter; add it")
        code = self.matching("code", _CODE, "LAM and three digits")
        name = self.matching("name", _NAME, "lower-case words joined by `-`")
        if self.path.name != f"{code}-{name}.md":
            self.fail(self.line_of("code"), f"rename the file to {code}-{name}.md, as its `code` and `name` say")
        kinds = self.texts("kinds")
        for kind in kinds:
            if kind not in self.known_kinds:
                self.fail(
                    self.line_of("kinds"),
                    f"unknown kind `{kind}` in `kinds`; add it to {KINDS}, or {suggestion(kind, self.known_kinds)}",
                )
        fates = tuple(self.member("fates", Fate, value) for value in self.texts("fates"))
        reasons = self.texts("reasons") if "reasons" in self.front else ()
        self.check_reasons("reasons", reasons)
        if bool(kinds) != bool(fates):
            self.fail(self.line_of("kinds"), "`kinds` and `fates` go together: fill in both, or leave both empty")
        allowed = LAUNCH_ALWAYS if kinds else REPORT
        message = self.text("message")
        self.check_template(message, allowed)
        sections = self.sections()
        return Rule(
            code=code,
            name=name,
            since=self.matching("since", _VERSION, "a version such as 0.1.0"),
            severity=self.member("severity", Severity, self.text("severity")),
            kinds=kinds,
            fates=fates,
            reasons=reasons,
            message=message,
            help=self.help("help", self.front["help"], allowed | LAUNCH_SOMETIMES if kinds else allowed),
            help_for=self.help_for(allowed | LAUNCH_SOMETIMES if kinds else allowed),
            shared=self.shared(),
            fixture=self.text("fixture"),
            page="\n".join(self.lines[self.end + 1 :]).strip() + "\n",
            summary=" ".join(sections[HEADINGS[0]].split("\n\n")[0].split()),
        )

    def help_for(self, allowed: frozenset[str]) -> tuple[Words, ...]:
        given = self.front.get("help_for", {})
        if not isinstance(given, dict):
            self.fail(self.line_of("help_for"), "`help_for` must be a table: for each language, a list of remedies")
        return tuple(Words(name, self.help("help_for", ways, allowed)) for name, ways in given.items())

    def help(self, key: str, ways: Any, allowed: frozenset[str]) -> tuple[tuple[Advice, ...], ...]:
        if not isinstance(ways, list) or not ways:
            self.fail(self.line_of(key), f"`{key}` must be a list of remedies, best first")
        return tuple(
            tuple(self.advice(wording, allowed) for wording in (way if isinstance(way, list) else [way]))
            for way in ways
        )

    def shared(self) -> tuple[str, ...]:
        keys = self.texts("shared") if "shared" in self.front else ()
        for key in keys:
            if key not in texts("remedies"):
                known = ", ".join(texts("remedies"))
                self.fail(self.line_of("shared"), f"unknown remedy {key!r} in `shared`; choose from {known}")
        return keys

    def advice(self, wording: Any, allowed: frozenset[str]) -> Advice:
        table = {"text": wording} if isinstance(wording, str) else wording
        if not isinstance(table, dict) or not isinstance(table.get("text"), str) or table.keys() - {*_ADVICE_KEYS}:
            self.fail(
                self.line_of("help"),
                "each remedy in `help` must be a text, a table { text, reasons, fates }, or a list of such wordings",
            )
        self.check_template(table["text"], allowed)
        line = self.line_containing(table["text"])
        reasons, fates = table.get("reasons", []), table.get("fates", [])
        self.check_reasons("reasons", reasons, line)
        return Advice(
            table["text"], frozenset(reasons), frozenset(self.member("fates", Fate, fate, line) for fate in fates)
        )

    def sections(self) -> dict[str, str]:
        """The body by heading. Complains unless the headings are the fixed ones in their order, each with some text."""
        found: list[tuple[int, str]] = []
        fenced = False
        for number, line in enumerate(self.lines[self.end + 1 :], self.end + 2):
            if line.startswith("```"):
                fenced = not fenced
            elif line.startswith("## ") and not fenced:
                found.append((number, line[3:].strip()))
        for index, heading in enumerate(HEADINGS):
            if index >= len(found) or found[index][1] != heading:
                line_number = found[index][0] if index < len(found) else len(self.lines)
                self.fail(
                    line_number, f"the heading `## {heading}` is missing here; the six headings have a fixed order"
                )
        if len(found) > len(HEADINGS):
            self.fail(found[len(HEADINGS)][0], "only the six fixed headings may be used; make it a paragraph")
        ends = [number - 1 for number, _ in found[1:]] + [len(self.lines)]
        sections = {}
        for (number, heading), end in zip(found, ends):
            sections[heading] = "\n".join(self.lines[number:end]).strip()
            if not sections[heading]:
                self.fail(number, f"the section `{heading}` is empty; write it")
        return sections

    def text(self, key: str) -> str:
        value = self.front[key]
        if not isinstance(value, str) or not value.strip():
            self.fail(self.line_of(key), f"`{key}` must be a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.front[key]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(self.line_of(key), f"`{key}` must be a list of texts")
        return tuple(value)

    def matching(self, key: str, pattern: re.Pattern[str], form: str) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            self.fail(self.line_of(key), f"`{key}` must be {form}, not {value!r}")
        return value

    def member(self, key: str, choices: type[T], value: object, line: int = 0) -> T:
        """The member of the enumeration `choices` whose value is `value`."""
        try:
            return choices(value)  # type: ignore[call-arg]
        except ValueError:
            known = ", ".join(member.value for member in choices)  # type: ignore[attr-defined]
            self.fail(line or self.line_of(key), f"unknown {key.rstrip('s')} {value!r} in `{key}`; choose from {known}")

    def check_reasons(self, key: str, reasons: Iterable[str], line: int = 0) -> None:
        for reason in reasons:
            if reason not in REASONS:
                known = ", ".join(REASONS)
                self.fail(line or self.line_of(key), f"unknown reason {reason!r} in `{key}`; choose from {known}")

    def check_template(self, template: str, allowed: frozenset[str]) -> None:
        line = self.line_containing(template)
        try:
            names = placeholders(template)
        except ValueError as error:
            self.fail(line, str(error))
        for name in names:
            if name not in allowed:
                known = ", ".join(f"{{{each}}}" for each in sorted(allowed))
                self.fail(line, f"there is no placeholder {{{name}}} here; choose from {known}")

    def line_of(self, key: str) -> int:
        """The line of the front matter that sets `key`."""
        for number, line in enumerate(self.lines[: self.end], 1):
            if re.match(rf"{re.escape(key)}\s*=", line) or line.strip() == f"[{key}]":
                return number
        return self.end + 1

    def line_containing(self, text: str) -> int:
        """The line of the front matter that holds `text`; where it is written differently, that of `help`."""
        for number, line in enumerate(self.lines[: self.end], 1):
            if text in line:
                return number
        return self.line_of("help")

    def fail(self, line: int, message: str) -> NoReturn:
        raise RuleError(f"{self.path}:{line}: {message}")


_ADVICE_KEYS = ("text", "reasons", "fates")
