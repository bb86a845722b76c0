"""Rules: each page ``rules/LAMxxx-name.md`` is a rule's definition (its front matter) and its documentation (its body).

A rule claims *kinds* of launches and the *fates* it objects to. Where two rules claim the same kind and fate, the one whose
``reasons`` name the reason wins. What no page claims, no finding is made of; `Rules.select` says so loudly.
"""

from __future__ import annotations

import re
import string
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_args

from lint_lambda.core.finding import Fate, Severity
from lint_lambda.core.verdict import Reason
from lint_lambda.knowledge.errors import KnowledgeError
from lint_lambda.knowledge.kinds import FILE as KINDS
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.schema import suggestion
from lint_lambda.knowledge.texts import texts

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HEADINGS = (
    "What it does",
    "Why it matters on Lambda",
    "Example",
    "Use instead",
    "Fix safety",
    "When it stays quiet",
)
"""The sections of every page, in this order."""

REASONS: tuple[str, ...] = get_args(Reason)

LAUNCH_ALWAYS = frozenset({"label", "call", "library", "function", "handler", "handlers", "fate", "why", "exit"})
"""Placeholders that every finding about a launch has a value for; a message may use only these."""

LAUNCH_SOMETIMES = frozenset({"handle", "kept", "group", "loop", "launch", "mapped", "in_sync", "in_async"})
"""Placeholders that depend on the code around the launch; see `lint_lambda.reporting.wording` for what each one says."""

REPORT = frozenset({"subject", "problem", "hint"})
"""Placeholders of the rules that claim no launch."""

_REQUIRED = {"code", "name", "since", "severity", "kinds", "fates", "message", "help", "fixture"}
_OPTIONAL = {"reasons", "shared"}
_CODE = re.compile(r"LAM\d{3}")
_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")

T = TypeVar("T")


class RuleError(KnowledgeError):
    """A page that cannot be used as a rule; the message begins with ``file:line:`` and ends with the remedy."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One wording of a remedy, for the `reasons` and `fates` given (empty: any)."""

    text: str
    reasons: frozenset[str] = frozenset()
    fates: frozenset[Fate] = frozenset()

    def render(self, values: Mapping[str, str], reason: str = "", fate: Fate | None = None) -> str | None:
        """The text with its placeholders filled in; None when it does not apply or a placeholder has no value."""
        if (self.reasons and reason not in self.reasons) or (self.fates and fate not in self.fates):
            return None
        if not all(values.get(name) for name in placeholders(self.text)):
            return None
        return self.text.format_map(values)


@dataclass(frozen=True, slots=True)
class Rule:
    """One page.

    `help` holds the remedies, best first; of each, the first wording that applies is used. `shared` names remedies that other
    rules have, too, by their keys in ``rules/texts.toml``. `fixture` is a path below
    ``tests/fixtures``. `page` is the body, Markdown; `summary` the first paragraph of "What it does", in one line.
    """

    code: str
    name: str
    since: str
    severity: Severity
    kinds: tuple[str, ...]
    fates: tuple[Fate, ...]
    reasons: tuple[str, ...]
    message: str
    help: tuple[tuple[Advice, ...], ...]
    shared: tuple[str, ...]
    fixture: str
    page: str
    summary: str

    @property
    def file_name(self) -> str:
        return f"{self.code}-{self.name}.md"


class Rules:
    """Every rule, by code, and by what it claims."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Raises `ValueError` when two rules claim the same kind, fate and reason."""
        self._by_code = {rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)}
        self._table: dict[tuple[str, Fate, str], Rule] = {}
        claims: dict[tuple[str, Fate], list[Rule]] = {}
        for rule in self:
            for kind in rule.kinds:
                for fate in rule.fates:
                    claims.setdefault((kind, fate), []).append(rule)
        for (kind, fate), claimants in claims.items():
            for reason in REASONS:
                self._table[kind, fate, reason] = _only(claimants, kind, fate, reason)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._by_code.values())

    def __getitem__(self, code: str) -> Rule:
        return self._by_code[code]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self._by_code)

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of launch that some rule claims: the closed set that library models choose from."""
        return frozenset(kind for rule in self for kind in rule.kinds)

    def select(self, kind: str, fate: Fate, reason: Reason) -> Rule:
        """The one rule that objects to such a launch. Raises `LookupError`, with the remedy, when there is none."""
        rule = self._table.get((kind, fate, reason))
        if rule is None:
            raise LookupError(
                f"no rule claims a launch of kind {kind!r} with fate {fate.value!r}; "
                f"name both in the front matter of a page in rules/ (kinds there: {', '.join(sorted(self.kinds))})"
            )
        return rule


def _only(claimants: list[Rule], kind: str, fate: Fate, reason: str) -> Rule:
    preferred = [rule for rule in claimants if reason in rule.reasons]
    candidates = preferred or [rule for rule in claimants if not rule.reasons] or claimants
    if len(candidates) > 1:
        codes = " and ".join(rule.code for rule in candidates)
        raise ValueError(
            f"{codes} both claim kind {kind!r} with fate {fate.value!r} (reason {reason!r}); "
            "take the kind or fate out of one, or name different `reasons`"
        )
    return candidates[0]


def load_rules(directory: Path | None = None) -> Rules:
    """Every page of `directory` (by default the one shipped with the linter).

    Raises `RuleError` for the first page that is not a rule, or when two pages claim the same.
    """
    return _read_rules(directory) if directory is not None else _shipped_rules()


@cache
def _shipped_rules() -> Rules:
    """Read once a process, as nothing changes them while the linter runs."""
    return _read_rules(rules_directory())


def _read_rules(directory: Path) -> Rules:
    pages = sorted(directory.glob("*.md"))
    if not pages:
        raise RuleError(f"{directory}:1: no rule pages (LAMxxx-name.md) here; reinstall the linter")
    kinds = load_kinds(directory if (directory / KINDS).is_file() else None)
    try:
        return Rules([read_page(path, kinds) for path in pages])
    except ValueError as error:
        raise RuleError(f"{directory}:1: {error}") from error


def read_page(path: Path, kinds: Collection[str]) -> Rule:
    """One page as a rule, which claims some of the `kinds` that there are. Raises `RuleError`."""
    return _Page(path, kinds).rule()


def placeholders(template: str) -> tuple[str, ...]:
    """The names in braces of a template. Raises `ValueError` when a brace is not closed or holds no plain name."""
    try:
        fields = [field for field in string.Formatter().parse(template) if field[1] is not None]
    except ValueError as error:
        raise ValueError(f"the braces do not match ({error}); {_BRACES}") from error
    for _, name, spec, conversion in fields:
        if not str(name).isidentifier() or spec or conversion:
            raise ValueError(f"`{{{name}}}` is not a placeholder; {_BRACES}")
    return tuple(str(field[1]) for field in fields)


_BRACES = "write {name} for a placeholder, and {{ or }} for a plain brace"


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
            self.front: dict[str, Any] = tomllib.loads("\n".join(["", *self.lines[1 : self.end]]))
        except tomllib.TOMLDecodeError as error:
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
            help=self.help(allowed | LAUNCH_SOMETIMES if kinds else allowed),
            shared=self.shared(),
            fixture=self.text("fixture"),
            page="\n".join(self.lines[self.end + 1 :]).strip() + "\n",
            summary=" ".join(sections[HEADINGS[0]].split("\n\n")[0].split()),
        )

    def help(self, allowed: frozenset[str]) -> tuple[tuple[Advice, ...], ...]:
        ways = self.front["help"]
        if not isinstance(ways, list) or not ways:
            self.fail(self.line_of("help"), "`help` must be a list of remedies, best first")
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
                self.fail(line_number, f"the heading `## {heading}` is missing here; the six stand in a fixed order")
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
