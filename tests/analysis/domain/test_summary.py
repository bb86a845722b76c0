"""Two summaries are the same when no caller could tell them apart."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.launch_state import Edge
from lint_lambda.analysis.domain.summary import Summary
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place
from tests.analysis.domain.points import UNIVERSE, handle, launched, pending

T = handle(1)
BASE = Summary(out={T: pending()})


@pytest.mark.parametrize(
    "other",
    [
        replace(BASE, out=None),
        replace(BASE, raised=(Edge({T: pending()}),)),
        replace(BASE, returns=UNIVERSE.const(1)),
        replace(BASE, yields=UNIVERSE.const(1)),
        replace(BASE, effects=Effects(takes=True)),
        replace(BASE, paused={T: pending()}),
    ],
    ids=["out", "raised", "returns", "yields", "effects", "paused"],
)
def test_a_caller_tells_them_apart(other: Summary) -> None:
    assert not BASE.same_as(other) and not other.same_as(BASE)


def test_the_way_to_a_launch_and_the_single_returns_make_no_difference() -> None:
    place = Place("app.py", 4)
    assert BASE.same_as(replace(BASE, paths={launched(): (place,)}, exits=((place, {}),)))
