"""What objects hold: the program's attributes, the elements of containers, and facts of the analysis's own, each apart.

There is one heap for the whole program, and it only grows: a location holds everything ever stored there. So it is cheap to
know what a summary depends on: whoever reads a location is told when it grows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum, auto
from functools import cache
from typing import Union

from lint_lambda.analysis.domain.values import (
    NOTHING,
    WIDEST_VALUE,
    ClassObj,
    Container,
    Instance,
    ModuleObj,
    Obj,
    Partial,
    Suspended,
    Universe,
    Value,
    in_order,
    union,
)
from lint_lambda.core.record import dataclass


class Fact(Enum):
    """What the analysis notes about an object, beside what the program stores in it."""

    __hash__ = object.__hash__  # that of an `Enum` is a function in Python, and each look into the heap hashes one

    HOLDS = auto()  # other handles that waiting for this one waits for
    HOLDS_SOME = auto()  # handles of which waiting for this one waits for one, not known which
    RACED = auto()  # of the unknown value: something somewhere holds some
    FOLLOWS = (
        auto()
    )  # handles without which the work of this one does not begin: while they are pending, they are to blame
    SAFE = auto()  # waiting for it never raises
    FAILS = auto()  # something says that it has failed
    FULFILS = auto()  # something says that it is done, or may
    SWALLOWS = auto()  # it is done where what it waits for has failed
    UNSEEN = auto()  # code that is not analysed settles it, some time
    LAUNCHED = auto()  # handles of what was launched on it
    IN_TURN = auto()  # what it was launched on, which does one thing after the other
    SIGNALLED_BY = auto()  # work that signals it as the last thing it does
    SIGNALLED_EARLY_BY = auto()  # work that signals it and then goes on
    SIGNALS = auto()  # what its work signals, at its end or early
    SETTLES = auto()  # a function that says that something is done, where code that is not analysed calls it
    COUNTED = auto()  # it is signalled by the last of several pieces of work, as a count says
    POLLED = auto()  # a flag that a loop asks for, again and again
    STOPPED_BY = auto()  # work that loops until it is signalled, or set
    FED = auto()  # the queues from which its work takes what it works at, for as long as nobody ends it
    WAITS_ON = auto()  # what its work waits on, in whatever way
    RESTS_ON = auto()  # what its work waits on for as long as it takes, before it does anything
    HASTY = auto()  # its work does something before that
    HANDED = auto()  # it is in the hands of code that is not analysed
    READS = auto()  # a request that is only built so far, and will change nothing
    CHANGES = auto()  # its work may change something elsewhere; of any other only what it gives is wanted
    MADE_BY = auto()  # the call of a library that gave a value of which nothing is known
    MANY = auto()  # a loop makes several of it
    GUESSED = auto()  # a container that is only supposed to be one, by the name of the member that gave it
    NEEDS = auto()  # objects without which it is not launched, of which one is enough
    CALLEE = auto()  # the function that a partial calls
    AT_EXIT = auto()  # what an exit stack calls as it is left
    FREES = auto()  # whether an exception of one piece of the work that it holds ends the wait for all
    STREAMS = auto()  # whether a partial is a handler that answers by a stream
    BINDS = auto()  # how many of a call's arguments come before those of a partial: one where it is a method
    ENTERED = auto()  # what an exit stack has entered
    REST = auto()  # what a wait has left: where the container is empty, all of it is done
    AT_LEAST_ONE = auto()  # what a wait without an end in time has seen done: it is not empty
    RESULT = auto()  # what awaiting it gives
    SHOWS = auto()  # functions whose signature it shows to whoever asks for its own
    CONSTRUCTS = auto()  # a method that runs where an instance is made; of a class, all of these
    SUBCLASSES = auto()
    METACLASS = auto()  # the class that a class is an instance of
    ENUMERATED = auto()  # the only instances of a class
    ASSUMED = auto()  # an instance we are handed, whose initialiser has been run for it
    OPEN = auto()  # an object or class of which not everything that is stored in it is seen
    STARS = auto()  # modules whose public names a module takes over, or a container
    REGISTERED_WITH = auto()  # what a listener was registered with
    REGISTERED = auto()  # functions that a library object was handed
    SELECTED = auto()  # of a mapping: any of its keys may be missing
    LENGTH = auto()  # how many elements a container was made with
    MADE_OF = auto()  # objects that a library object was made from
    OPTIONS = auto()  # the options that a parser of command lines was told of
    NAMED = auto()  # the named objects below a root

    # Facts that come one for each name or number: see `About`.
    INITIAL = auto()  # an argument that a library object was constructed with
    BASE = auto()  # a class's base, by position
    SURE = auto()  # whether a variable of the process is set on every path
    EARLY = auto()  # whether it is read before
    SHADOWED = auto()  # whether an instance has the attribute itself from its construction on
    DECLARED = auto()  # what a class's annotation says of an attribute
    OUTER = auto()  # whether a nested function assigns the variable
    GLOBAL = auto()  # what functions assign to a module's variable


WAITED_FOR = (Fact.HOLDS, Fact.HOLDS_SOME, Fact.SIGNALLED_BY, Fact.FOLLOWS)
"""What leads from a handle to the work that whoever waits for it waits for."""


@dataclass(frozen=True, slots=True, eq=False)
class About:
    """A fact about one name or position. Made by `about`, so that equal ones are one object."""

    fact: Fact
    of: str | int


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """The element of a container at a constant position or key. Made by `slot`, so that equal ones are one object."""

    index: object


@cache
def about(fact: Fact, of: str | int) -> About:
    return About(fact, of)


@cache
def _slot(type_: str, index: object) -> Slot:
    return Slot(index)


def slot(index: object) -> Slot:
    """The slot of this constant. 1, 1.0 and True are different ones."""
    return _slot(type(index).__name__, index)


class AnySlot(Enum):
    """Elements whose place is not known, and the keys of a dict where they may be handles."""

    __hash__ = object.__hash__

    ELEMENT = auto()
    KEY = auto()
    WHOLE = auto()  # all elements, for whoever reads all; nothing is stored there


ANY_ELEMENT = AnySlot.ELEMENT
ANY_KEY = AnySlot.KEY

Element = Union[Slot, AnySlot]
Key = Union[str, Element, Fact, About]
"""A string is an attribute of the program's."""

_NOBODY: AbstractSet[Obj] = frozenset()


class Heap:
    """Everything that objects hold. `reader` says which summary is being made, `grew` is told whose reading is out of date.

    `narrow`: what becomes of a wide value before it is kept; see `lint_lambda.analysis.domain.widening`.
    """

    def __init__(
        self,
        reader: Callable[[], int | None],
        grew: Callable[[Iterable[int]], None],
        narrow: Callable[[Value], Value] = lambda value: value,
    ) -> None:
        self._reader = reader
        self._grew = grew
        self._narrow = narrow
        self._held: dict[tuple[Obj, Key], Value] = {}
        self._attributes: dict[Obj, list[str]] = {}
        self._elements: dict[Obj, list[Element]] = {}
        self._whole: dict[Obj, Value] = {}
        self._readers: dict[Obj, dict[Key | None, set[int]]] = {}
        self._owners: dict[Obj, set[Obj]] = {}
        self._waits: dict[int, dict[Obj, set[Obj]]] = {}
        self._waits_now: dict[int, dict[Obj, set[Obj]]] = {}
        self._stored: dict[Obj, set[Obj]] = {}  # in `Fact.HOLDS`, by whatever else
        self._noted_with: dict[Obj, set[Obj]] = {}
        self._in_flux: dict[Obj, dict[tuple[Obj, Key], Value]] = {}
        self._described: set[Obj] = set()
        self._united: dict[Obj, Universe] = {}

    def load(self, owner: Obj, key: Key) -> Value:
        base = owner.base
        self._note(base, key)
        return self._held.get((base, key), NOTHING)

    def store(self, owner: Obj, key: Key, value: Value) -> None:
        """What `owner` holds from here on, beside what it held."""
        if key is Fact.HOLDS:
            self._stored.setdefault(owner.base, set()).update(value)
        self._store(owner, key, value)

    def wait(self, by: int, owner: Obj, value: Value) -> None:
        """The work of `owner` waits for `value`, as the summary `by`, which is being made, has it so far."""
        self._waits_now.setdefault(by, {}).setdefault(owner.base, set()).update(value)
        self._store(owner, Fact.HOLDS, value)

    def made(self, by: int) -> bool:
        """The summary `by` has been made: what work waited for when it was made before, and does not now, is dropped.

        Unlike all else on the heap that may become less: more is launched, and is pending where nothing was. Whether any was dropped.
        """
        before, now = self._waits.get(by, {}), self._waits_now.pop(by, {})
        if now or before:
            self._waits[by] = now
        dropped = False
        for owner, values in before.items():
            gone = values - now.get(owner, set()) - self._stored.get(owner, set())
            for each in (*self._waits.values(), *self._waits_now.values()) if gone else ():
                gone -= each.get(owner, set())
            if gone:
                location = (owner, Fact.HOLDS)
                self._held[location] = tuple(obj for obj in self._held[location] if obj not in gone)
                self._outdated(*location)
                dropped = True
        return dropped

    def _store(self, owner: Obj, key: Key, value: Value) -> None:
        location = (owner.base, key)
        universe = self._united.get(owner.base)
        if universe is not None:  # what is put into one of several is not in the others
            value = in_order(universe.in_mode(obj, "some") if obj.mode != "part" else obj for obj in value)
        old = self._held.get(location)
        new = value if old is None else union(old, value)
        if len(new) > WIDEST_VALUE and new != old:
            narrow = self._narrow(new)
            if narrow is not new:  # the owner may be among those that are one now
                location = (owner.base, key)
                old = self._held.get(location)
                new = value = narrow if old is None else union(old, narrow)
        if old is None:
            self._list(owner.base, key)
        if new != old:
            self._held[location] = new
            if self._whole.pop(owner.base, None) is not None:
                self._outdated(owner.base, AnySlot.WHOLE)
            if isinstance(key, (str, Slot, AnySlot)):
                for obj in value:
                    self._owners.setdefault(obj.base, set()).add(owner.base)
            elif key not in (Fact.LAUNCHED, Fact.NEEDS):
                for obj in value:
                    self._noted_with.setdefault(obj.base, set()).add(owner.base)
            flux = self._in_flux.get(owner.base)
            if flux is None:
                self._outdated(*location)
            else:
                flux.setdefault(location, NOTHING if old is None else old)

    # --- containers that are one from some time on -----------------------------------------------------------------------

    def is_described(self, obj: Obj) -> bool:
        """Whether anything but how many it is of is noted about an object."""
        return obj.base in self._described

    def contents(self, owner: Obj) -> Iterator[Value]:
        """What a container holds, place by place, whoever asks: it is not noted who."""
        for element in self._elements.get(owner.base, ()):
            yield self._held[owner.base, element]

    def unite(self, one: Obj, other: Obj, universe: Universe) -> None:
        """What is held by `other`, which references now take for `one`, is held by this. Who has read the other is told."""
        self._united[one.base] = universe
        listed = self._elements.pop(other, [])
        for key in (*listed, *self._attributes.pop(other, []), Fact.MANY, Fact.LENGTH):
            held = self._held.pop((other, key), NOTHING)
            if held:
                self.store(one, key, held)
        self._whole.pop(other, None)
        for above in (self._owners, self._noted_with):
            if other in above:
                above.setdefault(one.base, set()).update(above.pop(other))
        for readers in self._readers.pop(other, {}).values():
            self._grew(readers)

    def begin(self, owner: Obj) -> None:
        """What `owner` holds is being made (a module's body runs): readers are told when it is settled."""
        self._in_flux[owner.base] = {}

    def settle(self, owner: Obj, values: Mapping[Key, Value]) -> None:
        """`owner` is made, and holds `values` now, whatever it held in between. Who has read anything else is told."""
        flux = self._in_flux.pop(owner.base, {})
        self._whole.pop(owner.base, None)
        for key, value in values.items():
            here = (owner.base, key)
            if here in self._held:
                flux.setdefault(here, self._held[here])
                self._held[here] = value
            else:
                self.store(owner, key, value)
        for location, before in flux.items():
            if self._held[location] != before:
                self._outdated(*location)

    def is_held(self, obj: Obj) -> bool:
        """Whether anything on the heap refers to `obj`."""
        return obj.base in self._owners

    def owners(self, obj: Obj) -> AbstractSet[Obj]:
        """What holds `obj` as an attribute or an element."""
        return self._owners.get(obj.base, _NOBODY)

    def is_kept(self, obj: Obj) -> bool:
        """Whether a module or a class holds `obj`, or something that one of these holds: it is there at the next event, too."""
        pending, seen = [obj.base], {obj.base}
        while pending:
            for owner in self._owners.get(pending.pop(), ()):
                if isinstance(owner, (ModuleObj, ClassObj)):
                    return True
                if owner not in seen:
                    seen.add(owner)
                    pending.append(owner)
        return False

    def is_reached(self, obj: Obj, known: AbstractSet[Obj]) -> bool:
        """Whether code that knows the objects `known`, and whatever stands in modules, classes and variables of functions, can come
        to `obj` by what objects hold and by what is noted of them.
        """
        pending, seen = [obj.base], {obj.base}
        while pending:
            current = pending.pop()
            if current in known or not isinstance(current, (Instance, Container, Suspended, Partial)):
                return True
            for above in (self._owners, self._noted_with):
                fresh = above.get(current, _NOBODY) - seen
                seen |= fresh
                pending += fresh
        return False

    def attributes(self, owner: Obj) -> list[str]:
        """Names of the program's attributes stored on `owner`, in order of first store."""
        self._note(owner.base, None)
        return list(self._attributes.get(owner.base, ()))

    def elements(self, owner: Obj) -> list[Element]:
        """Where `owner` holds elements, in order of first store."""
        self._note(owner.base, None)
        return list(self._elements.get(owner.base, ()))

    def held(self, owner: Obj) -> Value:
        """Everything that the container `owner` holds: the same tuple as long as it is the same."""
        self._note(owner.base, AnySlot.WHOLE)
        found = self._whole.get(owner.base)
        if found is None:
            listed = self._elements.get(owner.base, ())
            found = tuple(obj for element in listed for obj in self._held[owner.base, element])
            self._whole[owner.base] = found
        return found

    def _list(self, owner: Obj, key: Key) -> None:
        if isinstance(key, str):
            self._attributes.setdefault(owner, []).append(key)
        elif isinstance(key, (Slot, AnySlot)):
            self._elements.setdefault(owner, []).append(key)
        else:
            if key not in (Fact.MANY, Fact.LENGTH):
                self._described.add(owner)
            return
        self._outdated(owner, None)

    def _note(self, owner: Obj, key: Key | None) -> None:
        number = self._reader()
        if number is not None:
            readers = self._readers.get(owner)
            if readers is None:
                readers = self._readers[owner] = {}
            known = readers.get(key)
            if known is None:
                readers[key] = {number}
            else:
                known.add(number)

    def _outdated(self, owner: Obj, key: Key | None) -> None:
        readers = self._readers.get(owner)
        numbers = None if readers is None else readers.pop(key, None)
        if numbers:
            self._grew(numbers)
