"""Functions around whose calls a library does something: those that its decorators were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact, slot
from lint_lambda.analysis.domain.launch_state import State
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    Bound,
    Const,
    Container,
    Decorated,
    External,
    FunctionObj,
    Instance,
    Obj,
    Partial,
    Suspended,
    Value,
    union,
)
from lint_lambda.analysis.library import dispatch, launch
from lint_lambda.analysis.library.call import Call
from lint_lambda.core import ir
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DESCRIBING = 3
"""Parameters of a decorator that is handed a description."""

_FUNCTIONS = (FunctionObj, Bound, Decorated)

_DECORATING = (m.LaunchModel, m.JoinModel, m.CallbackModel, m.ScopeModel, m.DurableModel)

_Model = Union[m.LaunchModel, m.JoinModel, m.CallbackModel, m.ScopeModel, m.DurableModel]


class Decorators:
    """Decorates, and calls what was decorated."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._ending: dict[Obj, tuple[tuple[_Model, ...], Call]] = {}
        self._universe = machine.universe

    def decorate(self, call: Call) -> Value:
        """The decorated functions that a call makes; nothing where no row says that it is a decorator."""
        rows = self._rows(call.symbol)
        if not rows:
            return NOTHING
        decorator: Obj = self._universe.external(self._machine.models.canonical(call.symbol))[0]
        if call.receiver is not None:
            decorator = self._universe.make(Bound, call.receiver, decorator)
        selector = rows[0].decorates
        given = NOTHING if selector is None else self._machine.selectors.select(selector, call)
        functions = tuple(obj for obj in given if not isinstance(obj, (Const, Container)))
        if given and not functions:  # settings stand there, and the function comes after it
            functions = tuple(obj for obj in union(*call.args.positional) if isinstance(obj, _FUNCTIONS))
        if not functions:  # called with other arguments only, it waits for the function
            return (self._partial(decorator, call.args, call.alloc),)
        made = [self._universe.make(Decorated, function, decorator, call.alloc) for function in functions]
        self._machine.held_calls.update(dict.fromkeys(made, (decorator, call.args)))
        return tuple(made)

    def wants_description(self, decorator: FunctionObj) -> bool:
        """Whether a decorator of the project's own is handed an object that describes the function."""
        given = sum(param.kind == "positional" for param in decorator.function.params)
        return bool(self._machine.semantics.described) and given == DESCRIBING

    def by_description(self, decorator: FunctionObj, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Decorate: what takes the function's place in its description, or in one that is returned, if anything does."""
        function, place = args.positional[0], slot(self._machine.semantics.described)
        heap, unknown = self._machine.heap, self._universe.unknown
        described = self._universe.make(Container, "dict", Alloc(frame.path, site, frame.context))
        heap.store(described, place, function)
        result = self._machine.call((decorator,), Args([unknown, unknown, (described,)]), site, frame)
        held = union(*(heap.load(obj, place) for obj in (described, *result) if isinstance(obj, Container)))
        return tuple(obj for obj in held if isinstance(obj, _FUNCTIONS) and obj not in function) or function

    def call(self, obj: Decorated, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call the function, with what its decorator does before and after it, or in its place."""
        decorator, given = self._machine.held_calls[obj.base]
        receiver = decorator.receiver if isinstance(decorator, Bound) else None
        function = decorator.function if isinstance(decorator, Bound) else decorator
        assert isinstance(function, External)
        rows = self._rows(function.symbol)
        if any(isinstance(model, m.CallbackModel) and model.moment == "middleware" for model in rows):
            alloc = Alloc(frame.path, site, frame.context)
            return (self._partial(obj.function if args.positional else obj, args, alloc),)
        tying = next((model for model in rows if isinstance(model, m.CallbackModel) and model.moment == "ties"), None)
        if tying is not None:
            tied = self._partial(obj.function, args, Alloc(frame.path, site, frame.context))
            if tying.ties != "none":
                self._machine.heap.store(tied, Fact.BINDS, self._universe.const(1 if tying.ties == "first" else 2))
            return (tied,)
        durable = next((model for model in rows if isinstance(model, m.DurableModel)), None)
        if durable is not None:
            return self._durably(durable, obj, args, site, frame)
        decorating = Call(function.symbol, receiver, given, site, frame)
        launches = [model for model in rows if isinstance(model, m.LaunchModel) and model.work is not None]
        instead = [model for model in launches if self._machine.selectors.counts(model, decorating)]
        if instead:
            started = replace(decorating, args=args.with_first((obj.function,)))
            return union(*(launch.apply(model, started, self._machine) for model in instead))
        decorating = replace(decorating, shown=Place(obj.alloc.path, obj.alloc.site))
        for model in rows:
            if isinstance(model, m.CallbackModel) or (isinstance(model, m.ScopeModel) and model.runs is not None):
                dispatch.apply(model, decorating, self._machine)
        before = frame.state
        edges = frame.guard()
        result = self._machine.call((obj.function,), args, site, frame)
        frame.tries.pop()
        if before is None:
            return result
        suspended = [made for made in result if isinstance(made, Suspended) and made.kind == "coroutine"]
        if suspended and len(suspended) == len(result):
            # What is begun around it ends where it is run; what waits has nothing to wait for yet.
            begun = tuple(model for model in rows if isinstance(model, m.LaunchModel))
            self._ending.update({made.base: (begun, decorating) for made in suspended})
            rows = tuple(model for model in rows if model not in begun)
        after = frame.state
        for edge in edges:
            frame.state = edge.state
            self._end(rows, decorating, before)
            frame.raise_as(replace(edge, state=frame.state))
        frame.state = after
        self._end(rows, decorating, before)
        return result

    def _durably(self, model: m.DurableModel, obj: Decorated, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call a handler with what the library makes of Lambda's event and context."""
        given = [*args.positional, *[NOTHING] * len(model.passes)]
        passed = [
            (self._universe.make(Instance, self._universe.external(type_)[0], Alloc(frame.path, site, 0)),)
            if type_
            else value
            for type_, value in zip(model.passes, given)
        ]
        result = self._machine.call((obj.function,), Args(passed), site, frame)
        return self._machine.wait(result, site, frame) if model.awaits and frame.state is not None else result

    def ran(self, made: Suspended, before: State, frame: Frame) -> None:
        """What a decorated async function has made was run to its end."""
        rows, decorating = self._ending.get(made.base, ((), None))
        if decorating is not None and frame.state is not None:
            self._end(rows, replace(decorating, frame=frame), before)

    def _end(self, rows: tuple[_Model, ...], call: Call, before: State) -> None:
        """Do what a decorator does as the function ends, in this state."""
        for model in rows:
            if isinstance(model, m.JoinModel) or (isinstance(model, m.LaunchModel) and model.work is None):
                dispatch.apply(model, call, self._machine)
            elif isinstance(model, m.ScopeModel) and model.around is not None:
                around = self._machine.selectors.select(model.around, call)
                self._machine.handles.end_around(around, before, call.frame)

    def _partial(self, callee: Obj, args: Args, alloc: Alloc) -> Partial:
        made = self._universe.make(Partial, alloc)
        self._machine.held_calls[made] = (callee, args)
        self._machine.heap.store(made, Fact.CALLEE, (callee,))
        return made

    def _rows(self, symbol: Symbol) -> tuple[_Model, ...]:
        """What the models say of a call that is a decorator."""
        return tuple(
            model
            for model in self._machine.models.of(self._machine.models.canonical(symbol))
            if isinstance(model, _DECORATING) and model.decorates is not None
        )
