"""Where a value may be very many containers of data, those of one kind become one: what is put into any of them may be in all.

Tables of tables of tables, as programs make of documents, would else be told apart by where and for whom each was made, and every
look into one would be a look into hundreds. A container that holds anything but data (a handle, or what may lead to one) stays apart;
so nothing is taken for waited for that is not. What comes into such a container later is only some of what it holds.
"""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, Heap
from lint_lambda.analysis.domain.values import (
    WIDEST_VALUE,
    Const,
    Container,
    External,
    ModuleObj,
    Obj,
    Universe,
    Unknown,
    Value,
    in_order,
)

_DATA = (Const, Unknown, External, ModuleObj, Container)


class Widening:
    """Makes containers one, in the heap and in the universe."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._mixed: set[Obj] = set()  # containers that hold more than data, and always will

    def narrowed(self, value: Value, heap: Heap) -> Value:
        """The value, with containers of data made one if there are too many of them."""
        containers = {obj.base: None for obj in value if isinstance(obj, Container) and obj.base not in self._mixed}
        if len(containers) <= WIDEST_VALUE:
            return value
        data = {obj: None for obj in containers if self._is_data(obj, heap)}
        if len(data) <= WIDEST_VALUE:
            return value
        for kind in dict.fromkeys(obj.kind for obj in data if isinstance(obj, Container)):
            alike = [obj for obj in data if isinstance(obj, Container) and obj.kind == kind]
            self._unite(in_order(alike), heap)
        return in_order({self._universe.in_mode(obj.base, obj.mode) for obj in value})

    def _unite(self, alike: Value, heap: Heap) -> None:
        one, *others = alike
        if not others:
            return
        for other in others:
            if other.base is one.base:
                continue  # what they hold has made them one
            self._universe.unite(one, other)
            heap.unite(one, other, self._universe)
        # What one of them holds at some place, another does not; and it is not known how much it is.
        heap.store(one, ANY_ELEMENT, self._universe.unknown)
        heap.store(one, Fact.LENGTH, self._universe.const(None))

    def _is_data(self, obj: Obj, heap: Heap) -> bool:
        """Whether a container holds, and has held, nothing but data and other containers."""
        data = not heap.is_described(obj) and all(
            isinstance(each, _DATA) for held in heap.contents(obj) for each in held
        )
        if not data:
            self._mixed.add(obj)
        return data
