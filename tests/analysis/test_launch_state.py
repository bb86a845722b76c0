"""The laws of the launch-state algebra: what the analysis relies on where paths meet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.launch_state import CLEAR, INITIAL, Entries, Entry, Guard, Guards, Launch, State
from lint_lambda.analysis.domain.values import External, Obj, Universe
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
    assert launch_state.join(left, right) == launch_state.join(right, left)


@given(states, states, st.sampled_from(WORLDS), st.sampled_from(KEYS))
def test_a_meeting_says_in_every_world_what_either_path_says(
    left: State, right: State, world: frozenset[Guard], key: Obj
) -> None:
    met = holding(launch_state.get(launch_state.join(left, right), key), world)
    assert met == holding(launch_state.get(left, key), world) | holding(launch_state.get(right, key), world)


@given(states, states, st.sampled_from(CONDITIONS), st.sampled_from(KEYS))
def test_a_condition_tells_its_branches_apart_again(left: State, right: State, guard: Guard, key: Obj) -> None:
    then, otherwise = launch_state.assume(left, guard), launch_state.assume(right, guard.negated())
    met = launch_state.meet_branches(guard, then, otherwise)
    assert met is not None
    for world in WORLDS:
        if guard in world:
            again = launch_state.assume(met, guard)
            assert holding(launch_state.get(again, key), world) == holding(launch_state.get(then, key), world)


@given(states, st.sampled_from(CONDITIONS))
def test_assuming_twice_is_assuming_once(state: State, guard: Guard) -> None:
    once = launch_state.assume(state, guard)
    assert launch_state.assume(once, guard) == once


@given(entries)
def test_a_callee_that_does_nothing_changes_nothing(before: Entries) -> None:
    def unchanged(found: Guards) -> Guards | None:
        return found

    after = launch_state.compose(before, frozenset({INITIAL}), unchanged)
    for world in WORLDS:
        assert holding(after, world) == holding(before, world)


@given(entries)
def test_after_a_join_nothing_is_pending(before: Entries) -> None:
    assert launch_state.pending(launch_state.cleared(before)) == []
    assert launch_state.is_clear(launch_state.cleared(before))


@given(entries, st.sampled_from(launch_state.DOUBTS), st.sampled_from(launch_state.DOUBTS))
def test_doubt_only_grows(before: Entries, first: launch_state.Doubt, second: launch_state.Doubt) -> None:
    order = launch_state.DOUBTS.index
    for entry in launch_state.doubt_all(launch_state.doubt_all(before, first, None), second, None):
        if entry.status != "clear":
            assert order(entry.doubt) >= max(order(first), order(second))


def test_a_task_that_has_been_cancelled_cannot_be_joined_any_more() -> None:
    cancelled = launch_state.with_fate(frozenset({Entry("pending", LAUNCH)}), Fate.CANCELLED)
    assert launch_state.cleared(cancelled) == cancelled


def test_a_branch_that_does_not_come_back_leaves_the_other() -> None:
    state: State = {KEYS[0]: frozenset({CLEAR})}
    assert launch_state.meet_branches(None, None, state) is state
    assert launch_state.meet_branches(None, state, None) is state
