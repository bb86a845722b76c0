"""The laws of the launch-state algebra: what the analysis relies on where paths meet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import CLEAR, INITIAL, Entries, Entry, Guard, Guards, Launch, State
from lint_lambda.analysis.values import External, Obj, Universe
from lint_lambda.core.finding import Fate
from lint_lambda.core.verdict import Place

UNIVERSE = Universe()
KEYS: list[Obj] = [UNIVERSE.make(External, f"key{number}") for number in range(3)]
LAUNCH = Launch(Place("app.py", 1), "thread", "t.start", "work", "main")
CONDITIONS = [Guard(("true", ("param", name)), holds) for name in "ab" for holds in (True, False)]

guards = st.frozensets(st.sampled_from(CONDITIONS), max_size=2).filter(
    lambda found: not any(guard.negated() in found for guard in found)
)
entries = st.frozensets(
    st.builds(Entry, st.sampled_from(["initial", "pending", "clear"]), st.just(LAUNCH), guards=guards), max_size=4
)
states = st.dictionaries(st.sampled_from(KEYS), entries)


def holding(found: Entries, world: frozenset[Guard]) -> frozenset[tuple[str, str]]:
    """What entries say in one world: where each condition has one truth."""
    return frozenset((entry.status, entry.doubt) for entry in found if entry.guards <= world)


WORLDS = [
    frozenset({Guard(("true", ("param", "a")), first), Guard(("true", ("param", "b")), second)})
    for first in (True, False)
    for second in (True, False)
]


@given(states, states)
def test_where_paths_meet_the_order_does_not_matter(left: State, right: State) -> None:
    assert algebra.join(left, right) == algebra.join(right, left)


@given(states, states, st.sampled_from(WORLDS), st.sampled_from(KEYS))
def test_a_meeting_says_in_every_world_what_either_path_says(
    left: State, right: State, world: frozenset[Guard], key: Obj
) -> None:
    met = holding(algebra.get(algebra.join(left, right), key), world)
    assert met == holding(algebra.get(left, key), world) | holding(algebra.get(right, key), world)


@given(states, states, st.sampled_from(CONDITIONS), st.sampled_from(KEYS))
def test_a_condition_tells_its_branches_apart_again(left: State, right: State, guard: Guard, key: Obj) -> None:
    then, otherwise = algebra.assume(left, guard), algebra.assume(right, guard.negated())
    met = algebra.meet_branches(guard, then, otherwise)
    assert met is not None
    for world in WORLDS:
        if guard in world:
            again = algebra.assume(met, guard)
            assert holding(algebra.get(again, key), world) == holding(algebra.get(then, key), world)


@given(states, st.sampled_from(CONDITIONS))
def test_assuming_twice_is_assuming_once(state: State, guard: Guard) -> None:
    once = algebra.assume(state, guard)
    assert algebra.assume(once, guard) == once


@given(entries)
def test_a_callee_that_does_nothing_changes_nothing(before: Entries) -> None:
    def unchanged(found: Guards) -> Guards | None:
        return found

    after = algebra.compose(before, frozenset({INITIAL}), unchanged)
    for world in WORLDS:
        assert holding(after, world) == holding(before, world)


@given(entries)
def test_after_a_join_nothing_is_pending(before: Entries) -> None:
    assert algebra.pending(algebra.cleared(before)) == []
    assert algebra.is_clear(algebra.cleared(before))


@given(entries, st.sampled_from(algebra.DOUBTS), st.sampled_from(algebra.DOUBTS))
def test_doubt_only_grows(before: Entries, first: algebra.Doubt, second: algebra.Doubt) -> None:
    order = algebra.DOUBTS.index
    for entry in algebra.doubt_all(algebra.doubt_all(before, first, None), second, None):
        if entry.status != "clear":
            assert order(entry.doubt) >= max(order(first), order(second))


def test_a_task_that_has_been_cancelled_cannot_be_joined_any_more() -> None:
    cancelled = algebra.with_fate(frozenset({Entry("pending", LAUNCH)}), Fate.CANCELLED)
    assert algebra.cleared(cancelled) == cancelled


def test_a_branch_that_does_not_come_back_leaves_the_other() -> None:
    state: State = {KEYS[0]: frozenset({CLEAR})}
    assert algebra.meet_branches(None, None, state) is state
    assert algebra.meet_branches(None, state, None) is state
