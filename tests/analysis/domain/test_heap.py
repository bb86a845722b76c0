"""What objects hold only grows; attributes, elements and facts are apart; who has read a location is told when it grows."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from lint_lambda.analysis.domain.heap import ANY_ELEMENT, ANY_KEY, Fact, Heap, about, slot
from lint_lambda.analysis.domain.values import Alloc, Container, Instance, ModuleObj, Obj, Universe

UNIVERSE = Universe()
THREAD = UNIVERSE.make(Instance, UNIVERSE.external("threading.Thread")[0], Alloc("app.py", 1, 0))
LIST = UNIVERSE.make(Container, "list", Alloc("app.py", 2, 0))
MODULE = UNIVERSE.make(ModuleObj, "app.py")
ONE, TWO = UNIVERSE.const(1), UNIVERSE.const(2)


class Watched(Heap):
    """A heap of which `reader` reads, and which notes who was told."""

    def __init__(self) -> None:
        self.reader: int | None = None
        self.told: list[int] = []
        super().__init__(lambda: self.reader, self._tell)

    def _tell(self, numbers: Iterable[int]) -> None:
        self.told += numbers


@pytest.fixture
def heap() -> Watched:
    return Watched()


def test_a_location_holds_everything_ever_stored_there(heap: Watched) -> None:
    assert heap.load(THREAD, "name") == ()
    heap.store(THREAD, "name", ONE)
    heap.store(THREAD, "name", TWO)
    assert heap.load(THREAD, "name") == ONE + TWO


def test_references_in_every_mode_share_what_the_object_holds(heap: Watched) -> None:
    heap.store(UNIVERSE.in_mode(THREAD, "all"), "name", ONE)
    assert heap.load(UNIVERSE.in_mode(THREAD, "old"), "name") == ONE


def test_attributes_elements_and_facts_are_apart(heap: Watched) -> None:
    for key in ("append", slot(0), ANY_ELEMENT, ANY_KEY, Fact.HOLDS, about(Fact.INITIAL, "size")):
        heap.store(LIST, key, ONE)
    assert heap.attributes(LIST) == ["append"]
    assert heap.elements(LIST) == [slot(0), ANY_ELEMENT, ANY_KEY]
    assert heap.load(LIST, about(Fact.INITIAL, "size")) == ONE
    assert heap.load(LIST, about(Fact.INITIAL, "name")) == ()


def test_the_positions_1_and_true_are_different_and_equal_ones_the_same() -> None:
    assert slot(1) is slot(1)
    assert len({slot(1), slot(1.0), slot(True), slot("1")}) == 4
    assert about(Fact.BASE, 0) is about(Fact.BASE, 0)


def test_held_is_every_element_and_no_attribute(heap: Watched) -> None:
    heap.store(LIST, slot(0), ONE)
    heap.store(LIST, ANY_ELEMENT, (THREAD,))
    heap.store(LIST, "name", TWO)
    assert heap.held(LIST) == (*ONE, THREAD)


def test_a_reader_is_told_once_when_the_location_grows_and_not_when_it_stays(heap: Watched) -> None:
    heap.store(THREAD, "name", ONE)
    heap.reader = 7
    heap.load(THREAD, "name")
    heap.reader = None
    heap.store(THREAD, "name", ONE)
    assert heap.told == []
    heap.store(THREAD, "name", TWO)
    heap.store(THREAD, "name", UNIVERSE.const(3))
    assert heap.told == [7]


def test_who_lists_the_keys_is_told_of_a_new_one(heap: Watched) -> None:
    heap.reader = 7
    assert heap.attributes(THREAD) == []
    heap.store(THREAD, Fact.RESULT, ONE)
    assert heap.told == []
    heap.store(THREAD, "name", ONE)
    assert heap.told == [7]


def test_while_an_owner_is_in_flux_readers_are_told_only_of_what_differs_in_the_end(heap: Watched) -> None:
    heap.store(MODULE, "same", ONE)
    heap.store(MODULE, "other", ONE)
    for number, name in ((7, "same"), (8, "other")):
        heap.reader = number
        heap.load(MODULE, name)
    heap.reader = None
    heap.begin(MODULE)
    heap.store(MODULE, "same", TWO)
    heap.store(MODULE, "other", TWO)
    assert heap.told == []
    heap.settle(MODULE, {"same": ONE, "other": TWO})
    assert heap.told == [8]
    assert (heap.load(MODULE, "same"), heap.load(MODULE, "other")) == (ONE, TWO)


def test_what_a_module_holds_through_others_is_kept(heap: Watched) -> None:
    def kept(obj: Obj) -> bool:
        return heap.is_kept(obj)

    heap.store(LIST, ANY_ELEMENT, (THREAD,))
    assert not kept(THREAD)
    heap.store(MODULE, "threads", (LIST,))
    assert kept(THREAD) and kept(LIST) and kept(UNIVERSE.in_mode(THREAD, "all"))


def test_a_fact_keeps_nothing(heap: Watched) -> None:
    heap.store(MODULE, Fact.REGISTERED, (THREAD,))
    assert not heap.is_kept(THREAD)
