"""Loops: their turns until the state settles, and the ways out of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import ENDLESS, Effects
from lint_lambda.analysis.domain.frame import Frame, LoopFrame, Snapshot, merge
from lint_lambda.analysis.domain.launch_state import Entry, State
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    External,
    Flag,
    Instance,
    Obj,
    Unknown,
    Value,
    is_suspended,
    union,
)
from lint_lambda.analysis.interpreter.displays import has_elements, most_turns
from lint_lambda.analysis.library import patience
from lint_lambda.core import ir
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place
from lint_lambda.core.walk import nodes, remembered

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

LOOP_ROUNDS = 3
"""Rounds of a loop's body: one to see what it launches, one to see it launched before, one for variables to settle."""


class Loops:
    """Loops."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe

    def for_(self, node: ir.For, frame: Frame) -> None:
        iterable = self._machine.evaluate(node.iterable, frame)
        steps = self._machine.elements.steps(iterable) if _calls_each(node) else []
        if steps and frame.state is not None:
            self._one_by_one(node, steps, frame)
            return
        finished = self._machine.selectors.as_they_finish(iterable)
        self._machine.library.time_out(iterable, finished, node.site, frame)
        whole = not _may_leave(node.body)
        working = () if whole else self._machine.selectors.working(iterable)
        elements = finished or self._machine.elements.of(iterable, frame, whole=whole) or self._universe.unknown
        if frame.state is None:
            return

        def bind() -> Snapshot | None:
            self._machine.assign(node.target, elements, frame)
            self._machine.handles.join(finished, frame)
            for obj in working:
                self._machine.library.join_elements(obj, frame)
            return None

        semantics = self._machine.semantics
        most = most_turns(node.iterable, semantics)
        self._loop(node.body, node.orelse, frame, bind, turns=has_elements(node.iterable, semantics), most=most)
        if node.is_async and not finished and iterable and all(map(_is_unseen, iterable)):
            self._machine.handles.may_feed(Place(frame.path, node.site), frame)
        if frame.state is not None:
            # The variable still holds the last element, which is one of them.
            for name in _names(node.target):
                held = frame.env.get(name)
                if held is not None:
                    last = {self._universe.in_mode(obj, "some") if obj.mode == "all" else obj for obj in held}
                    frame.env[name] = tuple(sorted(last))

    def _one_by_one(self, node: ir.For, steps: list[Value], frame: Frame) -> None:
        """A loop over functions that are written down: what one does may come after what another has done."""
        for step in steps:
            if frame.state is not None:
                self._machine.assign(node.target, step, frame)
                self._machine.execute(node.body, frame)
        self._machine.execute(node.orelse, frame)

    def while_(self, node: ir.While, frame: Frame) -> None:
        flags = set(self._machine.names.flags(node.test, frame))
        polled = self._machine.polled.flags(node.test, frame)
        asked: set[Obj] = set(flags)
        before = frame.effects
        exits_before = len(frame.exits)
        frame.effects = replace(before, takes=False)

        def test() -> Snapshot | None:
            here = frame.effects
            frame.effects = replace(here, stops=frozenset())
            frame.polling = True
            then, otherwise, _ = self._machine.conditions.branches(node.test, frame)
            frame.polling = False
            for branch in (then, otherwise):
                if branch is not None:
                    asked.update(branch.effects.stops)
                    branch.effects = replace(branch.effects, stops=here.stops)
            self._machine.polled.awaited(node.test, polled, otherwise, frame)
            frame.resume(then)
            return otherwise

        left = self._loop(node.body, node.orelse, frame, test, endless=True)
        if not left and frame.state is None and frame.endless is not None:
            frame.endless.effects = frame.endless.effects.then(ENDLESS)
        elif not left and self._is_ended_elsewhere(node, asked, flags, frame):
            frame.does(ENDLESS)
        if not frame.effects.takes and frame.state is not None:
            # What it does in a turn is of its own making: nobody misses the turns after it was asked to stop.
            frame.does(Effects(stops=frozenset(asked)))
        if before.takes:
            frame.effects = replace(frame.effects, takes=True)
            for item in frame.exits[exits_before:]:
                item.effects = replace(item.effects, takes=True)

    def exhaust(self, iterator: Instance, frame: Frame, *, whole: bool) -> Value:
        """What an iterator of the project's own gives, asked again and again until it raises that there is nothing more.

        Work that it waits for at a step is all waited for in the end. Not `whole`: nobody may ask that often.
        """
        before, endless = frame.snapshot(), frame.endless
        if before is None:
            return NOTHING
        given: list[Value] = []
        waited: set[Obj] = set()

        def step() -> Snapshot | None:
            start = frame.state or {}
            element, over = self._step(iterator, frame)
            given.append(element)
            for key, entries in (frame.state or {}).items():
                if any(entry.status == "clear" for entry in entries - launch_state.get(start, key)):
                    waited.add(key.base)
            return over

        self._loop((), (), frame, step, endless=True)
        if frame.state is None or not whole:
            frame.resume(merge((before, frame.snapshot())))
        elif waited:
            frame.state = {
                key: frozenset(entry for entry in entries if key.base not in waited or entry.status != "pending")
                for key, entries in frame.state.items()
            }
        frame.endless = endless
        return union(*given)

    def _step(self, iterator: Instance, frame: Frame) -> tuple[Value, Snapshot | None]:
        """What one step of an iterator gives, and where it says that there is nothing more."""
        semantics = self._machine.semantics
        edges = frame.guard()
        element = self._machine.calls.call_method(iterator, semantics.advance, frame)
        if is_suspended(element):
            element = self._machine.wait(element, iterator.alloc.site, frame)
        frame.tries.pop()
        over = [edge for edge in edges if edge.explicit and edge.types & semantics.exhausted]
        for edge in edges:
            if edge not in over:
                frame.raise_as(edge)
        if not over:
            return element, None
        return element, Snapshot(
            frame.env, launch_state.join(*(edge.state for edge in over)), frame.effects, frame.held
        )

    def _is_ended_elsewhere(self, node: ir.While, asked: set[Obj], flags: set[Flag], frame: Frame) -> bool:
        """Whether the loop goes on until something that its body does not touch says so."""
        touched = {each.name for each in nodes(node.body) if isinstance(each, (ir.Name, ir.Attr))}
        if asked:
            return not any(flag.name in touched for flag in flags)
        askers = [
            each.func.base for each in nodes(node.test) if isinstance(each, ir.Call) and isinstance(each.func, ir.Attr)
        ]
        return any(
            isinstance(asker, (ir.Name, ir.Attr))
            and asker.name not in touched
            and all(map(_is_unseen, self._machine.evaluate(asker, frame)))
            for asker in askers
        )

    def _loop(
        self,
        body: ir.Block,
        orelse: ir.Block,
        frame: Frame,
        head: Callable[[], Snapshot | None],
        endless: bool = False,
        turns: bool = False,
        most: int = 0,
    ) -> bool:
        """Run `head` and the body until the state settles. `head` returns where its condition fails, if it has one.

        `endless`: only `head` ends it. `turns`: the loop turns at least once; at `most` so often, if that is written down. Returns whether
        the body may leave it.
        """
        entry = frame.snapshot()
        assert entry is not None
        loop = LoopFrame(entry.state, finals=len(frame.finals), endless=endless, turns=most)
        exits_before, raised_before = len(frame.exits), _raised(frame)
        failed, end = self._settle(loop, entry, body, frame, head)
        breaks = [
            Snapshot(
                item.env,
                _found_done(entry.state, unswept(loop, entry.state, item.state)),
                _between_turns(item.effects, entry.effects),
                item.held,
            )
            for item in loop.breaks
        ]
        for exit_ in frame.exits[exits_before:]:
            exit_.state = _found_done(entry.state, exit_.state)
        done = self._failed(loop, entry, failed, end) if endless else self._exhausted(loop, entry, end, turns, frame)
        left = bool(breaks) or len(frame.exits) > exits_before or _raised(frame) > raised_before
        if endless and done is None and not breaks and end is not None:
            frame.endless = end
        frame.resume(done)
        self._machine.execute(orelse, frame)
        frame.resume(merge((frame.snapshot(), *breaks)))
        return left

    def _settle(
        self, loop: LoopFrame, entry: Snapshot, body: ir.Block, frame: Frame, head: Callable[[], Snapshot | None]
    ) -> tuple[Snapshot | None, Snapshot | None]:
        """Turn until nothing new comes of it: where the head's condition fails, and the end of the last turn."""
        frame.loops.append(loop)
        around: Snapshot | None = entry
        failed = end = None
        exits_before = len(frame.exits)
        first: list[Snapshot] = []  # where the first turn leaves, if it is certain
        rounds, number = LOOP_ROUNDS, 0
        while number < rounds:
            number += 1
            frame.resume(around)
            frame.effects = _between_turns(frame.effects, entry.effects)
            loop.continues = []
            loop.breaks = list(first)
            del frame.exits[exits_before:]
            failed = head()
            self._machine.perhaps(body, frame)
            end = merge((frame.snapshot(), *loop.continues))
            if number == 1 and loop.endless and failed is None and end is not None:
                # Nothing goes round the first turn: whatever follows has seen it.
                around, first, exits_before, rounds = end, loop.breaks, len(frame.exits), rounds + 1
                continue
            after = merge((around, end))
            assert after is not None
            if around is not None and after.env == around.env and after.state == around.state:
                break
            around = after
        frame.loops.pop()
        return failed, end

    @staticmethod
    def _failed(loop: LoopFrame, entry: Snapshot, failed: Snapshot | None, end: Snapshot | None) -> Snapshot | None:
        """After a loop that ends where its condition fails: all that a turn sweeps has been swept."""
        if failed is None:
            return None
        state = dict(failed.state)
        for key in loop.swept:
            left = launch_state.get(state, key)  # initial: it is the caller's
            if end is not None and key in end.state and any(entry.status != "clear" for entry in left):
                state[key] = end.state[key]
        return Snapshot(failed.env, state, _between_turns(failed.effects, entry.effects), failed.held)

    def _exhausted(self, loop: LoopFrame, entry: Snapshot, end: Snapshot | None, turns: bool, frame: Frame) -> Snapshot:
        """After a loop that ends when it has come to all elements."""
        if end is None:
            return entry
        frame.resume(end)
        if patience.is_long(loop.turns, loop.pause) and frame.state is not None:
            self._asked_often(loop, frame)
        if not turns:
            self.leave(loop, entry.state, frame)
        assert frame.state is not None
        merged = end if turns else merge((entry, end))
        assert merged is not None
        return Snapshot(merged.env, frame.state, _between_turns(merged.effects, entry.effects), merged.held)

    def _asked_often(self, loop: LoopFrame, frame: Frame) -> None:
        """The work that each turn has asked whether it is done is hardly pending still, after so long."""
        keys = [
            key
            for obj in self._machine.handles.within(tuple(loop.asked), frame)
            for key in self._machine.handles.keys(obj)
        ]
        assert frame.state is not None
        doubtful = {key: launch_state.doubt_all(launch_state.get(frame.state, key), "unlikely", None) for key in keys}
        frame.state = {**frame.state, **doubtful}

    def leave(self, loop: LoopFrame, before: State, frame: Frame) -> None:
        """After a loop that may not have run at all; what it swept is joined all the same (there was nothing else)."""
        if frame.state is None:
            frame.state = before
            return
        after = frame.state
        merged = dict(launch_state.join(before, after))
        for key in loop.swept:
            if key in after:
                merged[key] = after[key]
        merged.update({key: entries for key, entries in after.items() if key not in before})
        frame.state = merged


def unswept(loop: LoopFrame, before: State, state: State) -> State:
    """Leaving a loop early: the elements it had not come to are as they were."""
    if not loop.swept:
        return state
    changed = dict(state)
    for key in loop.swept:
        if key in before:
            changed[key] = launch_state.get(state, key) | before[key]
    return changed


def _found_done(before: State, state: State) -> State:
    """Leaving a loop early where work is found done is waiting for it."""
    found = {
        key: frozenset(Entry("clear", entry.launch) for entry in launch_state.pending(launch_state.get(before, key)))
        for key, entries in state.items()
        if not entries
    }
    return {**state, **{key: entries for key, entries in found.items() if entries}}


def _between_turns(effects: Effects, entry: Effects) -> Effects:
    """`effects` of a turn of a loop that was entered with `entry`: what a later turn does is other work than this one's."""
    return replace(effects, late=effects.late & entry.late)


def _is_unseen(obj: Obj) -> bool:
    """Whether an object belongs to code that is not analysed."""
    return isinstance(obj, (Unknown, External)) or (isinstance(obj, Bound) and isinstance(obj.function, External))


def _raised(frame: Frame) -> int:
    """How often a ``raise`` has left, to where exceptions go from here."""
    edges = frame.tries[-1].edges if frame.tries else frame.raised
    return sum(edge.explicit and not edge.remote for edge in edges)


@remembered
def _calls_each(node: ir.For) -> bool:
    """Whether a loop calls what it goes over, and comes to its end."""
    names, calls = set(_names(node.target)), False
    for each in nodes(node.body):
        if isinstance(each, (ir.Break, ir.Continue)):
            return False
        if isinstance(each, ir.Call):
            callee = each.func.base if isinstance(each.func, ir.Attr) else each.func
            calls = calls or (isinstance(callee, ir.Name) and callee.name in names)
    return calls


def _may_leave(body: ir.Block, within: bool = False) -> bool:
    """Whether a loop's body may leave the loop before its end; `within` another loop only by returning."""
    for node in body:
        if isinstance(node, ir.Return) or (isinstance(node, ir.Break) and not within):
            return True
        if isinstance(node, (ir.For, ir.While)) and _may_leave((*node.body, *node.orelse), within=True):
            return True
        if isinstance(node, ir.If) and _may_leave((*node.body, *node.orelse), within):
            return True
        if isinstance(node, ir.With) and _may_leave(node.body, within):
            return True
        if isinstance(node, ir.Try):
            caught = (statement for catch in node.catches for statement in catch.body)
            if _may_leave((*node.body, *caught, *node.orelse, *node.final), within):
                return True
        if isinstance(node, ir.Match) and any(_may_leave(case.body, within) for case in node.cases):
            return True
    return False


def _names(target: ir.Target) -> list[str]:
    if isinstance(target, ir.Name):
        return [target.name]
    if isinstance(target, ir.Unpack):
        return [name for part in target.targets for name in _names(part)]
    return []
