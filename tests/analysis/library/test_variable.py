"""variable: a call reads or sets a variable of the process."""

from __future__ import annotations

from typing import Any

from tests.analysis.library.bench import Bench

ROWS: list[dict[str, Any]] = [
    {"call": "crane.read", "of": "global:crane.env", "name": "arg:0"},
    {"call": "crane.write", "of": "global:crane.env", "name": "arg:0", "value": "arg:1"},
    {"call": "crane.offer", "of": "global:crane.env", "name": "arg:0", "value": "arg:1", "keeps": True},
]


def bench() -> Bench:
    made = Bench(variable=ROWS)
    made.world.alone = True
    return made


def test_what_is_set_before_it_is_read_is_known() -> None:
    one = bench()
    one.call("crane.write", one.const("SIZE"), one.const("0"))
    assert one.call("crane.read", one.const("SIZE")) == one.const("0")


def test_what_is_read_before_may_be_what_the_process_began_with() -> None:
    one = bench()
    first = one.call("crane.read", one.const("SIZE"))
    one.call("crane.write", one.const("SIZE"), one.const("0"))
    assert set(one.call("crane.read", one.const("SIZE"))) == {*first, *one.const("0")}


def test_what_is_set_on_some_path_or_unless_it_is_set_may_be_something_else() -> None:
    one = bench()
    one.world.branching = 1
    one.call("crane.write", one.const("SIZE"), one.const("0"))
    one.world.branching = 0
    one.call("crane.offer", one.const("NAME"), one.const("ada"))
    assert len(one.call("crane.read", one.const("SIZE"))) == 2
    assert len(one.call("crane.read", one.const("NAME"))) == 2


def test_a_variable_is_the_same_wherever_it_is_read() -> None:
    one = bench()
    assert one.call("crane.read", one.const("SIZE")) == one.call("crane.read", one.const("SIZE"))
    assert one.call("crane.read", one.const("SIZE")) != one.call("crane.read", one.const("NAME"))
