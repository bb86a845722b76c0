"""Whether work is among that which a wait has seen to its end: what is known where it is, and where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact
from lint_lambda.analysis.domain.launch_state import State
from lint_lambda.analysis.domain.values import Container, Obj, Value

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


def asked(element: Value, container: Value, view: Frame, machine: Machine) -> tuple[State | None, State | None]:
    """The state where `element` is in the `container`, and where it is not; nothing where that says nothing of it.

    Of what a wait gives, one set holds what is done and the other the rest. Where the wait was for the first of two and one of them is
    not done, the other is.
    """
    if len(element) != 1 or len(container) != 1 or not isinstance(container[0], Container) or view.state is None:
        return None, None
    work, here = element[0], view.state
    if work.mode != "one" or not machine.handles.is_handle(work):
        return None, None
    if any(obj.base is work.base for obj in machine.heap.load(container[0], Fact.REST)):
        return None, _without(work, here, view, machine)
    among = [obj for obj in machine.heap.load(container[0], ANY_ELEMENT) if obj.mode == "part"]
    others = [obj.base for obj in among if obj.base is not work.base]
    if len(others) == len(among):
        return None, None
    first = len(others) == 1 and bool(machine.heap.load(container[0], Fact.AT_LEAST_ONE))
    return _without(work, here, view, machine), _without(others[0], here, view, machine) if first else None


def turns(each: Value, work: Value, view: Frame, machine: Machine) -> tuple[State, State] | None:
    """A loop asks of `each` piece of work whether it is this one: the state in the turn in which it is, and in one in which it is not.

    A turn says nothing of the work that has turns of its own. None where the loop does not surely come to this work.
    """
    if not view.loops or len(work) != 1 or view.state is None:
        return None
    one, here = work[0], view.state
    met = [obj for obj in each if obj.mode == "all"]
    if one.mode != "one" or one.base not in {obj.base for obj in met} or not machine.handles.is_handle(one):
        return None
    if machine.heap.load(one, Fact.MANY):
        return None
    found, missing = here, _without(one, here, view, machine)
    for obj in met:
        if obj.base is not one.base:
            found = _without(obj, found, view, machine)
    return found, missing


def _without(work: Obj, state: State, view: Frame, machine: Machine) -> State:
    """The state where it is seen that the work is done, or that it is not what is asked for."""
    view.state = state
    machine.handles.forget((work,), view)
    assert view.state is not None
    return view.state
