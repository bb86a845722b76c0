"""What waiting, signalling, giving up and leaving a scope do to the state."""

from __future__ import annotations

from dataclasses import replace

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import CLEAR, EMPTY, Doubt, Entry, State
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.objects import HOLDS, LAUNCHED, ON_LOOP, STOPPED_BY
from lint_lambda.analysis.selecting import Selecting
from lint_lambda.analysis.values import (
    Obj,
    Suspended,
    Value,
    union,
)
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import verbs as m


class Joins(Selecting):
    """Joins of handles, of scopes and by signals, and what only looks like one."""

    _handles_made: set[Obj]

    # --- left to subclasses ----------------------------------------------------------------------------------------------

    def run_suspended(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        """Run a coroutine to its end."""
        raise NotImplementedError

    # --- joins -----------------------------------------------------------------------------------------------------------

    def join(
        self, value: Value, frame: Frame, doubt: Doubt = "", place: Place | None = None, *, told: bool = False
    ) -> None:
        """Wait for every handle in `value`; with a `doubt`, perhaps in vain. `told`: only tell it to end."""
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
                    state[key] = entries | algebra.cleared(entries, told)
                else:
                    state[key] = algebra.cleared(entries, told)
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
        self.join(self.launched_on(scope), frame, doubt, place)

    def tell(self, obj: Obj, frame: Frame) -> None:
        """Work that loops until `obj` is signalled, or set, is told to end: it is given up on purpose."""
        told = self.world.load(obj, STOPPED_BY)
        self.join(tuple(self.universe.in_mode(key, "all") for key in told), frame, told=True)

    def launched_on(self, scope: Value) -> Value:
        """Handles of everything launched on the objects of `scope`."""
        return tuple(self.universe.in_mode(key, "all") for obj in scope for key in self.world.load(obj, LAUNCHED))

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

    # --- the ends of scopes ----------------------------------------------------------------------------------------------

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

    def end_around(self, scope: Value, before: State, frame: Frame) -> None:
        """Leave a function that is the extent of a scope: what it has launched there is waited for."""
        if frame.state is None:
            return
        launched = {key for obj in scope for key in self.world.load(obj, LAUNCHED)}
        changed = [key for key, entries in frame.state.items() if entries != before.get(key)]
        ours = sorted({key.base for key in changed if self.universe.in_mode(key, "one") in launched})
        self.join(tuple(self.universe.in_mode(key, "all") for key in ours), frame)

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

    # --- out of sight ----------------------------------------------------------------------------------------------------

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
