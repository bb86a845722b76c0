"""The verb *member*: a call makes a function that reaches into what it is called on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.heap import slot
from lint_lambda.analysis.domain.values import Reacher, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.core.record import replace
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.MemberModel, call: Call, machine: Machine) -> Value:
    """Make the function; what it was made with is kept beside it."""
    made = machine.universe.make(Reacher, model.reaches, call.alloc)
    names = [call.args.positional[0]] if model.reaches == "method" else call.args.positional
    given = replace(call.args, positional=call.args.positional[len(names) :])
    machine.held_calls[made] = (made, given)
    for position, name in enumerate(names):
        machine.heap.store(made, slot(position), name)
    return (made,)
