"""Calls of what the project defines: functions, through their summaries, and classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import Effects, joined
from lint_lambda.analysis.domain.frame import Args, Frame, either
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import EMPTY, Launch
from lint_lambda.analysis.domain.summary import Activation, Summary
from lint_lambda.analysis.domain.translation import Translation, compose_states, relaunched
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    Bound,
    CellScope,
    ClassObj,
    Const,
    Decorated,
    External,
    FunctionObj,
    Identity,
    Instance,
    Managed,
    Memoised,
    Memoiser,
    Obj,
    Partial,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.domain.world import CALL_STRING
from lint_lambda.analysis.library import construction
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.dispatch import may_fail
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_CALL = 60


class Calls:
    """Everything that calling a value can mean."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap

    # --- dispatch --------------------------------------------------------------------------------------------------------

    def call(self, callee: Value, args: Args, site: ir.Site, frame: Frame, decorates: bool = False) -> Value:
        """Call every object `callee` may be; the states of several meet."""
        callee = self._likeliest(callee)
        if len(callee) == 1:
            return self._call(callee[0], args, site, frame, decorates)
        if callee and all(isinstance(obj, Bound) and isinstance(obj.function, External) for obj in callee):
            # One method of whichever handle was made: on every path it is called on the one there is.
            if not any(self._launches(obj.function) for obj in callee if isinstance(obj, Bound)):
                return union(*(self._call(obj, args, site, frame, decorates) for obj in callee))
        ways = [partial(self._call, obj, args, site, frame, decorates) for obj in callee]
        return union(*either(frame, ways)) or self._universe.unknown

    def _likeliest(self, callee: Value) -> Value:
        """Of several things a callee may be, those we know something of; calling None never succeeds."""
        if len(callee) < 2:
            return callee
        known = tuple(
            obj
            for obj in callee
            if not isinstance(obj, (Unknown, Const)) and not (isinstance(obj, External) and not self._is_modelled(obj))
        )
        return known or tuple(obj for obj in callee if not isinstance(obj, Const)) or callee

    def call_library(self, call: Call) -> Value:
        """Call a library function, or decorate with it."""
        return self._machine.decorators.decorate(call) or self._machine.library.call(call)

    def _launches(self, function: Obj) -> bool:
        symbol = self._models.canonical(function.symbol) if isinstance(function, External) else ""
        return any(isinstance(model, m.LaunchModel) for model in self._models.of(symbol))

    def _is_modelled(self, obj: External) -> bool:
        symbol = self._models.canonical(obj.symbol)
        return bool(self._models.of(symbol)) or self._models.made_type(symbol) is not None

    def _call(self, obj: Obj, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        if isinstance(obj, FunctionObj):
            return self.call_function(obj, args, site, frame)
        if isinstance(obj, Bound):
            if isinstance(obj.function, External):
                if obj.function.symbol.endswith(".__await__"):
                    return self._machine.wait((obj.receiver,), site, frame)
                return self.call_library(Call(obj.function.symbol, obj.receiver, args, site, frame, decorates))
            return self._call(obj.function, args.with_first((obj.receiver,)), site, frame, decorates)
        if isinstance(obj, External):
            return self.call_library(Call(obj.symbol, None, args, site, frame, decorates))
        if isinstance(obj, ClassObj):
            return self.construct(obj, args, site, frame)
        if isinstance(obj, Instance):
            return self._call_instance(obj, args, site, frame, decorates)
        if isinstance(obj, Partial):
            function, given = self._machine.held_calls[obj.base]
            together = replace(
                args, positional=[*given.positional, *args.positional], keywords={**given.keywords, **args.keywords}
            )
            return self._call(function, together, site, frame, decorates)
        if isinstance(obj, Managed):
            made = self._universe.make(Suspended, "manager", obj.function, Alloc(frame.path, site, frame.context))
            self._machine.held_calls[made] = (obj.function, args)
            return (made,)
        if isinstance(obj, Memoised):
            return self._call_memoised(obj, args, site, frame)
        if isinstance(obj, Decorated):
            return self._machine.decorators.call(obj, args, site, frame)
        if isinstance(obj, Identity):
            return args.positional[0] if args.positional else self._universe.unknown
        if isinstance(obj, Memoiser):
            return tuple(self._universe.make(Memoised, function) for function in args.every())
        if isinstance(obj, Const) and obj.value is None:
            return NOTHING  # calling None raises; another object is meant on the paths that matter
        if decorates:
            self._machine.frameworks.register(args.positional[0], (obj,))
            return args.positional[0]
        may_fail(frame)
        result = self._universe.unknown_of("call", frame.path, site, frame.context)
        return self._machine.frameworks.unseen((obj,), args, result, site, frame)

    def _call_memoised(self, obj: Memoised, args: Args, site: ir.Site, frame: Frame) -> Value:
        """However often a memoised function is called, what it makes it makes once: callers are not told apart."""
        function = obj.function
        if not isinstance(function, FunctionObj) or function.function.is_async or function.function.is_generator:
            return self._call(function, args, site, frame, False)
        return self._apply(function, args, site, frame, sites=()).returns

    def _call_instance(self, obj: Instance, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        called = self._machine.objects.class_member(self._machine.objects.mro(obj.type), "__call__")
        if called:
            return self.call(called, args.with_first((obj,)), site, frame, decorates)
        symbol = self._machine.objects.library_member(obj, "__call__")
        if decorates and (symbol is None or not (self._models.of(symbol) or self._models.made_type(symbol))):
            return args.positional[0]
        if symbol is not None:
            return self.call_library(Call(symbol, obj, args, site, frame, decorates))
        return self._machine.frameworks.unseen((obj,), args, self._universe.unknown, site, frame)

    # --- functions -------------------------------------------------------------------------------------------------------

    def call_function(self, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call a function; an async or generator function only makes something to be run later."""
        function = callee.function
        if function.is_generator or function.is_async:
            kind = "generator" if function.is_generator else "coroutine"
            made = self._universe.make(Suspended, kind, callee, Alloc(frame.path, site, frame.context))
            self._machine.held_calls[made] = (callee, args)
            if kind == "coroutine":
                name = self._machine.objects.qualname_of(callee)
                self._machine.handles.launch(
                    made,
                    Launch(Place(frame.path, site), "coroutine", name, name, frame.qualname, fate=Fate.NEVER_RUNS),
                    frame,
                )
            return (made,)
        return self._apply(callee, args, site, frame).returns

    def run(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        callee, args = self._machine.held_calls[obj.base]
        if isinstance(callee, FunctionObj):
            return self._apply(callee, args, site, frame).returns
        receiver = callee.receiver if isinstance(callee, Bound) else None
        function = callee.function if isinstance(callee, Bound) else callee
        assert isinstance(function, External)
        return self._machine.library.apply(Call(function.symbol, receiver, args, obj.alloc.site, frame))

    def run_generator(self, obj: Suspended, frame: Frame) -> Value:
        callee, args = self._machine.held_calls[obj.base]
        while isinstance(callee, Bound):
            args, callee = args.with_first((callee.receiver,)), callee.function
        if isinstance(callee, External):
            read = self._machine.library.apply(Call(callee.symbol, None, args, obj.alloc.site, frame))
            return self._machine.objects.elements(read, frame)
        if not isinstance(callee, FunctionObj):
            return self._universe.unknown
        return self._apply(callee, args, obj.alloc.site, frame).yields

    def call_method(self, obj: Instance, name: str, frame: Frame) -> Value:
        method = self._machine.objects.class_member(self._machine.objects.mro(obj.type), name)
        return self.call(method, Args([(obj,)]), obj.alloc.site, frame) if method else NOTHING

    def call_bound(self, function: FunctionObj, receiver: Obj, frame: Frame) -> Value:
        return self.call_function(function, Args([(receiver,)]), function.function.site, frame)

    def run_module(self, path: str, frame: Frame) -> None:
        module = self._world.function(path, MODULE_BODY)
        if module is None:
            return
        callee = self._universe.make(FunctionObj, path, module, 0)
        activation = self._world.activation(callee, (), ())
        if self._world.reading:
            self._world.depends(self._world.reading[-1], activation.number)
        if activation.number not in self._world.summaries and activation.number not in self._world.reading:
            self._summary(activation.number, callee, {})

    def import_effects(self, path: str, site: ir.Site, frame: Frame) -> None:
        """What importing a module launches is launched here."""
        module = None if self._world.program.copy_of(path) else self._world.function(path, MODULE_BODY)
        if module is not None and not self._world.is_running(path):
            self._apply(self._universe.make(FunctionObj, path, module, 0), Args(), site, frame)

    # --- summaries -------------------------------------------------------------------------------------------------------

    def _apply(
        self, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame, sites: tuple[Place, ...] | None = None
    ) -> Summary:
        """Call through the summary: its effect on the state, its value in the caller's terms."""
        bound = self._machine.parameters.bind(callee, args, frame)
        here = Place(frame.path, site)
        if len(self._world.reading) > DEEPEST_CALL or frame.state is None:
            return Summary(out=EMPTY, returns=self._universe.unknown)
        activation = self.activation(callee, bound, here, frame, sites)
        if self._world.reading:
            self._world.depends(self._world.reading[-1], activation.number)
        self._machine.log.ran(activation.number, site, frame)
        summary = self._world.known(activation.number)
        if summary is None:
            summary = self._summary(activation.number, callee, dict(activation.arguments))
        if activation.number in self._machine.log.polling:
            self._machine.log.freeze(site, frame)
        translation = Translation(self._universe, callee, bound)
        before = frame.state
        for edge in summary.raised:
            raised = compose_states(before, edge.state, translation.guards)
            frame.raise_as(replace(edge, state=raised, remote=True))
        if summary.out is None:
            frame.state = None
        else:
            frame.state = compose_states(
                relaunched(before, summary.out, self._universe), summary.out, translation.guards
            )
            self._sweep(summary.out, frame)
        frame.does(summary.effects.translated(translation.value))
        for launch, path in summary.paths.items():
            frame.paths.setdefault(launch, (here, *path))
        return replace(summary, returns=translation.value(summary.returns), yields=translation.value(summary.yields))

    def activation(
        self,
        callee: FunctionObj,
        bound: Mapping[str, Value],
        here: Place,
        frame: Frame,
        sites: tuple[Place, ...] | None = None,
    ) -> Activation:
        """The activation of `callee` for these arguments and call sites; `sites` replaces those that end `here`."""
        canonical = tuple((name, self._machine.parameters.canonical(value)) for name, value in bound.items())
        if callee.function.qualname == MODULE_BODY:
            sites = ()
        elif sites is None:
            sites = (*frame.activation.sites, here)[-CALL_STRING:]
        on_loop = callee.function.is_async or frame.activation.on_loop
        return self._world.activation(callee, canonical, sites, on_loop)

    def _sweep(self, effect: launch_state.State, frame: Frame) -> None:
        """A call that joined older handles of a place joined any of them: see `LoopFrame.swept`."""
        if not frame.loops:
            return
        for key, entries in effect.items():
            if key.mode == "old" and launch_state.is_clear(entries):
                for loop in frame.loops:
                    loop.swept[key] = None
                    loop.swept[self._universe.in_mode(key, "one")] = None

    def _summary(self, number: int, callee: FunctionObj, arguments: dict[str, Value | None]) -> Summary:
        """Analyse one activation, for this round."""
        self._world.reading.append(number)
        try:
            found = self._analyse(number, callee, arguments)
        finally:
            self._world.reading.pop()
        self._world.finish(number, found)
        return found

    def _analyse(self, number: int, callee: FunctionObj, arguments: dict[str, Value | None]) -> Summary:
        function = callee.function
        activation = self._world.activations[number]
        frame = Frame(activation, callee.path, function.qualname)
        frame.state = {gate.key: launch_state.UNTOUCHED for gate in self._machine.log.gates.values()}
        cell = self._universe.make(CellScope, number)
        for param in function.params:
            value = arguments.get(param.name)
            if value is None:
                value = NOTHING
                if param.annotation is not None:
                    value = self._machine.expressions.annotated_value(param.annotation, function.site, frame)
                if not value:
                    value = self._universe.unknown_of("param", callee.path, function.qualname, param.name)
            frame.env[param.name] = value
            if param.name in function.captured:
                self._heap.store(cell, param.name, value)
        self._machine.statements.run_body(frame, function)
        states = [item.state for item in frame.exits]
        if frame.state is not None:
            states.append(frame.state)
        if not states and frame.endless is not None:
            # It serves for ever; what it has launched is pending all the time.
            states.append(frame.endless.state)
        exits = [(item.place, item.state) for item in frame.exits]
        if frame.state is not None:
            exits.append((None, frame.state))
        returns = union(*(item.value for item in frame.exits))
        if frame.state is not None:
            returns = union(returns, self._universe.const(None))
        return Summary(
            out=launch_state.join(*states) if states else None,
            raised=launch_state.join_edges(frame.raised),
            returns=returns,
            yields=frame.yields,
            effects=_effects(frame),
            exits=tuple(exits),
            paths=frame.paths,
        )

    # --- classes ---------------------------------------------------------------------------------------------------------

    def construct(self, class_: ClassObj, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Make an instance and run its initialiser."""
        made = self._universe.make(Instance, class_, Alloc(frame.path, site, frame.context))
        if frame.loops:
            self._heap.store(made, Fact.MANY, self._universe.const(True))
        order = self._machine.objects.mro(class_)
        initialiser = self._machine.objects.class_member(order, "__init__")
        if initialiser:
            self.call(initialiser, args.with_first((made,)), site, frame)
        else:
            library = [base for base in order if isinstance(base, External)]
            if library:
                construction.store_initial(made, library[0].symbol, args, self._machine)
            self._dataclass_fields(class_, made, args, site, frame)
        return (made,)

    def _dataclass_fields(self, class_: ClassObj, made: Instance, args: Args, site: ir.Site, frame: Frame) -> None:
        """Without an initialiser of its own the annotated names are its parameters, in order."""
        names = [name for base in reversed(self._machine.objects.mro(class_)) for name in _fields(base)]
        for name, value in zip(names, args.positional):
            self._heap.store(made, name, value)
        for name, value in args.keywords.items():
            if name in names:
                self._heap.store(made, name, value)
        after = self._machine.objects.class_member(self._machine.objects.mro(class_), "__post_init__")
        if after:
            self.call(after, Args([(made,)]), site, frame)


def _effects(frame: Frame) -> Effects:
    """What a function has done where control leaves it, in whatever way."""
    done = [item.effects for item in frame.exits]
    if frame.state is not None:
        done.append(frame.effects)
    if frame.endless is not None:
        done.append(frame.endless.effects)
    if frame.thrown is not None:
        done.append(frame.thrown)
    return joined(done)


def _fields(class_: Obj) -> list[str]:
    return [name for name, _ in class_.class_.fields] if isinstance(class_, ClassObj) else []
