"""Instances of the project's classes: how they are made, which of an enumeration there are, and classes as instances of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact, about, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    Bound,
    ClassObj,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    Managed,
    Value,
    union,
)
from lint_lambda.analysis.interpreter.shadowing import surely_set
from lint_lambda.analysis.library import construction
from lint_lambda.analysis.library.call import Call
from lint_lambda.core import ir
from lint_lambda.core.names import Symbol

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

_FUNCTIONS = (FunctionObj, Bound, Managed, ClassObj)
"""What a class assigns to a name that is a member of its instances, and no instance."""


class Instances:
    """Makes instances."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._heap = machine.heap
        self._semantics = machine.semantics
        self._defining: list[ClassObj] = []
        owners = ("object", "type")
        self._bare_makers = {
            self._semantics.own(f"{owner}.{name}") for owner in owners for name in self._semantics.make
        }

    # --- construction ----------------------------------------------------------------------------------------------------

    def construct(self, class_: ClassObj, args: Args, site: ir.Site, frame: Frame, *, plainly: bool = False) -> Value:
        """Make an instance and run its initialiser; not `plainly`: as the class of the class does."""
        called = self._of_metaclass(class_, self._semantics.call)
        if called and not plainly:
            return self._machine.call(called, args.with_first((class_,)), site, frame)
        enumerated = self._heap.load(class_, Fact.ENUMERATED)
        if enumerated:
            return self._of_value(enumerated, args)
        given = self._given_instances(class_, args, site, frame)
        if given:
            return union(*(self._initialise(class_, made, args, site, frame) for made in given))
        made = self._universe.make(Instance, class_, Alloc(frame.path, site, frame.context))
        if frame.loops:
            self._heap.store(made, Fact.MANY, self._universe.const(True))
        return self._initialise(class_, made, args, site, frame)

    def _given_instances(self, class_: ClassObj, args: Args, site: ir.Site, frame: Frame) -> list[Instance]:
        """The instances that a class's own way to make them gives, whoever asks; none where it has no such way."""
        makers = self._machine.classes.own_member(class_, self._semantics.make)
        passed = args.with_first((class_,))
        made = union(
            *(
                self._machine.summaries.apply(maker, passed, site, frame, sites=()).returns
                for maker in makers
                if isinstance(maker, FunctionObj) and not maker.function.is_async
            )
        )
        return [obj for obj in made if isinstance(obj, Instance) and obj.type is class_]

    def makes_bare(self, symbol: Symbol) -> bool:
        """Whether this is the language's own way to make an instance of a class."""
        return symbol in self._bare_makers

    def bare(self, call: Call) -> Value:
        """What the language's own way to make an instance of a class gives; of a class of classes, the class that is being defined."""
        classes = call.args.positional[0] if call.args.positional else NOTHING
        if self._defining and any(obj in self._machine.classes.metaclasses(self._defining[-1]) for obj in classes):
            return (self._defining[-1],)
        return tuple(
            self._universe.make(Instance, class_, call.alloc) for class_ in classes if isinstance(class_, ClassObj)
        )

    def _initialise(self, class_: ClassObj, made: Instance, args: Args, site: ir.Site, frame: Frame) -> Value:
        order = self._machine.classes.mro(class_)
        initialiser = self._machine.classes.own_member(made, self._semantics.construct)
        if initialiser:
            self._shadow(made, initialiser)
            self._machine.call(initialiser, args.with_first((made,)), site, frame)
        else:
            library = [base for base in order if isinstance(base, External)]
            if library:
                construction.store_initial(made, library[0].symbol, args, self._machine)
            if self._semantics.fields_are_parameters:
                self._store_fields(class_, made, args)
            for base in order:
                self._run(self._heap.load(base, Fact.CONSTRUCTS), class_, made, site, frame)
            after = self._machine.classes.own_member(made, self._semantics.constructed)
            if after:
                self._machine.call(after, Args().with_first((made,)), site, frame)
        return (made,)

    def _shadow(self, made: Instance, initialisers: Value) -> None:
        """Note which attributes of an instance its initialiser sets, whatever its class says of them."""
        sets = [surely_set(obj.function) if isinstance(obj, FunctionObj) else frozenset() for obj in initialisers]
        for name in sorted(frozenset.intersection(*sets)):
            self._heap.store(made, about(Fact.SHADOWED, name), self._universe.const(True))

    def _run(self, methods: Value, class_: ClassObj, made: Instance, site: ir.Site, frame: Frame) -> None:
        """Call methods with an instance that is being made, or its class, and a value that is not known."""
        for method in methods:
            of_class = isinstance(method, FunctionObj) and method.function.binding == "class"
            first = (class_,) if of_class else (made,)
            self._machine.call((method,), Args([first], rest=self._universe.unknown, bound=True), site, frame)

    def _store_fields(self, class_: ClassObj, made: Instance, args: Args) -> None:
        """Without an initialiser of its own a class's annotated names are its parameters, in order."""
        names = self._machine.classes.fields(class_)
        if args.rest or args.extra:
            self._machine.classes.open((made,))
        given = {**dict(zip(names, args.positional)), **args.keywords}
        for name in names:
            if name in given:
                self._heap.store(made, name, given[name])
                if name in args.perhaps:
                    continue
                self._heap.store(made, about(Fact.SHADOWED, name), self._universe.const(True))

    # --- classes that are instances --------------------------------------------------------------------------------------

    def _of_metaclass(self, class_: ClassObj, names: tuple[str, ...]) -> Value:
        """The members of any of these names that the class of a class has."""
        metaclasses = self._machine.classes.metaclasses(class_)
        return union(*(self._machine.classes.member(metaclasses, name) for name in names))

    def defined(self, class_: ClassObj, members: Mapping[str, Value], frame: Frame) -> None:
        """A class has been defined: the class that it is an instance of makes it, and initialises it."""
        site = class_.class_.site
        namespace = self._universe.make(Container, "dict", Alloc(frame.path, site, frame.context))
        for name, value in members.items():
            self._heap.store(namespace, slot(name), value)
        called = self._universe.const(class_.class_.qualname.rpartition(".")[2])
        given: list[Value] = [called, self._universe.unknown, (namespace,)]
        makers = self._of_metaclass(class_, self._semantics.make)
        if makers:
            self._defining.append(class_)
            metaclass = self._machine.classes.metaclasses(class_)[0]
            self._machine.call(makers, Args([(metaclass,), *given], bound=True), site, frame)
            self._defining.pop()
        initialisers = self._of_metaclass(class_, self._semantics.construct)
        if initialisers:
            self._machine.call(initialisers, Args([(class_,), *given], bound=True), site, frame)

    # --- enumerations ----------------------------------------------------------------------------------------------------

    def enumerate(self, class_: ClassObj, assigned: Mapping[str, Value], frame: Frame) -> dict[str, Value]:
        """Make the instances of an enumeration; gives them by their names."""
        out: dict[str, Value] = {}
        for number, (name, value) in enumerate(assigned.items()):
            if name.startswith("_") or any(isinstance(obj, _FUNCTIONS) for obj in value):
                continue
            made = self._universe.make(Instance, class_, Alloc(frame.path, -2 - number, frame.context))
            self._heap.store(made, "value", value)
            self._heap.store(made, "name", self._universe.const(name))
            self._heap.store(class_, Fact.ENUMERATED, (made,))
            out[name] = (made,)
        for made_of in out.values():
            self._begun(class_, made_of, frame)
        return out

    def _begun(self, class_: ClassObj, made: Value, frame: Frame) -> None:
        """Initialise an instance of an enumeration with what is assigned to its name: a tuple is its arguments."""
        initialisers = self._machine.classes.own_member(class_, self._semantics.construct)
        if not initialisers:
            return
        value = union(*(self._heap.load(obj, "value") for obj in made))
        parts = [obj for obj in value if isinstance(obj, Container) and obj.kind == "tuple"]
        known, rest = self._machine.elements.spread(value, frame) if parts else ([value], NOTHING)
        self._machine.call(initialisers, Args([made, *known], rest=rest, bound=True), class_.class_.site, frame)

    def _of_value(self, enumerated: Value, args: Args) -> Value:
        """The instance of an enumeration that has this value; any of them where it is not known."""
        asked = args.positional[0] if len(args.positional) == 1 else NOTHING
        if not asked or not all(isinstance(obj, Const) for obj in asked):
            return enumerated
        return tuple(obj for obj in enumerated if set(self._heap.load(obj, "value")) & set(asked)) or enumerated
