"""Settings: conditions that hold, or do not, for as long as a process lives; and which conditions shut each other out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lint_lambda.analysis.domain.launch_state import Guard, Guards
from lint_lambda.analysis.domain.summary import Activation
from lint_lambda.analysis.domain.values import Instance, Term
from lint_lambda.core.names import MODULE_BODY

_FIXED = frozenset({"const", "external", "variable", "given", "unbound", "global"})
_OPERATIONS = frozenset(
    {"true", "is none", "==", "is", "<", "<=", ">", ">=", "in", "and", "or", "phi", "either", "default"}
)


class Settings:
    """Tells the names of settings: of variables of the process, of what modules compute as they are imported, and of conditions over these.

    Whatever an event, a parameter or another call may change is none.
    """

    def __init__(self, activations: Sequence[Activation]) -> None:
        self._activations = activations
        self._known: dict[Term, bool] = {}
        self.objects: dict[int, Instance] = {}
        """Objects whose attributes have names, by their numbers."""

    def are(self, term: Term) -> bool:
        """Whether the value of this name is the same at every event of a process."""
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = self._ask(term)
        return found

    def among(self, guards: Guards) -> Guards:
        """Those of the conditions that are settings."""
        return frozenset(guard for guard in guards if self.are(guard.term))

    def _ask(self, term: Term) -> bool:
        head = term[0]
        if head in _FIXED:
            return True
        if head in _OPERATIONS:
            return all(self.are(part) for part in term[1:] if isinstance(part, tuple))
        if head in ("attr", "item"):
            return term[2] != "*" and isinstance(term[1], tuple) and self.are(term[1])
        if head == "object":
            made = self.objects.get(term[1])
            return made is not None and self._is_import(made.alloc.context)
        if head == "call" and len(term) == 4 and isinstance(term[2], int) and isinstance(term[3], int):
            return self._is_import(term[3])
        if head in ("call", "result"):  # a function of a library, or of what a name stands for, with constants
            return "?" not in term and (not isinstance(term[1], tuple) or self.are(term[1]))
        return False

    def _is_import(self, context: int) -> bool:
        return self._activations[context].callee.function.qualname == MODULE_BODY


def can_be(one: Guards, other: Guards) -> bool:
    """Whether conditions may all hold at once, as far as that is written in them."""
    left = {each for guard in one for each in _implied(guard)}
    right = {each for guard in other for each in _implied(guard)}
    return not any(_exclude(first, second) or _exclude(second, first) for first in left for second in right)


def _implied(guard: Guard) -> Iterator[Guard]:
    """What holds where a condition holds: itself, and its parts where it is made of several."""
    yield guard
    if (guard.term[0], guard.holds) in (("and", True), ("or", False)):
        _, first, holds, second, also = guard.term
        yield from _implied(Guard(first, holds is guard.holds))
        yield from _implied(Guard(second, also is guard.holds))


def _exclude(one: Guard, other: Guard) -> bool:
    """Whether the first condition cannot hold where the second does."""
    if one.term == other.term:
        return one.holds != other.holds
    if not one.holds:
        return False
    about = one.term[1]
    if one.term[0] == "true":
        return other == Guard(("is none", about), True)
    if one.term[0] == "==" and one.term[2][0] == "const":
        value = one.term[2][1]
        if other.term[0] == "true" and other.term[1] == about:
            return other.holds != bool(value)
        if other == Guard(("is none", about), True):
            return value is not None
        same = other.term[0] == "==" and other.term[1] == about and other.term[2][0] == "const"
        return same and other.holds and other.term[2][1] != value
    return False
