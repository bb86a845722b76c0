"""Loops that ask again and again for what other work sets: a flag, an item, whether there is anything in a container."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Frame, Snapshot
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import Doubt
from lint_lambda.analysis.domain.values import FILLED, Const, Container, Flag, Obj, Value, in_order
from lint_lambda.analysis.interpreter import emptiness
from lint_lambda.core import ir

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Polled:
    """What loops ask for."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe

    def flags(self, test: ir.Expr, frame: Frame, truth: bool = False) -> tuple[Flag, ...]:
        """What is set where `test` is `truth`; whoever sets it is told from now on that this is waited for."""
        found = tuple(
            dict.fromkeys([*self._machine.names.flags(test, frame, truth), *self._others(test, frame, truth)])
        )
        for flag in found:
            self._machine.heap.store(flag.owner, Fact.POLLED, (flag,))
        return found

    def _others(self, test: ir.Expr, frame: Frame, truth: bool) -> Iterator[Flag]:
        """Those that are no variables of other scopes, and no attributes, or are compared with something."""
        if isinstance(test, ir.Not):
            yield from self._others(test.value, frame, not truth)
        elif isinstance(test, ir.Bool):
            yield from self._others(test.left, frame, truth)
            yield from self._others(test.right, frame, truth)
        elif isinstance(test, ir.Compare):
            yield from self._compared(test, frame, truth)
        else:
            counted = emptiness.counted(test, self._machine.semantics)
            if truth:
                for owner in self._containers(counted or test, frame):
                    yield self._universe.make(Flag, owner.base, FILLED, True)
            for place, name in self._places(test, frame, local_only=True):
                yield self._universe.make(Flag, place.base, name, truth)

    def _compared(self, test: ir.Compare, frame: Frame, truth: bool) -> Iterator[Flag]:
        make = self._universe.make
        counted = emptiness.counted(test, self._machine.semantics)
        if counted is not None:
            for owner in self._containers(counted, frame) if _is_filled(test) == truth else ():
                yield make(Flag, owner.base, FILLED, True)
        elif test.op in ("in", "not in") and isinstance(test.left, ir.Const) and (test.op == "in") == truth:
            for owner in self._containers(test.right, frame):
                yield make(Flag, owner.base, _key(test.left.value), True)
        elif isinstance(test.right, ir.Const):
            equal = (test.op in ("==", "is")) == truth
            for place, name in self._places(test.left, frame):
                if test.op not in ("==", "!=", "is", "is not"):
                    if _is_reached(test) != truth:
                        continue
                    yield make(Flag, place.base, f"{name} {_COUNTED}", True)
                elif equal:
                    yield make(Flag, place.base, f"{name} {test.right.value!r}", True)
                elif test.right.value is None:
                    yield make(Flag, place.base, f"{name} {_GIVEN}", True)

    def _containers(self, expr: ir.Expr, frame: Frame) -> Iterator[Container]:
        if isinstance(expr, (ir.Name, ir.Attr)):
            for owner in self._machine.evaluate(expr, frame):
                if isinstance(owner, Container):
                    yield owner

    def _places(self, expr: ir.Expr, frame: Frame, *, local_only: bool = False) -> Iterator[tuple[Obj, str]]:
        """What holds a variable, an attribute or an item, and its name there; `local_only`: none of which `flags` of names speaks."""
        if isinstance(expr, ir.Item) and isinstance(expr.index, ir.Const):
            for owner in self._containers(expr.base, frame):
                yield owner, _item(expr.index.value)
        elif isinstance(expr, ir.Name) and expr.owner == ir.LOCAL:
            if expr.name in frame.activation.callee.function.captured:
                yield self._machine.names.cell(frame.context), expr.name
        elif not local_only:
            for flag in self._machine.names.flags(expr, frame, True):
                yield flag.owner, flag.name

    def put(self, base: Value, index: Value, value: Value, frame: Frame) -> None:
        """A value is stored by an index."""
        key = index[0].value if len(index) == 1 and isinstance(index[0], Const) else None
        for owner in base:
            if isinstance(owner, Container):
                self.assigned(owner, _item(key), value, frame)
                self._told(owner, {(FILLED, True), (_key(key), True)}, frame)

    def assigned(self, owner: Obj, name: str, value: Value, frame: Frame) -> None:
        """A variable, attribute or item is assigned."""
        known = {obj.value for obj in value if isinstance(obj, Const)}
        told: set[tuple[str, bool]] = set()
        if len(value) == 1 and known:
            told = {(name, bool(*known)), (f"{name} {next(iter(known))!r}", True)}
        elif not known:
            told = {(f"{name} {_COUNTED}", True)}
        if None not in known:
            told.add((f"{name} {_GIVEN}", True))
        self._told(owner, told, frame)

    def _told(self, owner: Obj, names: AbstractSet[tuple[str, bool]], frame: Frame) -> None:
        """Something is set: a signal, where somebody asks for it."""
        for flag in self._machine.heap.load(owner, Fact.POLLED):
            if isinstance(flag, Flag) and (flag.name, flag.truth) in names:
                frame.signal(flag)

    def awaited(self, test: ir.Expr, flags: tuple[Flag, ...], at: Snapshot | None, frame: Frame) -> None:
        """Where the loop has ended, what sets the flags as the last thing it does has ended, too."""
        handles = self._machine.handles
        early, found = (handles.signalling(flags, fact) for fact in (Fact.SIGNALLED_EARLY_BY, Fact.SIGNALLED_BY))
        if at is None or not (early or found):
            return
        if frame.loops:
            frame.loops[-1].asked.update(dict.fromkeys(found))
        asks_more = isinstance(test, ir.Bool) or (isinstance(test, ir.Not) and isinstance(test.value, ir.Bool))
        doubt: Doubt = "partial-wait" if asks_more else ""
        only_first = not isinstance(test, ir.Compare) and any(flag.name == FILLED for flag in flags)
        if only_first:
            found = in_order({self._universe.in_mode(obj, "some") for obj in found})
        view = self._machine.conditions.view(frame, at)
        view.loops = []
        handles.join(early, view, "premature-signal")
        handles.join(found, view, doubt)
        assert view.state is not None
        at.state = view.state


_GIVEN = "is given"
_COUNTED = "counts"


def _is_filled(test: ir.Compare) -> bool:
    """Whether a comparison of the number of things in a container holds where there are as many as it asks for."""
    nothing = isinstance(test.right, ir.Const) and test.right.value == 0
    return test.op in (">", ">=") or test.op == ("!=" if nothing else "==")


def _is_reached(test: ir.Compare) -> bool | None:
    """Whether a comparison of a count holds where that has come to its end: down to nothing, or up to a number; None where it may be either."""
    assert isinstance(test.right, ir.Const)
    if not isinstance(test.right.value, (int, float)) or test.right.value == 1:
        return None
    return (test.op in ("<", "<=")) == (test.right.value == 0)


def _key(key: object) -> str:
    return f"{key!r} in"


def _item(key: object) -> str:
    return f"[{key!r}]"
