"""Which conditions shut each other out, and which are settings."""

from __future__ import annotations

import itertools

import pytest

from lint_lambda.analysis.domain.launch_state import NO_GUARDS, Guard
from lint_lambda.analysis.domain.settings import Settings, can_be
from lint_lambda.analysis.domain.values import Term

X = ("variable", 1, "X")
VALUES = (None, "", "a", "b")
BASIC: dict[Term, object] = {
    ("true", X): bool,
    ("is none", X): lambda x: x is None,
    ("==", X, ("const", "a")): lambda x: x == "a",
    ("==", X, ("const", "b")): lambda x: x == "b",
    ("==", X, ("const", "")): lambda x: x == "",
    ("and", ("true", X), True, ("==", X, ("const", "a")), False): lambda x: bool(x) and x != "a",
    ("or", ("is none", X), True, ("==", X, ("const", "b")), True): lambda x: x is None or x == "b",
}
GUARDS = [Guard(term, holds) for term in BASIC for holds in (True, False)]


def holds(guard: Guard, value: object) -> bool:
    decide = BASIC[guard.term]
    assert callable(decide)
    return bool(decide(value)) is guard.holds


@pytest.mark.parametrize(("one", "other"), list(itertools.product(GUARDS, repeat=2)))
def test_what_can_be_is_not_shut_out(one: Guard, other: Guard) -> None:
    together = any(holds(one, value) and holds(other, value) for value in VALUES)
    assert can_be(frozenset({one}), frozenset({other})) or not together


def test_what_cannot_be_is_shut_out() -> None:
    true, none, same = Guard(("true", X), True), Guard(("is none", X), True), Guard(("==", X, ("const", "a")), True)
    for one, other in (
        (true, none),
        (same, none),
        (same, true.negated()),
        (same, Guard(("==", X, ("const", "b")), True)),
    ):
        assert not can_be(frozenset({one}), frozenset({other}))
        assert not can_be(frozenset({other}), frozenset({one}))
    assert can_be(NO_GUARDS, frozenset({true}))


@pytest.mark.parametrize(
    ("term", "is_one"),
    [
        (("true", X), True),
        (("==", ("result", X, "lower"), ("const", "on")), True),
        (("true", ("external", "config.KEY")), True),
        (("true", ("param", "app.py", "handler", "event")), False),
        (("and", ("true", X), True, ("true", ("item", ("param", "app.py", "handler", "event"), "a")), True), False),
        (("true", ("result", "crane.ask", "?")), False),
    ],
)
def test_a_setting_depends_on_no_event(term: Term, is_one: bool) -> None:
    assert Settings([]).are(term) is is_one
