"""The state of launches at a program point, and how states meet.

For every handle (a `Key`) the state holds the set of `Entry`s that may describe it there:

- ``initial``: whatever it was when the function was entered (a handle we have no entry for is just that);
- ``pending``: launched and not waited for;
- ``clear``: waited for, or given up on purpose: `told` to end where it loops until it is.

Entries carry *guards*: conditions, by the symbolic name of what was tested, under which they hold. They are added only
where two branches of a condition meet and differ, and they make a later test of the same condition tell them apart.
All operations are pure; a `State` is never changed in place once shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from lint_lambda.analysis.domain.values import Obj, Term
from lint_lambda.core.finding import Fate
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.verdict import Place


class Guard(NamedTuple):
    """The condition named `term` was true (`holds`) or false."""

    term: Term
    holds: bool

    def negated(self) -> Guard:
        return Guard(self.term, not self.holds)


Guards = frozenset[Guard]
NO_GUARDS: Guards = frozenset()
MOST_GUARDS = 3

Doubt = Literal[
    "",
    "times-out",
    "partial-wait",
    "premature-signal",
    "cut-short",
    "may-drain",
    "unlikely",
    "times-out-late",
    "escaped",
]
"""Why a pending entry might not be pending after all; the later in this list, the less certain.

- ``times-out``: the wait is likely to time out; ``times-out-late``: it times out only after a time that somebody chose.
- ``partial-wait``: the wait can return before all the work is done, without a timeout (``FIRST_COMPLETED``, a poll).
- ``premature-signal``: the work signals before it is done.
- ``cut-short``: it is ended on purpose, while there may be something left in the queue that it takes from. Nothing can wait for it any more.
- ``may-drain``: whether the answer waits for what is left depends on the runtime, which is not known.
- ``unlikely``: pending only if an unknown call raises and the exception is swallowed.
- ``escaped``: the handle is passed to unanalysable code.
"""


@dataclass(frozen=True, slots=True)
class Launch:
    """One launch site reached with one handle: everything about it that does not change along a path.

    `idle`: between invocations nothing works at it, even where nothing is frozen: its loop does not run, its buffer is only
    emptied by a call. `unsure`: whether it launches at all depends on what is not known. `bare`: nothing is lost with it, but what waits for it has to wait.
    """

    place: Place
    kind: str
    call: str
    label: str
    function: str
    step: bool = False
    fate: Fate = Fate.FROZEN
    idle: bool = False
    bare: bool = False
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """`told`: it was asked to stop. `waited`: how a wait for it, or for others like it, has ended before it was done.
    `unheld`: nothing refers to the handle any more, so nothing can wait for it by that.
    """

    status: Literal["initial", "pending", "clear"]
    launch: Launch | None = None
    fate: Fate | None = None
    doubt: Doubt = ""
    doubted_at: Place | None = None
    guards: Guards = NO_GUARDS
    told: bool = False
    waited: Literal["", "timed-out", "raised"] = ""
    unheld: bool = False


INITIAL = Entry("initial")
CLEAR = Entry("clear")
UNTOUCHED = frozenset({INITIAL})

Key = Obj
"""A handle, in mode ``one`` (the most recent made at its place) or ``old`` (the ones before)."""

Entries = frozenset[Entry]
State = Mapping[Key, Entries]
EMPTY: State = {}


@dataclass(frozen=True, slots=True)
class Edge:
    """Control leaving by an exception. `raises`: which, when it is the giving up of a wait for `keys`.

    `types`: the class of what is raised, and those it inherits from, where they are known.
    `suspends`: it is how an invocation ends that goes on in a later one, ``surely`` or ``perhaps``; `ended`: what has been launched
    before, and has been seen to its end.
    `explicit` is False where we only suppose that a call may raise, `remote` where that call is in another function than
    the one that catches. `leaves`: the work that a turn of a loop waits for has raised; where that leaves the loop, the
    elements it has not come to are as they were. `unlikely`: we suppose it of a call that an exception handler makes, so two calls would have to fail.
    """

    state: State
    raises: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    place: Place | None = None
    explicit: bool = True
    remote: bool = False
    unlikely: bool = False
    types: frozenset[str] = frozenset()
    suspends: Literal["", "perhaps", "surely"] = ""
    ended: Entries = frozenset()
    leaves: bool = False


def join_edges(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Edges of one kind as one: where they are caught they are not told apart, but for suspensions."""
    kinds: dict[tuple[object, ...], list[Edge]] = {}
    for edge in edges:
        suspension = (edge.suspends, edge.place) if edge.suspends else ()
        kind = (edge.raises, edge.explicit, edge.types, suspension, edge.leaves, edge.unlikely)
        kinds.setdefault(kind, []).append(edge)
    return tuple(
        replace(
            group[0],
            state=join(*(edge.state for edge in group)),
            keys=tuple(sorted({key for edge in group for key in edge.keys})),
            ended=frozenset().union(*(edge.ended for edge in group)),
        )
        for group in kinds.values()
    )


def get(state: State, key: Key) -> Entries:
    return state.get(key, UNTOUCHED)


def put(state: State, key: Key, entries: Entries) -> State:
    """`state` with other entries for `key`."""
    changed = dict(state)
    changed[key] = entries
    return changed


def join(*states: State) -> State:
    """Where paths meet that no condition tells apart: either may have been taken."""
    first, *rest = states
    others = [state for state in rest if state is not first]
    if not others:
        return first
    merged = dict(first)
    for key, entries in first.items():
        if any(other.get(key) is not entries for other in others):
            merged[key] = _joined(key, first, others)
    for state in others:
        for key in state:
            if key not in merged:
                merged[key] = _joined(key, first, others)
    return merged


def _joined(key: Key, first: State, others: list[State]) -> Entries:
    return _normal(frozenset().union(get(first, key), *(get(other, key) for other in others)))


def meet_branches(guard: Guard | None, then: State | None, otherwise: State | None) -> State | None:
    """Where the two branches of a condition meet; None for a branch that does not get here."""
    if then is None or otherwise is None:
        return then if otherwise is None else otherwise
    if guard is None:
        return join(then, otherwise)
    merged: dict[Key, Entries] = {}
    for key in {**then, **otherwise}:
        left, right = get(then, key), get(otherwise, key)
        if left == right:
            merged[key] = left
        else:
            merged[key] = _normal(_guarded(left, guard) | _guarded(right, guard.negated()))
    return merged


def meet_ways(ways: Sequence[tuple[State, Guards]]) -> State:
    """Where ways meet that are taken under conditions: what differs is only so under these."""
    always = frozenset.intersection(*(held for _, held in ways))
    if all(held == always for _, held in ways):
        return join(*(state for state, _ in ways))
    merged: dict[Key, Entries] = {}
    for key in dict.fromkeys(key for state, _ in ways for key in state):
        each = [get(state, key) for state, _ in ways]
        if all(entries == each[0] for entries in each):
            merged[key] = each[0]
        else:
            under = (guarded(entries, held - always) for entries, (_, held) in zip(each, ways))
            merged[key] = _normal(frozenset().union(*under))
    return merged


def assume(state: State, guard: Guard | None) -> State:
    """The state in the branch where `guard` holds: entries that contradict it are gone."""
    if guard is None:
        return state
    opposite = guard.negated()
    changed: dict[Key, Entries] | None = None
    for key, entries in state.items():
        if any(opposite in entry.guards or guard in entry.guards for entry in entries):
            kept = frozenset(
                replace(entry, guards=entry.guards - {guard}) for entry in entries if opposite not in entry.guards
            )
            if changed is None:
                changed = dict(state)
            changed[key] = kept
    return state if changed is None else changed


def without_guards(state: State, meant: Callable[[Guard], bool]) -> State:
    """The state where what some conditions said of entries is no longer known."""
    changed = {
        key: _normal(
            frozenset(
                replace(entry, guards=frozenset(guard for guard in entry.guards if not meant(guard)))
                if entry.guards
                else entry
                for entry in entries
            )
        )
        for key, entries in state.items()
        if any(meant(guard) for entry in entries for guard in entry.guards)
    }
    return {**state, **changed} if changed else state


def _guarded(entries: Entries, guard: Guard) -> Entries:
    return guarded(entries, frozenset((guard,)))


def guarded(entries: Entries, guards: Guards) -> Entries:
    """Entries that hold only under these conditions, too; those that have too many already stay as they are."""
    return frozenset(
        replace(entry, guards=entry.guards | guards) if len(entry.guards | guards) <= MOST_GUARDS else entry
        for entry in entries
    )


def _normal(entries: Entries) -> Entries:
    """Drop what other entries imply: a guarded entry beside a less guarded twin, and complementary pairs.

    The order is fixed, so that equal sets have equal results whatever order they were put together in.
    """
    if len(entries) < 2 or not any(entry.guards for entry in entries):
        return entries
    by_rest: dict[Entry, set[Guards]] = {}
    for entry in entries:
        by_rest.setdefault(replace(entry, guards=NO_GUARDS), set()).add(entry.guards)
    return frozenset(
        replace(rest, guards=guards) for rest, conditions in by_rest.items() for guards in _simplified(conditions)
    )


def _simplified(conditions: set[Guards]) -> set[Guards]:
    """A disjunction of conjunctions of guards, without those that others imply and with ``a or not a`` resolved."""
    changed = True
    while changed:
        changed = False
        conditions = {guards for guards in conditions if not any(other < guards for other in conditions)}
        if not any(_turned(guards, guard) in conditions for guards in conditions for guard in guards):
            break
        for guards in sorted(conditions, key=_guards_order):
            for guard in sorted(guards, key=repr):
                if _turned(guards, guard) in conditions:
                    conditions = conditions | {guards - {guard}}
                    changed = True
                    break
            if changed:
                break
    return conditions


def _turned(guards: Guards, guard: Guard) -> Guards:
    """The same, with one of them the other way round."""
    return guards ^ {guard, guard.negated()}


def _guards_order(guards: Guards) -> tuple[int, list[str]]:
    return len(guards), sorted(map(repr, guards))


def compose(before: Entries, effect: Entries, translate: Callable[[Guards], Guards | None]) -> Entries:
    """What a callee's `effect` makes of the caller's entries.

    `translate` restates the callee's guards in the caller's terms; None when they cannot hold for this call.
    """
    out: set[Entry] = set()
    for entry in effect:
        guards = translate(entry.guards)
        if guards is None:
            continue
        if entry.status == "clear" and entry.launch is None:
            out.update(
                replace(old, status="clear", guards=guards, told=entry.told) for old in before if old.launch is not None
            )
            out.add(replace(entry, guards=guards))
            continue
        if entry.status != "initial":
            out.add(replace(entry, guards=guards))
            continue
        for old in before:
            if any(guard.negated() in old.guards for guard in guards):
                continue
            together = old.guards | guards
            merged = replace(old, guards=together if len(together) <= MOST_GUARDS else old.guards)
            out.add(doubted(merged, entry.doubt, entry.doubted_at))
    return _normal(frozenset(out))


DOUBTS: tuple[Doubt, ...] = get_args(Doubt)

LIKELY: frozenset[Doubt] = frozenset({"times-out", "partial-wait", "premature-signal", "cut-short", "may-drain"})
"""Doubts that leave it likely that the work is pending."""


def doubted(entry: Entry, doubt: Doubt, place: Place | None) -> Entry:
    """`entry`, less sure by `doubt`. An entry that is clear stays so."""
    if entry.status == "clear" or DOUBTS.index(doubt) <= DOUBTS.index(entry.doubt):
        return entry
    return replace(entry, doubt=doubt, doubted_at=place)


def urged(entries: Entries) -> Entries:
    """Entries that a wait left in slight doubt, after the code has said that it will not wait any longer."""
    return frozenset(
        replace(entry, doubt="times-out") if entry.doubt == "times-out-late" else entry for entry in entries
    )


def doubt_all(entries: Entries, doubt: Doubt, place: Place | None) -> Entries:
    return frozenset(doubted(entry, doubt, place) for entry in entries)


def waited_for(entries: Entries, how: Literal["timed-out", "raised"]) -> Entries:
    """Entries after a wait that has timed out, or ended by an exception of other work."""
    return frozenset(replace(entry, waited=how) if entry.status == "pending" else entry for entry in entries)


def cut_short(entries: Entries, place: Place | None) -> Entries:
    """Entries after their work is ended on purpose. Who has waited for it in vain has done so deliberately."""
    given_up = ("times-out", "times-out-late")
    return frozenset(
        replace(entry, status="clear", doubt="", doubted_at=None)
        if entry.doubt in given_up
        else doubted(entry, "cut-short", place)
        for entry in entries
    )


def unheld(entries: Entries) -> Entries:
    """Entries after the last reference to their handle is gone."""
    return frozenset(replace(entry, unheld=True) if entry.status == "pending" else entry for entry in entries)


def with_fate(entries: Entries, fate: Fate) -> Entries:
    """Pending entries meet their `fate` now (a loop that ends cancels its tasks); nothing later can wait for them."""
    return frozenset(
        replace(entry, fate=fate) if entry.status == "pending" and entry.fate is None else entry for entry in entries
    )


def cleared(entries: Entries, told: bool = False, *, by_handle: bool = False) -> Entries:
    """Entries after a join, perhaps by the handle that a variable holds.

    What has already met its fate (a cancelled task) cannot be waited for any more.
    """
    return frozenset(
        entry
        if entry.doubt == "cut-short"
        or (entry.status == "pending" and (entry.fate is not None or (by_handle and entry.unheld)))
        else Entry("clear", entry.launch, told=told)
        for entry in entries
    ) or frozenset({replace(CLEAR, told=told)})


def is_clear(entries: Iterable[Entry]) -> bool:
    """Whether the launch is waited for on some path."""
    return any(entry.status == "clear" for entry in entries)


def may_be_untouched(entries: Iterable[Entry]) -> bool:
    """Whether on some path the handle is as it was when the function was entered."""
    return any(entry.status == "initial" for entry in entries)


def is_ended(entries: Entries) -> bool:
    """Whether what is launched here is waited for here, on every path."""
    here = [entry for entry in entries if entry.status != "initial"]
    return bool(here) and all(entry.status == "clear" and entry.launch is not None for entry in here)


def pending(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.status == "pending"]
