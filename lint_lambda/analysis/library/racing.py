"""Waiting for some of several pieces of work: which of them is done then, and which are left where the wait fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import WAITED_FOR, Fact
from lint_lambda.analysis.domain.launch_state import EMPTY, Entries, State
from lint_lambda.analysis.domain.values import Obj

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


def sure_of(obj: Obj, frame: Frame, machine: Machine) -> list[Obj]:
    """The work that is done where `obj`, which waits for some of it, has not failed: the rest can only fail."""
    some = machine.handles.within(machine.heap.load(obj, Fact.HOLDS_SOME), frame)
    may_be_done = [each for each in some if not only_fails(each, machine)]
    if len(may_be_done) != 1 or len(some) == 1 or machine.handles.many(may_be_done[0], frame.state or EMPTY):
        return []
    return may_be_done


def only_fails(obj: Obj, machine: Machine) -> bool:
    """Whether something says that `obj` has failed, and nothing says that it is done: so it is with a limit of time."""
    return bool(machine.heap.load(obj, Fact.FAILS)) and not machine.heap.load(obj, Fact.FULFILS)


def note(machine: Machine) -> None:
    """There is a wait for some of several pieces of work. Where there is none, nobody need look for it."""
    for obj in machine.universe.unknown:
        machine.heap.store(obj, Fact.RACED, machine.universe.unknown)


def _is_noted(machine: Machine) -> bool:
    return any(machine.heap.load(obj, Fact.RACED) for obj in machine.universe.unknown)


def waiting_for_some(objs: Iterable[Obj], frame: Frame, machine: Machine) -> set[Obj]:
    """Those of `objs` to wait for which is, in the end, to wait for some of several pieces of work.

    One walk is made for all of them: much of what they wait for is the same.
    """
    if not _is_noted(machine):
        return set()
    pending, holders, found = list(objs), dict[Obj, list[Obj]](), set[Obj]()
    seen = set(pending)
    some = list[Obj]()
    while pending:
        obj = pending.pop()
        if machine.heap.load(obj, Fact.HOLDS_SOME):
            some.append(obj)
        for held in machine.handles.led_to(obj, Fact.HOLDS, frame):
            holders.setdefault(held, []).append(obj)
            if held not in seen:
                seen.add(held)
                pending.append(held)
    while some:
        obj = some.pop()
        if obj not in found:
            found.add(obj)
            some += holders.get(obj, ())
    return found


def given_up(obj: Obj, frame: Frame, machine: Machine) -> State:
    """What a wait for `obj` leaves pending where it fails before the work that it waits for is done."""
    state, left = frame.state or EMPTY, dict[Obj, Entries]()
    for each in machine.handles.behind(obj, (Fact.HOLDS,), frame, unless=Fact.SWALLOWS):
        for work in sure_of(each, frame, machine):
            for behind in machine.handles.behind(work, WAITED_FOR, frame):
                for key in machine.handles.keys(machine.universe.in_mode(behind, "all")):
                    found = frozenset(launch_state.pending(state.get(key, ())))
                    if found:
                        left[key] = launch_state.waited_for(found, "raised")
    return left
