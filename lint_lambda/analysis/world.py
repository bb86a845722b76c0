"""Everything the analysis remembers between functions: objects, the heap, activations and their summaries.

The heap is one for the whole program and only grows: a location holds everything ever stored there. That makes it
cheap to know what a summary depends on: when a location grows, the summaries that read it, and those made from them,
are *stale*. They serve until the round is over; the next round makes them again. Recursion is resolved the same way: a
call of what is still being analysed gets the summary of the round before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import Edge, Guard, Guards, State
from lint_lambda.analysis.program import Program
from lint_lambda.analysis.values import (
    NOTHING,
    Const,
    FunctionObj,
    ModuleObj,
    Obj,
    Term,
    Universe,
    Unknown,
    Value,
    union,
)
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.verbs import UNKNOWN_ADAPTER, AdapterModel

CALL_STRING = 2
"""How many call sites tell two activations of one function apart."""

MOST_ACTIVATIONS = 32
"""Beyond this many activations of one function its arguments and callers are no longer told apart."""

Location = tuple[Obj, str]


@dataclass(eq=False)
class CellScope(Obj):
    """The variables of one activation that nested functions use."""

    context: int


@dataclass(frozen=True, slots=True)
class Activation:
    """A function called with arguments that matter, from call sites that matter.

    An argument that is just some unknown value is None: the function is analysed once for all of those. `on_loop`: whether an
    event loop runs it; None where callers that differ in this are no longer told apart.
    """

    number: int
    callee: FunctionObj
    arguments: tuple[tuple[str, Value | None], ...]
    sites: tuple[Place, ...]
    on_loop: bool | None = False


@dataclass(slots=True)
class Summary:
    """What calling a function in one activation does.

    `out` is the state at its returns relative to its entry (None: it never returns), `raised` the same where an
    exception leaves it. `returns`/`yields` are its values; `signals` the objects it signals, `early`
    those it signals and then goes on working, `waits` those it waits on,
    `stops` those whose signal ends a loop that is the last it does, and the flags that do. `suspends`: it may give way to other tasks;
    `serves`: it runs what others hand it, for ever; `takes`: it takes what others put somewhere; `works`: it takes time.
    `paths` leads from this function to each launch below it, call site by call site.
    """

    out: State | None = None
    raised: tuple[Edge, ...] = ()
    returns: Value = NOTHING
    yields: Value = NOTHING
    signals: Value = NOTHING
    early: Value = NOTHING
    waits: Value = NOTHING
    stops: Value = NOTHING
    suspends: bool = False
    serves: bool = False
    takes: bool = False
    works: bool = False
    exits: tuple[tuple[Place | None, State], ...] = ()
    paths: dict[algebra.Launch, tuple[Place, ...]] = field(default_factory=dict)

    def same_as(self, other: Summary) -> bool:
        return (
            self.out == other.out
            and self.raised == other.raised
            and self.returns == other.returns
            and self.yields == other.yields
            and self.signals == other.signals
            and self.early == other.early
            and self.suspends == other.suspends
            and self.serves == other.serves
            and self.takes == other.takes
            and self.works == other.works
            and self.waits == other.waits
            and self.stops == other.stops
        )


class World:
    """Shared by every activation of one run."""

    def __init__(self, program: Program, models: Models, adapter: AdapterModel = UNKNOWN_ADAPTER) -> None:
        self.program = program
        self.models = models
        self.adapter = adapter
        self.entry = ""
        """The file of the handler that is followed."""
        self.universe = Universe()
        self.summaries: dict[int, Summary] = {}
        self.activations: list[Activation] = []
        self.reading: list[int] = []  # activations being analysed, outermost first
        self.stale: set[int] = set()
        self._before: dict[int, Summary] = {}
        self._heap: dict[Location, Value] = {}
        self._fields: dict[Obj, list[str]] = {}
        self._readers: dict[Location, set[int]] = {}
        self._callers: dict[int, set[int]] = {}
        self._recursive: set[int] = set()
        self._by_key: dict[tuple[object, ...], Activation] = {}
        self._per_function: dict[FunctionObj, int] = {}
        self._functions: dict[str, dict[str, ir.Function]] = {}
        self._classes: dict[str, dict[str, ir.Class]] = {}
        # Context 0 is the outside: module bodies run in it.
        outside = self.universe.make(FunctionObj, "", _OUTSIDE, 0)
        self.activations.append(Activation(0, outside, (), ()))

    # --- the heap ------------------------------------------------------------------------------------------------

    def load(self, owner: Obj, name: str) -> Value:
        location = (owner.base, name)
        if self.reading:
            self._readers.setdefault(location, set()).add(self.reading[-1])
        return self._heap.get(location, NOTHING)

    def store(self, owner: Obj, name: str, value: Value) -> None:
        location = (owner.base, name)
        old = self._heap.get(location)
        new = value if old is None else union(old, value)
        if old is None:
            self._fields.setdefault(owner.base, []).append(name)
        if new != old:
            self._heap[location] = new
            self._grew(location)
            if old is None:
                self._grew((owner.base, "<fields>"))

    def settle(self, owner: Obj, name: str, value: Value) -> None:
        """Replace what a location holds: a module-level name once its module has run to its end."""
        location = (owner.base, name)
        if location not in self._heap:
            self.store(owner, name, value)
        else:
            self._heap[location] = value

    def fields(self, owner: Obj) -> list[str]:
        """Names of everything stored on `owner`, in order of first store."""
        if self.reading:
            self._readers.setdefault((owner.base, "<fields>"), set()).add(self.reading[-1])
        return list(self._fields.get(owner.base, ()))

    def _grew(self, location: Location) -> None:
        self._make_stale(self._readers.pop(location, ()))

    def _make_stale(self, numbers: Iterable[int]) -> None:
        pending = list(numbers)
        seen: set[int] = set()
        while pending:
            number = pending.pop()
            if number in seen:
                continue
            seen.add(number)
            self.stale.add(number)
            pending.extend(self._callers.get(number, ()))

    # --- activations ---------------------------------------------------------------------------------------------

    def activation(
        self,
        callee: FunctionObj,
        arguments: tuple[tuple[str, Value | None], ...],
        sites: tuple[Place, ...],
        on_loop: bool | None = False,
    ) -> Activation:
        for number in self.reading:
            running = self.activations[number]
            if running.callee is callee and running.arguments == arguments:
                return running  # recursion: where it is called from makes no difference
        key = (callee, arguments, sites, on_loop)
        found = self._by_key.get(key)
        if found is not None:
            return found
        count = self._per_function.get(callee, 0)
        if count >= MOST_ACTIVATIONS:
            always = True if callee.function.is_async else None
            widest = (callee, tuple((name, None) for name, _ in arguments), (), always)
            if key != widest:
                return self.activation(*widest)
        self._per_function[callee] = count + 1
        made = Activation(len(self.activations), callee, arguments, sites, on_loop)
        self.activations.append(made)
        self._by_key[key] = made
        return made

    def importing(self) -> bool:
        """Whether some module's body is being analysed."""
        return any(self.activations[number].callee.function.qualname == MODULE_BODY for number in self.reading)

    def is_running(self, path: str) -> bool:
        """Whether a module's body is being analysed: an import of it now sees it half made, and runs nothing."""
        return any(
            self.activations[number].callee.path == path
            and self.activations[number].callee.function.qualname == MODULE_BODY
            for number in self.reading
        )

    # --- rounds --------------------------------------------------------------------------------------------------

    def known(self, number: int) -> Summary | None:
        """The summary to call an activation by: of this round, or of the one before while it is being analysed."""
        found = self.summaries.get(number)
        if found is None and number in self.reading:
            self._recursive.add(number)
            return self._before.get(number, Summary())
        return found

    def finish(self, number: int, summary: Summary) -> None:
        """An activation has been analysed. If it called itself by an older summary, that must be the same by now."""
        self.summaries[number] = summary
        if number in self._recursive and not summary.same_as(self._before.get(number, Summary())):
            self._make_stale((number, *self._callers.get(number, ())))
        self._recursive.discard(number)
        self._before[number] = summary

    def next_round(self) -> bool:
        """Drop what is stale; returns whether anything was."""
        found = bool(self.stale)
        for number in self.stale:
            self.summaries.pop(number, None)
        self.stale.clear()
        return found

    def depends(self, caller: int, callee: int) -> None:
        """`caller`'s summary was made from `callee`'s."""
        self._callers.setdefault(callee, set()).add(caller)

    # --- modules -------------------------------------------------------------------------------------------------

    def function(self, path: str, qualname: str) -> ir.Function | None:
        if path not in self._functions:
            module = self.program.module(path)
            self._functions[path] = {} if module is None else {item.qualname: item for item in module.functions}
        return self._functions[path].get(qualname)

    def function_at(self, place: Place) -> ir.Function | None:
        """The function defined at this place."""
        self.function(place.path, MODULE_BODY)
        return next((item for item in self._functions[place.path].values() if item.site == place.site), None)

    def class_(self, path: str, qualname: str) -> ir.Class | None:
        if path not in self._classes:
            module = self.program.module(path)
            self._classes[path] = {} if module is None else {item.qualname: item for item in module.classes}
        return self._classes[path].get(qualname)

    def module(self, path: str) -> ModuleObj:
        return self.universe.make(ModuleObj, path)


_OUTSIDE = ir.Function(
    qualname="",
    params=(),
    body=(),
    is_async=False,
    is_generator=False,
    binding="function",
    decorators=(),
    captured=(),
    owner_class=None,
    returns=None,
    site=0,
)


# --- symbolic conditions -----------------------------------------------------------------------------------------------


class Translation:
    """Restates a callee's symbolic names in its caller's terms, for one call."""

    def __init__(self, universe: Universe, callee: FunctionObj, bound: dict[str, Value]) -> None:
        self._universe = universe
        self._owner = (callee.path, callee.function.qualname)
        self._bound = bound

    def term(self, term: Term) -> Term:
        if len(term) == 4 and term[0] == "param" and term[1:3] == self._owner:
            value = self._bound.get(term[3], NOTHING)
            return term_of(value) or ("?",)
        return tuple(self.term(part) if isinstance(part, tuple) else part for part in term)

    def value(self, value: Value) -> Value:
        if not any(isinstance(obj, Unknown) and len(obj.term) > 1 for obj in value):
            return value
        out: list[Value] = []
        for obj in value:
            if isinstance(obj, Unknown):
                if len(obj.term) == 4 and obj.term[0] == "param" and obj.term[1:3] == self._owner:
                    out.append(self._bound.get(obj.term[3], self._universe.unknown))
                    continue
                term = self.term(obj.term)
                out.append(self._universe.unknown if "?" in term else self._universe.unknown_of(*term))
            else:
                out.append((obj,))
        return union(*out)

    def guards(self, guards: Guards) -> Guards | None:
        """The guards in the caller's terms; None when they cannot hold. What becomes meaningless is dropped."""
        if not guards:
            return guards
        out: set[Guard] = set()
        for guard in guards:
            term = self.term(guard.term)
            known = decide(term)
            if known is not None:
                if known != guard.holds:
                    return None
            elif not _forgotten(term):
                out.add(Guard(term, guard.holds))
        if any(guard.negated() in out for guard in out):
            return None
        return frozenset(out)


def _forgotten(term: Term) -> bool:
    return any(part == "?" or (isinstance(part, tuple) and _forgotten(part)) for part in term)


def term_of(value: Value) -> Term | None:
    """The symbolic name of a value, when it is one constant or one named unknown."""
    if len(value) != 1:
        return None
    only = value[0]
    if isinstance(only, Const):
        return ("const", only.value)
    if isinstance(only, Unknown) and only.term != ("?",):
        return only.term
    return None


def decide(term: Term) -> bool | None:
    """The truth of a condition over constants, or None."""
    if term[0] == "true" and term[1][0] == "const":
        return bool(term[1][1])
    if term[0] == "==" and term[1][0] == "const" and term[2][0] == "const":
        return bool(term[1][1] == term[2][1])
    return None


Translate = Callable[[Guards], Guards | None]


def compose_states(before: State, effect: State, translate: Translate) -> State:
    """The caller's state after a call whose effect is `effect`."""
    if not effect:
        return before
    after = dict(before)
    for key, entries in effect.items():
        after[key] = algebra.compose(algebra.get(before, key), entries, translate)
    return after


def relaunched(before: State, effect: State, universe: Universe) -> State:
    """Make room for handles that a call makes anew: what `before` holds of them becomes older (recency)."""
    after: dict[Obj, algebra.Entries] | None = None
    for key, entries in effect.items():
        if key.mode != "one" or not algebra.pending(entries) or algebra.INITIAL in entries:
            continue
        old = before.get(key)
        if old and algebra.pending(old):
            after = dict(before) if after is None else after
            older = universe.in_mode(key, "old")
            after[older] = algebra.get(after, older) | frozenset(
                replace(entry) for entry in old if entry.status == "pending"
            )
            after.pop(key)
    return before if after is None else after
