"""A fingerprint survives edits elsewhere, and tells launches that are alike apart."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from lint_lambda.reporting.fingerprints import fingerprint
from tests.rules.cases import Code

LAUNCHES = ["start(work)", "start(work, 'a')", "create_task(other())", "pool.submit(f, x)"]
ELSEWHERE = ["import os", "x = 1", "# a comment", "", "def helper():\n    return 'start(work)'", "class C:\n    y = 2"]

elsewhere = st.lists(st.sampled_from(ELSEWHERE), max_size=6)


def fingerprints(before: list[str], launches: list[str], after: list[str], name: str = "handler") -> list[str]:
    """Those of `launches`, in order, in a handler between other code."""
    body = "".join(f"    {launch}\n" for launch in launches)
    text = "\n".join([*before, f"def act():\n{body}", f"def {name}(event, context):\n    return act()\n", *after, ""])
    code = Code(text)
    verdicts = []
    for index, launch in enumerate(launches):
        earlier = launches[:index].count(launch)
        verdict = code.verdict(launch, number=earlier, handlers=(code.handler(name),))
        verdicts.append(replace(verdict, function="act"))
    return [finding.fingerprint for finding in code.findings(*verdicts)]


@settings(max_examples=60, deadline=None)
@given(elsewhere, st.lists(st.sampled_from(LAUNCHES), min_size=1, max_size=5), elsewhere)
def test_edits_elsewhere_change_nothing(before: list[str], launches: list[str], after: list[str]) -> None:
    assert fingerprints(before, launches, after) == fingerprints([], launches, [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LAUNCHES), min_size=1, max_size=6))
def test_no_two_launches_share_one(launches: list[str]) -> None:
    found = fingerprints([], launches, [])
    assert len(set(found)) == len(launches)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LAUNCHES), min_size=1, max_size=5, unique=True), st.randoms())
def test_moving_launches_around_keeps_theirs(launches: list[str], random: object) -> None:
    shuffled = sorted(launches, key=lambda launch: random.random())  # type: ignore[attr-defined]
    assert set(fingerprints([], shuffled, [])) == set(fingerprints([], launches, []))


def test_the_name_of_the_handler_does_not_matter() -> None:
    assert fingerprints([], LAUNCHES, []) == fingerprints([], LAUNCHES, [], name="lambda_handler")


def test_layout_does_not_matter() -> None:
    plain = fingerprint("LAM201", "f", 'start(work, "a", b=[1, 2])', 0)
    formatted = "start(\n    work,  # the work\n    'a',\n    b=[\n        1,\n        2,\n    ],\n)"
    assert fingerprint("LAM201", "f", formatted, 0) == plain


def test_what_matters_matters() -> None:
    args = ("LAM201", "f", "start(work)", 0)
    assert len({fingerprint(*args), *(fingerprint(*_changed(args, i)) for i in range(4))}) == 5


def _changed(args: tuple[str, str, str, int], index: int) -> tuple[str, str, str, int]:
    other = ("LAM202", "g", "start(play)", 1)
    changed = [*args[:index], other[index], *args[index + 1 :]]
    return tuple(changed)  # type: ignore[return-value]
