"""One activation while it is being analysed: its variables, its state, and the ways control leaves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import NO_EFFECTS, WORK, Effects, joined, signalling
from lint_lambda.analysis.domain.launch_state import EMPTY, NO_GUARDS, Edge, Guard, Guards, Launch, State
from lint_lambda.analysis.domain.summary import Activation
from lint_lambda.analysis.domain.translation import VARIABLE, speaks_of_variables, term_of, truth_of
from lint_lambda.analysis.domain.values import NOTHING, Const, Obj, Term, Universe, Unknown, Value, union
from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.core.verdict import Place

Env = dict[str, Value]


@dataclass(slots=True)
class Args:
    """Arguments of a call. `rest`/`extra` stand for unknown further positional/keyword arguments (from a spread).

    `bound`: the first positional one is what the function is called on. `whole`: nothing else is passed. `perhaps`: keywords
    that may be left out.
    """

    positional: list[Value] = field(default_factory=list)
    keywords: dict[str, Value] = field(default_factory=dict)
    rest: Value = NOTHING
    extra: Value = NOTHING
    bound: bool = False
    whole: bool = False
    perhaps: frozenset[str] = frozenset()

    def every(self) -> Value:
        """Everything that is passed, in any position."""
        return union(*self.positional, *self.keywords.values(), self.rest, self.extra)

    def with_first(self, first: Value) -> Args:
        return replace(self, positional=[first, *self.positional], bound=True)


@dataclass(slots=True)
class Snapshot:
    """Variables, state, and what has been done since the function began, at one point that control gets to.

    `held`: settings of the process that control only gets here under: see `Settings`.
    """

    env: Env
    state: State
    effects: Effects = NO_EFFECTS
    held: Guards = NO_GUARDS


@dataclass(slots=True)
class LoopFrame:
    """A loop being analysed, or a block that is left by its `label`. `swept`: handles joined through any-element references in its body.

    `endless`: it goes over no elements. `turns`: how often it turns at most, where it goes over numbers whose bounds are written down.
    `pause`: for how many seconds a turn does nothing. `asked`: the work that a turn asks whether it is done.
    """

    entry: State
    breaks: list[Snapshot] = field(default_factory=list)
    continues: list[Snapshot] = field(default_factory=list)
    swept: dict[Obj, None] = field(default_factory=dict)
    finals: int = 0
    label: str = ""
    endless: bool = False
    turns: int = 0
    pause: float = 0
    asked: dict[Obj, None] = field(default_factory=dict)


@dataclass(slots=True)
class Try:
    """A region that exceptions leave: where they do, and how many loops are around it."""

    loops: int
    edges: list[Edge] = field(default_factory=list)


@dataclass(slots=True)
class Exit:
    place: Place | None
    value: Value
    state: State
    effects: Effects = NO_EFFECTS
    held: Guards = NO_GUARDS


@dataclass(slots=True)
class Frame:
    """- `finals`: what is done where control leaves, the innermost last; `on_close`: those of them that are only done where a generator is closed.
    - `effects`: what has been done since it began, up to here; `thrown`: the same, up to where exceptions leave it.
    - `emptied`: what was to be exited by these is exited by others, perhaps.
    - `endless`: the end of a turn of a loop that never ends. `polling`: whether the condition of a loop is evaluated: leaving the
      loop because work is done is waiting for it. `limits`: how many context managers around this point give waits up after a time.
    - `handling`: how many exception handlers are around this point.
    - `counted`: whether this point is only come to where a count that the function changes says so.
    - `labelled`: blocks that may be left by their labels, each with how many loops are around it.
    - `held`: as in a snapshot.
    - `asked`: the variables that conditions are named after.
    """

    activation: Activation
    path: str
    qualname: str
    env: Env = field(default_factory=dict)
    state: State | None = field(default_factory=lambda: EMPTY)
    exits: list[Exit] = field(default_factory=list)
    raised: list[Edge] = field(default_factory=list)
    tries: list[Try] = field(default_factory=list)
    loops: list[LoopFrame] = field(default_factory=list)
    finals: list[Callable[[], None]] = field(default_factory=list)
    on_close: list[Callable[[], None]] = field(default_factory=list)
    endless: Snapshot | None = None
    effects: Effects = NO_EFFECTS
    held: Guards = NO_GUARDS
    thrown: Effects | None = None
    polling: bool = False
    limits: int = 0
    handling: int = 0
    counted: bool = False
    yields: Value = NOTHING
    paused: State | None = None
    paths: dict[Launch, tuple[Place, ...]] = field(default_factory=dict)
    on_yield: Callable[[Value], None] | None = None
    emptied: set[Obj] = field(default_factory=set)
    class_scope: bool = False
    labelled: list[tuple[int, LoopFrame]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    _failing: tuple[State, State] | None = None

    @property
    def context(self) -> int:
        return self.activation.number

    def snapshot(self) -> Snapshot | None:
        return None if self.state is None else Snapshot(dict(self.env), self.state, self.effects, self.held)

    def resume(self, snapshot: Snapshot | None) -> None:
        """Go on from `snapshot`; None: control does not get here."""
        if snapshot is None:
            self.state = None
        else:
            self.env, self.state, self.effects = dict(snapshot.env), snapshot.state, snapshot.effects
            self.held = snapshot.held

    def assign(self, name: str, value: Value) -> None:
        """A variable is bound: what was found of its value before says nothing of the new one."""
        self.env[name] = value
        if name in self.asked and self.state is not None:
            variable = (VARIABLE, self.context, name)
            self.state = launch_state.without_guards(self.state, lambda guard: _mentions(guard.term, variable))

    def does(self, effects: Effects) -> None:
        """Note what is done at this point."""
        self.effects = self.effects.then(effects)

    def signal(self, obj: Obj) -> None:
        self.does(signalling((obj,)))

    def works_on(self) -> None:
        """Something is done that takes time."""
        self.does(WORK)

    def pause(self) -> None:
        """A generator yields here: whoever reads it may never come back."""
        if self.state is not None:
            here = self.unswept(self.state)
            self.paused = here if self.paused is None else launch_state.join(self.paused, here)

    def leave_loops(self) -> None:
        """Go on as after all loops that control is in, which are left in the middle of a turn."""
        if self.state is not None:
            self.state, self.loops = self.unswept(self.state), []

    def unswept(self, state: State, around: int = 0) -> State:
        """Inside a loop, `state` as it may be before the last turn: the elements it has not come to are as they were.

        Not of the outermost loops, of which `around` go on.
        """
        changed: dict[Obj, launch_state.Entries] = {}
        for loop in self.loops[around:]:
            for key in loop.swept:
                if key in loop.entry:
                    left = launch_state.waited_for(loop.entry[key], "raised")
                    changed[key] = launch_state.get(state, key) | left
        return {**state, **changed} if changed else state

    def guard(self) -> list[Edge]:
        """Begin a region that exceptions leave, by the edges that are returned; `tries.pop()` ends it."""
        self.tries.append(Try(len(self.loops)))
        return self.tries[-1].edges

    def rethrow(self, state: State | None = None) -> None:
        """The exception of work that is waited for comes out of the wait, in this state or `state`."""
        here = self.state if state is None else state
        if here is not None:
            self.raise_as(Edge(here, explicit=False, leaves=True))

    def is_safe(self) -> bool:
        """Whether nothing is likely to be raised out of it."""
        return all(edge.unlikely for edge in self.raised)

    def raise_edge(self, state: State, explicit: bool) -> None:
        """Control may leave for the nearest exception handler with this state."""
        self.raise_as(Edge(state, explicit=explicit))

    def raise_as(self, edge: Edge) -> None:
        """Control may leave by `edge`.

        A call that may fail, inside a loop that its exception leaves, speaks only of what was launched before the loop: that
        one round of the launching loop fails after another has launched is true of every such loop, and says nothing. Nor does it
        that a coroutine is not run where what comes before its ``await`` fails: so it is of every statement there.
        """
        if edge.leaves:
            edge = replace(edge, state=self.unswept(edge.state, self.tries[-1].loops if self.tries else 0))
        elif self.handling and not (edge.explicit or edge.raises or edge.suspends):
            edge = replace(edge, unlikely=True)
        if not edge.explicit:
            edge = replace(edge, state=self._without_coroutines(edge.state))
        left = self.loops[self.tries[-1].loops if self.tries else 0 :]
        if (not edge.explicit or edge.remote) and left and not edge.suspends:
            before = left[0].entry
            state = {key: entries for key, entries in edge.state.items() if key in before}
            edge = replace(edge, state=state)
        if self.tries:
            self.tries[-1].edges.append(edge)
            return
        self.raised.append(edge)
        self.thrown = self.effects if self.thrown is None else self.thrown.join(self.effects)

    def _without_coroutines(self, state: State) -> State:
        """The state without coroutines that nothing has begun to run. Most calls of a function may fail in the same state."""
        if self._failing is None or self._failing[0] is not state:
            made = {key for key, entries in state.items() if any(_is_coroutine(entry) for entry in entries)}
            without = {key: value for key, value in state.items() if key not in made} if made else state
            self._failing = (state, without)
        return self._failing[1]


def _mentions(term: Term, part: Term) -> bool:
    return term == part or any(isinstance(each, tuple) and _mentions(each, part) for each in term)


def _is_coroutine(entry: launch_state.Entry) -> bool:
    return entry.status == "pending" and entry.launch is not None and entry.launch.kind == "coroutine"


def merge(snapshots: Iterable[Snapshot | None]) -> Snapshot | None:
    """Where paths meet."""
    present = [snapshot for snapshot in snapshots if snapshot is not None]
    if len(present) <= 1:
        return present[0] if present else None
    env: Env = {}
    for snapshot in present:
        for name in snapshot.env:
            if name not in env:
                found = [other.env.get(name, NOTHING) for other in present]
                same = len(found[0]) < 2 and all(value is found[0] for value in found)
                env[name] = found[0] if same else union(*found)
    effects = joined(snapshot.effects for snapshot in present)
    held = frozenset.intersection(*(snapshot.held for snapshot in present))
    return Snapshot(env, launch_state.join(*(snapshot.state for snapshot in present)), effects, held)


def merge_branches(
    universe: Universe, guard: Guard | None, then: Snapshot | None, otherwise: Snapshot | None
) -> Snapshot | None:
    """Where the branches of a condition meet.

    A variable that is a true constant on one side and a false one on the other becomes another name of the condition,
    so that testing it later is testing the condition again.
    """
    if then is None or otherwise is None or guard is None:
        return merge((then, otherwise))
    lasting = not speaks_of_variables(guard.term)
    env: Env = {}
    for name in {**then.env, **otherwise.env}:
        left, right = then.env.get(name, NOTHING), otherwise.env.get(name, NOTHING)
        truth_left, truth_right = _truth(left), _truth(right)
        if (
            lasting
            and left != right
            and truth_left is not None
            and truth_right is not None
            and truth_left != truth_right
        ):
            env[name] = universe.unknown_of("phi", guard.term, guard.holds == truth_left)
        else:
            env[name] = union(left, right)
    state = launch_state.meet_branches(guard, then.state, otherwise.state)
    assert state is not None
    return Snapshot(env, state, then.effects.join(otherwise.effects), then.held & otherwise.held)


def setting_of(exits: Sequence[Exit]) -> Guard | None:
    """The setting under which all that a function returns is true, and without which all of it is false, if there is one."""
    truths = [_truth(exit_.value) for exit_ in exits]
    if None in truths or len(set(truths)) < 2:
        return None
    for guard in sorted(exits[0].held, key=repr):
        asked = guard if truths[0] else guard.negated()
        if all((asked if truth else asked.negated()) in exit_.held for truth, exit_ in zip(truths, exits)):
            return asked
    return None


def settings_of(exits: Sequence[Exit]) -> tuple[Guard, tuple[Term, Term]] | None:
    """The same where one of two ways answers yes or no under a setting, and the other what has a name; with the names of both."""
    if len(exits) != 2:
        return None
    for one, other in (exits, exits[::-1]):
        named, terms = truth_of(other.value), (term_of(one.value), term_of(other.value))
        if terms[0] not in (("const", True), ("const", False)) or named is None or terms[1] is None:
            continue
        if not all(isinstance(obj, Unknown) for obj in other.value):
            continue
        for guard in sorted(one.held, key=repr):
            if guard.negated() in other.held:
                op, first = ("or", guard) if terms[0][1] else ("and", guard.negated())
                both = Guard((op, first.term, first.holds, named.term, named.holds), True)
                return both, (terms[0], terms[1])
    return None


def _truth(value: Value) -> bool | None:
    if len(value) == 1 and isinstance(value[0], Const):
        return bool(value[0].value)
    return None


def either(frame: Frame, ways: Iterable[Callable[[], Value]]) -> list[Value]:
    """Go each of several ways from here, of which one is taken; the values that they give. Variables are theirs in common."""
    state, effects, held = frame.state, frame.effects, frame.held
    results: list[Value] = []
    states: list[tuple[State, Guards]] = []
    done: list[Effects] = []
    for way in ways:
        frame.state, frame.effects, frame.held = state, effects, held
        results.append(way())
        done.append(frame.effects)
        if frame.state is not None:
            states.append((frame.state, frame.held))
    frame.held = held
    if results:
        frame.state = launch_state.meet_ways(states) if states else None
        frame.effects = joined(done)
    return results
