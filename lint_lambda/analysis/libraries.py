"""Calls of libraries: what the models say of them, and what is supposed of the rest."""

from __future__ import annotations

from dataclasses import replace

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import Doubt, Edge, Launch
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.lifecycle_log import Log
from lint_lambda.analysis.objects import ANY_ELEMENT, HOLDS, SIGNALLED_BY, SIGNALLED_EARLY_BY, slot
from lint_lambda.analysis.surrounding import Surrounding
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    Bound,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    Managed,
    Memoised,
    Obj,
    Partial,
    Probe,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Condition

DELIBERATE_SECONDS = 5.0
"""A silent timeout at least this long is a latency budget somebody chose; a shorter one is likely to give up."""


class Libraries(Surrounding):
    """Applies every model of a call."""

    _polling = False
    """Whether a loop's condition is evaluated: leaving the loop because work is done is waiting for it."""

    log: Log

    # --- calls -----------------------------------------------------------------------------------------------------------

    def call_library(
        self, symbol: str, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame, decorates: bool
    ) -> Value:
        symbol = self.models.canonical(symbol)
        known = self.models.of(symbol)
        if receiver is None and args.positional and self.models.type(symbol.rpartition(".")[0]) is not None:
            # An unbound method: map(Thread.start, threads), a base's initialiser called by name.
            first = args.positional[0]
            if len(first) == 1 and self._is_a(first[0], symbol.rpartition(".")[0]):
                rest = replace(args, positional=args.positional[1:])
                return self.call_library(symbol, first[0], rest, site, frame, decorates)
        if any(isinstance(model, m.CallbackModel) and model.deferred for model in known):
            deferred: Obj = self.universe.make(External, symbol)
            made = self.universe.make(Suspended, "generator", deferred, Alloc(frame.path, site, frame.context))
            self._suspended[made] = (deferred, args)
            return (made,)
        if any(getattr(model, "lazy", False) for model in known):
            callee: Obj = self.universe.make(External, symbol)
            if receiver is not None:
                callee = self.universe.make(Bound, receiver, callee)
            made = self.universe.make(Suspended, "coroutine", callee, Alloc(frame.path, site, frame.context))
            self._suspended[made] = (callee, args)
            given = tuple(obj for obj in self.handles(args.every(), frame) if isinstance(obj, Suspended))
            self.join(given, frame)
            label = ".".join(symbol.split(".")[-2:])
            self.launch_on(made, self._coroutine(symbol, label, site, frame), frame)
            return (made,)
        return self.apply_models(symbol, receiver, args, site, frame, decorates=decorates)

    @staticmethod
    def _coroutine(call: str, label: str, site: ir.Site, frame: Frame) -> Launch:
        """Making a coroutine: a launch that never runs unless something awaits it."""
        return Launch(Place(frame.path, site), "coroutine", call, label, frame.qualname, fate=Fate.NEVER_RUNS)

    def _is_a(self, obj: Obj, type_: str) -> bool:
        return bool(type_) and any(
            type_ in self.models.ancestry(self.models.canonical(name)) for name in self.library_types(obj)
        )

    def apply_models(
        self,
        symbol: str,
        receiver: Obj | None,
        args: Args,
        site: ir.Site,
        frame: Frame,
        decorates: bool = False,
    ) -> Value:
        """Do what the models say of this call, and return its value."""
        if frame.state is None:
            return self.universe.unknown
        known = self.models.of(symbol)
        for model in known:
            if isinstance(model, m.FailureModel) and all(self.holds(c, receiver, args, frame) for c in model.when):
                frame.raise_as(Edge(frame.state, model.raises))
                frame.state = None
                return NOTHING
        result: Value = NOTHING
        type_ = self.models.made_type(symbol)
        if symbol.endswith(".__init__") and receiver is not None:
            self.store_initial(receiver, symbol.rpartition(".")[0], args)
            return self.universe.const(None)
        if type_ is not None and not any(isinstance(model, m.LaunchModel) and model.returns for model in known):
            made = self.universe.make(
                Instance, self.universe.external(type_)[0], Alloc(frame.path, site, frame.context)
            )
            if frame.loops:
                self.world.store(made, "<many>", self.universe.const(True))
            self.store_initial(made, type_, args)
            if receiver is not None:
                self.world.store(made, "<init self>", (receiver,))
            if self.world.importing():
                self.world.store(made, "<init import>", self.universe.const(True))
            described = self.models.type(type_)
            if described is not None and described.holds is not None:
                held = self.select(described.holds, None, args, NOTHING, frame)
                self.world.store(made, HOLDS, tuple(self.handles(held, frame)))
            result = (made,)
            self.made_of(result, args.every())
        pair = self.models.pair_type(symbol)
        if pair is not None:
            end = self.universe.make(Instance, self.universe.external(pair)[0], Alloc(frame.path, site, frame.context))
            both = self.universe.make(Container, "tuple", Alloc(frame.path, site, frame.context))
            self.world.store(both, slot(0), (end,))
            self.world.store(both, slot(1), (end,))
            return (both,)
        if not known and type_ is None:
            return self._unmodelled(symbol, receiver, args, site, frame, decorates)
        for model in known:
            made_by_model = self._model(model, symbol, receiver, args, site, frame)
            result = union(result, made_by_model)
        return result or self.universe.unknown_of("call", frame.path, site, frame.context)

    def _unmodelled(
        self, symbol: str, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame, decorates: bool
    ) -> Value:
        callee: Value = (receiver,) if receiver is not None else NOTHING
        if decorates:
            self.register(args.positional[0], callee)
            return args.positional[0]
        if self.models.harmless(symbol):
            return self.universe.unknown_of("call", frame.path, site, frame.context)
        if not isinstance(receiver, Instance) or not self._is_signalling(receiver):
            self.may_fail(frame)
        return self.unseen(callee, args, self._named_result(symbol, args, site, frame), site, frame)

    def unseen(self, callee: Value, args: Args, result: Value, site: ir.Site, frame: Frame) -> Value:
        """A call into code we cannot see: what may come of it, and its `result`."""
        self.made_of(result, callee, args.every())
        if self.world.importing():
            self.made_of(callee, args.every())
        self.give_away(callee, args, result, site, frame)
        self.dispatch(callee, args, site, frame)
        self.escape(args, site, frame)
        return result

    def _named_result(self, symbol: str, args: Args, site: ir.Site, frame: Frame) -> Value:
        """The result of a library call: the same for the same constants, else one for each call."""
        if _pure(args):
            return self.universe.unknown_of("call", symbol, *(_term_part(value) for value in args.positional[:3]))
        return self.universe.unknown_of("call", frame.path, site, frame.context)

    def _is_signalling(self, receiver: Instance) -> bool:
        """Whether this is an object of the kind that work signals; what else is done with it takes no time."""
        return any(self.models.type(name) is not None for name in self.library_types(receiver))

    def may_fail(self, frame: Frame) -> None:
        """A call into code we cannot see takes time and may raise."""
        frame.works_on()
        if frame.state:
            frame.raise_edge(frame.state, explicit=False)

    def _model(
        self, model: m.CallModel, symbol: str, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame
    ) -> Value:
        if isinstance(model, m.LaunchModel):
            if not all(self.holds(condition, receiver, args, frame) for condition in model.when):
                return NOTHING
            if any(self.holds(condition, receiver, args, frame) for condition in model.unless):
                return NOTHING
            return self.start(model, symbol, receiver, args, site, frame)
        if isinstance(model, m.JoinModel):
            return self._join_model(model, receiver, args, site, frame)
        if isinstance(model, m.CancelModel):
            if not all(self.holds(condition, receiver, args, frame) for condition in model.when):
                return NOTHING
            target = self.select(model.target, receiver, args, NOTHING, frame)
            (self.join_scope if model.of == "scope" else self.join)(target, frame)
        elif isinstance(model, m.PretenceModel):
            if not any(self.holds(condition, receiver, args, frame) for condition in model.unless):
                target = self.select(model.target, receiver, args, NOTHING, frame)
                target = self.launched_on(target) if model.of == "scope" else target
                self.pretend(target, symbol, Place(frame.path, site), frame)
        elif isinstance(model, m.SignalModel):
            for obj in self.select(model.target, receiver, args, NOTHING, frame):
                frame.signal(obj.base)
                self.tell(obj, frame)
                gate = self.log.gates.get(obj.base)
                value = NOTHING if model.value is None else self.select(model.value, receiver, args, NOTHING, frame)
                if gate is not None and gate.opened_by(value):
                    self.join((gate.key,), frame)
        elif isinstance(model, m.ShutdownModel):
            self.log.set_for_shutdown(model, args, site, frame)
            beside = Frame(frame.activation, frame.path, frame.qualname)
            self.call(
                self.select(model.work, receiver, args, NOTHING, frame), Args(rest=self.universe.unknown), site, beside
            )
        elif isinstance(model, m.PutModel):
            if not all(self.holds(condition, receiver, args, frame) for condition in model.when):
                return NOTHING
            into = self.select(model.into, receiver, args, NOTHING, frame)
            value = self.select(model.value, receiver, args, NOTHING, frame)
            for obj in into:
                if model.value.elements and isinstance(obj, Container) and obj.kind == "dict":
                    self.fill_dict(obj, value, args.keywords)
                elif value:
                    self.world.store(obj, ANY_ELEMENT, value)
        elif isinstance(model, m.PassthroughModel):
            return self._passthrough(model, receiver, args, site, frame)
        elif isinstance(model, m.CallbackModel):
            return self._callback(model, receiver, args, site, frame)
        elif isinstance(model, m.ScopeModel):
            return self._run_scope(model, receiver, args, site, frame)
        elif isinstance(model, m.KnownModel):
            if not all(self.holds(condition, receiver, args, frame) for condition in model.when):
                return NOTHING
            if any(self.holds(condition, receiver, args, frame) for condition in model.unless):
                return NOTHING
            if model.asks:
                return self._answer(model, self.select(model.asks, receiver, args, NOTHING, frame))
            return self.universe.const(model.value or model.truth)
        elif isinstance(model, m.HarmlessModel) and model.fails and frame.state:
            frame.raise_edge(frame.state, explicit=False)
        return NOTHING

    def subscript(self, obj: External, index: Value, frame: Frame) -> Value:
        symbol = f"{obj.symbol}.__getitem__"
        return self.apply_models(symbol, None, Args([index]), 0, frame) if self.models.of(symbol) else NOTHING

    def store_initial(self, made: Obj, symbol: str, args: Args) -> None:
        """Remember what a library class was constructed with, by parameter name."""
        for ancestor in self.models.ancestry(self.models.canonical(symbol)):
            type_ = self.models.type(ancestor)
            if type_ is not None and type_.params:
                for name, value in zip(type_.params, args.positional):
                    self.world.store(made, f"<init {name}>", value)
                break
        for name, value in args.keywords.items():
            self.world.store(made, f"<init {name}>", value)

    # --- what is known of the environment and of values ------------------------------------------------------------------

    def _answer(self, model: m.KnownModel, value: Value) -> Value:
        """What a question about the kind of a value is answered; nothing where that is not known."""
        answers = {_is_of_kind(obj, model.kind) for obj in value}
        if model.kind == "awaitable" and True in answers and len(answers) > 1:
            # Where the answer is no, it is one of the others that there is: no coroutine was made there.
            return (self.universe.make(Probe, tuple(obj for obj in value if _is_of_kind(obj, model.kind)), False),)
        return self.universe.const(answers.pop()) if len(answers) == 1 and None not in answers else NOTHING

    # --- waiting ---------------------------------------------------------------------------------------------------------

    def _join_model(self, model: m.JoinModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame) -> Value:
        if not all(self.holds(condition, receiver, args, frame) for condition in model.when):
            return NOTHING
        if any(self.holds(condition, receiver, args, frame) for condition in model.unless):
            if model.of == "scope":
                self.decline(self.select(model.target, receiver, args, NOTHING, frame), frame)
            return NOTHING
        target = self.select(model.target, receiver, args, NOTHING, frame)
        place = Place(frame.path, site)
        if model.of == "signal":
            frame.waits.update(dict.fromkeys(obj.base for obj in target))
            frame.takes |= not (model.latch or model.poll)
            if self._polling:
                frame.stops.update(dict.fromkeys(obj.base for obj in target))
            self.join(self.signalled(target, SIGNALLED_EARLY_BY), frame, "premature-signal", place)
            target = self.signalled(target, SIGNALLED_BY)
            if model.single and not frame.loops:
                target = tuple(sorted({self.universe.in_mode(obj, "some") for obj in target}))
        elif model.of == "scope" and model.poll == "":
            doubt = self.doubt_of(model.may_when, receiver, args, frame)
            self.join_scope(target, frame, doubt, place)
            return NOTHING
        if model.poll:
            return (self.universe.make(Probe, tuple(self.handles(target, frame)), model.poll == "done"),)
        doubt = self.doubt_of(model.may_when, receiver, args, frame)
        if doubt and model.raises:
            if frame.state is not None:
                keys = tuple(key for obj in self.handles(target, frame) for key in self.keys(obj))
                frame.raise_as(Edge(frame.state, model.raises, keys, place))
            doubt = ""
        self.join(target, frame, doubt, place)
        results: list[Value] = []
        for obj in target:
            if isinstance(obj, Suspended) and obj.kind == "coroutine" and frame.state is not None:
                results.append(self.run_suspended(obj, site, frame))
        if frame.state is not None and (target or model.raises):
            frame.raise_edge(frame.state, explicit=False)  # the work's own failure, or the wait's
        return union(*results)

    def doubt_of(self, conditions: tuple[Condition, ...], receiver: Obj | None, args: Args, frame: Frame) -> Doubt:
        """Why a wait may end before the work does: the most certain of the `conditions` that hold."""
        doubts: set[Doubt] = {""}
        for condition in conditions:
            if self.holds(condition, receiver, args, frame):
                value = self.select(condition.selector, receiver, args, NOTHING, frame)
                if not condition.selector.name.startswith("timeout"):
                    doubts.add("partial-wait")
                elif condition.op == "given" and not _short(value):
                    doubts.add("times-out-late")
                else:
                    doubts.add("times-out")
        return min(doubts - {""}, key=algebra.DOUBTS.index, default="")

    def wait_for(self, value: Value, site: ir.Site, frame: Frame) -> Value:
        """``await value``: run a coroutine to its end, or wait for a handle."""
        results: list[Value] = []
        coroutines = [obj for obj in value if isinstance(obj, Suspended) and obj.kind == "coroutine"]
        if coroutines:
            results.append(self._run_one_of(coroutines, site, frame))
        for obj in value:
            if isinstance(obj, Suspended) and obj.kind == "coroutine":
                continue
            if isinstance(obj, Instance):
                frame.suspends = True
                awaiting = self.class_member(self.mro(obj.type), "__await__")
                if awaiting:
                    results.append(self.call(awaiting, Args([(obj,)]), site, frame))
                    continue
                hook = self.library_member(obj, "__await__")
                if hook is not None and self.models.of(hook):
                    self.apply_models(hook, obj, Args(), site, frame)
                self.join((obj, *self.signalled((obj,), SIGNALLED_BY)), frame)
                if frame.state is not None:
                    frame.raise_edge(frame.state, explicit=False)
                results.append(self.world.load(obj, "<result>"))
            elif (isinstance(obj, Suspended) and obj.kind == "manager") or isinstance(obj, Container):
                results.append((obj,))
            else:
                frame.suspends = True
                self.may_fail(frame)
        return union(*results) or self.universe.unknown

    def _run_one_of(self, coroutines: list[Suspended], site: ir.Site, frame: Frame) -> Value:
        """Run a coroutine to its end; of several that it may be, whichever it is."""
        self.join(tuple(coroutines), frame)
        before = frame.state
        results: list[Value] = []
        after: list[algebra.State] = []
        for obj in coroutines:
            frame.state = before
            if frame.state is not None:
                result = self.run_suspended(obj, site, frame)
                if any(model.waits for model in self.launched_by(obj)):
                    self.join(result, frame)
                results.append(result)
            if frame.state is not None:
                after.append(frame.state)
            frame.suspends |= isinstance(self._suspended[obj.base][0], (External, Bound))
        frame.state = algebra.join(*after) if after else None
        return union(*results)

    def join_elements(self, obj: Instance, frame: Frame) -> None:
        for name in ("__iter__", "__next__"):
            symbol = self.library_member(obj, name)
            if symbol is not None and self.models.of(symbol):
                self.apply_models(symbol, obj, Args(), obj.alloc.site, frame)
                return


def _is_of_kind(obj: Obj, kind: str) -> bool | None:
    """Whether an object is of a `KnownModel.kind`; None where that cannot be said."""
    while isinstance(obj, (Bound, Managed, Memoised)):
        obj = obj.receiver if isinstance(obj, Bound) and isinstance(obj.function, External) else obj.function
    if isinstance(obj, FunctionObj):
        if kind == "coroutine function":
            return obj.function.is_async and not obj.function.is_generator
        return kind == "generator function" and obj.function.is_generator and not obj.function.is_async
    if isinstance(obj, Suspended):
        return kind == "awaitable" and obj.kind == "coroutine"
    return None if isinstance(obj, (Unknown, External, Instance, Partial)) else False


def _short(value: Value) -> bool:
    """Whether a timeout is a literal that is likely to pass before real work is done."""
    return len(value) == 1 and (
        isinstance(value[0], Const) and isinstance(value[0].value, (int, float)) and value[0].value < DELIBERATE_SECONDS
    )


def _pure(args: Args) -> bool:
    """Whether a call can be named by its arguments: they are all constants."""
    return bool(args.positional) and not args.keywords and all(_is_const(value) for value in args.positional)


def _is_const(value: Value) -> bool:
    return len(value) == 1 and isinstance(value[0], Const)


def _term_part(value: Value) -> object:
    return value[0].value if len(value) == 1 and isinstance(value[0], Const) else "?"
