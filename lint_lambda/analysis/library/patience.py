"""How long a wait with a limit waits, and how likely it is to give up before the work is done."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.launch_state import Doubt
from lint_lambda.analysis.domain.values import REMAINING, Const, Unknown, Value

if TYPE_CHECKING:
    from lint_lambda.analysis.domain.values import Obj

DELIBERATE_SECONDS = 5.0
"""A silent timeout at least this long is a latency budget somebody chose; a shorter one is likely to pass."""


def doubt_of(limit: Value, frame: Frame) -> Doubt:
    """Why a wait of so many seconds may end before the work does.

    Where it ends only when the time of the invocation is over, there is no response either way. One that is made again and again, until all of
    the turns together have taken long, was written to see the end of the work.
    """
    known = _numbers(limit)
    others = [obj for obj in limit if not isinstance(obj, Const)]
    if not known and others and all(map(_is_what_is_left, others)):
        return "unlikely"
    if not known or not all(map(_is_what_is_left, others)):
        return "times-out-late"
    if min(known) >= DELIBERATE_SECONDS:
        return "times-out-late"
    turns = prod(loop.turns or 1 for loop in frame.loops)
    return "unlikely" if turns > 1 and min(known) * turns >= DELIBERATE_SECONDS else "times-out"


def least(seconds: Value) -> float:
    """The fewest seconds that are meant; none where that is not known."""
    known = _numbers(seconds)
    return min(known) if known and len(known) == len(seconds) else 0


def _numbers(value: Value) -> list[float]:
    return [obj.value for obj in value if isinstance(obj, Const) and isinstance(obj.value, (int, float))]


def is_spent(op: str, left: Value, right: Value) -> bool | None:
    """Whether a comparison that holds says that the time of the invocation is nearly over; None where it asks for something else."""
    if op not in _SHORTER or _is_time_left(left) == _is_time_left(right):
        return None
    return _SHORTER[op] == _is_time_left(left)


_SHORTER = {"<": True, "<=": True, ">": False, ">=": False}


def _is_time_left(value: Value) -> bool:
    return bool(value) and all(map(_is_what_is_left, value))


def is_long(turns: int, pause: float) -> bool:
    """Whether so many turns, with a pause in each, together are a time that somebody chose."""
    return turns * pause >= DELIBERATE_SECONDS


def _is_what_is_left(obj: Obj) -> bool:
    return isinstance(obj, Unknown) and obj.term == REMAINING
