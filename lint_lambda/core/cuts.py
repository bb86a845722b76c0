"""Parts that are cut out of a list: whether one leaves anything out that no other part or index of the same code takes."""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Literal, NamedTuple

LeftOut = Literal["", "surely", "perhaps"]

_NUMBER = re.compile(r"-?\s*\d+")


class Cut(NamedTuple):
    """The elements of `base` from `lower` up to `upper`, as it is written; a bound that leaves nothing out is empty."""

    base: str
    lower: str
    upper: str
    step: str = ""


def left_out(cut: Cut, others: Set[Cut], places: Set[tuple[str, str]]) -> LeftOut:
    """Whether a cut leaves something out: ``[1:]``, ``[:-1]``, ``[::2]``; perhaps: ``[:count]``.

    ``[:count]`` beside ``[count:]``, and ``[1:]`` beside ``[0]``, leave out nothing. `places` are the indices that are read of
    each base.
    """
    if cut.step not in ("", "1", "-1"):
        return "surely"
    if not (cut.lower or cut.upper) or _others_take(cut, others, places):
        return ""
    bounds = [bound for bound in (cut.lower, cut.upper) if bound]
    return "surely" if all(_NUMBER.fullmatch(bound) for bound in bounds) else "perhaps"


def _others_take(cut: Cut, others: Set[Cut], places: Set[tuple[str, str]]) -> bool:
    """Whether what is before and behind the cut is read by another."""
    before = not cut.lower or any(other.base == cut.base and other.upper == cut.lower for other in others)
    behind = not cut.upper or any(other.base == cut.base and other.lower == cut.upper for other in others)
    if cut.lower.isdecimal():
        before = before or all((cut.base, str(place)) in places for place in range(min(int(cut.lower), 9)))
    behind = behind or (cut.base, cut.upper) in places
    return before and behind
