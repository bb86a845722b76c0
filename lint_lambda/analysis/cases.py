"""What one launch site comes to, and the verdict on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple, cast

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.launch_state import Edge, Entry, Launch
from lint_lambda.analysis.domain.values import (
    Instance,
    Suspended,
    Term,
)
from lint_lambda.analysis.frameworks.registration import CONTEXT, EVENT
from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.kinds import Kind
from lint_lambda.core.record import dataclass, field
from lint_lambda.core.verdict import Advice, Handler, Place, Reason, Trait, Verdict


@dataclass(slots=True)
class Case:
    """What one launch site comes to, gathered over handlers.

    `suspended`: the suspension at which it is pending, or that it is done again after; `returned`: it is pending at a return, too.
    """

    launch: Launch
    handlers: list[Handler] = field(default_factory=list)
    entries: set[Entry] = field(default_factory=set)
    joins: set[Entry] = field(default_factory=set)
    at_import: bool = False
    older_only: bool = True
    path: tuple[Place, ...] = ()
    abandoned_at: Place | None = None
    advice: Advice = Advice()
    objects: set[launch_state.Key] = field(default_factory=set)
    suspended: Edge | None = None
    returned: bool = False


def _made(case: Case) -> Place | None:
    """Where the object that is waited for was made, where that is one place and not the launch."""
    places = {obj.alloc.place for obj in case.objects if isinstance(obj, (Instance, Suspended))}
    place = places.pop() if len(places) == 1 else None
    return place if place is not None and place.path and place.site >= 0 and place != case.launch.place else None


_REASONS: Mapping[launch_state.Doubt, Reason] = {
    "times-out": "times-out",
    "times-out-late": "times-out",
    "partial-wait": "partial-wait",
    "premature-signal": "premature-signal",
    "cut-short": "cut-short",
    "may-drain": "may-drain",
}
_GIVEN_UP: frozenset[launch_state.Doubt] = frozenset({"times-out", "times-out-late"})
"""What is known of work that is waited for on some path, though perhaps in vain."""
_TOLD_BY_TRAITS: tuple[Literal["awaited-inside", "answered-first", "put-off"], ...] = (
    "awaited-inside",
    "answered-first",
    "put-off",
)
"""Traits that are the reason why nothing waits, the surest first."""


class _Why(NamedTuple):
    """Why work is lost: what becomes of it, how sure that is, and the place that shows it, if there is one."""

    reason: Reason
    confidence: Confidence
    fate: Fate
    noted: Place | None = None


def verdict_of(case: Case, kind: Kind, traits: Collection[Trait], *, reads: bool = False) -> Verdict:
    """The verdict on a launch: the reason why it is lost, what becomes of it, and how sure that is.

    `reads`: all that is wanted of it is what it gives, and where the wait for that has ended, nobody wants it any more.
    """
    launch = case.launch
    interrupted: set[Trait] = {"interrupted"} if all(entry.waited == "raised" for entry in case.entries) else set()
    why = _why(case, kind)
    reason = _told_by_traits(why.reason, traits)
    return Verdict(
        kind=launch.kind,
        fate=why.fate,
        confidence=_as_far_as_known(case, why.confidence, reason, reads=reads),
        launch=launch.place,
        call=launch.call,
        label=launch.label,
        function=launch.function,
        handlers=tuple(sorted(set(case.handlers))),
        path=case.path,
        abandoned_at=case.abandoned_at,
        reason=reason,
        noted=why.noted,
        traits=tuple(sorted({*traits, *interrupted})),
        advice=case.advice.text,
        prompt=case.advice.prompt,
        alone=case.advice.alone,
        made=_made(case) if kind.once else None,
    )


def _why(case: Case, kind: Kind) -> _Why:
    entries, suspended = case.entries, case.suspended
    doubts = {entry.doubt for entry in entries}
    fate = _fate(case)
    if suspended is not None and (suspended.suspends == "surely" or not case.returned):
        return _at_suspension(suspended, fate)
    if "" not in doubts:
        return _doubtful(entries, fate)
    if case.at_import and not kind.registers:
        # What handlers wait for where they need it makes the process ready: nobody misses it elsewhere.
        return _Why("import-time", Confidence.LOW if case.joins else Confidence.MEDIUM, fate)
    if kind.reasons:
        return _Why(cast("Reason", kind.reason(fate.value)), Confidence.HIGH, fate)
    if case.joins or doubts & _GIVEN_UP:
        # What is only told to end serves the invocation; where it is not told, its work is hardly what somebody waits for.
        told = bool(case.joins) and all(entry.told for entry in case.joins)
        return _Why("some-path", Confidence.LOW if told else Confidence.MEDIUM, fate)
    if case.older_only:
        return _Why("only-last", Confidence.MEDIUM, fate)
    return _Why("never-joined", Confidence.HIGH, fate)


def _fate(case: Case) -> Fate:
    """What becomes of the work, as each way to leave it says; where one says nothing, as the launch does."""
    fates = {entry.fate for entry in case.entries}
    known = [fate for fate in fates if fate is not None]
    return min(known, key=str) if known and len(known) == len(fates) else case.launch.fate


def _doubtful(entries: Iterable[Entry], fate: Fate) -> _Why:
    """Why work is lost that is waited for, or perhaps waited for, on each path."""
    worst = min(entries, key=lambda entry: (launch_state.DOUBTS.index(entry.doubt), str(entry.doubted_at)))
    if worst.doubt == "escaped":
        return _Why("escaped", Confidence.LOW, Fate.UNKNOWN, worst.doubted_at)
    if worst.doubt == "unlikely":
        return _Why("some-path", Confidence.LOW, fate, worst.doubted_at)
    fate = Fate.CANCELLED if worst.doubt == "cut-short" else fate
    return _Why(_REASONS[worst.doubt], Confidence.MEDIUM, fate, worst.doubted_at)


def _told_by_traits(reason: Reason, traits: Collection[Trait]) -> Reason:
    if reason == "never-joined":
        return next((trait for trait in _TOLD_BY_TRAITS if trait in traits), reason)
    if reason == "some-path" and "answered-first" in traits:
        return "answered-first"  # what is waited for there is the work that answers
    return reason


def _as_far_as_known(case: Case, confidence: Confidence, reason: Reason, *, reads: bool) -> Confidence:
    if reads and reason in ("some-path", "times-out", "partial-wait", "import-time"):
        return Confidence.LOW
    if confidence is not Confidence.HIGH:
        return confidence
    # With `reads`, its value was perhaps needed, and nothing else is lost.
    unsure = reads or case.launch.unsure or _is_a_matter_of_settings(case.entries)
    return Confidence.MEDIUM if unsure else Confidence.HIGH


def _at_suspension(edge: Edge, fate: Fate) -> _Why:
    """Why work is lost, or done again, at a suspension. To do it again may be meant, or do no harm."""
    surely = edge.suspends == "surely"
    if fate is Fate.REPEATS:
        return _Why("replays", Confidence.MEDIUM if surely else Confidence.LOW, fate, edge.place)
    return _Why("suspends", Confidence.HIGH if surely else Confidence.MEDIUM, fate, edge.place)


def _is_a_matter_of_settings(entries: Iterable[Entry]) -> bool:
    """Whether the work is pending only under conditions that no event decides, but what the process began with."""
    sure = [entry for entry in entries if entry.doubt == ""]
    return all(any(_asks_settings(guard.term) for guard in entry.guards) for entry in sure)


def _asks_settings(term: Term) -> bool:
    if term[0] == "and":
        return _asks_settings(term[1]) or _asks_settings(term[3])
    return _mentions(term, ("variable", "option")) and not _mentions(term, (*EVENT, *CONTEXT))


def _mentions(term: Term, words: tuple[str, ...]) -> bool:
    return term[0] in words or any(isinstance(part, tuple) and part and _mentions(part, words) for part in term)
