"""Functions that a library keeps and calls later: endpoints of a web application, listeners, routes.

Nothing is known of such a library but what can be seen: functions are handed to its objects when modules are imported
(``@app.get("/jobs")``, ``router.add(path, view)``), objects are made of objects (``Mangum(app)``), and at an invocation
one of them is called with Lambda's event. Then the functions it was given may run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
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
    Partial,
    Provided,
    Resolver,
    Suspended,
    Term,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.library.call import asking
from lint_lambda.core import ir
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.selectors import Selector
from lint_lambda.knowledge.verbs import ApplicationModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

EVENT: Term = ("event",)
CONTEXT: Term = ("context",)
"""The names of the two values that Lambda hands to a handler."""

DEEPEST_DEPENDENCY = 4
"""How many functions that ask for each other's results are followed."""


class Registration:
    """Keeps what a library was handed, by the object it was handed to."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._served: set[Obj] = (
            set()
        )  # applications that a request has been passed on to, and which have not answered yet
        self._starting = False  # whether applications are being started up

    # --- keeping ---------------------------------------------------------------------------------------------------------

    def owners(self, value: Value) -> list[Obj]:
        """The library objects that `value` is, or is a part of, or holds."""
        out: dict[Obj, None] = {}
        pending, seen = deque(value), set[Obj]()
        while pending:
            obj = pending.popleft()
            if isinstance(obj, Container):
                if obj.base not in seen:
                    seen.add(obj.base)
                    pending += self._heap.held(obj)
            elif isinstance(obj, Bound):
                pending.appendleft(obj.receiver)
            elif isinstance(obj, Instance) and (isinstance(obj.type, External) or self._is_application(obj)):
                out[obj.base] = None
            elif isinstance(obj, Unknown):
                made = _maker(obj.term)
                if made is not None:
                    out[self._universe.make(Unknown, made)] = None
        return list(out)

    def made_of(self, result: Value, *parts: Value) -> None:
        """The result of a library call has a share in the objects it was made from."""
        whole = self.owners(result)
        for obj in whole:
            for part in self.owners(tuple(held for value in parts for held in value)):
                if part is not obj:
                    self._heap.store(obj, Fact.MADE_OF, (part,))

    def takes_over(self, value: Value, application: Obj) -> None:
        """What an application is made with, and what that was made of, serves the application's endpoints, too."""
        for obj in self.shares(self.owners(value)):
            if obj is not application.base:
                self._heap.store(obj, Fact.MADE_OF, (application,))

    def register(self, functions: Value, *owners: Value) -> None:
        """A library object was handed `functions`."""
        for obj in self.shares(self.owners(tuple(held for value in owners for held in value))):
            self._heap.store(obj, Fact.REGISTERED, functions)

    def shares(self, owners: list[Obj]) -> list[Obj]:
        """`owners` and everything that they were made of."""
        found: dict[Obj, None] = {}
        pending = list(owners)
        while pending:
            obj = pending.pop(0)
            if obj not in found:
                found[obj] = None
                pending.extend(self._heap.load(obj, Fact.MADE_OF))
        return list(found)

    def handed(self, obj: Obj, frame: Frame) -> Value:
        """The functions and classes that `obj` was handed.

        Several handlers may share it, each in a file of its own that hands it more: where the call stands in the handler's
        own file, only what that file imports is there when it runs.
        """
        functions = self._heap.load(obj, Fact.REGISTERED)
        if frame.path != self._world.entry:
            return functions
        imported = self._world.program.imports(frame.path)
        return tuple(function for function in functions if _path(function) in {"", *imported})

    def unseen(self, callee: Value, args: Args, result: Value, site: ir.Site, frame: Frame) -> Value:
        """A call into code that is not analysed: what may come of it, and its `result`."""
        self.made_of(result, callee, args.every())
        if self._world.importing() or self._starting:
            self.made_of(callee, args.every())
        self.give_away(callee, args, result, site, frame)
        self.dispatch(callee, args, site, frame)
        self._machine.handles.escape(args, site, frame)
        if self._machine.semantics.receivers == "apart" and args.positional:
            # Containers of dependencies, and what makes objects of data, give instances of the class that they are given.
            result = union(self._machine.definitions.handed_out(args.positional[0], site, frame), result)
        return result

    # --- calling ---------------------------------------------------------------------------------------------------------

    def give_away(self, callee: Value, args: Args, result: Value, site: ir.Site, frame: Frame) -> None:
        """Functions among the arguments of a call we cannot see into.

        At an import they are kept for later; otherwise they are called, perhaps.
        """
        functions = tuple(obj for obj in args.every() if _is_function(obj))
        for obj in args.every():
            if isinstance(obj, Resolver):
                self._heap.store(obj.handle, Fact.UNSEEN, self._universe.const(True))
                # Code that the work calls settles it, and nobody else does.
                self._heap.store(obj.handle, Fact.SIGNALLED_BY, self._machine.log.beside[-1:])
        if not self._world.importing():
            self._machine.log.unseen += 1
            returned = self._perhaps(functions, site, frame)
            self._machine.log.unseen -= 1
            for obj in result if returned else ():
                self._heap.store(obj, Fact.HOLDS, returned)
            if not self._starting:
                return
        given = self._spread(args.every())
        kept = tuple(obj for obj in given if _is_function(obj) or self._methods(obj, frame))
        if kept:
            self.register(kept, callee, args.every(), result)

    def _spread(self, value: Value) -> Value:
        """The objects in `value`, and those that containers in it hold."""
        return union(value, *(self._heap.held(obj) for obj in value if isinstance(obj, Container)))

    def _called_as(self, obj: Obj) -> Value:
        """What a call of an object of the project's own class calls: such an object may stand around an application."""
        if not isinstance(obj, Instance) or not isinstance(obj.type, ClassObj):
            return NOTHING
        members = self._machine.classes.own_member(obj, self._machine.semantics.call)
        return tuple(self._universe.make(Bound, obj, member) for member in members if isinstance(member, FunctionObj))

    def _around(self, served: Value) -> Value:
        """Functions and objects of the project's own that are served, perhaps by an adapter: they pass requests on."""
        found: list[Obj] = []
        for obj in served:
            found += self._called_as(obj)
            if isinstance(obj, Instance) and isinstance(obj.type, External) and not self._is_application(obj):
                type_ = self._models.type(self._models.canonical(obj.type.symbol))
                for name in () if type_ is None else type_.params:
                    for each in self._heap.load(obj, about(Fact.INITIAL, name)):
                        found += (each,) if _is_function(each) else self._called_as(each)
        return tuple(dict.fromkeys(found))

    def dispatch(self, callee: Value, args: Args, site: ir.Site, frame: Frame) -> None:
        """A library object is called with Lambda's event: it may call whatever it was handed."""
        if self._world.importing() or not any(
            isinstance(obj, Unknown) and obj.term in (EVENT, CONTEXT) for obj in args.every()
        ):
            return
        self.serve((*callee, *args.every()), site, frame)

    def pass_on(self, called: Instance, site: ir.Site, frame: Frame) -> None:
        """An object is called at an invocation: where it is an application, code around it has passed a request on to it."""
        if self._world.importing() or called.base in self._served or not self._is_application(called):
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
        shares = self.shares(self.owners(served))
        applications = [*self._applications(shares)]
        lifespans = applications if self._runs_lifespans(shares, frame) else []

        def endpoints() -> None:
            self._starting = False
            self._perhaps(self._around(served), site, frame)
            passes = next((model.passes for _, model in applications if model.passes), ())
            for obj in self.shares(self.owners(served)):
                self._perhaps(self.handed(obj, frame), site, frame, passes=passes)
            for app, model in applications:
                self._perhaps(self._given(model.endpoints, app, frame), site, frame, model.methods, model.passes)
            for app, model in applications:
                for hook in self._given(model.hooks, app, frame):
                    self.run((hook,), self.anything(), site, frame)

        before = set(frame.paths)
        around = [(app, begin) for app, model in lifespans for begin in self._given(model.lifespan, app, frame)]
        self._starting = bool(around)
        self._within(around, endpoints, site, frame)
        self._starting = False
        adapter = self._world.adapter
        own = (model.remedy for _, model in applications if adapter.background == "before")
        text = adapter.remedy or next((each for each in own if each), "")
        if text:
            self._world.advise(frame.paths.keys() - before, text)
        for app, model in lifespans:
            self._machine.handles.join_scope(
                self._given(model.waits, app, frame), frame, "unlikely", Place(frame.path, site)
            )
            for stop in model.stop:
                for function in self._given(stop, app, frame):
                    self.run((function,), Args(), site, frame)

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

    def _is_application(self, obj: Instance) -> bool:
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

    def anything(self) -> Args:
        """The arguments of a call by a framework: whatever a request holds."""
        return Args(rest=self._universe.unknown, extra=self._universe.unknown)

    def _requested(self, function: Obj, passes: tuple[str, ...], site: ir.Site, frame: Frame) -> Args:
        """The arguments of an endpoint, of these types."""
        plain = function.function if isinstance(function, Bound) else function
        if not passes or not isinstance(plain, FunctionObj):
            return self.anything()
        alloc = Alloc(frame.path, site, 0)
        given: list[Value] = [
            (self._universe.make(Instance, self._universe.external(type_)[0], alloc),) for type_ in passes
        ]
        count = sum(param.kind == "positional" for param in plain.function.params)
        if count > len(passes) + isinstance(function, Bound):  # an exception comes first
            given.insert(0, self._universe.unknown)
        return replace(self.anything(), positional=given)

    def _perhaps(
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
            for called in self.endpoints(function, methods, frame):
                before = frame.state
                if before is None:
                    break
                given = self._requested(called, passes, site, frame)
                run = partial(self.run, (called,), given, site, frame)
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

    def endpoints(self, function: Obj, methods: tuple[str, ...], frame: Frame) -> Iterator[Obj]:
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
        for name in (*methods, *self._methods(function, frame)) if isinstance(function, ClassObj) else ():
            if self._machine.classes.member(self._machine.classes.mro(function), name):
                yield from self._machine.objects.attribute(
                    self._machine.definitions.some_instance((function,), name, frame), name, frame
                )

    def _methods(self, obj: Obj, frame: Frame) -> tuple[str, ...]:
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
            self._machine.handles.escape(Args([handles]), site, frame)
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
        if isinstance(function, FunctionObj):
            for param in function.function.params:
                for said in (param.default, param.annotation):
                    for obj in self._machine.parameters.default(function, said) if said is not None else NOTHING:
                        if isinstance(obj, Provided):
                            yield param.name, obj.function


def _is_function(obj: Obj) -> bool:
    return isinstance(obj, (FunctionObj, Partial)) or (isinstance(obj, Bound) and isinstance(obj.function, FunctionObj))


def _path(obj: Obj) -> str:
    """The file that defines a function or class; the empty path stands for what is not known."""
    while isinstance(obj, (Bound, Decorated)):
        obj = obj.function
    return obj.path if isinstance(obj, (FunctionObj, ClassObj)) else ""


def _maker(term: Term) -> Term | None:
    """The call inside a symbolic name: ``app.router.get`` is a part of what ``App()`` gave."""
    while term and term[0] in ("attr", "item", "awaited"):
        term = term[1]
    return term if term and term[0] == "call" else None
