"""One activation on its way: snapshots, ways out, loops, and what is known where the branches of a condition meet."""

from __future__ import annotations

from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.frame import Args, Exit, LoopFrame, Snapshot, either, merge, merge_branches
from lint_lambda.analysis.domain.launch_state import CLEAR, INITIAL, Edge, Entry, Guard, waited_for
from tests.analysis.domain.points import UNIVERSE, frame, handle, pending

T, U = handle(1), handle(2)
ONE, TWO, TRUE, FALSE = (UNIVERSE.const(value) for value in (1, 2, True, False))
CONDITION = Guard(("param", "app.py", "handler", "late"), True)


def test_every_argument_counts_however_it_is_passed() -> None:
    args = Args([ONE], {"name": TWO}, rest=(T,), extra=(U,))
    assert set(args.every()) == {*ONE, *TWO, T, U}
    assert args.with_first(TRUE).positional == [TRUE, ONE]
    assert args.positional == [ONE], "the others stay as they were"


def test_a_frame_resumes_where_a_snapshot_was_taken() -> None:
    one = frame()
    one.env["x"] = ONE
    snapshot = one.snapshot()
    one.env["x"], one.state = TWO, {T: pending()}
    one.does(Effects(takes=True))
    one.resume(snapshot)
    assert (one.env["x"], one.state, one.effects.takes) == (ONE, {}, False)


def test_where_control_does_not_get_to_there_is_no_snapshot() -> None:
    one = frame()
    one.resume(None)
    assert one.state is None and one.snapshot() is None


def test_paths_meet_in_everything_that_either_knows() -> None:
    left = Snapshot({"x": ONE}, {T: pending()}, Effects(takes=True))
    right = Snapshot({"x": TWO, "y": ONE}, {T: frozenset({CLEAR})})
    met = merge((left, None, right))
    assert met is not None
    assert met.env == {"x": ONE + TWO, "y": ONE}
    assert met.state == {T: pending() | {CLEAR}}
    assert merge((None, left)) is left and merge((None, None)) is None


def test_a_variable_that_is_true_on_one_side_only_is_another_name_of_the_condition() -> None:
    met = merge_branches(UNIVERSE, CONDITION, Snapshot({"started": TRUE}, {}), Snapshot({"started": FALSE}, {}))
    assert met is not None
    assert met.env["started"] == UNIVERSE.unknown_of("phi", CONDITION.term, True)


def test_what_differs_between_branches_is_guarded_by_the_condition() -> None:
    met = merge_branches(UNIVERSE, CONDITION, Snapshot({}, {T: pending()}), Snapshot({}, {T: frozenset({CLEAR})}))
    assert met is not None
    guards = {entry.status: entry.guards for entry in met.state[T]}
    assert guards == {"pending": frozenset({CONDITION}), "clear": frozenset({CONDITION.negated()})}


def test_an_exception_leaves_for_the_nearest_try_else_for_the_caller() -> None:
    one = frame()
    one.raise_edge({T: pending()}, explicit=True)
    caught = one.guard()
    one.raise_edge({U: pending()}, explicit=True)
    assert [edge.state for edge in one.raised] == [{T: pending()}]
    assert [edge.state for edge in caught] == [{U: pending()}]


def test_what_a_loop_has_not_come_to_is_left_only_where_the_exception_leaves_the_loop() -> None:
    one = frame()
    around = one.guard()
    one.loops.append(LoopFrame({T: pending()}, swept={T: None}))
    inside = one.guard()
    one.rethrow({T: frozenset({CLEAR})})
    assert [edge.state[T] for edge in inside] == [frozenset({CLEAR})]
    one.tries.pop()
    one.raise_as(inside[0])
    assert any(entry.status == "pending" for entry in around[0].state[T])


def test_a_call_that_may_fail_says_nothing_of_what_its_own_loop_has_launched() -> None:
    one = frame()
    one.loops.append(LoopFrame({T: pending()}))
    one.raise_edge({T: pending(), U: pending()}, explicit=False)
    one.raise_edge({T: pending(), U: pending()}, explicit=True)
    assert [set(edge.state) for edge in one.raised] == [{T}, {T, U}]


def test_a_call_that_may_fail_says_nothing_of_coroutines_that_nothing_runs() -> None:
    one = frame()
    one.raise_edge({T: pending(kind="coroutine"), U: pending()}, explicit=False)
    one.raise_as(Edge({T: pending(kind="coroutine")}, explicit=True))
    assert [set(edge.state) for edge in one.raised] == [{U}, {T}]


def test_an_exception_in_a_loop_finds_the_elements_it_has_not_come_to_as_they_were() -> None:
    one = frame()
    loop = LoopFrame({T: pending()})
    loop.swept[T] = None
    one.loops.append(loop)
    one.state = {T: frozenset({CLEAR})}
    one.raise_edge(one.state, explicit=False)
    one.rethrow()
    left = waited_for(pending(), "raised")
    assert [edge.state[T] for edge in one.raised] == [frozenset({CLEAR}), frozenset({CLEAR}) | left]


def test_who_reads_a_generator_may_never_come_back_from_any_yield() -> None:
    one = frame()
    one.state = {T: pending()}
    one.pause()
    one.state = {T: frozenset({CLEAR})}
    one.pause()
    assert one.paused == {T: pending() | {CLEAR}}


def test_of_several_ways_one_is_taken() -> None:
    one = frame()
    one.state = {T: pending()}

    def waits() -> tuple[()]:
        one.state = {T: frozenset({CLEAR})}
        return ()

    assert either(one, [waits, lambda: ONE]) == [(), ONE]
    assert one.state == {T: pending() | {CLEAR}}


def test_what_is_done_before_an_exception_is_known_to_the_caller() -> None:
    one = frame()
    one.works_on()
    one.raise_edge({}, explicit=True)
    one.signal(T)
    assert one.thrown is not None and one.thrown.signals == frozenset() and T in one.effects.signals


def test_an_exit_holds_what_it_was_given() -> None:
    one = Exit(None, ONE, {T: frozenset({INITIAL, Entry("clear", told=True)})})
    assert one.effects == Effects()
