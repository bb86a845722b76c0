"""The verb *record*: a call makes a class whose instances hold what they are constructed with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.heap import slot
from lint_lambda.analysis.domain.values import Const, Container, Obj, Record, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.RecordModel, call: Call, machine: Machine) -> Value:
    names = tuple(name for obj in machine.selectors.select(model.fields, call) for name in _names(obj, machine))
    return (machine.universe.make(Record, call.symbol, names, call.alloc),)


def _names(obj: Obj, machine: Machine) -> Iterator[str]:
    """The names that a text, a list of texts, or a list of pairs that begin with one, holds."""
    if isinstance(obj, Const) and isinstance(obj.value, str):
        yield from re.findall(r"\w+", obj.value)
    elif isinstance(obj, Container):
        position = 0
        while held := machine.heap.load(obj, slot(position)):
            for part in held:
                first = machine.heap.load(part, slot(0)) if isinstance(part, Container) else (part,)
                yield from (each.value for each in first if isinstance(each, Const) and isinstance(each.value, str))
            position += 1
