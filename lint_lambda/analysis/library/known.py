"""The verb *known*: what a call, a membership test or an attribute answers on Lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    External,
    FunctionObj,
    Instance,
    Managed,
    Memoised,
    Obj,
    Partial,
    Probe,
    Suspended,
    Unknown,
    Value,
)
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.KnownModel, call: Call, machine: Machine) -> Value:
    if model.asks is None:
        return machine.universe.const(model.value or model.truth)
    value = machine.selectors.select(model.asks, call)
    answers = {_is_of_kind(obj, model.kind) for obj in value}
    if model.kind == "awaitable" and True in answers and len(answers) > 1:
        # Where the answer is no, it is one of the others that there is: no coroutine was made there.
        awaitable = tuple(obj for obj in value if _is_of_kind(obj, model.kind))
        return (machine.universe.make(Probe, awaitable, False),)
    return machine.universe.const(answers.pop()) if len(answers) == 1 and None not in answers else NOTHING


def _is_of_kind(obj: Obj, kind: str) -> bool | None:
    """Whether an object is of a `KnownModel.kind`; None where that cannot be said."""
    while isinstance(obj, (Bound, Managed, Memoised)):
        obj = obj.receiver if isinstance(obj, Bound) and isinstance(obj.function, External) else obj.function
    if isinstance(obj, FunctionObj):
        if kind == "coroutine function":
            return obj.function.is_async and not obj.function.is_generator
        return kind == "generator function" and obj.function.is_generator and not obj.function.is_async
    if isinstance(obj, Suspended):
        return kind == "awaitable" and obj.kind == "coroutine"
    return None if isinstance(obj, (Unknown, External, Instance, Partial)) else False
