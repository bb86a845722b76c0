"""What starting work does to the state, and what that work does beside its launcher."""

from __future__ import annotations

from dataclasses import replace

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import EMPTY, Entry, Launch
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.joins import Joins
from lint_lambda.analysis.objects import HOLDS, LAUNCHED, ON_LOOP, SIGNALLED_BY, SIGNALLED_EARLY_BY, STOPPED_BY
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    Bound,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    Obj,
    Suspended,
    Unknown,
    Value,
)
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Selector

_GATHERING = frozenset({"client", "event"})
"""Kinds of which one object takes many: what it has taken is all waited for at once. A thread, say, starts only once."""

_ON_LOOP = {
    "thread": False,
    "timer": False,
    "future": False,
    "loop-future": False,
    "process": False,
    "loop-callback": True,
}
"""Kinds whose work, where it is a plain function, an event loop runs, or surely does not."""


class Launches(Joins):
    """Applies a launch model."""

    _suspended: dict[Obj, tuple[Obj, Args]]

    # --- left to subclasses ----------------------------------------------------------------------------------------------

    def call(self, callee: Value, args: Args, site: ir.Site, frame: Frame, decorates: bool = False) -> Value:
        raise NotImplementedError

    # --- launches --------------------------------------------------------------------------------------------------------

    def launch_on(self, handle: Obj, launch: Launch, frame: Frame, *, gathers: bool = False) -> None:
        """Record that `handle`'s work has started; `gathers`: beside what it has at work already, and one wait is for all."""
        if frame.state is None:
            return
        one, old = self.universe.in_mode(handle, "one"), self.universe.in_mode(handle, "old")
        self._handles_made.add(handle.base)
        state = dict(frame.state)
        before = state.get(one, algebra.UNTOUCHED)
        still = frozenset(entry for entry in before if entry.status == "pending")
        gathers = gathers and not self.world.load(handle, "<many>")
        if still and handle.mode == "one" and not gathers:
            state[old] = state.get(old, frozenset()) | still
        kept = frozenset(entry for entry in before if entry.status != "clear") if gathers else frozenset()
        state[one] = kept | {Entry("pending", launch)}
        frame.state = state
        frame.paths.setdefault(launch, ())

    def start(
        self,
        model: m.LaunchModel,
        symbol: str,
        receiver: Obj | None,
        args: Args,
        site: ir.Site,
        frame: Frame,
    ) -> Value:
        """Apply a launch model; returns the handle, or nothing when the call has none."""
        result: Value = NOTHING
        if model.returns:
            type_ = self.universe.external(model.returns)[0]
            result = (self.universe.make(Instance, type_, Alloc(frame.path, site, frame.context)),)
            if frame.loops:
                self.world.store(result[0], "<many>", self.universe.const(True))
        handles = self.select(model.handle, receiver, args, result, frame) if model.handle is not None else NOTHING
        if not handles:
            anonymous = self.universe.external(f"{symbol}()")[0]
            handles = (self.universe.make(Instance, anonymous, Alloc(frame.path, site, frame.context)),)
        work, work_args = self._work(model, receiver, args, frame)
        if model.takes:
            work = tuple(obj for obj in work if isinstance(obj, Suspended) is (model.takes == "coroutine"))
            if not work:
                return result
        if model.eager and work:
            made = self.call(work, work_args, site, frame)
            known = all(isinstance(self._function(obj), FunctionObj) for obj in work)
            work = tuple(obj for obj in made if isinstance(obj, Suspended) and obj.kind == "coroutine")
            if known and not work:
                return result
        if model.work is not None and model.work.base == "init" and self._is_no_work(work):
            return result
        on_loop = model.scope == "loop"
        if isinstance(model.scope, Selector):
            scope = self.select(model.scope, receiver, args, result, frame)
            on_loop = not scope or all(isinstance(obj, Const) and obj.value is None for obj in scope)
        else:
            scope = NOTHING
        if model.holds is not None:
            held = self.select(model.holds, receiver, args, result, frame)
            for handle in handles:
                self.world.store(handle, HOLDS, tuple(self.handles(held, frame)))
        step, serves = model.step, False
        for handle in handles:
            if work and frame.state is not None:
                beside = self._run_work(model, work, work_args, handle, site, frame)
                coroutine = any(isinstance(obj, Suspended) for obj in self.handles(work, frame))
                step |= coroutine and not beside.suspends
                step &= not (model.awaits and beside.suspends)
                serves |= beside.serves
        label = self._label(work, receiver, symbol)
        idle = model.passive or (on_loop and model.kind != "loop-future")
        launch = Launch(Place(frame.path, site), model.kind, symbol, label, frame.qualname, step, model.fate, idle)
        if model.fate is Fate.JOINED:
            self.join(handles, frame)
            return result
        transparent = serves or self._is_transparent(work)
        gathers = model.kind in _GATHERING and model.handle is not None and model.handle.base != "return"
        for handle in handles:
            if not transparent:
                self.launch_on(handle, launch, frame, gathers=gathers)
            key = (self.universe.in_mode(handle, "one"),)
            for obj in scope:
                self.world.store(obj, LAUNCHED, key)
            if on_loop:
                self.world.store(self.universe.external(ON_LOOP)[0], LAUNCHED, key)
        return result

    @staticmethod
    def _function(obj: Obj) -> Obj:
        """What a callable calls, of a method its function."""
        return obj.function if isinstance(obj, Bound) else obj

    def _is_no_work(self, work: Value) -> bool:
        """Whether a thread was given the result of a call where the function was meant: that work is done already."""
        return all(
            (isinstance(obj, Const))
            or (isinstance(obj, Unknown) and obj.term[0] == "call")
            or isinstance(obj, Container)
            for obj in work
        ) and bool(work)

    def _is_transparent(self, work: Value) -> bool:
        """Whether the work is only a library's coroutine that launches something itself: that is counted there."""
        return bool(work) and all(isinstance(obj, Suspended) and self.launched_by(obj) for obj in work)

    def launched_by(self, obj: Suspended) -> list[m.LaunchModel]:
        """What running a coroutine launches, when it is that of a library's call."""
        callee = self._suspended[obj.base][0]
        function = callee.function if isinstance(callee, Bound) else callee
        symbol = self.models.canonical(function.symbol) if isinstance(function, External) else ""
        return [model for model in self.models.of(symbol) if isinstance(model, m.LaunchModel)]

    def _work(self, model: m.LaunchModel, receiver: Obj | None, args: Args, frame: Frame) -> tuple[Value, Args]:
        """What a launch runs, and the arguments it runs it with."""
        if model.override and receiver is not None and isinstance(receiver, Instance):
            overriding = self.class_member(self.mro(receiver.type), model.override)
            if overriding:
                return self.attribute((receiver,), model.override, frame), Args()
        if model.work is None:
            return NOTHING, Args()
        work = self.select(model.work, receiver, args, NOTHING, frame)
        given = Args()
        if model.args is not None and model.args.elements:
            given.positional = [self.select(model.args, receiver, args, NOTHING, frame)]
        elif model.args is not None:
            given.positional, given.rest = self.spread(self.select(model.args, receiver, args, NOTHING, frame), frame)
        elif model.work.base == "arg" and not model.work.every:
            given.positional = args.positional[max(model.work.position, 0) + 1 :]
            given.keywords = dict(args.keywords)
            given.rest = args.rest
        if model.kwargs is not None:
            given.keywords = self.keyword_spread(self.select(model.kwargs, receiver, args, NOTHING, frame))
        return work, given

    def _run_work(
        self, model: m.LaunchModel, work: Value, args: Args, handle: Obj, site: ir.Site, frame: Frame
    ) -> Frame:
        """Analyse work beside its launcher, on a frame of its own; returns that frame."""
        assert frame.state is not None
        on_loop = _ON_LOOP.get(model.kind, frame.activation.on_loop)
        beside = Frame(replace(frame.activation, on_loop=on_loop), frame.path, frame.qualname)
        for obj in self.handles(work, frame):
            if isinstance(obj, Suspended):
                self.join((obj,), frame)
        callables = tuple(obj for obj in work if not isinstance(obj, (Suspended, Container)))
        for obj in self.handles(work, frame):
            if isinstance(obj, Suspended) and obj.kind == "coroutine":
                beside.suspends |= not isinstance(self._suspended[obj.base][0], FunctionObj)
                self.run_suspended(obj, site, beside)
        if callables:
            made = self.call(callables, args, site, beside)
            if model.awaits:
                for obj in made:
                    if isinstance(obj, Suspended) and obj.kind == "coroutine" and beside.state is not None:
                        self.join((obj,), beside)
                        self.run_suspended(obj, site, beside)
        if model.exit:
            self.end_loop(m.ScopeModel(exit=model.exit), EMPTY, beside)
        if all(isinstance(obj, (External, Unknown)) for obj in callables):
            # Code we cannot see may signal whatever it is given.
            for obj in self.handles(args.every(), frame):
                beside.signal(obj.base)
        key = (self.universe.in_mode(handle, "one"),)
        for obj in beside.signals:
            self.world.store(obj, SIGNALLED_EARLY_BY if obj in beside.early else SIGNALLED_BY, key)
        for obj in beside.stops:
            self.world.store(obj, STOPPED_BY, key)
        for launch, path in beside.paths.items():
            frame.paths.setdefault(launch, path)
        leftover = beside.state if beside.state is not None else EMPTY
        held: list[Obj] = []
        state = dict(frame.state)
        for other, entries in leftover.items():
            pending = frozenset(entry for entry in entries if entry.status == "pending")
            if pending:
                state[other] = state.get(other, frozenset()) - {algebra.INITIAL} | pending
            elif algebra.is_clear(entries) and algebra.INITIAL not in entries:
                if isinstance(other, Suspended):
                    state[other] = entries  # the work runs it: it is part of the work
                else:
                    held.append(other)
        frame.state = state
        if held:
            self.world.store(handle, HOLDS, tuple(sorted(held)))
        return beside

    def _label(self, work: Value, receiver: Obj | None, symbol: str) -> str:
        for obj in work:
            name = self.qualname_of(obj)
            if name:
                return name
        if isinstance(receiver, Instance) and not isinstance(receiver.type, External):
            return self.qualname_of(receiver)
        return ".".join(symbol.split(".")[-2:])
