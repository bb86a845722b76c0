"""Functions that a library keeps and calls later: endpoints of a web application, listeners, routes.

Nothing is known of such a library but what can be seen: functions are handed to its objects when modules are imported
(``@app.get("/jobs")``, ``router.add(path, view)``), objects are made of objects (``Mangum(app)``), and at an invocation
one of them is called with Lambda's event. Then the functions it was given may run.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.values import (
    Bound,
    ClassObj,
    Container,
    Decorated,
    External,
    FunctionObj,
    Instance,
    Obj,
    Partial,
    Resolver,
    Term,
    Unknown,
    Value,
    in_order,
    union,
)
from lint_lambda.analysis.library import deferred
from lint_lambda.core import ir
from lint_lambda.core.verdict import Place

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_TABLE = 3
"""How deep functions that are handed to a framework may lie in tables of tables: by type, then by field."""

EVENT: Term = ("event",)
CONTEXT: Term = ("context",)
"""The names of the two values that Lambda hands to a handler."""


class Registration:
    """Keeps what a library was handed, by the object it was handed to."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._heap = machine.heap

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
            elif isinstance(obj, Instance) and (
                isinstance(obj.type, External) or self._machine.serving.is_application(obj)
            ):
                out[obj.base] = None
            elif isinstance(obj, Unknown):
                made = _maker(obj.term)
                if made is not None:
                    out[self._universe.make(Unknown, made)] = None
        return list(out)

    def made_of(self, result: Value, *parts: Value) -> None:
        """The result of a library call has a share in the objects it was made from.

        Containers are looked into only where somebody asks for the shares: hardly any call makes what serves requests.
        """
        whole = self.owners(result)
        given = tuple(held for value in parts for held in value) if whole else ()
        if not given:
            return
        containers = {obj.base: None for obj in given if isinstance(obj, Container)}
        owners = (*self.owners(tuple(obj for obj in given if not isinstance(obj, Container))), *containers)
        for obj in whole:
            made_of = in_order(part for part in owners if part is not obj)
            if made_of:
                self._heap.store(obj, Fact.MADE_OF, made_of)

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
        opened: set[Obj] = set()
        pending = list(owners)
        while pending:
            obj = pending.pop(0)
            if isinstance(obj, Container):
                inside = [] if obj in opened else self.owners((obj,))
                opened.add(obj)
                pending.extend(inside)
            elif obj not in found:
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
        if self._world.importing() or self._machine.serving.starting:
            self.made_of(callee, args.every())
        self.give_away(callee, args, result, site, frame)
        self._machine.serving.dispatch(callee, args, site, frame)
        self._machine.handles.escape(args, site, frame)
        if self._machine.semantics.receivers == "apart" and args.positional:
            # Containers of dependencies, and what makes objects of data, give instances of the class that they are given.
            result = union(self._machine.definitions.handed_out(args.positional[0], site, frame), result)
        return result

    def give_away(self, callee: Value, args: Args, result: Value, site: ir.Site, frame: Frame) -> None:
        """Functions among the arguments of a call we cannot see into.

        At an import they are kept for later; otherwise they are called, perhaps.
        """
        functions = tuple(obj for obj in args.every() if is_function(obj))
        for obj in args.every():
            if isinstance(obj, Resolver):
                settled = Fact.FAILS if obj.rejects else Fact.FULFILS
                self._heap.store(obj.handle, settled, self._universe.const(True))
                deferred.entrust(obj.handle, frame, self._machine)
        if not self._world.importing():
            self._machine.log.unseen += 1
            returned = self._called_out_of_sight(functions, site, frame)
            self._machine.log.unseen -= 1
            for obj in result if returned else ():
                self._heap.store(obj, Fact.HOLDS, returned)
            if not self._machine.serving.starting:
                return
        given = self._spread(args.every())
        kept = tuple(obj for obj in given if is_function(obj) or self._machine.endpoints.methods(obj, frame))
        if kept:
            self.register(kept, callee, args.every(), result)

    def _called_out_of_sight(self, functions: Value, site: ir.Site, frame: Frame) -> Value:
        """Code that is not analysed calls `functions`, perhaps, in whatever order.

        Where one of them says that all is done, that may be because what another has launched has told so.
        """
        log, begun = self._machine.log, dict[Obj, set[Launch]]()
        returned: list[Value] = []
        for function in functions:
            count, before = log.settled, set(frame.paths)
            returned.append(self._machine.serving.perhaps((function,), site, frame))
            begun[function] = set(frame.paths) - before
            if log.settled > count:
                self._heap.store(function, Fact.SETTLES, self._universe.const(True))
        telling = [function for function in functions if self._heap.load(function, Fact.SETTLES)]
        if telling:
            reported = {launch for function in begun if function not in telling for launch in begun[function]}
            self._machine.handles.doubt_launches(reported, Place(frame.path, site), frame)
        return union(*returned)

    def _spread(self, value: Value) -> Value:
        """The objects in `value`, and those that containers in it hold, tables of tables of functions among them."""
        found = inside = value
        for _ in range(DEEPEST_TABLE):
            inside = union(*(self._heap.held(obj) for obj in inside if isinstance(obj, Container)))
            found = union(found, inside)
        return found


def is_function(obj: Obj) -> bool:
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
    return term if term and term[0] in ("call", "result") else None
