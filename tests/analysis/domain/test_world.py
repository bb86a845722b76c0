"""Activations are told apart as far as it pays; summaries are made anew until no caller could tell the difference."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.summary import Summary
from lint_lambda.analysis.domain.values import FunctionObj
from lint_lambda.analysis.domain.world import MOST_ACTIVATIONS, MOST_TIMES, World
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.loader import load_models
from tests.analysis.one_file import OneFile

PROGRAM = "def helper(x):\n    pass\n\nclass Job:\n    def run(self):\n        pass\n"


@pytest.fixture
def world() -> World:
    return World(OneFile(PROGRAM), load_models())


def helper(world: World, context: int = 0) -> FunctionObj:
    function = world.function("app.py", "helper")
    assert function is not None
    return world.universe.make(FunctionObj, "app.py", function, context)


def test_functions_and_classes_are_found_by_their_names(world: World) -> None:
    assert world.function("app.py", "Job.run") is not None and world.function("app.py", "gone") is None
    assert world.class_("app.py", "Job") is not None and world.class_("app.py", "Gone") is None


def test_equal_calls_share_an_activation_and_others_do_not(world: World) -> None:
    here, there = Place("app.py", 1), Place("app.py", 2)
    one = world.activation(helper(world), (("x", None),), (here,))
    assert world.activation(helper(world), (("x", None),), (here,)) is one
    assert world.activation(helper(world), (("x", None),), (there,)) is not one
    assert world.activation(helper(world), (("x", world.universe.const(1)),), (here,)) is not one
    assert world.activation(helper(world), (("x", None),), (here,), on_loop=True) is not one


def test_recursion_is_one_activation_wherever_it_is_called_from(world: World) -> None:
    one = world.activation(helper(world), (), (Place("app.py", 1),))
    world.begin(one.number)
    assert world.activation(helper(world), (), (Place("app.py", 2),)) is one


def test_beyond_a_number_of_activations_the_callers_of_a_function_are_no_longer_told_apart(world: World) -> None:
    made = [world.activation(helper(world, site % 3), (("x", None),), (Place("app.py", site),)) for site in range(200)]
    assert len({each.number for each in made}) <= MOST_ACTIVATIONS + 3
    assert made[-1].sites == () and made[-1].on_loop is None


def test_while_it_is_analysed_a_function_is_called_by_the_summary_of_the_round_before(world: World) -> None:
    one = world.activation(helper(world), (), ())
    world.begin(one.number)
    assert world.known(one.number) == Summary()
    world.finish(one.number, Summary(returns=world.universe.const(1)))
    world.reading.pop()
    assert one.number in world.stale, "it called itself by an older summary"


def test_who_has_read_what_grows_is_made_anew_with_callers_only_where_a_summary_differs(world: World) -> None:
    callee, caller = world.activation(helper(world), (), ()), world.activation(helper(world, 1), (), ())
    for each in (callee, caller):
        world.begin(each.number)
        world.finish(each.number, Summary())
        world.reading.pop()
    world.depends(caller.number, callee.number)
    made: list[int] = []

    def again(number: int) -> Summary:
        made.append(number)
        world.summaries[number] = Summary(returns=returned) if number == callee.number else Summary()
        return world.summaries[number]

    returned = world.universe.const(1)
    world.stale.add(callee.number)
    assert world.settle(again) and made == [callee.number, caller.number]
    made.clear()
    world.stale.add(callee.number)
    assert world.settle(again) and made == [callee.number], "its summary is the same as before"
    made.clear()
    assert not world.settle(again) and made == []


def test_a_summary_that_never_settles_is_taken_as_it_is(world: World) -> None:
    one = world.activation(helper(world), (), ())
    world.summaries[one.number] = Summary()
    times = 0

    def again(number: int) -> Summary:
        nonlocal times
        times += 1
        world.stale.add(number)
        return Summary(returns=world.universe.const(times))

    world.stale.add(one.number)
    world.settle(again)
    assert times == MOST_TIMES
