"""What starting, waiting, signalling, giving up and leaving a scope do to the state of handles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effort import LIGHT
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import WAITED_FOR, Fact
from lint_lambda.analysis.domain.launch_state import CLEAR, EMPTY, Doubt, Entries, Entry, Launch, State
from lint_lambda.analysis.domain.values import (
    RUNNING_LOOP,
    Alloc,
    Container,
    Instance,
    Obj,
    Suspended,
    Value,
    in_order,
    union,
)
from lint_lambda.analysis.library import racing
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place, Trait
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine


class Handles:
    """Changes the state of a frame. Whatever a method is given to wait for, it takes the handles in it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._heap = machine.heap
        self._launched: set[Obj] = set()
        self._parts_of: dict[Obj, tuple[Value, Value]] = {}
        self._led_to: dict[tuple[Obj, Fact, bool], tuple[Value, list[Obj]]] = {}
        # Pending in the states in which the response of a request has been sent.
        self._answered: Obj = self._universe.make(Instance, self._universe.external("<response>")[0], Alloc("", 0, 0))

    # --- handles ---------------------------------------------------------------------------------------------------------

    def within(self, value: Value, frame: Frame) -> list[Obj]:
        """The objects in `value` that may be handles, those in containers included."""
        out: dict[Obj, None] = {}
        pending = deque(value)
        seen: set[Obj] = set()
        while pending:
            obj = pending.popleft()
            if obj in seen:
                continue
            seen.add(obj)
            if isinstance(obj, Container):
                pending.extend(self._parts(obj, frame))
            elif isinstance(obj, (Instance, Suspended)):
                out[obj] = None
        return list(out)

    def _parts(self, container: Container, frame: Frame) -> Value:
        """The elements of a container that may be or hold handles; most of large ones are neither."""
        held = self._heap.held(container)
        known = self._parts_of.get(container.base)
        if known is None or known[0] is not held:
            every = self._machine.elements.of((container,), frame)
            known = (held, tuple(obj for obj in every if isinstance(obj, (Container, Instance, Suspended))))
            self._parts_of[container.base] = known
        return known[1]

    def keys(self, obj: Obj) -> list[Obj]:
        """The state's keys that a reference stands for."""
        one, old = self._both(obj)
        if obj.mode in ("all", "part"):
            return [one, old]
        return [old] if obj.mode == "old" else [one]

    def _both(self, obj: Obj) -> tuple[Obj, Obj]:
        return self._universe.in_mode(obj, "one"), self._universe.in_mode(obj, "old")

    def every(self, objs: Iterable[Obj]) -> Value:
        """Any and every one of what was made where each of `objs` was."""
        return tuple(self._universe.in_mode(obj, "all") for obj in objs)

    def held(self, objs: Iterable[Obj]) -> Value:
        """The same of what something holds: of what is only a part of several, that part."""
        return tuple(obj if obj.mode in ("some", "part") else self._universe.in_mode(obj, "all") for obj in objs)

    def led_to(self, obj: Obj, fact: Fact, frame: Frame, *, parts: bool = False) -> Sequence[Obj]:
        """Any and every one of the handles to which the fact leads; with `parts`, of what is only a part of several, that part.

        Dense webs of handles are walked over and over.
        """
        value = self._heap.load(obj, fact)
        known = self._led_to.get((obj.base, fact, parts))
        if known is not None and known[0] is value:
            return known[1]
        found = self.within(self.held(value) if parts else self.every(value), frame)
        if not any(isinstance(each, Container) for each in value):  # these may hold something else soon
            self._led_to[obj.base, fact, parts] = (value, found)
        return found

    def behind(
        self, handle: Obj, facts: Collection[Fact], frame: Frame, *, unless: Fact | None = None
    ) -> Iterator[Obj]:
        """The handle, and what it leads to by these facts; but nothing of which `unless` holds, nor what only that leads to."""
        pending, seen = [handle], set[Obj]()
        while pending:
            obj = pending.pop()
            if obj in seen or (unless is not None and self._heap.load(obj, unless)):
                continue
            seen.add(obj)
            yield obj
            for fact in facts:
                pending += [each for each in self.led_to(obj, fact, frame) if each not in seen]

    def launched_on(self, scope: Value) -> Value:
        """Handles of everything launched on the objects of `scope`."""
        return self.every(key for obj in scope for key in self._heap.load(obj, Fact.LAUNCHED))

    def signalling(self, objs: Value, fact: Fact) -> Value:
        """Handles of the work that signals any of `objs`; `fact` says whether at its end or early."""
        found = union(*(self._heap.load(obj, fact) for obj in objs))
        return in_order(set(self.every(found)))

    # --- launches --------------------------------------------------------------------------------------------------------

    def launch(self, handle: Obj, launch: Launch, frame: Frame, *, gathers: bool = False) -> None:
        """Record that `handle`'s work has started; `gathers`: beside what it has at work already, and one wait is for all."""
        if frame.state is None:
            return
        one, old = self._both(handle)
        self._launched.add(handle.base)
        state = dict(frame.state)
        before = state.get(one, launch_state.UNTOUCHED)
        still = frozenset(entry for entry in before if entry.status == "pending")
        gathers = gathers and not self._heap.load(handle, Fact.MANY)
        if still and handle.mode == "one" and not gathers:
            state[old] = state.get(old, frozenset()) | still
        kept = frozenset(entry for entry in before if entry.status != "clear") if gathers else frozenset()
        state[one] = kept | {Entry("pending", launch)}
        frame.state = state
        frame.paths.setdefault(launch, ())

    def settle(self, handle: Obj, frame: Frame) -> None:
        """The work of a handle is done, whoever did it."""
        self._change(self.keys(handle), launch_state.cleared, frame)

    def is_answer(self, key: Obj) -> bool:
        """Whether this key of the state says that the response has been sent."""
        return key is self._answered

    def is_handle(self, obj: Obj) -> bool:
        """Whether work has been launched by this, or waiting for it waits for other work, or gives something."""
        facts = (Fact.HOLDS, Fact.HOLDS_SOME, Fact.SIGNALLED_BY, Fact.SIGNALLED_EARLY_BY, Fact.RESULT)
        return obj.base in self._launched or any(self._heap.load(obj, fact) for fact in facts)

    def result_of(self, obj: Obj) -> Value:
        """What waiting for `obj` gives: for any and every one of several handles, what any and every one of them gives."""
        given = self._heap.load(obj, Fact.RESULT)
        if obj.mode == "one":
            return given
        return in_order({self._universe.in_mode(each, obj.mode) if each.mode == "one" else each for each in given})

    def takes_time(self, value: Value, frame: Frame, *, bare: bool = False) -> bool:
        """Whether waiting for any of `value` may have to wait: some of it, or of what it waits for, may be pending.

        `bare`: for something that is nothing to lose.
        """
        pending, seen = list(value), set[Obj]()
        state = frame.state or EMPTY
        while pending:
            obj = pending.pop()
            if obj.base in seen:
                continue
            seen.add(obj.base)
            for key in self._both(obj):
                entries = state.get(key)
                if entries is None and key is obj.base and obj.base in self._launched and not bare:
                    return True
                if any(entry.status != "clear" and (not bare or _is_bare(entry)) for entry in entries or ()):
                    return True
            for fact in (Fact.HOLDS, Fact.HOLDS_SOME, Fact.SIGNALLED_BY, Fact.SIGNALLED_EARLY_BY):
                pending += self._heap.load(obj, fact)
        return False

    # --- responses -------------------------------------------------------------------------------------------------------

    def answer(self, place: Place, frame: Frame) -> None:
        """The response is sent: nothing waits for what is pending now, or launched from here on."""
        if frame.state is not None:
            frame.state = {**frame.state, self._answered: frozenset({Entry("pending", doubted_at=place)})}

    def next_request(self, frame: Frame) -> None:
        """What answers a request has come to its end."""
        if frame.state is not None and self._answered in frame.state:
            frame.state = {key: entries for key, entries in frame.state.items() if key is not self._answered}

    # --- joins -----------------------------------------------------------------------------------------------------------

    def join(
        self,
        value: Value,
        frame: Frame,
        doubt: Doubt = "",
        place: Place | None = None,
        *,
        told: bool = False,
        by_handle: bool = False,
    ) -> None:
        """Wait for every handle in `value`; with a `doubt`, perhaps in vain. `told`: only ask it to stop.

        `by_handle`: by means of the handle itself, which is one of those that `value` may be.
        """
        if frame.state is None:
            return
        if frame.limits:
            self.note(value, "limited", frame)
        answered = launch_state.pending(frame.state.get(self._answered, ())) if not told else ()
        if answered:
            if len(answered) == len(frame.state[self._answered]):
                return
            doubt, place = doubt or "premature-signal", place or next(iter(answered)).doubted_at
        state = dict(frame.state)
        pending = deque(self.within(value, frame))
        several = len(pending) > 1
        seen: set[Obj] = set()
        lenient: set[Obj] = set()  # where these have failed, the wait ends as if they had not
        while pending:
            obj = pending.popleft()
            if obj in seen:
                continue
            seen.add(obj)
            for key in self.keys(obj):
                entries = state.get(key, launch_state.UNTOUCHED)
                if doubt:
                    state[key] = launch_state.doubt_all(entries, doubt, place)
                elif obj.mode == "part" or (obj.mode == "some" and (several or self.many(obj, state))):
                    state[key] = entries | launch_state.cleared(entries, told, by_handle=by_handle)
                else:
                    state[key] = launch_state.cleared(entries, told, by_handle=by_handle)
                self._sweep(obj, key, frame)
            held = self.led_to(obj, Fact.HOLDS, frame, parts=True)
            parts = (self._universe.in_mode(each, "part") for each in held) if obj.mode == "part" else held
            pending.extend(each for each in parts if each not in seen)
            if obj.base in lenient or self._heap.load(obj, Fact.SWALLOWS):
                lenient.update(each.base for each in held)
            some = self.within(self._heap.load(obj, Fact.HOLDS_SOME), frame)
            sure = [] if obj.mode == "part" or obj.base in lenient else racing.sure_of(obj, frame, self._machine)
            pending.extend(each if each in sure else self._universe.in_mode(each, "part") for each in some)
            pending.extend(self._telling(obj, state))
            pending.extend(self._before(obj))
        self._machine.world.effort.step(len(seen) // LIGHT)
        frame.state = state

    def _before(self, obj: Obj) -> Iterator[Obj]:
        """The work that is over before that of `obj` begins."""
        for each in self.every(self._heap.load(obj, Fact.FOLLOWS)):
            yield self._universe.in_mode(each, "part") if obj.mode == "part" else each

    def _telling(self, obj: Obj, state: State) -> Iterator[Obj]:
        """The work that signals `obj`: perhaps not all of it is done where something that only lets time pass signals it, too."""
        found = self.signalling((obj,), Fact.SIGNALLED_BY)
        clocks = [each for each in found if _is_clock(state.get(self._universe.in_mode(each, "one"), NO_ENTRIES))]
        for each in found:
            others = obj.mode == "part" or any(clock.base is not each.base for clock in clocks)
            yield self._universe.in_mode(each, "part") if others else each

    @staticmethod
    def _sweep(obj: Obj, key: Obj, frame: Frame) -> None:
        if obj.mode == "all":
            for loop in frame.loops:
                loop.swept[key] = None

    def many(self, obj: Obj, state: State) -> bool:
        """Whether several objects made at this place may be about."""
        older = state.get(self._universe.in_mode(obj, "old"), NO_ENTRIES)
        return any(entry.status != "initial" for entry in older) or bool(self._heap.load(obj, Fact.MANY))

    def join_scope(self, scope: Value, frame: Frame, doubt: Doubt = "", place: Place | None = None) -> None:
        """Wait for everything launched on the objects of `scope`."""
        self.join(self.launched_on(scope), frame, doubt, place)

    def ask_to_stop(self, obj: Obj, frame: Frame) -> None:
        """Work that loops until `obj` is signalled, or set, is asked to stop: it is given up on purpose."""
        self.join(self.every(self._heap.load(obj, Fact.STOPPED_BY)), frame, told=True)

    def let_go(self, value: Value, frame: Frame) -> None:
        """The last variable that refers to the handles in `value` holds something else from here on."""
        kept = [obj for obj in value if obj.mode == "one" and isinstance(obj, (Instance, Suspended))]
        self._change(kept, launch_state.unheld, frame)

    def decline(self, scope: Value, frame: Frame) -> None:
        """The code says that it will not wait for what was launched on `scope`."""
        self._change(
            (key for obj in scope for key in self._heap.load(obj, Fact.LAUNCHED)),
            launch_state.urged,
            frame,
        )

    def give_up(self, value: Value, place: Place, frame: Frame) -> None:
        """Work is ended on purpose. What takes from a queue may have taken less than was put there for it."""
        if frame.state is None:
            return
        each = self.within(value, frame)
        fed = [obj for obj in each if self._heap.load(obj, Fact.FED)]
        self.join(tuple(obj for obj in each if obj not in fed), frame)
        state = dict(frame.state)
        for obj in fed:
            for key in self.keys(obj):
                state[key] = launch_state.cut_short(state.get(key, launch_state.UNTOUCHED), place)
                self._sweep(obj, key, frame)
        frame.state = state

    def withdraw(self, value: Value, place: Place, frame: Frame) -> None:
        """Work that has not begun is given up; what a wait has timed out on has begun, and goes on. Other work may have begun."""
        keys = [key for obj in self.within(value, frame) for key in self.keys(obj)]
        queued = self._waits_its_turn(keys, frame)
        self._change(keys, partial(_withdrawn, place=None if queued else place), frame)

    def _waits_its_turn(self, keys: list[Obj], frame: Frame) -> bool:
        """Whether other work like that of `keys` is pending, behind which this may be queued."""
        state = frame.state or EMPTY
        kinds = {entry.launch.kind for key in keys for entry in state.get(key, ()) if entry.launch is not None}
        others = (entry for key, entries in state.items() if key not in keys for entry in launch_state.pending(entries))
        return any(entry.launch is not None and entry.launch.kind in kinds for entry in others)

    def forget(self, value: Value, frame: Frame, *, surely: bool = True) -> None:
        """On this path nothing of `value` is pending: it was never made (a variable that could hold it is empty), or
        it has been seen to be done. Not `surely`: what has been launched on every path is not forgotten.
        """
        if frame.state is None:
            return
        state = dict(frame.state)
        for obj in self.within(value, frame):
            for key in self._both(obj):
                if not surely and _is_launched(state.get(key, launch_state.UNTOUCHED)):
                    continue
                if key in state or obj.base in self._launched:
                    state[key] = frozenset()
                    self._sweep(obj, key, frame)
        frame.state = state

    def launched_where_made(self, obj: Obj, frame: Frame) -> bool:
        """Whether the expression that makes a handle launches its work, and nothing later does."""
        if not isinstance(obj, (Instance, Suspended)):
            return False
        launches = {
            entry.launch.place
            for key in self._both(obj)
            for entry in (frame.state or EMPTY).get(key, ())
            if entry.launch is not None
        }
        return launches <= {obj.alloc.place}

    def may_feed(self, place: Place, frame: Frame) -> None:
        """What code out of sight gives has been waited for, to its end: tasks that this function has begun may be what gives it."""
        kinds = self._machine.models.kinds
        for key, entries in (frame.state or EMPTY).items():
            feeding = frozenset(
                entry
                for entry in launch_state.pending(entries)
                if entry.launch is not None
                and (entry.launch.place.path, entry.launch.function) == (frame.path, frame.qualname)
                and kinds[entry.launch.kind].coroutine
                and not kinds[entry.launch.kind].unstarted
            )
            if feeding and frame.state is not None:
                doubtful = launch_state.doubt_all(feeding, "partial-wait", place)
                frame.state = launch_state.put(frame.state, key, (entries - feeding) | doubtful)

    def never_begun(self, scope: Value, frame: Frame) -> None:
        """On this path the objects of `scope` were never made, nor was anything launched on them."""
        keys = (key for obj in self.launched_on(scope) for key in self._both(obj))
        self._change(keys, lambda entries: entries if _is_launched(entries) else launch_state.UNTOUCHED, frame)

    def note(self, value: Value, trait: Trait, frame: Frame) -> None:
        """What is pending among the handles in `value`, and those that they hold, is seen to have the trait."""
        handles = self.within(value, frame)
        held = union(*(self._heap.load(obj, Fact.HOLDS) for obj in handles))
        for obj in dict.fromkeys([*handles, *self.within(self.held(held), frame)]):
            for key in self.keys(obj):
                for entry in launch_state.pending((frame.state or EMPTY).get(key, ())):
                    if entry.launch is not None:
                        self._machine.world.note(entry.launch.place, trait)

    def blame(
        self, value: Value, symbol: str, place: Place, frame: Frame, kind: str = "non-waiting-flush", label: str = ""
    ) -> None:
        """What is pending on `value` is the fault of the call of `symbol` at `place`: it is work of that `kind` now.

        So it is where something that does not wait stands in place of what waits.
        """
        if frame.state is None:
            return
        state = dict(frame.state)
        for obj in self.within(value, frame):
            for key in self.keys(obj):
                entries = frozenset(_blamed(entry, symbol, place, frame, kind, label) for entry in state.get(key, ()))
                if entries:
                    state[key] = entries
                else:
                    state.pop(key, None)
        frame.state = state

    def _change(self, keys: Iterable[Obj], change: Callable[[Entries], Entries], frame: Frame) -> None:
        """Change the entries of those of `keys` that the state has."""
        if frame.state is None:
            return
        state = dict(frame.state)
        for key in keys:
            if key in state:
                state[key] = change(state[key])
        frame.state = state

    # --- the ends of scopes ----------------------------------------------------------------------------------------------

    def end_loop(self, policy: m.ScopeModel, before: State, frame: Frame) -> None:
        """Apply a run's exit policy to what it left pending on the loop."""
        if frame.state is None:
            return
        on_loop = set(self._heap.load(self._universe.external(RUNNING_LOOP)[0], Fact.LAUNCHED))
        state = dict(frame.state)
        for key, entries in state.items():
            if self._universe.in_mode(key, "one") not in on_loop or entries == before.get(key):
                continue
            state[key] = frozenset(_at_exit(entry, policy) for entry in entries)
        frame.state = state

    def end_around(self, scope: Value, before: State, frame: Frame) -> None:
        """Leave a function that is the extent of a scope: what it has launched there is waited for."""
        if frame.state is None:
            return
        launched = {key for obj in scope for key in self._heap.load(obj, Fact.LAUNCHED)}
        changed = [key for key, entries in frame.state.items() if entries != before.get(key)]
        ours = sorted({key.base for key in changed if self._universe.in_mode(key, "one") in launched})
        self.join(self.every(ours), frame)

    def end_scope(self, obj: Obj, frame: Frame) -> None:
        """Leave a library context manager: apply its exit policy to what was launched on it, and to itself."""
        for type_ in self._machine.classes.library_types(obj):
            policy = self._machine.models.scope(type_)
            if policy is None or frame.state is None:
                continue
            if set(policy.exit) - {"*"}:
                self.end_loop(policy, EMPTY, frame)
                return
            targets = [*self._heap.load(obj, Fact.LAUNCHED), obj]
            fate = policy.exit["*"]
            if fate is Fate.JOINED:
                self.join(self.every(targets), frame)
            else:
                keys = (key for target in targets for key in self._both(target))
                self._change(keys, partial(launch_state.with_fate, fate=fate), frame)
            return

    # --- code that is not analysed ---------------------------------------------------------------------------------------

    def escape(self, args: Args, site: ir.Site | None, frame: Frame) -> None:
        """Handles and callables go into code that is not analysed, or into an object of which nothing is known."""
        place = None if site is None else Place(frame.path, site)
        for obj in self.within(args.every(), frame):
            if isinstance(obj, Suspended) and obj.kind != "running":
                if obj.kind == "coroutine":
                    self.join((obj,), frame)
                    self._machine.run(obj, obj.alloc.site if site is None else site, frame)
                elif obj.kind == "generator":
                    self._machine.elements.of((obj,), frame)
            else:
                self._heap.store(obj, Fact.HANDED, self._universe.const(True))
                for each in list(self.behind(obj, WAITED_FOR, frame)):
                    self._change(
                        self.keys(each), lambda entries: launch_state.doubt_all(entries, "escaped", place), frame
                    )

    def doubt_launches(self, launches: Collection[Launch], place: Place, frame: Frame) -> None:
        """What has been launched there may have been waited for by code that is not analysed."""
        for key, entries in (frame.state or EMPTY).items() if launches else ():
            known = frozenset(entry for entry in entries if entry.launch in launches)
            if known:
                doubted = launch_state.doubt_all(known, "escaped", place)
                frame.state = launch_state.put(frame.state or EMPTY, key, entries - known | doubted)


NO_ENTRIES: Entries = frozenset()


def _is_clock(entries: Entries) -> bool:
    """Whether this is surely pending, and does nothing but let time pass."""
    return bool(entries) and all(entry.status == "pending" and _is_bare(entry) for entry in entries)


def _is_bare(entry: Entry) -> bool:
    return entry.launch is None or entry.launch.bare


def _at_exit(entry: Entry, policy: m.ScopeModel) -> Entry:
    if entry.status != "pending" or entry.fate is not None or entry.launch is None:
        return entry
    if entry.launch.step:
        return CLEAR
    fate = policy.exit.get(entry.launch.kind)
    if fate is None:
        return entry
    return CLEAR if fate is Fate.JOINED else replace(entry, fate=fate)


def _is_launched(entries: Entries) -> bool:
    """Whether a handle is pending, and has been launched on every path, whatever conditions held."""
    return bool(launch_state.pending(entries)) and not any(entry.launch is None or entry.guards for entry in entries)


def _withdrawn(entries: Entries, place: Place | None) -> Entries:
    """`place`: of the call, where the work may have begun although nobody has waited for it."""
    begun = frozenset(entry for entry in entries if entry.status == "pending" and (entry.doubt or entry.waited))
    others = entries - begun
    if place is not None:
        begun |= launch_state.doubt_all(others, "partial-wait", place)
    return begun | launch_state.cleared(others) if others else begun


def _blamed(entry: Entry, symbol: str, place: Place, frame: Frame, kind: str, label: str) -> Entry:
    if entry.status != "pending" or entry.launch is None:
        return entry
    label = label or entry.launch.label
    blamed = replace(entry.launch, place=place, kind=kind, call=symbol, function=frame.qualname, label=label)
    frame.paths.setdefault(blamed, ())
    return replace(entry, launch=blamed)
