"""The laws of effects, and that they survive every way in which a function can be entered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lint_lambda.analysis.domain.effects import NO_EFFECTS, WORK, Effects, joined, signalling
from lint_lambda.analysis.domain.launch_state import CLEAR
from lint_lambda.analysis.domain.values import Universe
from lint_lambda.core.record import replace
from tests.analysis.entering import CALLED_BACK, ENTRANCES, OBSERVED, Entrance, observed_by

UNIVERSE = Universe()
OBJECTS = [UNIVERSE.external(name)[0] for name in ("lib.A", "lib.B", "lib.C")]
SETS = st.frozensets(st.sampled_from(OBJECTS))
EFFECTS = st.builds(
    lambda signals, late, early, through, waits, stops, uses, held, gives, rests, ended, hasty, flags: replace(
        Effects(signals | late | early, early, late, through, waits, stops, uses, ended, *flags),
        held=held,
        gives=gives,
        rests=rests,
        hasty=hasty,
    ),
    *[SETS] * 10,
    st.frozensets(st.sampled_from([CLEAR, replace(CLEAR, told=True)])),
    st.booleans(),
    st.tuples(*[st.booleans()] * 7),
)


@given(EFFECTS, EFFECTS, EFFECTS)
def test_doing_is_associative(one: Effects, two: Effects, three: Effects) -> None:
    assert one.then(two).then(three) == one.then(two.then(three))


@given(EFFECTS)
def test_doing_nothing_is_neutral(one: Effects) -> None:
    assert one.then(NO_EFFECTS) == one == NO_EFFECTS.then(one)
    assert one.join(NO_EFFECTS) == one == NO_EFFECTS.join(one) == one.join(one)


@given(EFFECTS, EFFECTS, EFFECTS)
def test_either_is_a_join(one: Effects, two: Effects, three: Effects) -> None:
    assert one.join(two) == two.join(one)
    assert one.join(two).join(three) == one.join(two.join(three)) == joined([one, two, three])


@given(EFFECTS, EFFECTS)
def test_nothing_is_lost_but_what_work_ends(one: Effects, two: Effects) -> None:
    both = one.then(two)
    assert both.signals >= one.signals | two.signals
    assert both.early >= one.early | two.early
    assert both.waits == one.waits | two.waits
    assert both.uses == one.uses | two.uses
    assert both.ended == one.ended | two.ended
    for flag in ("suspends", "serves", "takes", "works", "begins", "changes", "endless"):
        assert getattr(both, flag) is (getattr(one, flag) or getattr(two, flag))
    if not two.works:
        assert both.stops == one.stops | two.stops
        assert both.late == one.late | two.late


@given(EFFECTS)
def test_restating_keeps_what_has_no_object(one: Effects) -> None:
    assert one.translated(lambda value: value) == one
    nameless = one.translated(lambda value: ())
    flags = {
        flag: getattr(one, flag) for flag in ("suspends", "serves", "takes", "works", "begins", "changes", "endless")
    }
    assert nameless == replace(Effects(ended=one.ended, **flags), hasty=one.hasty)


def test_work_makes_what_was_signalled_before_it_early() -> None:
    signal = signalling(OBJECTS[:1])
    assert signal.late == signal.signals == frozenset(OBJECTS[:1])
    assert signal.then(WORK).early == frozenset(OBJECTS[:1])
    assert WORK.then(signal).early == frozenset()
    assert signal.then(WORK).late == frozenset()


def test_work_after_a_wait_that_lasts_is_not_hasty() -> None:
    rest = Effects(rests=frozenset(OBJECTS))
    assert not rest.then(WORK).hasty
    assert WORK.then(rest).hasty
    assert rest.join(WORK).hasty


def test_work_after_a_loop_that_can_be_stopped_ends_that() -> None:
    loop = Effects(stops=frozenset(OBJECTS))
    assert loop.then(WORK).stops == frozenset()
    assert WORK.then(loop).stops == frozenset(OBJECTS)


WAYS = [(entrance, field) for entrance in ENTRANCES for field in sorted(OBSERVED)] + [
    (entrance, field) for entrance in CALLED_BACK for field in sorted(OBSERVED) if field != "suspends"
]
WAYS = [way for way in WAYS if way[1] != "ended" or way[0].returns]
WAYS = [way for way in WAYS if way[1] != "held" or way[0].name != "a loop"]
"""What the loop goes over is asked of unknown code: that is work, and nothing is held from before it on."""


@pytest.mark.parametrize(("entrance", "field"), WAYS, ids=lambda part: part if isinstance(part, str) else part.name)
def test_every_effect_survives_every_way_into_a_function(entrance: Entrance, field: str) -> None:
    """What a function does is what its caller does, however it is entered."""
    found = observed_by(entrance, field)
    assert getattr(found, field), f"{field} is lost where a function is entered by {entrance.name}"


def test_every_field_is_observed() -> None:
    assert set(OBSERVED) | {"late", "serves", "begins", "changes"} == set(Effects.__slots__)


def test_replacing_is_not_changing() -> None:
    assert replace(NO_EFFECTS, works=True, hasty=True) == WORK
    assert Effects() == NO_EFFECTS


def test_a_wait_for_what_signals_is_no_work_after_the_signal() -> None:
    one, other = OBJECTS[:2]
    both = signalling([one, other]).then_wait(WORK, frozenset([one]))
    assert (both.late, both.early) == (frozenset([one]), frozenset([other]))
    assert both.then(WORK).early == frozenset([one, other])
    again = signalling([one]).then(WORK).then(signalling([one])).then_wait(WORK, frozenset([one]))
    assert one in again.early
