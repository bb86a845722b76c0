"""The verb *known*: what a call, a membership test or an attribute answers on Lambda."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Union

from lint_lambda.analysis.domain.translation import truth_of
from lint_lambda.analysis.domain.values import (
    NOTHING,
    REMAINING,
    Bound,
    Chosen,
    Const,
    External,
    FunctionObj,
    Instance,
    Managed,
    Memoised,
    Obj,
    Partial,
    Presence,
    Probe,
    Suspended,
    Unknown,
    Value,
    perhaps_there,
    union,
)
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


Plain = Union[str, int, float, bool, None]


def apply(model: m.KnownModel, call: Call, machine: Machine) -> Value:
    if model.none:
        return machine.universe.const(None)
    if model.asks is None:
        return machine.universe.const(model.value or model.truth)
    value = machine.selectors.select(model.asks, call)
    if model.folds:
        return _folded(model.folds, value, machine)
    answers = {_is_of_kind(obj, model.kind) for obj in value}
    if model.kind == "awaitable" and True in answers and len(answers) > 1:
        # Where the answer is no, it is one of the others that there is: no coroutine was made there.
        awaitable = tuple(obj for obj in value if _is_of_kind(obj, model.kind))
        return (machine.universe.make(Probe, awaitable, False),)
    return machine.universe.const(answers.pop()) if len(answers) == 1 and None not in answers else NOTHING


def _truth(value: Plain) -> Plain:
    return bool(value)


_FOLDS: dict[str, Callable[[Plain], Plain]] = {
    "integer": lambda value: int(value or 0),
    "number": lambda value: float(value or 0),
    "truth": _truth,
    "lower": lambda value: str(value).lower(),
    "upper": lambda value: str(value).upper(),
    "strip": lambda value: str(value).strip(),
}


_OF_NUMBERS = frozenset({"integer", "number"})


def _folded(how: str, value: Value, machine: Machine) -> Value:
    """What becomes of constants; nothing where there are others, or one cannot be converted. A condition of what has a name has one, too."""
    out: list[Value] = []
    condition = truth_of(value) if how == "truth" else None
    if condition is not None:
        return machine.universe.unknown_of("phi", condition.term, condition.holds)
    if how == "truth" and perhaps_there(value):
        return (machine.universe.make(Presence, perhaps_there(value), True, True),)
    remaining = machine.universe.unknown_of(*REMAINING)
    if how == "greatest":  # one of several: the time that is left, if that is among them
        return remaining if remaining[0] in value else value
    for obj in value:
        if obj is remaining[0] and how in _OF_NUMBERS:
            out.append(remaining)
            continue
        if not isinstance(obj, Const) or (obj.value is None and how != "truth"):
            return NOTHING
        try:
            out.append(machine.universe.const(_FOLDS[how](obj.value)))
        except (ValueError, OverflowError):
            return NOTHING
    return union(*out)


def _is_of_kind(obj: Obj, kind: str) -> bool | None:
    """Whether an object is of a `KnownModel.kind`; None where that cannot be said."""
    while isinstance(obj, (Bound, Chosen, Managed, Memoised)):
        obj = obj.receiver if isinstance(obj, Bound) and isinstance(obj.function, External) else obj.function
    if isinstance(obj, FunctionObj):
        if kind == "coroutine function":
            return obj.function.is_async and not obj.function.is_generator
        return kind == "generator function" and obj.function.is_generator and not obj.function.is_async
    if isinstance(obj, Suspended):
        return kind == "awaitable" and obj.kind == "coroutine"
    return None if isinstance(obj, (Unknown, External, Instance, Partial)) else False
