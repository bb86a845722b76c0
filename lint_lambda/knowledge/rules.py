"""Rules: each page ``rules/LAMxxx-name.md`` is a rule's definition (its front matter) and its documentation (its body).

A rule claims *kinds* of launches and the *fates* it objects to. Where two rules claim the same kind and fate, the one whose
``reasons`` name the reason wins. What no page claims, no finding is made of; `Rules.select` says so loudly.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, get_args

from lint_lambda.core.finding import Fate, Severity
from lint_lambda.core.record import dataclass
from lint_lambda.core.verdict import Reason
from lint_lambda.knowledge.errors import KnowledgeError

REASONS: tuple[str, ...] = get_args(Reason)


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
class Words:
    """The remedies of a rule in code of one language, where they differ from the others'."""

    language: str
    help: tuple[tuple[Advice, ...], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One page.

    `help` holds the remedies, best first; of each, the first wording that applies is used. `shared` names remedies that other
    rules have, too, by their keys in ``rules/texts.toml``. `help_for`: the same in a language that has words of its own. `fixture` is a path below
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
    help_for: tuple[Words, ...] = ()

    def help_in(self, language: str) -> tuple[tuple[Advice, ...], ...]:
        """The remedies in code of a language."""
        return next((words.help for words in self.help_for if words.language == language), self.help)

    @property
    def file_name(self) -> str:
        return f"{self.code}-{self.name}.md"


class Rules:
    """Every rule, by code, and by what it claims."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_code = {rule.code: rule for rule in rules}
        self.codes: tuple[str, ...] = tuple(sorted(self._by_code))
        self._rows: Mapping[str, Any] = {}
        self._make: Callable[[Any], Rule] | None = None

    @classmethod
    def lazily(cls, rows: Mapping[str, Any], make: Callable[[Any], Rule]) -> Rules:
        """Rules that are made of the rows, which have their codes, when they are asked for: most runs need few of them, if any."""
        rules = cls(())
        rules.codes = tuple(sorted(rows))
        rules._rows, rules._make = rows, make
        return rules

    def check(self) -> None:
        """Raises `ValueError` when two rules claim the same kind, fate and reason."""
        for (kind, fate), claimants in self._claims.items():
            for reason in REASONS:
                _only(claimants, kind, fate, reason)

    def __iter__(self) -> Iterator[Rule]:
        return map(self.__getitem__, self.codes)

    def __getitem__(self, code: str) -> Rule:
        if code not in self._by_code and self._make is not None:
            self._by_code[code] = self._make(self._rows[code])
        return self._by_code[code]

    @cached_property
    def _claims(self) -> dict[tuple[str, Fate], list[Rule]]:
        found: dict[tuple[str, Fate], list[Rule]] = {}
        for rule in self:
            for kind in rule.kinds:
                for fate in rule.fates:
                    found.setdefault((kind, fate), []).append(rule)
        return found

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of launch that some rule claims: the closed set that library models choose from."""
        return frozenset(kind for rule in self for kind in rule.kinds)

    def select(self, kind: str, fate: Fate, reason: Reason) -> Rule:
        """The one rule that objects to such a launch. Raises `LookupError`, with the remedy, when there is none."""
        claimants = self._claims.get((kind, fate))
        if claimants is None:
            raise LookupError(
                f"no rule claims a launch of kind {kind!r} with fate {fate.value!r}; "
                f"name both in the front matter of a page in rules/ (kinds there: {', '.join(sorted(self.kinds))})"
            )
        return _only(claimants, kind, fate, reason)


def _only(claimants: list[Rule], kind: str, fate: Fate, reason: str) -> Rule:
    preferred = [rule for rule in claimants if reason in rule.reasons]
    candidates = preferred or [rule for rule in claimants if not rule.reasons] or claimants
    if len(candidates) > 1:
        codes = " and ".join(rule.code for rule in candidates)
        raise ValueError(
            f"{codes} both claim kind {kind!r} with fate {fate.value!r} (reason {reason!r}); "
            "remove the kind or fate from one of them, or name different `reasons`"
        )
    return candidates[0]


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
