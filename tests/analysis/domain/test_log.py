"""What is called where, which activations that runs, and what a runtime's poll freezes."""

from __future__ import annotations

from lint_lambda.analysis.domain.frame import Args, LoopFrame
from lint_lambda.analysis.domain.launch_state import CLEAR, Entry
from lint_lambda.analysis.domain.log import CallSite, Gate, Log
from lint_lambda.core.verdict import Place
from tests.analysis.domain.points import UNIVERSE, frame, handle, launched, pending

T, U = handle(1), handle(2)
ONE, TWO = UNIVERSE.const(1), UNIVERSE.const(2)


def test_a_gate_without_a_sentinel_is_opened_by_any_signal() -> None:
    assert Gate(T, launched()).opened_by(ONE)


def test_a_gate_with_a_sentinel_is_opened_by_it_and_by_what_nobody_knows() -> None:
    gate = Gate(T, launched(), sentinel=ONE)
    assert gate.opened_by(ONE) and not gate.opened_by(TWO)
    assert gate.opened_by(UNIVERSE.unknown) and gate.opened_by(TWO + ONE)


def test_calls_are_found_by_their_place_and_only_where_one_was_made() -> None:
    log, one = Log(), frame()
    log.called(ONE, Args([TWO]), 4, one)
    log.ran(9, 5, one)
    assert log.at(Place("app.py", 4)) == [CallSite(3, Place("app.py", 4))]
    assert log.at(Place("app.py", 5)) == [], "only a function was run there"
    assert log.run_at(Place("app.py", 5)) == [9]
    assert log.callers(9) == [CallSite(3, Place("app.py", 5))]


def test_everything_that_runs_in_the_end_is_reached_once() -> None:
    log, one = Log(), frame()
    log.ran(9, 5, one)
    log.ran(3, 6, one)  # it calls itself
    assert log.reached([3]) == {3, 9} and log.reached([9]) == {9}


def test_a_poll_freezes_what_its_loop_has_launched_since_it_began() -> None:
    log, one = Log(), frame()
    one.loops.append(LoopFrame({T: pending(1)}))
    one.state = {T: pending(1), U: pending(2)}
    log.freeze(7, one)
    assert list(log.polling) == [3]
    assert log.frozen == {CallSite(3, Place("app.py", 7)): {launched(2): False}}


def test_a_poll_outside_a_loop_freezes_nothing() -> None:
    log, one = Log(), frame()
    one.state = {T: pending(1)}
    log.freeze(7, one)
    assert log.frozen == {} and list(log.polling) == [3]


def test_what_may_have_been_waited_for_is_frozen_in_doubt_and_what_is_unlikely_not_at_all() -> None:
    log, one = Log(), frame()
    one.loops.append(LoopFrame({}))
    unlikely = Entry("pending", launched(2), doubt="unlikely")
    one.state = {T: pending(1) | {CLEAR}, U: frozenset({unlikely})}
    log.freeze(7, one)
    (frozen,) = log.frozen.values()
    assert frozen == {launched(1): True}
