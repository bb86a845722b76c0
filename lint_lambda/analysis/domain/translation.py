"""Restates what is known of a callee in its caller's terms: symbolic names, conditions, values and states."""

from __future__ import annotations

from collections.abc import Callable

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.launch_state import Guard, Guards, State
from lint_lambda.analysis.domain.values import (
    NOTHING,
    REMAINING,
    Const,
    External,
    FunctionObj,
    Obj,
    Term,
    Universe,
    Unknown,
    Value,
    union,
)
from lint_lambda.core.record import replace

VARIABLE = "what is in"
"""The head of the name of a variable of an activation: what was found of its value holds until another value is assigned."""


class Translation:
    """Restates a callee's symbolic names in its caller's terms, for one call."""

    def __init__(self, universe: Universe, callee: FunctionObj, bound: dict[str, Value]) -> None:
        self._universe = universe
        self._owner = (callee.path, callee.function.qualname)
        self._bound = bound

    def term(self, term: Term) -> Term:
        if len(term) == 4 and term[0] == "param" and term[1:3] == self._owner:
            value = self._bound.get(term[3], NOTHING)
            return term_of(value) or ("?",)
        if term[0] == VARIABLE:
            return ("?",)
        return tuple(self.term(part) if isinstance(part, tuple) else part for part in term)

    def value(self, value: Value) -> Value:
        if not any(isinstance(obj, Unknown) and len(obj.term) > 1 for obj in value):
            return value
        out: list[Value] = []
        for obj in value:
            if isinstance(obj, Unknown):
                if len(obj.term) == 4 and obj.term[0] == "param" and obj.term[1:3] == self._owner:
                    out.append(self._bound.get(obj.term[3], self._universe.unknown))
                    continue
                term = self.term(obj.term)
                out.append(self._universe.unknown if "?" in term else self._universe.unknown_of(*term))
            else:
                out.append((obj,))
        return union(*out)

    def guards(self, guards: Guards) -> Guards | None:
        """The guards in the caller's terms; None when they cannot hold. What becomes meaningless is dropped."""
        if not guards:
            return guards
        out: set[Guard] = set()
        for guard in guards:
            term = self.term(guard.term)
            known = decide(term)
            if known is not None:
                if known != guard.holds:
                    return None
            elif not _forgotten(term):
                out.add(Guard(term, guard.holds))
        if any(guard.negated() in out for guard in out):
            return None
        return frozenset(out)


def _forgotten(term: Term) -> bool:
    return any(part == "?" or (isinstance(part, tuple) and _forgotten(part)) for part in term)


def speaks_of_variables(term: Term) -> bool:
    """Whether a condition is about what variables hold, so that no value can be named after it."""
    return term[0] == VARIABLE or any(isinstance(part, tuple) and part and speaks_of_variables(part) for part in term)


def term_of(value: Value) -> Term | None:
    """The symbolic name of a value, when it is one constant or one named unknown."""
    if len(value) != 1:
        return None
    only = value[0]
    if isinstance(only, Const):
        return ("const", only.value)
    if isinstance(only, Unknown) and only.term not in (("?",), REMAINING):
        return only.term
    if isinstance(only, External):
        return ("external", only.symbol)
    return None


def truth_of(value: Value) -> Guard | None:
    """The condition that a value is true, where it has a name; of what could perhaps not be imported, and is None then, it is that of the import."""
    found = tuple(obj for obj in value if not (isinstance(obj, Const) and obj.value is None))
    imported = len(found) < len(value) and all(isinstance(obj, External) for obj in found)
    term = term_of(found if imported else value)
    if term is None or term[0] == "const":
        return None
    return Guard(tuple(term[1]), bool(term[2])) if term[0] in ("phi", "either") else Guard(("true", term), True)


def decide(term: Term) -> bool | None:
    """The truth of a condition over constants, or None."""
    if term[0] == "true" and term[1][0] == "const":
        return bool(term[1][1])
    if term[0] == "==" and term[1][0] == "const" and term[2][0] == "const":
        return bool(term[1][1] == term[2][1])
    return None


Translate = Callable[[Guards], Guards | None]


def compose_states(before: State, effect: State, translate: Translate) -> State:
    """The caller's state after a call whose effect is `effect`."""
    if not effect:
        return before
    after = dict(before)
    for key, entries in effect.items():
        after[key] = launch_state.compose(launch_state.get(before, key), entries, translate)
    return after


def relaunched(before: State, effect: State, universe: Universe) -> State:
    """Make room for handles that a call makes anew: what `before` holds of them becomes older (recency)."""
    after: dict[Obj, launch_state.Entries] | None = None
    for key, entries in effect.items():
        if key.mode != "one" or not launch_state.pending(entries) or launch_state.INITIAL in entries:
            continue
        old = before.get(key)
        if old and launch_state.pending(old):
            after = dict(before) if after is None else after
            older = universe.in_mode(key, "old")
            after[older] = launch_state.get(after, older) | frozenset(
                replace(entry) for entry in old if entry.status == "pending"
            )
            after.pop(key)
    return before if after is None else after
