"""Abstract values: what an expression may evaluate to.

A value is a tuple of *objects*, sorted by age. Objects are interned, so identity is equality and every run of the linter
sees them in the same order. An object made by code is named by where it was made (`Alloc`): a program point and the
activation it ran in.

A loop makes many objects at one point. References tell them apart by *mode*:

- ``one``: the most recent of them, what a local variable holds;
- ``old``: one of those made before the most recent;
- ``all``: any and every one of them, what iterating over a container yields;
- ``some``: one of them, not known which (``threads[0]``);
- ``part``: some of them, perhaps none (those that are done when a wait times out).
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any, Literal, NamedTuple, TypeVar

from lint_lambda.core import ir
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import dataclass
from lint_lambda.core.verdict import Place

Mode = Literal["one", "old", "all", "some", "part"]

Term = tuple[Any, ...]
"""A symbolic name of a value we do not know: equal terms are equal values. See `Unknown`."""

RUNNING_LOOP: Symbol = "<running loop>"
"""The symbol of the event loop that runs, whichever it is: what is launched on a loop is launched on this object."""

REMAINING: Term = ("remaining",)
"""The name of whatever is computed from what Lambda hands to the handler beside the event: the time that is left. Two of them need not be equal."""

FILLED = "[*]"
"""The name of the flag that there is anything in a container."""

WIDEST_VALUE = 24

MOST_HANDLES = 400
"""A value may be so many objects that are or hold handles: to forget one would be to forget that something is pending."""

DEEPEST_TERM = 4


class Alloc(NamedTuple):
    """Where an object was made: a place, and the number of the activation (`Context`) that made it."""

    path: str
    site: ir.Site
    context: int

    @property
    def place(self) -> Place:
        return Place(self.path, self.site)


class Obj:
    """An abstract object. `index` is its age; `base` is the object itself for references in any mode."""

    __slots__ = ("_modes", "base", "index", "mode")

    index: int
    base: Obj
    mode: Mode
    _modes: dict[str, Obj]

    def __lt__(self, other: Obj) -> bool:
        return self.index < other.index


@dataclass(eq=False)
class Unknown(Obj):
    """A value we know nothing of but its name; `typed` is what an annotation says of it."""

    term: Term


@dataclass(eq=False)
class Const(Obj):
    value: str | int | float | bool | None


@dataclass(eq=False)
class External(Obj):
    """A module, class, function or attribute of a library (or of the language), by its dotted name."""

    symbol: Symbol


@dataclass(eq=False)
class ModuleObj(Obj):
    """A module of the project; a `path` that ends in ``/`` is a namespace package."""

    path: str


@dataclass(eq=False)
class FunctionObj(Obj):
    """A function of the project, closed over the activation number `context` of the function around it."""

    path: str
    function: ir.Function
    context: int


@dataclass(eq=False)
class ClassObj(Obj):
    path: str
    class_: ir.Class
    context: int


@dataclass(eq=False)
class Bound(Obj):
    """`function` (of the project or a library) with its first argument `receiver`."""

    receiver: Obj
    function: Obj


@dataclass(eq=False)
class Instance(Obj):
    """An instance of a class of the project, or (`External`) of a library."""

    type: Obj
    alloc: Alloc


@dataclass(eq=False)
class Container(Obj):
    """A list, tuple, set or dict. Its contents are in the heap."""

    kind: str
    alloc: Alloc


@dataclass(eq=False)
class Suspended(Obj):
    """A call that has been made but not run: a coroutine, a generator, a context manager made from one.

    `callee` and the bound arguments (in the heap) say what running it means.
    """

    kind: Literal["coroutine", "generator", "manager", "running"]
    callee: Obj
    alloc: Alloc


@dataclass(eq=False)
class Partial(Obj):
    """A callable with some arguments already given (in the heap). `number`: of several that one call makes, as it is given one of several."""

    alloc: Alloc
    number: int = 0


@dataclass(eq=False)
class Super(Obj):
    """``super()`` inside a method of `owner`, for `receiver`."""

    owner: Obj
    receiver: Obj


@dataclass(eq=False)
class Probe(Obj):
    """The answer of asking work whether it is done: truthy when done (`done`) or when still alive. `whole`: all of several were asked at once."""

    targets: tuple[Obj, ...]
    done: bool
    whole: bool = False


@dataclass(eq=False)
class Presence(Obj):
    """The answer whether a variable holds any of `targets`: true where it does, or (not `there`) where it is empty.

    Not `surely`: what the variable could hold may have been made all the same.
    """

    targets: tuple[Obj, ...]
    there: bool
    surely: bool


@dataclass(eq=False)
class Identity(Obj):
    """A decorator that gives back the function it is given, which from then on shows itself as one of `shown`, if there are any.

    `constructs`: a method that runs where an instance of its class is made.
    """

    shown: tuple[Obj, ...] = ()
    constructs: bool = False


@dataclass(eq=False)
class Memoiser(Obj):
    """A decorator that gives a `Memoised` of the function it is given."""


@dataclass(eq=False)
class Memoised(Obj):
    """A function that is run once for equal arguments."""

    function: Obj


@dataclass(eq=False)
class Chosen(Obj):
    """`function`, where the settings hold that `guards` name; where they do not, another value is meant."""

    function: Obj
    guards: frozenset[Any]


@dataclass(eq=False)
class Managed(Obj):
    """A function whose calls give context managers."""

    function: Obj


@dataclass(eq=False)
class Provided(Obj):
    """The default of a parameter for which a framework calls `function`, and gives what it returns or yields."""

    function: Obj


@dataclass(eq=False)
class Flag(Obj):
    """The variable or attribute `name` of `owner` being true, or false, as far as a loop asks for it before each turn."""

    owner: Obj
    name: str
    truth: bool


@dataclass(eq=False)
class Record(Obj):
    """A class whose instances hold what they are constructed with under these names, and by position.

    `symbol`: what of a library made it, and names what its instances have beside their fields.
    """

    symbol: str
    fields: tuple[str, ...]
    alloc: Alloc


@dataclass(eq=False)
class Reacher(Obj):
    """A function that gives an attribute or an item of what it is called on, or calls its method; which, is in the heap."""

    reaches: Literal["attribute", "item", "method"]
    alloc: Alloc


@dataclass(eq=False)
class Dispatcher(Obj):
    """A function that calls one of several: `function`, or one that was registered with it (in the heap)."""

    function: Obj
    alloc: Alloc


@dataclass(eq=False)
class Registrar(Obj):
    """What registers functions with a dispatcher."""

    dispatcher: Obj


@dataclass(eq=False)
class Resolver(Obj):
    """A function that says that `handle` is done; or, where it `rejects`, that it has failed."""

    handle: Obj
    rejects: bool = False


@dataclass(eq=False)
class Giver(Obj):
    """A call of this gives the subclasses of `class_`."""

    class_: Obj


@dataclass(eq=False)
class Listener(Obj):
    """A function that was registered at `alloc` to be called at each event; `wild`: at events whose name fits a pattern."""

    function: Obj
    alloc: Alloc
    wild: bool


@dataclass(eq=False)
class Unseen(Obj):
    """The callee of what is made by no call of a function, of some `kind`."""

    kind: str


@dataclass(eq=False)
class Decorated(Obj):
    """A function around whose calls a library does something: `decorator` is what it was given to, at `alloc`."""

    function: Obj
    decorator: Obj
    alloc: Alloc


@dataclass(eq=False)
class Around(Obj):
    """A function each call of which runs inside the context manager `manager`."""

    function: Obj
    manager: Obj


@dataclass(eq=False)
class Ready(Obj):
    """Stands in the state for the fact that `of` has been made, or set up, so that it does anything."""

    of: Obj


@dataclass(eq=False)
class CellScope(Obj):
    """The variables of one activation that nested functions use."""

    context: int


Value = tuple[Obj, ...]
NOTHING: Value = ()

_T = TypeVar("_T", bound=Obj)

_ANYTHING = Unknown(("?",))
"""The value of which nothing is known, not even a name. It is the oldest object of every universe."""
_ANYTHING.index = -1
_ANYTHING.base = _ANYTHING
_ANYTHING.mode = "one"
_ANYTHING._modes = {"one": _ANYTHING}


class Universe:
    """Makes and interns objects."""

    def __init__(self) -> None:
        _unions.clear()  # of objects that are gone
        cuts.clear()
        self.texts: list[str] = []
        """Every text that has been a value, or the known part of one, in order."""
        self._objects: dict[tuple[Any, ...], Obj] = {}
        self._count = 0
        self.unknown: Value = (_ANYTHING,)
        self._objects[(Unknown, ("?",))] = _ANYTHING

    def make(self, type_: type[_T], *fields: Any) -> _T:
        """The one object of this type with these fields, in mode ``one``."""
        key = (type_, *fields)
        if type_ is Const:  # 1, 1.0 and True are equal as keys but different constants
            key = (type_, *fields, fields[0].__class__)
        found = self._objects.get(key)
        if found is None:
            found = type_(*fields)
            self._register(found)
            found.base = found
            found.mode = "one"
            found._modes = {"one": found}
            self._objects[key] = found
            if isinstance(found, Const) and isinstance(found.value, str):
                self.texts.append(found.value)
            elif isinstance(found, Unknown) and found.term[0] == "text":
                self.texts.append(str(found.term[1]))
        assert isinstance(found, type_)
        return found

    def in_mode(self, obj: Obj, mode: Mode) -> Obj:
        """A reference to the same object in another mode. Only objects that code makes have modes; a method is as what it is bound to."""
        if isinstance(obj, Bound) and obj.receiver.mode != mode:
            return self.make(Bound, self.in_mode(obj.receiver, mode), obj.function)
        if obj.mode == mode or not isinstance(obj, (Instance, Container, Suspended, Partial)):
            return obj
        modes = obj.base._modes
        if mode not in modes:
            twin = type(obj).__new__(type(obj))
            twin.__dict__.update(obj.base.__dict__)
            self._register(twin)
            twin.base, twin.mode, twin._modes = obj.base, mode, modes
            modes[mode] = twin
        return modes[mode]

    def unite(self, one: Obj, other: Obj) -> None:
        """Take every reference to `other` for one to `one` from here on."""
        for reference in list(other.base._modes.values()):
            self.in_mode(one, reference.mode)
            reference.base, reference._modes = one.base, one.base._modes
        _unions.clear()

    def _register(self, obj: Obj) -> None:
        obj.index = self._count
        self._count += 1

    def const(self, value: str | int | float | bool | None) -> Value:
        return (self.make(Const, value),)

    def external(self, symbol: Symbol) -> Value:
        return (self.make(External, symbol),)

    def unknown_of(self, *term: Any) -> Value:
        """The unknown value with this name; names that nest too deeply are forgotten, beside that of a condition as such."""
        known = self._objects.get((Unknown, term))
        if known is not None:
            return (known,)
        of_condition = 1 if term[0] == "phi" else 2 if term[0] == "either" else 0
        if _depth(term) - of_condition > DEEPEST_TERM:
            return self.unknown
        return (self.make(Unknown, term),)


def _depth(term: Any) -> int:
    return 1 + max((_depth(part) for part in term if isinstance(part, tuple)), default=0)


def in_order(objs: Iterable[Obj]) -> Value:
    """These, the oldest first."""
    return tuple(sorted(objs, key=_AGE))


_AGE = attrgetter("index")
"""As objects compare; values are sorted so often that comparing them by their own method took a tenth of the time."""


_unions: dict[tuple[Value, ...], Value] = {}
"""Unions that were made of wide values. Rounds make the same ones over and over; objects never change their places."""
_MOST_UNIONS = 20_000
cuts: list[int] = []
"""How many objects unions have been of that were too many to be kept, since the present universe was made."""
_WIDE = 6


def union(*values: Iterable[Obj]) -> Value:
    """Everything that any of `values` may be. Of a value that grows too wide, what may be or hold a handle is kept, and it may be anything else."""
    for value in values:
        if value.__class__ is tuple and len(value) > _WIDE:
            return _union_of_wide(tuple(map(tuple, values)))
    return _union(values)


def _union_of_wide(values: tuple[Value, ...]) -> Value:
    found = _unions.get(values)
    if found is None:
        if len(_unions) >= _MOST_UNIONS:
            _unions.clear()
        found = _unions[values] = _union(values)
    return found


def _union(values: Iterable[Iterable[Obj]]) -> Value:
    merged: dict[Obj, None] = {}
    for value in values:
        merged.update(dict.fromkeys(value))
    if len(merged) <= 1:
        return tuple(merged)
    if len(merged) > WIDEST_VALUE:
        merged = dict.fromkeys(obj.base._modes[obj.mode] for obj in merged)  # those that have become one are one
    ordered = sorted(merged, key=_AGE)
    if len(ordered) <= WIDEST_VALUE:
        return tuple(ordered)
    plain = [obj for obj in ordered if isinstance(obj, (Const, Unknown)) and obj is not _ANYTHING]
    others = [obj for obj in ordered if not isinstance(obj, (Const, Unknown))]
    if len(others) > MOST_HANDLES:
        cuts.append(len(others))
    return in_order([_ANYTHING, *others[:MOST_HANDLES], *plain[: max(0, WIDEST_VALUE - len(others))]])


def perhaps_there(value: Value) -> Value:
    """What a value may be that is made, where it is nothing else but empty."""
    made = tuple(obj for obj in value if isinstance(obj, (Instance, Suspended)))
    empty = all(obj in made or (isinstance(obj, Const) and not obj.value) for obj in value)
    return made if empty and len(made) < len(value) else NOTHING


def is_suspended(value: Value) -> bool:
    """Whether `value` may be a call that has been made but not run."""
    return any(isinstance(obj, Suspended) for obj in value)
