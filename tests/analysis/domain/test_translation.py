"""What is known of a callee, restated in its caller's terms."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.launch_state import CLEAR, INITIAL, Guard, Guards, State
from lint_lambda.analysis.domain.translation import Translation, compose_states, decide, relaunched, term_of
from lint_lambda.analysis.domain.values import Term, Value
from tests.analysis.domain.points import CALLEE, UNIVERSE, handle, pending

T, U = handle(1), handle(2)
PARAM: Term = ("param", CALLEE.path, CALLEE.function.qualname, "late")
CALLERS = UNIVERSE.unknown_of("param", "app.py", "handler", "event")
TRUE = UNIVERSE.const(True)


def translation(**bound: Value) -> Translation:
    return Translation(UNIVERSE, CALLEE, bound)


def same(guards: Guards) -> Guards:
    return guards


def test_a_parameter_becomes_the_argument() -> None:
    assert translation(late=CALLERS).value(UNIVERSE.unknown_of(*PARAM)) == CALLERS
    assert translation(late=CALLERS).term(("true", PARAM)) == ("true", ("param", "app.py", "handler", "event"))


def test_what_is_not_named_after_the_callee_stays() -> None:
    other = UNIVERSE.unknown_of("param", "other.py", "f", "late")
    assert translation(late=TRUE).value(other) == other
    assert translation(late=TRUE).value((T,)) == (T,)


def test_a_parameter_nobody_passes_is_not_known() -> None:
    assert translation().value(UNIVERSE.unknown_of(*PARAM)) == UNIVERSE.unknown


@pytest.mark.parametrize(
    ("argument", "holds", "left"),
    [
        (TRUE, True, frozenset()),
        (TRUE, False, None),
        (UNIVERSE.const(0), True, None),
        (CALLERS, True, frozenset({Guard(("true", ("param", "app.py", "handler", "event")), True)})),
        (UNIVERSE.unknown, True, frozenset()),
        ((T, U), True, frozenset()),
    ],
    ids=["certain", "impossible", "false", "renamed", "unknown", "several"],
)
def test_a_condition_on_an_argument(argument: Value, holds: bool, left: Guards | None) -> None:
    assert translation(late=argument).guards(frozenset({Guard(("true", PARAM), holds)})) == left


def test_two_conditions_that_become_opposites_cannot_hold() -> None:
    event = ("true", ("param", "app.py", "handler", "event"))
    guards = frozenset({Guard(("true", PARAM), True), Guard(event, False)})
    assert translation(late=CALLERS).guards(guards) is None


@pytest.mark.parametrize(
    ("term", "answer"),
    [
        (("true", ("const", "")), False),
        (("==", ("const", 1), ("const", 1)), True),
        (("==", ("const", 1), ("param", "app.py", "f", "x")), None),
        (("true", ("param", "app.py", "f", "x")), None),
    ],
)
def test_conditions_over_constants_are_decided(term: Term, answer: bool | None) -> None:
    assert decide(term) is answer


def test_only_one_constant_or_one_named_unknown_has_a_name() -> None:
    assert term_of(UNIVERSE.const("a")) == ("const", "a")
    assert term_of(CALLERS) == CALLERS[0].term  # type: ignore[attr-defined]
    assert term_of(UNIVERSE.unknown) is term_of((T,)) is term_of(TRUE + CALLERS) is None


def test_a_call_that_waits_clears_what_was_pending_and_leaves_the_rest() -> None:
    after = compose_states({T: pending(1), U: pending(2)}, {T: frozenset({CLEAR})}, same)
    assert {entry.status for entry in after[T]} == {"clear"} and after[U] == pending(2)


def test_a_call_that_may_wait_leaves_both() -> None:
    after = compose_states({T: pending(1)}, {T: frozenset({CLEAR, INITIAL})}, same)
    assert {entry.status for entry in after[T]} == {"clear", "pending"}


def test_what_a_second_call_launches_makes_the_first_older() -> None:
    before: State = {T: pending(1)}
    after = relaunched(before, {T: pending(1)}, UNIVERSE)
    assert after == {UNIVERSE.in_mode(T, "old"): pending(1) | {INITIAL}} or after == {
        UNIVERSE.in_mode(T, "old"): pending(1)
    }
    assert relaunched(before, {T: pending(1) | {INITIAL}}, UNIVERSE) is before, "it may not have launched"
    other: State = {U: pending(2)}
    assert relaunched(other, {T: pending(1)}, UNIVERSE) is other
