"""Loops that ask again and again for what other work sets: a flag, an item, whether there is anything in a container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Frame, Snapshot
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import Doubt
from lint_lambda.analysis.domain.values import FILLED, Const, Container, Flag, Value, in_order
from lint_lambda.analysis.interpreter import emptiness
from lint_lambda.core import ir

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Polled:
    """What loops ask for."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe

    def flags(self, test: ir.Expr, frame: Frame) -> tuple[Flag, ...]:
        """What ends a loop over `test` when it is set; whoever sets it is told from now on that this is waited for."""
        found = tuple(dict.fromkeys([*self._machine.names.flags(test, frame), *self._others(test, frame, False)]))
        for flag in found:
            self._machine.heap.store(flag, Fact.POLLED, self._universe.const(True))
        return found

    def _others(self, test: ir.Expr, frame: Frame, truth: bool) -> Iterator[Flag]:
        """Those that are no variables of other scopes, and no attributes; `truth` is what `test` is where the loop ends."""
        if isinstance(test, ir.Not):
            yield from self._others(test.value, frame, not truth)
            return
        if isinstance(test, ir.Bool):
            yield from self._others(test.left, frame, truth)
            yield from self._others(test.right, frame, truth)
            return
        if isinstance(test, ir.Compare) and test.op in ("in", "not in") and isinstance(test.left, ir.Const):
            if isinstance(test.right, (ir.Name, ir.Attr)) and (test.op == "in") == truth:
                for owner in self._machine.evaluate(test.right, frame):
                    if isinstance(owner, Container):
                        yield self._universe.make(Flag, owner.base, _key(test.left.value), True)
            return
        counted = emptiness.counted(test, self._machine.semantics)
        if isinstance(test, ir.Item) and isinstance(test.index, ir.Const) and isinstance(test.base, (ir.Name, ir.Attr)):
            for owner in self._machine.evaluate(test.base, frame):
                if isinstance(owner, Container):
                    yield self._universe.make(Flag, owner.base, _item(test.index.value), truth)
        elif counted is not None or (truth and isinstance(test, (ir.Name, ir.Attr))):
            for owner in self._machine.evaluate(counted or test, frame):
                if isinstance(owner, Container):
                    yield self._universe.make(Flag, owner.base, FILLED, True)
        if isinstance(test, ir.Name) and test.owner == ir.LOCAL:
            if test.name in frame.activation.callee.function.captured:
                yield self._universe.make(Flag, self._machine.names.cell(frame.context), test.name, truth)

    def put(self, base: Value, index: Value, value: Value, frame: Frame) -> None:
        """A value is stored by an index."""
        truths = {bool(obj.value) if isinstance(obj, Const) else None for obj in value}
        key = index[0].value if len(index) == 1 and isinstance(index[0], Const) else None
        for owner in base:
            if isinstance(owner, Container):
                if len(truths) == 1 and None not in truths and key is not None:
                    self.told(self._universe.make(Flag, owner.base, _item(key), truths == {True}), frame)
                self.told(self._universe.make(Flag, owner.base, FILLED, True), frame)
                self.told(self._universe.make(Flag, owner.base, _key(key), True), frame)

    def told(self, flag: Flag, frame: Frame) -> None:
        """A flag is set: a signal, where somebody asks for it."""
        if self._machine.heap.load(flag, Fact.POLLED):
            frame.signal(flag)

    def awaited(self, test: ir.Expr, flags: tuple[Flag, ...], at: Snapshot | None, frame: Frame) -> None:
        """Where the loop has ended, what sets the flags as the last thing it does has ended, too."""
        handles = self._machine.handles
        early, found = (handles.signalling(flags, fact) for fact in (Fact.SIGNALLED_EARLY_BY, Fact.SIGNALLED_BY))
        if at is None or not (early or found):
            return
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


def _key(key: object) -> str:
    return f"{key!r} in"


def _item(key: object) -> str:
    return f"[{key!r}]"
