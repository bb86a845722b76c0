"""Records as plain data and back: what was not made of a record is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lint_lambda.core.finding import Applicability, Confidence, Edit, Fate, Finding, Fix, Related, Role, Severity
from lint_lambda.core.plain import made, plain
from lint_lambda.core.source import Location, Span

PLACE = Location("app.py", Span(1, 2, 3, 4))
FINDING = Finding(
    "LAM201",
    "thread",
    Severity.ERROR,
    Confidence.HIGH,
    "a thread is frozen",
    PLACE,
    Fate.FROZEN,
    ("app.py:handler",),
    (Related(Role.HANDLER, PLACE, "Lambda calls it"),),
    help=("wait for it",),
    baseline="new",
    fixes=(Fix("wait", Applicability.UNSAFE, (Edit("app.py", PLACE.span, "t.join()"),)),),
    fixable=Applicability.UNSAFE,
)


def test_a_record_comes_back_as_it_was() -> None:
    again = made(Finding, json.loads(json.dumps(plain(FINDING))))
    assert again == FINDING
    assert again.fixable is Applicability.UNSAFE


def test_an_optional_part_may_be_missing() -> None:
    assert made(Finding, plain(Finding("X", "x", Severity.ERROR, Confidence.LOW, "", PLACE))).fate is None


def test_sets_come_back_as_sets() -> None:
    assert made(frozenset[str], plain(frozenset({"b", "a"}))) == {"a", "b"}


@pytest.mark.parametrize("wrong", [None, 3, "LAM201", True, {}, [], [1], [[1]], {"a": 1}, 1.5])
@pytest.mark.parametrize("position", range(len(plain(FINDING))))
def test_a_part_of_another_type_is_refused(position: int, wrong: Any) -> None:
    data = plain(FINDING)
    before = data[position]
    data[position] = wrong
    try:
        again = made(Finding, data)
    except TypeError:
        return
    assert plain(again)[position] == wrong, "what is read is what was written"
    assert type(before) is type(wrong) or None in (before, wrong)


@pytest.mark.parametrize("data", [None, "x", [], plain(FINDING)[:-1], [*plain(FINDING), 1], {"code": "LAM201"}])
def test_what_is_no_record_is_refused(data: Any) -> None:
    with pytest.raises(TypeError):
        made(Finding, data)
