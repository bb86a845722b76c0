"""An event comes to a web application: adapters, lifespans, and the endpoints that may run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame, either
from lint_lambda.analysis.domain.heap import Fact, about
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    Bound,
    ClassObj,
    Const,
    Container,
    Decorated,
    External,
    FunctionObj,
    Instance,
    Obj,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.frameworks.registration import CONTEXT, EVENT, is_function
from lint_lambda.analysis.library.call import asking
from lint_lambda.core import ir
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Advice, Place
from lint_lambda.knowledge.selectors import Selector
from lint_lambda.knowledge.tables import ApplicationModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Serving:
    """Passes requests on to applications: their endpoints may run, inside whatever starts them up and shuts them down."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._served: set[Obj] = set()
        """Applications that a request has been passed on to, and which have not answered yet."""
        self.starting = False
        """Whether applications are being started up."""

    def dispatch(self, callee: Value, args: Args, site: ir.Site, frame: Frame) -> None:
        """A library object is called with Lambda's event: it may call whatever it was handed."""
        given = args.every()
        held = union(*(self._heap.held(obj) for obj in given if isinstance(obj, Container)))
        if self._world.importing() or not any(
            isinstance(obj, Unknown) and obj.term in (EVENT, CONTEXT) for obj in (*given, *held)
        ):
            return
        self.serve((*callee, *args.every()), site, frame)

    def pass_on(self, called: Instance, site: ir.Site, frame: Frame) -> None:
        """An object is called at an invocation: where it is an application, code around it has passed a request on to it."""
        if self._world.importing() or called.base in self._served or not self.is_application(called):
            return
        self._served.add(called.base)
        try:
            self.serve((called,), site, frame)
        finally:
            self._served.discard(called.base)

    def serve(self, served: Value, site: ir.Site, frame: Frame) -> None:
        """An event comes to objects of libraries: they may call whatever they were handed.

        Around that an adapter may start an application up and shut it down, surely; and middlewares may wait for what is left.
        """
        before = frame.state
        self._serve(served, site, frame)
        if before is not None and frame.state is not None:
            self._machine.middleware.wait(served, site, frame)

    def _serve(self, served: Value, site: ir.Site, frame: Frame) -> None:
        shares = self._machine.frameworks.shares(self._machine.frameworks.owners(served))
        applications = [*self._applications(shares)]
        lifespans = applications if self._runs_lifespans(shares, frame) else []

        def endpoints() -> None:
            self.starting = False
            self.perhaps(self._around(served), site, frame)
            passes = next((model.passes for _, model in applications if model.passes), ())
            for obj in self._machine.frameworks.shares(self._machine.frameworks.owners(served)):
                self.perhaps(self._machine.frameworks.handed(obj, frame), site, frame, passes=passes)
            for app, model in applications:
                self.perhaps(self._given(model.endpoints, app, frame), site, frame, model.methods, model.passes)
            for app, model in applications:
                for hook in self._given(model.hooks, app, frame):
                    self._machine.endpoints.run((hook,), self._machine.endpoints.anything(), site, frame)

        before = set(frame.paths)
        around = [(app, begin) for app, model in lifespans for begin in self._given(model.lifespan, app, frame)]
        self.starting = bool(lifespans)
        self._each(lifespans, lambda model: model.start, site, frame)
        self._within(around, endpoints, site, frame)
        self.starting = False
        adapter = self._world.adapter
        own = (model.remedy for _, model in applications if adapter.background == "before")
        text = adapter.remedy or next((each for each in own if each), "")
        if text:
            kinds = self._world.models.kinds  # what a library does of its own, nobody can hand to another
            begun = frame.paths.keys() - before
            self._world.advise((launch for launch in begun if not kinds[launch.kind].of_library), Advice(text))
        for app, model in lifespans:
            self._machine.handles.join_scope(
                self._given(model.waits, app, frame), frame, "unlikely", Place(frame.path, site)
            )
            self._each([(app, model)], lambda model: model.stop, site, frame)

    def _each(
        self,
        applications: list[tuple[Instance, ApplicationModel]],
        which: Callable[[ApplicationModel], tuple[Selector, ...]],
        site: ir.Site,
        frame: Frame,
    ) -> None:
        """Call, one after the other, the functions that applications were given for the same moment."""
        for app, model in applications:
            for selector in which(model):
                for function in self._given(selector, app, frame):
                    self._machine.endpoints.run((function,), Args(), site, frame)

    def _within(
        self,
        lifespans: list[tuple[Instance, Obj]],
        body: Callable[[], None],
        site: ir.Site,
        frame: Frame,
    ) -> None:
        """Run `body` inside the context managers that these functions make of their applications."""
        if not lifespans:
            body()
            return
        (app, begin), *rest = lifespans
        manager = self._machine.call((begin,), Args([(app,)]), site, frame)
        if manager:
            self._machine.managers.around(manager, lambda _: self._within(rest, body, site, frame), site, frame)
        else:
            self._within(rest, body, site, frame)

    def _runs_lifespans(self, shares: list[Obj], frame: Frame) -> bool:
        adapter = self._world.adapter
        return adapter.lifespan == "invocation" and not any(
            self._machine.selectors.holds(condition, asking(obj, frame))
            for condition in adapter.unless
            for obj in shares
        )

    def is_application(self, obj: Instance) -> bool:
        """Whether this is an application of a class of the project's own."""
        return any(True for _ in self._applications([obj]))

    def _applications(self, shares: list[Obj]) -> Iterator[tuple[Instance, ApplicationModel]]:
        for obj in shares:
            for type_ in self._machine.classes.library_types(obj):
                for ancestor in self._models.ancestry(self._models.canonical(type_)):
                    if isinstance(obj, Instance) and ancestor in self._models.applications:
                        yield obj, self._models.applications[ancestor]

    def _given(self, selector: Selector | None, application: Instance, frame: Frame) -> Value:
        if selector is None:
            return NOTHING
        chosen = self._machine.selectors.select(selector, asking(application, frame))
        return tuple(obj for obj in chosen if not isinstance(obj, (Const, Unknown)))

    def _around(self, served: Value) -> Value:
        """Functions and objects of the project's own that are served, perhaps by an adapter: they pass requests on."""
        found: list[Obj] = []
        for obj in served:
            found += self._called_as(obj)
            if isinstance(obj, Instance) and isinstance(obj.type, External) and not self.is_application(obj):
                type_ = self._models.type(self._models.canonical(obj.type.symbol))
                for name in () if type_ is None else type_.params:
                    for each in self._heap.load(obj, about(Fact.INITIAL, name)):
                        found += (each,) if is_function(each) else self._called_as(each)
        return tuple(dict.fromkeys(found))

    def _called_as(self, obj: Obj) -> Value:
        """What a call of an object of the project's own class calls: such an object may stand around an application."""
        if not isinstance(obj, Instance) or not isinstance(obj.type, ClassObj):
            return NOTHING
        members = self._machine.classes.own_member(obj, self._machine.semantics.call)
        return tuple(self._universe.make(Bound, obj, member) for member in members if isinstance(member, FunctionObj))

    def _requested(self, function: Obj, passes: tuple[str, ...], site: ir.Site, frame: Frame) -> Args:
        """The arguments of an endpoint, of these types."""
        plain = function.function if isinstance(function, Bound) else function
        if not passes or not isinstance(plain, FunctionObj):
            return self._machine.endpoints.anything()
        alloc = Alloc(frame.path, site, 0)
        given: list[Value] = [
            (self._universe.make(Instance, self._universe.external(type_)[0], alloc),) for type_ in passes
        ]
        count = sum(param.kind == "positional" for param in plain.function.params)
        if count > len(passes) + isinstance(function, Bound):  # an exception comes first
            given.insert(0, self._universe.unknown)
        return replace(self._machine.endpoints.anything(), positional=given)

    def perhaps(
        self,
        functions: Value,
        site: ir.Site,
        frame: Frame,
        methods: tuple[str, ...] = (),
        passes: tuple[str, ...] = (),
    ) -> Value:
        """Call each of `functions`, or not; of a class or an object, its `methods`. The value is the handles that they give."""
        returned: list[Value] = []
        for function in functions:
            for called in self._machine.endpoints.each(function, methods, frame):
                before = frame.state
                if before is None:
                    break
                given = self._requested(called, passes, site, frame)
                run = partial(self._machine.endpoints.run, (called,), given, site, frame)
                launched = set(frame.paths)
                returned += either(frame, [lambda: NOTHING, run])
                self._reached(called, frame.paths.keys() - launched, frame)
                handles = self._machine.handles
                handles.next_request(frame)
                # The response is waited for, so whatever sends it is.
                sent = union(*given.positional)
                handles.join(handles.signalling(sent, Fact.SIGNALLED_BY), frame)
                handles.join(handles.signalling(sent, Fact.SIGNALLED_EARLY_BY), frame)
        return tuple(obj for obj in union(*returned) if isinstance(obj, (Suspended, Instance)))

    def _reached(self, called: Obj, launches: Iterable[Launch], frame: Frame) -> None:
        """Note the endpoint below which something is launched."""
        while isinstance(called, (Bound, Decorated)):
            called = called.function
        if isinstance(called, FunctionObj):
            place = Place(called.path, called.function.site)
            for launch in launches:
                self._world.endpoints.setdefault(launch.place, (place, len(frame.paths[launch]) - 1))
