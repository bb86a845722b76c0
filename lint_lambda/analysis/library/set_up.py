"""The verb *set up*: a call without which a library, or an object of it, sends nothing. So is the making of an object.

The state says under which settings it has been done; what could be pending only without them is not pending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import CLEAR, NO_GUARDS, Entry, Guards, State
from lint_lambda.analysis.domain.settings import can_be
from lint_lambda.analysis.domain.translation import truth_of
from lint_lambda.analysis.domain.values import NOTHING, Obj, Ready, Value
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def apply(model: m.SetUpModel, call: Call, machine: Machine) -> Value:
    held = NO_GUARDS
    if model.key is not None:
        condition = truth_of(machine.selectors.select(model.key, call))
        held = NO_GUARDS if condition is None else frozenset((condition,))
    ready(machine.selectors.select(model.target, call), call.frame, machine, held)
    return NOTHING


def ready(value: Value, frame: Frame, machine: Machine, under: Guards = NO_GUARDS) -> None:
    """The objects in `value` are set up here, `under` these conditions."""
    if frame.state is None:
        return
    entry = launch_state.guarded(frozenset((CLEAR,)), frame.held | under)
    for obj in value:
        key = machine.universe.make(Ready, obj.base)
        frame.state = launch_state.put(frame.state, key, _before(key, frame.state) | entry)


def called(before: State, after: State, out: State, frame: Frame) -> State:
    """The state `after` a call that leaves `out`: what it has set up, it has under the settings that hold here; what was, still is."""
    ours = [key for key in out if isinstance(key, Ready)]
    if not ours:
        return after
    state = dict(after)
    for key in ours:
        state[key] = _before(key, before) | launch_state.guarded(after[key], frame.held)
    return state


def is_possible(key: Obj, entry: Entry, state: State, machine: Machine) -> bool:
    """Whether what an entry of `key` says may be, as far as it depends on what was set up, and under which settings."""
    if not any(isinstance(each, Ready) for each in state):
        return True
    without = machine.heap.load(key, Fact.NEEDS)
    return _may_be_ready(key, entry, state, machine) and (
        not without or any(_may_be_ready(obj, entry, state, machine) for obj in without)
    )


def _may_be_ready(obj: Obj, entry: Entry, state: State, machine: Machine) -> bool:
    done = _before(machine.universe.make(Ready, obj.base), state)
    settings = machine.world.settings
    return not done or any(can_be(settings.among(each.guards), entry.guards) for each in done)


def _before(key: Obj, state: State) -> launch_state.Entries:
    return frozenset(entry for entry in state.get(key, ()) if entry.status == "clear")
