"""What a library's coroutine will launch once it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.values import Bound, External, Obj, Suspended
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def function_of(obj: Obj) -> Obj:
    """What a callable calls, of a method its function."""
    return obj.function if isinstance(obj, Bound) else obj


def launched_by(obj: Suspended, machine: Machine) -> list[m.LaunchModel]:
    """What running a coroutine launches, when it is that of a library's call."""
    function = function_of(machine.held_calls[obj.base][0])
    symbol = machine.models.canonical(function.symbol) if isinstance(function, External) else ""
    return [model for model in machine.models.of(symbol) if isinstance(model, m.LaunchModel)]
