"""How a framework calls a function: which methods of a class are endpoints, and what their signatures ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    ClassObj,
    Container,
    External,
    FunctionObj,
    Instance,
    Obj,
    Provided,
    Suspended,
    Value,
    union,
)
from lint_lambda.analysis.library.call import asking
from lint_lambda.core import ir
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_DEPENDENCY = 4
"""How many functions that ask for each other's results are followed."""


class Endpoints:
    """Calls functions as a framework does that has kept them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap

    def each(self, function: Obj, methods: tuple[str, ...], frame: Frame) -> Iterator[Obj]:
        """What a request comes to: the function, or methods of the class or of the object."""
        if isinstance(function, Instance):
            for name in methods:
                if isinstance(function.type, ClassObj) and self._machine.classes.member(
                    self._machine.classes.mro(function.type), name
                ):
                    yield from self._machine.objects.attribute((function,), name, frame)
            return
        if isinstance(function, FunctionObj) and function.function.owner_class is not None:
            yield from self.method(function, frame)
        elif not isinstance(function, ClassObj):
            yield function
        for name in (*methods, *self.methods(function, frame)) if isinstance(function, ClassObj) else ():
            if self._machine.classes.member(self._machine.classes.mro(function), name):
                yield from self._machine.objects.attribute(
                    self._machine.definitions.some_instance((function,), name, frame), name, frame
                )

    def methods(self, obj: Obj, frame: Frame) -> tuple[str, ...]:
        """The methods of a class that are endpoints."""
        if not isinstance(obj, ClassObj):
            return ()
        mro = self._machine.classes.mro(obj)
        bases = [base.symbol for base in mro if isinstance(base, External)]
        ancestors = (ancestor for base in bases for ancestor in self._models.ancestry(self._models.canonical(base)))
        view = next((self._models.views[name] for name in ancestors if name in self._models.views), None)
        if view is None:
            return ()
        if view.marked is None:
            return view.methods
        marked = set(self._machine.selectors.select(view.marked, asking(None, frame)))
        names = (name for base in mro if isinstance(base, ClassObj) for name in self._heap.attributes(base))
        return (
            *view.methods,
            *(name for name in names if marked.intersection(self._machine.classes.member(mro, name))),
        )

    def is_awaited(self, result: Value) -> bool:
        """Whether a framework that is handed this by a function waits for it."""
        kinds = ("coroutine", "running") if self._machine.semantics.awaits_values else ("coroutine",)
        if any(isinstance(made, Suspended) and made.kind in kinds for made in result):
            return True
        return self._machine.semantics.awaits_values and any(isinstance(made, Instance) for made in result)

    def instances(self, classes: Value, site: ir.Site, frame: Frame) -> Value:
        """Instances of classes that a framework has made, and hands out."""
        return self._machine.definitions.handed_out(classes, site, frame)

    def method(self, function: FunctionObj, frame: Frame) -> Value:
        """A method as a framework calls it that has made the object: of an instance of its class."""
        owner = function.function.owner_class
        class_ = None if owner is None else self._world.class_(function.path, owner)
        if class_ is None or function.function.binding != "function":
            return (function,)
        name = function.function.qualname.rpartition(".")[2].partition("#")[0]
        of = self._universe.make(ClassObj, function.path, class_, function.context)
        instances = self._machine.definitions.some_instance((of,), name, frame)
        return tuple(self._universe.make(Bound, receiver, function) for receiver in instances)

    def anything(self) -> Args:
        """The arguments of a call by a framework: whatever a request holds."""
        return Args(rest=self._universe.unknown, extra=self._universe.unknown)

    def run(self, function: Value, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call a function as a framework does: with what it asks for in its signature, to its end."""
        asked = [(name, made) for obj in function for name, made in self._asked(obj)]

        def run(given: Args) -> Value:
            result = self._machine.call(function, given, site, frame)
            if self._machine.log.unseen and self._machine.semantics.awaits_values:
                self._machine.handles.join(result, frame, "escaped", Place(frame.path, site))
            elif self.is_awaited(result):
                result = self._machine.wait(result, site, frame)
            if self._machine.semantics.async_call == "eager":
                result = self._handed_back(result, site, frame)
            return result

        return self._provide(asked, args, run, site, frame)

    def _handed_back(self, result: Value, site: ir.Site, frame: Frame) -> Value:
        """What a function that runs at once returns to the code out of sight that has called it: that may wait for it.

        A framework that serves an event does; of any other code nothing is known.
        """
        handles = tuple(obj for obj in result if isinstance(obj, (Suspended, Instance)))
        if self._machine.log.unseen:
            given = union(result, *(self._machine.heap.load(obj, Fact.RESULT) for obj in handles))
            held = tuple(obj for obj in given if isinstance(obj, Container))
            self._machine.handles.escape(Args([handles, held]), site, frame)
            return result
        return self._machine.wait(handles, site, frame) if handles and frame.state is not None else result

    def _provide(
        self,
        asked: list[tuple[str, Obj]],
        args: Args,
        body: Callable[[Args], Value],
        site: ir.Site,
        frame: Frame,
        depth: int = 0,
    ) -> Value:
        """Run `body` with the results of functions that parameters ask for; what follows a ``yield`` runs after it.

        Behind a server that answers first, what follows is in time only in some versions of the framework.
        """
        if not asked or depth > DEEPEST_DEPENDENCY:
            return body(args)
        (name, function), *rest = asked
        results: list[Value] = []

        def given(value: Value) -> None:
            passed = replace(args, keywords={**args.keywords, name: value})
            results.append(self._provide(rest, passed, body, site, frame, depth))

        def provide(passed: Args) -> Value:
            made = self._machine.call((function,), passed, site, frame)
            if any(isinstance(obj, Suspended) and obj.kind == "generator" for obj in made):
                inside: list[launch_state.State] = []

                def then(value: Value) -> None:
                    given(value)
                    inside.extend([] if frame.state is None else [frame.state])

                self._machine.managers.around(made, then, site, frame)
                if self._world.adapter.background == "after" and frame.state is not None:
                    frame.state = launch_state.join(frame.state, *inside)
            else:
                given(
                    self._machine.wait(made, site, frame) if any(isinstance(obj, Suspended) for obj in made) else made
                )
            return NOTHING

        self._provide(list(self._asked(function)), self.anything(), provide, site, frame, depth + 1)
        return union(*results)

    def _asked(self, function: Obj) -> Iterator[tuple[str, Obj]]:
        """The parameters of a function that its framework calls a function for, with that."""
        while isinstance(function, Bound):
            function = function.function
        shown = self._heap.load(function, Fact.SHOWS)
        if shown:
            for each in shown:
                yield from self._asked(each)
            return
        if isinstance(function, FunctionObj):
            for param in function.function.params:
                for said in (param.default, param.annotation):
                    for obj in self._machine.parameters.default(function, said) if said is not None else NOTHING:
                        if isinstance(obj, Provided):
                            yield param.name, obj.function
