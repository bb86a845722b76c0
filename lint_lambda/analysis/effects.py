"""What library models do to the state: launches, joins, signals, scopes."""

from __future__ import annotations

import re
from dataclasses import replace

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import CLEAR, EMPTY, Doubt, Entry, Launch, State
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.objects import ANY_ELEMENT, HOLDS, Objects
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    Bound,
    Const,
    Container,
    External,
    Instance,
    Mode,
    Obj,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import models as m
from lint_lambda.knowledge.selectors import Condition, Selector

LAUNCHED = "<launched>"
SIGNALLED_BY = "<signalled by>"
SIGNALLED_EARLY_BY = "<signalled early by>"
ON_LOOP = "<loop>"

DELIBERATE_SECONDS = 5.0
"""A silent timeout at least this long is a latency budget somebody chose; a shorter one is likely to give up."""


class Effects(Objects):
    """Applies the models of one library call."""

    # --- left to subclasses --------------------------------------------------------------------------------------

    def call(self, callee: Value, args: Args, site: ir.Site, frame: Frame, decorates: bool = False) -> Value:
        raise NotImplementedError

    def run_suspended(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        """Run a coroutine to its end."""
        raise NotImplementedError

    # --- selectors and conditions --------------------------------------------------------------------------------

    def select(self, selector: Selector, receiver: Obj | None, args: Args, result: Value, frame: Frame) -> Value:
        """The value a selector names in one call; empty when it was not given."""
        value: Value = NOTHING
        if selector.base == "self":
            value = (receiver,) if receiver is not None else NOTHING
        elif selector.base == "return":
            value = result
        elif selector.base == "loop":
            if selector.elements:
                loop = self.universe.external(ON_LOOP)[0]
                held = self.world.load(loop, LAUNCHED)
                return tuple(sorted({self.universe.in_mode(obj, "all") for obj in held}))
        elif selector.base == "global":
            named = self.universe.external(selector.name)[0]
            value = (self.universe.make(Instance, named, Alloc("", 0, 0)),)
        elif selector.base == "init":
            value = self.world.load(receiver, f"<init {selector.name}>") if receiver is not None else NOTHING
        elif selector.every:
            value = union(*args.positional, args.rest)
        elif 0 <= selector.position < len(args.positional):
            value = args.positional[selector.position]
        elif selector.name in args.keywords:
            value = args.keywords[selector.name]
        elif selector.position >= 0 and args.rest:
            value = args.rest
        if selector.one:
            # In a loop it is another one in every round, until there is none left.
            mode: Mode = "all" if frame.loops else "some"
            self.join_elements_of(value, frame)
            return self.elements(tuple(obj for obj in value if not isinstance(obj, Instance)), frame, mode)
        return self.elements(value, frame) if selector.elements else value

    def join_elements_of(self, value: Value, frame: Frame) -> None:
        """Reading one element of work that yields as it goes: some of it is done, perhaps not all."""
        for obj in value:
            if isinstance(obj, Instance) and frame.state is not None:
                before = frame.state
                self.join_elements(obj, frame)
                if not frame.loops:
                    frame.state = algebra.join(before, frame.state)

    def holds(self, condition: Condition, receiver: Obj | None, args: Args, frame: Frame) -> bool:
        value = self.select(condition.selector, receiver, args, NOTHING, frame)
        if condition.op == "given":
            return bool(value) and not all(isinstance(obj, Const) and obj.value is None for obj in value)
        if condition.op == "~":
            texts = [text for obj in value for text in (self._text(obj), _literal(obj)) if text is not None]
            return any(re.search(condition.value, text) for text in texts)
        if condition.op == "is":
            return any(condition.value in self.models.ancestry(t) for obj in value for t in self.library_types(obj))
        equal = any(_literal(obj) == condition.value for obj in value)
        return equal if condition.op == "=" else bool(value) and not equal

    def _text(self, obj: Obj) -> str | None:
        if isinstance(obj, Const) and isinstance(obj.value, str):
            return obj.value
        if isinstance(obj, Unknown) and obj.term[0] == "text":
            return str(obj.term[1])
        if isinstance(obj, Container):
            parts = [self._text(held) for name in self.world.fields(obj) for held in self.world.load(obj, name)]
            return " ".join(part for part in parts if part is not None)
        return None

    # --- keys ----------------------------------------------------------------------------------------------------

    def handles(self, value: Value, frame: Frame) -> list[Obj]:
        """The objects in `value` that may be handles, those in containers included."""
        out: dict[Obj, None] = {}
        pending = list(value)
        seen: set[Obj] = set()
        while pending:
            obj = pending.pop(0)
            if obj in seen:
                continue
            seen.add(obj)
            if isinstance(obj, Container):
                pending.extend(self.elements((obj,), frame))
            elif isinstance(obj, (Instance, Suspended)):
                out[obj] = None
        return list(out)

    def keys(self, obj: Obj) -> list[Obj]:
        """The state's keys that a reference stands for."""
        one, old = self.universe.in_mode(obj, "one"), self.universe.in_mode(obj, "old")
        if obj.mode == "all":
            return [one, old]
        return [old] if obj.mode == "old" else [one]

    # --- joins ---------------------------------------------------------------------------------------------------

    def join(self, value: Value, frame: Frame, doubt: Doubt = "", place: Place | None = None) -> None:
        """Wait for every handle in `value`; with a `doubt`, perhaps in vain."""
        if frame.state is None:
            return
        state = dict(frame.state)
        pending = self.handles(value, frame)
        several = len(pending) > 1
        seen: set[Obj] = set()
        while pending:
            obj = pending.pop(0)
            if obj in seen:
                continue
            seen.add(obj)
            for key in self.keys(obj):
                entries = state.get(key, algebra.UNTOUCHED)
                if doubt:
                    state[key] = algebra.doubt_all(entries, doubt, place)
                elif obj.mode == "some" and (several or self._many(obj, state)):
                    state[key] = entries | algebra.cleared(entries)
                else:
                    state[key] = algebra.cleared(entries)
                if obj.mode == "all":
                    for loop in frame.loops:
                        loop.swept[key] = None
            held = self.world.load(obj, HOLDS)
            pending.extend(self.handles(tuple(self.universe.in_mode(part, "all") for part in held), frame))
        frame.state = state

    def _many(self, obj: Obj, state: State) -> bool:
        """Whether several objects made at this place may be about."""
        return self.universe.in_mode(obj, "old") in state or bool(self.world.load(obj, "<many>"))

    def join_scope(self, scope: Value, frame: Frame, doubt: Doubt = "", place: Place | None = None) -> None:
        """Wait for everything launched on the objects of `scope`."""
        for obj in scope:
            launched = self.world.load(obj, LAUNCHED)
            self.join(tuple(self.universe.in_mode(key, "all") for key in launched), frame, doubt, place)

    def decline(self, scope: Value, frame: Frame) -> None:
        """The code says that it will not wait for what was launched on `scope`."""
        if frame.state is None:
            return
        state = dict(frame.state)
        for obj in scope:
            for key in self.world.load(obj, LAUNCHED):
                if key in state:
                    state[key] = algebra.urged(state[key])
        frame.state = state

    def signalled(self, objs: Value, field: str) -> Value:
        """Handles of the work that signals any of `objs`; `field` says whether at its end or early."""
        found = union(*(self.world.load(obj, field) for obj in objs))
        return tuple(sorted({self.universe.in_mode(key, "all") for key in found}))

    def forget(self, value: Value, frame: Frame) -> None:
        """On this path nothing of `value` is pending: it was never made (a variable that could hold it is empty), or
        it has been seen to be done.
        """
        if frame.state is None:
            return
        state = dict(frame.state)
        for obj in self.handles(value, frame):
            for key in (self.universe.in_mode(obj, "one"), self.universe.in_mode(obj, "old")):
                if key in state or obj.base in self._handles_made:
                    state[key] = frozenset()
                    if obj.mode == "all":
                        for loop in frame.loops:
                            loop.swept[key] = None
        frame.state = state

    _handles_made: set[Obj]

    def pretend(self, value: Value, symbol: str, place: Place, frame: Frame) -> None:
        """Something that only looks like a join of `value`: what is pending there is now its fault."""
        if frame.state is None:
            return
        state = dict(frame.state)
        for obj in self.handles(value, frame):
            for key in self.keys(obj):
                entries = state.get(key, frozenset())
                state[key] = frozenset(self._blame(entry, symbol, place, frame) for entry in entries)
                if not state[key]:
                    del state[key]
        frame.state = state

    @staticmethod
    def _blame(entry: Entry, symbol: str, place: Place, frame: Frame) -> Entry:
        if entry.status != "pending" or entry.launch is None:
            return entry
        blamed = replace(entry.launch, place=place, kind="pretence", call=symbol, function=frame.qualname)
        frame.paths.setdefault(blamed, ())
        return replace(entry, launch=blamed)

    # --- launches ------------------------------------------------------------------------------------------------

    def launch_on(self, handle: Obj, launch: Launch, frame: Frame) -> None:
        """Record that `handle`'s work has started."""
        if frame.state is None:
            return
        one, old = self.universe.in_mode(handle, "one"), self.universe.in_mode(handle, "old")
        self._handles_made.add(handle.base)
        state = dict(frame.state)
        before = state.get(one, algebra.UNTOUCHED)
        still = frozenset(entry for entry in before if entry.status == "pending")
        if still and handle.mode == "one":
            state[old] = state.get(old, frozenset()) | still
        state[one] = frozenset({Entry("pending", launch)})
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
        step = model.step
        for handle in handles:
            if work:
                step = not self._run_work(work, work_args, handle, site, frame) or step
        label = self._label(work, receiver, symbol)
        launch = Launch(Place(frame.path, site), model.kind, symbol, label, frame.qualname, step, model.fate)
        transparent = self._is_transparent(work)
        for handle in handles:
            if not transparent:
                self.launch_on(handle, launch, frame)
            key = (self.universe.in_mode(handle, "one"),)
            for obj in scope:
                self.world.store(obj, LAUNCHED, key)
            if on_loop:
                self.world.store(self.universe.external(ON_LOOP)[0], LAUNCHED, key)
        return result

    def _is_no_work(self, work: Value) -> bool:
        """Whether a thread was given the result of a call where the function was meant: that work is done already."""
        return all(
            (isinstance(obj, Const))
            or (isinstance(obj, Unknown) and obj.term[0] == "call")
            or isinstance(obj, Container)
            for obj in work
        ) and bool(work)

    def _is_transparent(self, work: Value) -> bool:
        """Whether the work is only a library's: a launch of its own (counted there), or serving what others hand it."""
        if not work:
            return False
        for obj in work:
            callee = self._suspended[obj.base][0] if isinstance(obj, Suspended) else obj
            if isinstance(callee, Bound):
                callee = callee.function
            if not isinstance(callee, External):
                return False
            models = self.models.of(self.models.canonical(callee.symbol))
            if isinstance(obj, Suspended):
                if not any(isinstance(model, m.LaunchModel) for model in models):
                    return False
            elif not any(isinstance(model, m.ScopeModel) and model.serves for model in models):
                return False
        return True

    _suspended: dict[Obj, tuple[Obj, Args]]

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
        if model.args is not None:
            given.positional, given.rest = self.spread(self.select(model.args, receiver, args, NOTHING, frame), frame)
        elif model.work.base == "arg" and not model.work.every:
            given.positional = args.positional[max(model.work.position, 0) + 1 :]
            given.keywords = dict(args.keywords)
            given.rest = args.rest
        if model.kwargs is not None:
            given.keywords = self.keyword_spread(self.select(model.kwargs, receiver, args, NOTHING, frame))
        return work, given

    def spread(self, value: Value, frame: Frame) -> tuple[list[Value], Value]:
        """``*value`` as positional arguments: the ones whose place is known, and the rest."""
        if len(value) == 1 and isinstance(value[0], Container) and value[0].kind in ("list", "tuple"):
            names = self.world.fields(value[0])
            known: list[Value] = []
            while f"[{len(known)}]" in names:
                held = self.world.load(value[0], f"[{len(known)}]")
                known.append(held)
            rest = self.world.load(value[0], ANY_ELEMENT)
            return known, tuple(self.universe.in_mode(obj, "all") for obj in rest)
        return [], self.elements(value, frame)

    def keyword_spread(self, value: Value) -> dict[str, Value]:
        """``**value`` as keyword arguments, as far as its keys are known."""
        out: dict[str, Value] = {}
        for obj in value:
            if isinstance(obj, Container) and obj.kind == "dict":
                for name in self.world.fields(obj):
                    if name.startswith("['") and name.endswith("']"):
                        out[name[2:-2]] = self.world.load(obj, name)
        return out

    def _run_work(self, work: Value, args: Args, handle: Obj, site: ir.Site, frame: Frame) -> bool:
        """Analyse work beside its launcher; returns whether it may give way to other work before it is done."""
        if frame.state is None:
            return True
        beside = Frame(frame.activation, frame.path, frame.qualname)
        for obj in self.handles(work, frame):
            if isinstance(obj, Suspended):
                self.join((obj,), frame)
        callables = tuple(obj for obj in work if not isinstance(obj, (Suspended, Container)))
        for obj in self.handles(work, frame):
            if isinstance(obj, Suspended) and obj.kind == "coroutine":
                self.run_suspended(obj, site, beside)
        if callables:
            self.call(callables, args, site, beside)
        if all(isinstance(obj, (External, Unknown)) for obj in callables):
            # Code we cannot see may signal whatever it is given.
            for obj in self.handles(args.every(), frame):
                beside.signal(obj.base)
        key = (self.universe.in_mode(handle, "one"),)
        for obj in beside.signals:
            self.world.store(obj, SIGNALLED_EARLY_BY if obj in beside.early else SIGNALLED_BY, key)
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
        return beside.suspends or not any(isinstance(obj, Suspended) for obj in self.handles(work, frame))

    def _label(self, work: Value, receiver: Obj | None, symbol: str) -> str:
        for obj in work:
            name = self.qualname_of(obj)
            if name:
                return name
        if isinstance(receiver, Instance) and not isinstance(receiver.type, External):
            return self.qualname_of(receiver)
        return ".".join(symbol.split(".")[-2:])

    # --- scopes --------------------------------------------------------------------------------------------------

    def end_loop(self, policy: m.ScopeModel, before: State, frame: Frame) -> None:
        """Apply a run's exit policy to what it left pending on the loop."""
        if frame.state is None:
            return
        on_loop = set(self.world.load(self.universe.external(ON_LOOP)[0], LAUNCHED))
        state = dict(frame.state)
        for key, entries in state.items():
            if self.universe.in_mode(key, "one") not in on_loop or entries == before.get(key):
                continue
            state[key] = frozenset(_at_exit(entry, policy) for entry in entries)
        frame.state = state

    def end_scope(self, obj: Obj, frame: Frame) -> None:
        """Leave a library context manager: apply its exit policy to what was launched on it, and to itself."""
        for type_ in self.library_types(obj):
            policy = self.models.scope(type_)
            if policy is None or frame.state is None:
                continue
            if set(policy.exit) - {"*"}:
                self.end_loop(policy, EMPTY, frame)
                return
            targets = [*self.world.load(obj, LAUNCHED), obj]
            if policy.exit["*"] is Fate.JOINED:
                self.join(tuple(self.universe.in_mode(target, "all") for target in targets), frame)
                return
            state = dict(frame.state)
            for target in targets:
                for key in (self.universe.in_mode(target, "one"), self.universe.in_mode(target, "old")):
                    if key in state:
                        state[key] = algebra.with_fate(state[key], policy.exit["*"])
            frame.state = state
            return

    # --- escapes -------------------------------------------------------------------------------------------------

    def escape(self, args: Args, site: ir.Site, frame: Frame) -> None:
        """Handles and callables go into code we cannot see."""
        if frame.state is None:
            return
        place = Place(frame.path, site)
        for obj in self.handles(args.every(), frame):
            if isinstance(obj, Suspended):
                if obj.kind == "coroutine":
                    self.join((obj,), frame)
                    self.run_suspended(obj, site, frame)
                continue
            state = dict(frame.state)
            for key in self.keys(obj):
                if key in state:
                    state[key] = algebra.doubt_all(state[key], "escaped", place)
            frame.state = state


def _at_exit(entry: Entry, policy: m.ScopeModel) -> Entry:
    if entry.status != "pending" or entry.fate is not None or entry.launch is None:
        return entry
    if entry.launch.step:
        return CLEAR
    fate = policy.exit.get(entry.launch.kind)
    if fate is None:
        return entry
    return CLEAR if fate is Fate.JOINED else replace(entry, fate=fate)


def _literal(obj: Obj) -> str | None:
    """How a condition writes this value."""
    if isinstance(obj, Const):
        if obj.value is None or isinstance(obj.value, bool):
            return str(obj.value).lower()
        return str(obj.value)
    if isinstance(obj, External):
        return obj.symbol.rsplit(".", 1)[-1]
    return None
