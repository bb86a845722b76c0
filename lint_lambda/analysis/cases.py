"""What one launch site comes to, and the verdict on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, cast

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
from lint_lambda.core.verdict import Handler, Place, Reason, Trait, Verdict


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
    advice: tuple[str, bool] = ("", False)
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


def verdict_of(case: Case, kind: Kind, traits: Collection[Trait], *, reads: bool = False) -> Verdict:
    """The verdict on a launch: the reason why it is lost, what becomes of it, and how sure that is.

    `reads`: all that is wanted of it is what it gives, and where the wait for that has ended, nobody wants it any more.
    """
    launch = case.launch
    entries = case.entries
    interrupted: set[Trait] = {"interrupted"} if all(entry.waited == "raised" for entry in entries) else set()
    doubts = {entry.doubt for entry in entries}
    fates = {entry.fate for entry in entries}
    fate = next((known for known in sorted(fates, key=str) if known is not None), None)
    if fate is None or None in fates:
        fate = launch.fate
    noted: Place | None = None
    reason: Reason = "never-joined"
    confidence = Confidence.HIGH
    suspended = case.suspended
    if suspended is not None and (suspended.suspends == "surely" or not case.returned):
        reason, confidence = _at_suspension(suspended, fate)
        noted = suspended.place
    elif "" not in doubts:
        worst = min(entries, key=lambda entry: (launch_state.DOUBTS.index(entry.doubt), str(entry.doubted_at)))
        if worst.doubt == "escaped":
            reason, confidence, fate = "escaped", Confidence.LOW, Fate.UNKNOWN
        elif worst.doubt == "unlikely":
            reason, confidence = "some-path", Confidence.LOW
        else:
            reason = _REASONS[worst.doubt]
            confidence = Confidence.MEDIUM
        noted = worst.doubted_at
    elif case.at_import and not kind.registers:
        # What handlers wait for where they need it makes the process ready: nobody misses it elsewhere.
        reason, confidence = "import-time", Confidence.LOW if case.joins else Confidence.MEDIUM
    elif kind.reasons:
        reason = cast("Reason", kind.reason(fate.value))
    elif case.joins or doubts & _GIVEN_UP:
        # What is only told to end serves the invocation; where it is not told, its work is hardly what somebody waits for.
        told = bool(case.joins) and all(entry.told for entry in case.joins)
        reason, confidence = "some-path", Confidence.LOW if told else Confidence.MEDIUM
    elif case.older_only:
        reason, confidence = "only-last", Confidence.MEDIUM
    if reason == "never-joined":
        reason = next((trait for trait in _TOLD_BY_TRAITS if trait in traits), reason)
    elif reason == "some-path" and "answered-first" in traits:
        reason = "answered-first"  # what is waited for there is the work that answers
    if reads and reason in ("some-path", "times-out", "partial-wait", "import-time"):
        confidence = Confidence.LOW
    elif reads and confidence is Confidence.HIGH:
        confidence = Confidence.MEDIUM  # its value was perhaps needed, and nothing else is lost
    if confidence is Confidence.HIGH and (launch.unsure or _is_a_matter_of_settings(entries)):
        confidence = Confidence.MEDIUM
    return Verdict(
        kind=launch.kind,
        fate=fate,
        confidence=confidence,
        launch=launch.place,
        call=launch.call,
        label=launch.label,
        function=launch.function,
        handlers=tuple(sorted(set(case.handlers))),
        path=case.path,
        abandoned_at=case.abandoned_at,
        reason=reason,
        noted=noted,
        traits=tuple(sorted({*traits, *interrupted})),
        advice=case.advice[0],
        prompt=case.advice[1],
        made=_made(case) if kind.once else None,
    )


def _at_suspension(edge: Edge, fate: Fate) -> tuple[Reason, Confidence]:
    """Why work is lost, or done again, at a suspension, and how surely. To do it again may be meant, or do no harm."""
    if fate is Fate.REPEATS:
        return "replays", Confidence.MEDIUM if edge.suspends == "surely" else Confidence.LOW
    return "suspends", Confidence.HIGH if edge.suspends == "surely" else Confidence.MEDIUM


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
