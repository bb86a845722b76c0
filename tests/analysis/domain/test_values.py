"""Objects are interned, references tell one of many from the others, and a value that grows too wide forgets no handle."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.values import (
    DEEPEST_TERM,
    WIDEST_VALUE,
    Alloc,
    Bound,
    Const,
    Container,
    External,
    Instance,
    Obj,
    Suspended,
    Universe,
    is_suspended,
    union,
)


@pytest.fixture
def universe() -> Universe:
    return Universe()


def thread(universe: Universe, site: int = 1, context: int = 0) -> Instance:
    return universe.make(Instance, universe.external("threading.Thread")[0], Alloc("app.py", site, context))


def test_equal_fields_make_the_same_object(universe: Universe) -> None:
    assert universe.external("os.path") == universe.external("os.path")
    assert thread(universe) is thread(universe)
    assert thread(universe) is not thread(universe, context=1)


def test_constants_that_python_takes_for_equal_are_different_objects(universe: Universe) -> None:
    assert len({universe.const(value)[0] for value in (1, 1.0, True, "1", None)}) == 5


def test_a_reference_in_another_mode_is_of_the_same_object(universe: Universe) -> None:
    one = thread(universe)
    every = universe.in_mode(one, "all")
    assert (every.base, every.mode) == (one, "all") and every is not one
    assert universe.in_mode(every, "one") is one
    assert universe.in_mode(one, "all") is every


def test_what_no_code_makes_has_no_modes(universe: Universe) -> None:
    symbol = universe.external("os")[0]
    assert universe.in_mode(symbol, "all") is symbol


def test_objects_are_ordered_by_age(universe: Universe) -> None:
    first, second = thread(universe, 5), thread(universe, 3)
    assert union((second,), (first,)) == (first, second)
    assert union((first,), (first,)) == (first,)


def test_a_name_that_nests_too_deeply_is_forgotten(universe: Universe) -> None:
    assert universe.unknown_of("param", "app.py", "handler", "event") != universe.unknown
    term: tuple[object, ...] = ("call",)
    for _ in range(DEEPEST_TERM):
        term = ("attribute", term)
    assert universe.unknown_of(*term) == universe.unknown


def test_a_value_too_wide_keeps_every_handle_and_may_be_anything_else(universe: Universe) -> None:
    handles: list[Obj] = [thread(universe, site) for site in range(WIDEST_VALUE + 5)]
    handles.append(universe.make(Container, "list", Alloc("app.py", 90, 0)))
    constants = [universe.make(Const, number) for number in range(20)]
    wide = union(handles, constants)
    assert set(handles) < set(wide)
    assert universe.unknown[0] in wide
    assert not set(constants) & set(wide)


def test_texts_are_noted_once_in_order(universe: Universe) -> None:
    for text in ("b", "a", "b"):
        universe.const(text)
    universe.unknown_of("text", "https://")
    universe.const(3)
    assert universe.texts == ["b", "a", "https://"]


def test_what_has_been_called_and_not_run_is_suspended(universe: Universe) -> None:
    function = universe.external("f")[0]
    coroutine = universe.make(Suspended, "coroutine", function, Alloc("app.py", 1, 0))
    assert is_suspended((function, coroutine))
    assert not is_suspended((function, universe.make(Bound, function, function)))
    assert isinstance(function, External)
