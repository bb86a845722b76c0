"""Containers of data become one where a value may be very many of them; those that hold anything else stay apart."""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, Heap, slot
from lint_lambda.analysis.domain.values import WIDEST_VALUE, Alloc, Container, Instance, Obj, Universe
from lint_lambda.analysis.domain.widening import Widening


class _Kept:
    """A heap that widens, and who is told that what it has read is out of date."""

    def __init__(self) -> None:
        self.universe = Universe()
        self.reader: int | None = None
        self.stale: set[int] = set()
        widening = Widening(self.universe)
        self.heap = Heap(lambda: self.reader, self.stale.update, lambda value: widening.narrowed(value, self.heap))

    def container(self, site: int, kind: str = "dict") -> Container:
        return self.universe.make(Container, kind, Alloc("app.py", site, 0))

    def thread(self, site: int) -> Instance:
        return self.universe.make(Instance, self.universe.external("threading.Thread")[0], Alloc("app.py", site, 0))

    def many(self, kind: str = "dict") -> list[Container]:
        """As many as are too many in one value."""
        made = [self.container(site, kind) for site in range(1, WIDEST_VALUE + 12)]
        for number, each in enumerate(made):
            self.heap.store(each, slot("id"), self.universe.const(number))
        return made

    def fill(self, table: Container, *objs: Obj) -> None:
        for obj in objs:
            self.heap.store(table, ANY_ELEMENT, (obj,))


def test_what_is_put_into_one_is_found_in_all() -> None:
    kept = _Kept()
    tables = kept.many()
    kept.fill(kept.container(0), *tables)
    thread = kept.thread(900)
    kept.heap.store(tables[3], slot("worker"), (thread,))
    for table in tables[:WIDEST_VALUE]:
        assert kept.universe.in_mode(thread, "some") in kept.heap.load(table, slot("worker")), "it is in one of them"
        assert kept.universe.unknown[0] in kept.heap.load(table, ANY_ELEMENT), "others have no such element"
        assert len(kept.heap.load(table, Fact.LENGTH)) <= 1


def test_references_in_every_mode_mean_the_one() -> None:
    kept = _Kept()
    tables = kept.many()
    early = kept.universe.in_mode(tables[2], "all")
    kept.fill(kept.container(0), *tables)
    late = kept.universe.in_mode(tables[2], "some")
    assert early.base is late.base is tables[0]
    assert late.mode == "some"
    assert early.mode == "all"


def test_few_are_told_apart() -> None:
    kept = _Kept()
    tables = kept.many()[:WIDEST_VALUE]
    kept.fill(kept.container(0), *tables)
    assert len({table.base for table in tables}) == WIDEST_VALUE


def test_what_holds_handles_stays_apart() -> None:
    kept = _Kept()
    tables = kept.many()
    threads = [kept.thread(900 + number) for number in range(len(tables))]
    for table, thread in zip(tables, threads):
        kept.heap.store(table, slot("worker"), (thread,))
    every = kept.container(0)
    kept.fill(every, *tables)
    assert len({table.base for table in tables}) == len(tables)
    assert set(kept.heap.load(every, ANY_ELEMENT)) >= set(tables), "none is forgotten"


def test_kinds_stay_apart() -> None:
    kept = _Kept()
    tables = kept.many()
    lists = [kept.container(1000 + number, "list") for number in range(4)]
    kept.fill(kept.container(0), *lists, *tables)
    assert {each.base for each in lists}.isdisjoint({each.base for each in tables})


def test_who_has_read_one_is_told() -> None:
    kept = _Kept()
    tables = kept.many()
    kept.reader = 7
    kept.heap.load(tables[5], slot("missing"))
    kept.reader = None
    kept.stale.clear()
    kept.fill(kept.container(0), *tables)
    assert kept.stale == {7}


def test_a_container_may_hold_itself() -> None:
    kept = _Kept()
    tables = kept.many()
    kept.fill(tables[4], *tables)
    assert len(kept.heap.load(tables[4], ANY_ELEMENT)) <= len(tables)
    assert kept.heap.load(tables[4], ANY_ELEMENT) == kept.heap.load(tables[0], ANY_ELEMENT)
