"""Calls of libraries: which rows of the models speak of one, and what is supposed where none does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact, about
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    Const,
    Container,
    External,
    Instance,
    Obj,
    Suspended,
    Value,
    union,
)
from lint_lambda.analysis.library import (
    answer,
    build,
    callback,
    cancel,
    chain,
    construction,
    deferred,
    events,
    failure,
    harmless,
    injection,
    join,
    known,
    launch,
    member,
    non_waiting_flush,
    options,
    passthrough,
    put,
    reading,
    record,
    scope,
    set_up,
    shutdown,
    signal,
    suspension,
    variable,
)
from lint_lambda.analysis.library.call import NO_SITE, Call
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.names import Symbol
from lint_lambda.core.record import replace
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine

_Apply = Callable[[Any, Call, "Machine"], Value]


def _nothing(model: m.CallModel, call: Call, machine: Machine) -> Value:
    """What a row does whose ``unless`` holds."""
    return NOTHING


class Verb(NamedTuple):
    """What a row of a verb does; `otherwise`: where one of its ``unless`` holds."""

    apply: _Apply
    otherwise: _Apply = _nothing


VERBS: dict[type[Any], Verb] = {
    m.LaunchModel: Verb(launch.apply),
    m.JoinModel: Verb(join.apply, join.declined),
    m.CancelModel: Verb(cancel.apply),
    m.NonWaitingFlushModel: Verb(non_waiting_flush.apply),
    m.SignalModel: Verb(signal.apply),
    m.ScopeModel: Verb(scope.apply, scope.without_exit),
    m.PassthroughModel: Verb(passthrough.apply),
    m.CallbackModel: Verb(callback.apply),
    m.PutModel: Verb(put.apply),
    m.BuildModel: Verb(build.apply),
    m.OptionModel: Verb(options.apply),
    m.ParseModel: Verb(options.parse),
    m.VariableModel: Verb(variable.apply),
    m.ListenModel: Verb(events.listen),
    m.EmitModel: Verb(events.emit),
    m.AnswerModel: Verb(answer.apply),
    m.ProvideModel: Verb(injection.provide),
    m.InjectModel: Verb(injection.inject),
    m.HarmlessModel: Verb(harmless.apply),
    m.KnownModel: Verb(known.apply),
    m.FailureModel: Verb(failure.apply),
    m.SuspensionModel: Verb(suspension.apply),
    m.DurableModel: Verb(_nothing),  # asked where the function that it decorates is called
    m.ShutdownModel: Verb(shutdown.apply),
    m.SetUpModel: Verb(set_up.apply),
    m.MemberModel: Verb(member.apply),
    m.RecordModel: Verb(record.apply),
    m.ChainModel: Verb(chain.apply),
    m.DeferredModel: Verb(deferred.apply),
    m.ShieldModel: Verb(_nothing),  # asked where the context manager is left
}


def apply(model: m.CallModel, call: Call, machine: Machine) -> Value:
    """Do what one row says of a call, if it applies."""
    verb = VERBS[type(model)]
    selectors = machine.selectors
    if not selectors.hold(model.when, call):
        # More unknown is no reason for silence: what may launch, or keep what launches, is taken to do so.
        if not isinstance(model, (m.LaunchModel, m.PutModel)) or not all(
            selectors.may_hold(each, call) for each in model.when
        ):
            return NOTHING
        call = replace(call, unsure=True)
    if any(selectors.holds(condition, call) for condition in model.unless):
        return verb.otherwise(model, call, machine)
    if isinstance(model, m.JoinModel) and any(selectors.may_hold(each, call) for each in model.unless):
        call = replace(call, unsure=True)
    if not (isinstance(model, (m.LaunchModel, m.CallbackModel)) and model.once):
        return verb.apply(model, call, machine)
    before = set(call.frame.paths)
    result = verb.apply(model, call, machine)
    machine.world.stepped.update(launch.place for launch in call.frame.paths.keys() - before)
    return result


class Library:
    """Applies every row that speaks of a call."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._models = machine.models
        self._universe = machine.universe
        self._semantics = machine.semantics

    def call(self, call: Call) -> Value:
        """Call a library function; one that is lazy only makes something to be run later."""
        call = replace(call, symbol=self._models.canonical(call.symbol))
        known_rows = self._models.of(call.symbol)
        owner = call.symbol.rpartition(".")[0]
        first_is_receiver = self._semantics.receivers == "first" and call.receiver is None and call.args.positional
        if first_is_receiver and self._models.type(owner) is not None:
            # An unbound method: map(Thread.start, threads), a base's initialiser called by name.
            first = call.args.positional[0]
            if len(first) == 1 and self._is_a(first[0], owner):
                return self.call(call.on(first[0], replace(call.args, positional=call.args.positional[1:])))
        if _is_read_late(known_rows) and (_calls_each(known_rows) or self._reads(call)):
            return (self._suspend("generator", call),)
        if _is_lazy(known_rows) and self._semantics.awaits_values:
            lazy = any(getattr(row, "lazy", False) and self._machine.selectors.counts(row, call) for row in known_rows)
            return self._promise(known_rows, call) if lazy else self.apply(call)
        if _is_lazy(known_rows):
            made = self._suspend("coroutine", call)
            handles = self._machine.handles
            given = tuple(obj for obj in handles.within(call.args.every(), call.frame) if isinstance(obj, Suspended))
            handles.join(given, call.frame)
            label = ".".join(call.symbol.split(".")[-2:])
            launched = Launch(call.place, "coroutine", call.symbol, label, call.frame.qualname, fate=Fate.NEVER_RUNS)
            handles.launch(made, launched, call.frame)
            return (made,)
        return self.apply(call)

    def _reads(self, call: Call) -> bool:
        """Whether to go over what a call is given does something: a generator runs, or work is waited for."""
        names = (*self._semantics.iterate, *self._semantics.advance)
        given = self._machine.handles.within(union(*call.args.positional, call.args.rest), call.frame)
        return any(
            (isinstance(obj, Suspended) and obj.kind == "generator")
            or (isinstance(obj, Instance) and self._machine.classes.modelled_member(obj, names) is not None)
            for obj in given
        )

    def _promise(self, rows: tuple[m.CallModel, ...], call: Call) -> Value:
        """What a call gives that waits only once this is awaited: it holds what the call waits for."""
        made = self._universe.make(Instance, self._universe.external(self._semantics.async_type)[0], call.alloc)
        for model in rows:
            if isinstance(model, m.JoinModel) and self._machine.selectors.counts(model, call):
                target = self._machine.selectors.select(model.target, call)
                held = self._machine.handles.launched_on(target) if model.of == "scope" else target
                self._machine.heap.store(made, Fact.HOLDS, held)
        return (made,)

    def _suspend(self, kind: str, call: Call) -> Suspended:
        callee: Obj = self._universe.make(External, call.symbol)
        if call.receiver is not None and kind == "coroutine":
            callee = self._universe.make(Bound, call.receiver, callee)
        made = self._universe.make(Suspended, kind, callee, call.alloc)
        self._machine.held_calls[made] = (callee, call.args)
        return made

    def _seen_in(self, view: Obj) -> Iterator[Obj]:
        """An object, and that of which it is a view (`client.responses`), if it is one, and so on."""
        seen: list[Obj] = [view]
        for one in seen:
            yield one
            seen += (owner for owner in self._machine.heap.load(one, about(Fact.INITIAL, "self")) if owner not in seen)

    def _is_loop_bound(self, obj: Obj) -> bool:
        names = self._machine.classes.library_types(obj)
        return any(self._models.loop_bound(self._models.canonical(name)) is not None for name in names)

    def _is_a(self, obj: Obj, type_: Symbol) -> bool:
        return bool(type_) and any(
            type_ in self._models.ancestry(self._models.canonical(name))
            for name in self._machine.classes.library_types(obj)
        )

    def apply(self, call: Call) -> Value:
        """Do what the models say of this call, and return its value."""
        frame, symbol = call.frame, call.symbol
        if frame.state is None:
            return self._universe.unknown
        rows = self._models.of(symbol)
        if symbol in self._semantics.current_loop and not frame.activation.on_loop:
            self._machine.world.current_loop = True
        if self._fails(call):
            return NOTHING
        if call.receiver is not None and _is_lazy(rows):
            bound = frozenset(one.base for one in self._seen_in(call.receiver) if self._is_loop_bound(one))
            if bound:
                frame.does(Effects(uses=bound))
        constructed = self._semantics.operation(symbol, self._semantics.construct)
        if constructed and call.receiver is not None:
            construction.store_initial(call.receiver, constructed, call.args, self._machine)
            return self._universe.const(None)
        if call.receiver is not None and self._semantics.operation(symbol, self._semantics.exit):
            self._machine.handles.end_scope(call.receiver, frame)
        result: Value = NOTHING
        type_ = self._models.made_type(symbol)
        if type_ is not None and not any(isinstance(model, _MAKING) and model.returns for model in rows):
            result = construction.construct(type_, call, self._machine)
        ends = self._models.pair_type(symbol)
        if ends is not None:
            return construction.pair(ends, call, self._machine)
        if not rows and type_ is None:
            return self._unmodelled(call)
        for model in rows:
            if not isinstance(model, m.FailureModel):
                result = union(result, apply(model, call, self._machine))
        return result or self._universe.unknown_of("call", frame.path, call.site, frame.context)

    def _fails(self, call: Call) -> bool:
        """Whether the call surely raises."""
        for model in self._models.of(call.symbol):
            if isinstance(model, m.FailureModel):
                apply(model, call, self._machine)
        return call.frame.state is None

    def _unmodelled(self, call: Call) -> Value:
        frame = call.frame
        if call.decorates:
            self._machine.frameworks.register(call.args.positional[0], call.receivers)
            return call.args.positional[0]
        if self._models.harmless(call.symbol):
            return self._universe.unknown_of("call", frame.path, call.site, frame.context)
        if not isinstance(call.receiver, Instance) or not self._is_signalling(call.receiver):
            may_fail(frame, works=call.symbol.rpartition(".")[2] not in self._semantics.ending)
        if isinstance(call.receiver, Container) and self._machine.heap.load(call.receiver, Fact.GUESSED):
            # Its type has no such member: it is of a library's, whose way to wait for what it holds is not known.
            self._machine.handles.escape(Args([(call.receiver,)]), call.site, frame)
        name = self._universe.external(call.symbol)
        if not call.symbol.rpartition(".")[2][:1].isupper():  # to make an object of a class is no request
            reading.unseen(name, frame, self._machine)
        made = reading.made(call, self._named_result(call), self._machine)
        return self._machine.frameworks.unseen(call.receivers, call.args, made, call.site, frame)

    def _named_result(self, call: Call) -> Value:
        """The result of a library call: the same for the same constants, else one for each call."""
        if _pure(call.args):
            parts = [_term_part(value) for value in call.args.positional[:3]]
            named = [(name, _term_part(value)) for name, value in sorted(call.args.keywords.items())[:3]]
            return self._universe.unknown_of(
                "result", call.symbol, *parts, *(f"{name}={part!r}" for name, part in named)
            )
        return self._universe.unknown_of("call", call.frame.path, call.site, call.frame.context)

    def _is_signalling(self, receiver: Instance) -> bool:
        """Whether this is an object of the kind that work signals; what else is done with it takes no time."""
        return any(self._models.type(name) is not None for name in self._machine.classes.library_types(receiver))

    def subscript(self, obj: External | Instance, index: Value, frame: Frame) -> Value:
        """What the models know of ``library_object[index]``."""
        if isinstance(obj, Instance):
            members = (self._machine.classes.library_member(obj, name) for name in self._semantics.index)
            known = next((symbol for symbol in members if symbol is not None and self._models.made_type(symbol)), None)
            return NOTHING if known is None else self.apply(Call(known, obj, Args([index]), obj.alloc.site, frame))
        symbols = [f"{obj.symbol}.{name}" for name in self._semantics.index]
        known_rows = [symbol for symbol in symbols if self._models.of(symbol)]
        return self.apply(Call(known_rows[0], None, Args([index]), NO_SITE, frame)) if known_rows else NOTHING

    def variable(self, obj: External, index: Value, frame: Frame) -> Value:
        """The variable of the process that ``library_object[index]`` reads; nothing where that reads no variable."""
        symbols = (f"{obj.symbol}.{name}" for name in self._semantics.index)
        reads = any(isinstance(row, m.VariableModel) for symbol in symbols for row in self._models.of(symbol))
        return self.subscript(obj, index, frame) if reads else NOTHING

    def put_item(self, obj: External, index: Value, value: Value, frame: Frame) -> None:
        """What the models say of ``library_object[index] = value``."""
        for name in self._semantics.put_index:
            symbol = f"{obj.symbol}.{name}"
            if self._models.of(symbol):
                self.apply(Call(symbol, None, Args([index, value]), NO_SITE, frame))

    def set_member(self, obj: External, name: str, value: Value, frame: Frame) -> None:
        """What the models say of ``library_object.name = value``: it may set the library up."""
        symbol = self._models.canonical(f"{self._models.canonical(obj.symbol)}.{name}")
        for model in self._models.of(symbol):
            if isinstance(model, m.SetUpModel):
                apply(model, Call(symbol, None, Args([value]), NO_SITE, frame), self._machine)

    def stops_early(self, symbol: Symbol) -> bool:
        """Whether a call reads what it is given only as far as it needs."""
        rows = self._models.of(self._models.canonical(symbol))
        return any(isinstance(model, m.PassthroughModel) and model.stops for model in rows)

    def reads_late(self, symbol: Symbol) -> bool:
        """Whether a call goes over what it is given only as its result is read."""
        return _is_read_late(self._models.of(self._models.canonical(symbol)))

    def time_out(self, iterable: Value, handles: Value, site: ir.Site, frame: Frame) -> None:
        """Iterating over `handles` as they are done may end early, by the exception of a timeout."""
        for model, obj in self._machine.selectors.finishing(iterable):
            call = Call("", obj, Args(), site, frame)
            if model.raises and join.doubt_of(model.may_when, call, self._machine):
                join.time_out(model, handles, call, self._machine)

    def join_elements(self, obj: Instance, frame: Frame) -> None:
        """Reading the elements of a library object may wait for work."""
        names = (*self._semantics.iterate, *self._semantics.advance)
        symbol = self._machine.classes.modelled_member(obj, names)
        if symbol is not None and any(isinstance(model, m.JoinModel) for model in self._models.of(symbol)):
            self.apply(Call(symbol, obj, Args(), obj.alloc.site, frame))


_MAKING = (m.LaunchModel, m.ChainModel, m.DeferredModel)
"""The verbs that make what the call returns."""


def _is_lazy(rows: tuple[m.CallModel, ...]) -> bool:
    """Whether a call only makes a coroutine, which does the rest where it is awaited."""
    return any(getattr(model, "lazy", False) for model in rows)


def _is_read_late(rows: tuple[m.CallModel, ...]) -> bool:
    """Whether a call goes over what it is given only as its result is read."""
    return any(isinstance(model, (m.CallbackModel, m.PassthroughModel)) and model.deferred for model in rows)


def _calls_each(rows: tuple[m.CallModel, ...]) -> bool:
    """Whether a call is there to call a function for each of what it is given."""
    return any(isinstance(model, m.CallbackModel) for model in rows)


def may_fail(frame: Frame, *, works: bool = True) -> None:
    """A call into code that is not analysed takes time, unless it does not work but ends something, and may raise."""
    if works:
        frame.works_on()
    if frame.state:
        frame.raise_edge(frame.state, explicit=False)


def _pure(args: Args) -> bool:
    """Whether a call can be named by its arguments: they are all constants."""
    return bool(args.positional) and all(map(_is_const, (*args.positional, *args.keywords.values())))


def _is_const(value: Value) -> bool:
    return len(value) == 1 and isinstance(value[0], Const)


def _term_part(value: Value) -> object:
    return value[0].value if len(value) == 1 and isinstance(value[0], Const) else "?"
