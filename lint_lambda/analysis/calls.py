"""Calls: of the project's functions (through summaries), of its classes, and of libraries (through models)."""

from __future__ import annotations

from dataclasses import replace

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import EMPTY, Doubt, Edge, Launch
from lint_lambda.analysis.effects import (
    DELIBERATE_SECONDS,
    SIGNALLED_BY,
    SIGNALLED_EARLY_BY,
    Effects,
)
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.objects import ANY_ELEMENT, HOLDS, slot
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    Bound,
    ClassObj,
    Const,
    Container,
    External,
    FunctionObj,
    Identity,
    Instance,
    Managed,
    Memoised,
    Memoiser,
    ModuleObj,
    Obj,
    Partial,
    Probe,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.world import (
    CALL_STRING,
    CellScope,
    Summary,
    Translation,
    World,
    compose_states,
    relaunched,
)
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge import models as m
from lint_lambda.knowledge.selectors import Condition

DEEPEST_CALL = 60
LONGEST_TEXT = 60


class Calls(Effects):
    """Everything that calling a value can mean."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._handles_made = set()
        self._suspended: dict[Obj, tuple[Obj, Args]] = {}

    # --- left to subclasses --------------------------------------------------------------------------------------

    def run_body(self, frame: Frame, function: ir.Function) -> None:
        """Execute a function's body in `frame`."""
        raise NotImplementedError

    def annotated_value(self, annotation: ir.Expr, site: ir.Site, frame: Frame) -> Value:
        """An unknown value of an annotated type."""
        raise NotImplementedError

    def expression(self, expr: ir.Expr, frame: Frame) -> Value:
        raise NotImplementedError

    # --- dispatch ------------------------------------------------------------------------------------------------

    def call(self, callee: Value, args: Args, site: ir.Site, frame: Frame, decorates: bool = False) -> Value:
        """Call every object `callee` may be; the states of several meet."""
        callee = self._likeliest(callee)
        if len(callee) == 1:
            return self._call(callee[0], args, site, frame, decorates)
        if callee and all(isinstance(obj, Bound) and isinstance(obj.function, External) for obj in callee):
            # One method of whichever handle was made: on every path it is called on the one there is.
            return union(*(self._call(obj, args, site, frame, decorates) for obj in callee))
        before = frame.state
        results: list[Value] = []
        after: list[algebra.State] = []
        for obj in callee:
            frame.state = before
            results.append(self._call(obj, args, site, frame, decorates))
            if frame.state is not None:
                after.append(frame.state)
        frame.state = algebra.join(*after) if after else (before if not callee else None)
        return union(*results) or self.universe.unknown

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

    def _is_modelled(self, obj: External) -> bool:
        symbol = self.models.canonical(obj.symbol)
        return bool(self.models.of(symbol)) or self.models.made_type(symbol) is not None

    def _call(self, obj: Obj, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        if isinstance(obj, FunctionObj):
            return self.call_function(obj, args, site, frame)
        if isinstance(obj, Bound):
            if isinstance(obj.function, External):
                if obj.function.symbol.endswith(".__await__"):
                    return self.wait_for((obj.receiver,), site, frame)
                return self.call_library(obj.function.symbol, obj.receiver, args, site, frame, decorates)
            return self._call(obj.function, args.with_first((obj.receiver,)), site, frame, decorates)
        if isinstance(obj, External):
            return self.call_library(obj.symbol, None, args, site, frame, decorates)
        if isinstance(obj, ClassObj):
            return self.construct(obj, args, site, frame)
        if isinstance(obj, Instance):
            return self._call_instance(obj, args, site, frame, decorates)
        if isinstance(obj, Partial):
            function, given = self._suspended[obj.base]
            together = replace(
                args, positional=[*given.positional, *args.positional], keywords={**given.keywords, **args.keywords}
            )
            return self._call(function, together, site, frame, decorates)
        if isinstance(obj, Managed):
            made = self.universe.make(Suspended, "manager", obj.function, Alloc(frame.path, site, frame.context))
            self._suspended[made] = (obj.function, args)
            return (made,)
        if isinstance(obj, Memoised):
            return self._call_memoised(obj, args, site, frame)
        if isinstance(obj, Identity):
            return args.positional[0] if args.positional else self.universe.unknown
        if isinstance(obj, Memoiser):
            return tuple(self.universe.make(Memoised, function) for function in args.every())
        if isinstance(obj, Const) and obj.value is None:
            return NOTHING  # calling None raises; another object is meant on the paths that matter
        if decorates:
            return args.positional[0]
        self.may_fail(frame)
        self.escape(args, site, frame)
        return self.universe.unknown_of("call", frame.path, site, frame.context)

    def _call_memoised(self, obj: Memoised, args: Args, site: ir.Site, frame: Frame) -> Value:
        """However often a memoised function is called, what it makes it makes once: callers are not told apart."""
        function = obj.function
        if not isinstance(function, FunctionObj) or function.function.is_async or function.function.is_generator:
            return self._call(function, args, site, frame, False)
        return self._apply(function, args, site, frame, sites=()).returns

    def _call_instance(self, obj: Instance, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        called = self.class_member(self.mro(obj.type), "__call__")
        if called:
            return self.call(called, args.with_first((obj,)), site, frame, decorates)
        if decorates:
            return args.positional[0]
        symbol = self.library_member(obj, "__call__")
        if symbol is not None:
            return self.call_library(symbol, obj, args, site, frame, decorates)
        self.escape(args, site, frame)
        return self.universe.unknown

    def may_fail(self, frame: Frame) -> None:
        """A call into code we cannot see takes time and may raise."""
        frame.works_on()
        if frame.state:
            frame.raise_edge(frame.state, explicit=False)

    # --- functions of the project ----------------------------------------------------------------------------------

    def call_function(self, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call a function; an async or generator function only makes something to be run later."""
        function = callee.function
        if function.is_generator or function.is_async:
            kind = "generator" if function.is_generator else "coroutine"
            made = self.universe.make(Suspended, kind, callee, Alloc(frame.path, site, frame.context))
            self._suspended[made] = (callee, args)
            if kind == "coroutine":
                name = self.qualname_of(callee)
                self.launch_on(made, self._coroutine(name, name, site, frame), frame)
            return (made,)
        return self._apply(callee, args, site, frame).returns

    @staticmethod
    def _coroutine(call: str, label: str, site: ir.Site, frame: Frame) -> Launch:
        """Making a coroutine: a launch that never runs unless something awaits it."""
        return Launch(Place(frame.path, site), "coroutine", call, label, frame.qualname, fate=Fate.NEVER_RUNS)

    def run_suspended(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        callee, args = self._suspended[obj.base]
        if isinstance(callee, FunctionObj):
            return self._apply(callee, args, site, frame).returns
        receiver = callee.receiver if isinstance(callee, Bound) else None
        function = callee.function if isinstance(callee, Bound) else callee
        assert isinstance(function, External)
        return self.apply_models(function.symbol, receiver, args, obj.alloc.site, frame, awaited=True)

    def run_generator(self, obj: Suspended, frame: Frame) -> Value:
        callee, args = self._suspended[obj.base]
        if isinstance(callee, External):
            return self.elements(self.apply_models(callee.symbol, None, args, obj.alloc.site, frame), frame)
        if not isinstance(callee, FunctionObj):
            return self.universe.unknown
        return self._apply(callee, args, obj.alloc.site, frame).yields

    def call_method(self, obj: Instance, name: str, frame: Frame) -> Value:
        method = self.class_member(self.mro(obj.type), name)
        return self.call(method, Args([(obj,)]), obj.alloc.site, frame) if method else NOTHING

    def call_bound(self, function: FunctionObj, receiver: Obj, frame: Frame) -> Value:
        return self.call_function(function, Args([(receiver,)]), function.function.site, frame)

    def run_module(self, path: str, frame: Frame) -> None:
        module = self.world.function(path, MODULE_BODY)
        if module is None:
            return
        callee = self.universe.make(FunctionObj, path, module, 0)
        activation = self.world.activation(callee, (), ())
        if self.world.reading:
            self.world.depends(self.world.reading[-1], activation.number)
        if activation.number not in self.world.summaries and activation.number not in self.world.reading:
            self._summary(activation.number, callee, {})

    def import_effects(self, path: str, site: ir.Site, frame: Frame) -> None:
        """What importing a module launches is launched here."""
        module = self.world.function(path, MODULE_BODY)
        if module is not None and not self.world.is_running(path):
            self._apply(self.universe.make(FunctionObj, path, module, 0), Args(), site, frame)

    def _apply(
        self, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame, sites: tuple[Place, ...] | None = None
    ) -> Summary:
        """Call through the summary: its effect on the state, its value in the caller's terms."""
        bound = self._bind_parameters(callee, args, frame)
        canonical = tuple((name, self._canonical(value)) for name, value in bound.items())
        here = Place(frame.path, site)
        if callee.function.qualname == MODULE_BODY:
            sites = ()
        elif sites is None:
            sites = (*frame.activation.sites, here)[-CALL_STRING:]
        if len(self.world.reading) > DEEPEST_CALL or frame.state is None:
            return Summary(out=EMPTY, returns=self.universe.unknown)
        activation = self.world.activation(callee, canonical, sites)
        if self.world.reading:
            self.world.depends(self.world.reading[-1], activation.number)
        summary = self.world.known(activation.number)
        if summary is None:
            summary = self._summary(activation.number, callee, dict(activation.arguments))
        translation = Translation(self.universe, callee, bound)
        before = frame.state
        for edge in summary.raised:
            raised = compose_states(before, edge.state, translation.guards)
            frame.raise_as(replace(edge, state=raised, remote=True))
        if summary.out is None:
            frame.state = None
        else:
            frame.state = compose_states(
                relaunched(before, summary.out, self.universe), summary.out, translation.guards
            )
            self._sweep(summary.out, frame)
        if summary.signals:
            frame.works_on()
            for obj in summary.signals:
                frame.signal(obj)
            for obj in summary.early:
                frame.early[obj] = None
        frame.suspends |= summary.suspends
        frame.waits.update(dict.fromkeys(summary.waits))
        for launch, path in summary.paths.items():
            frame.paths.setdefault(launch, (here, *path))
        return replace(summary, returns=translation.value(summary.returns), yields=translation.value(summary.yields))

    def _sweep(self, effect: algebra.State, frame: Frame) -> None:
        """A call that joined older handles of a place joined any of them: see `LoopFrame.swept`."""
        if not frame.loops:
            return
        for key, entries in effect.items():
            if key.mode == "old" and algebra.is_clear(entries):
                for loop in frame.loops:
                    loop.swept[key] = None
                    loop.swept[self.universe.in_mode(key, "one")] = None

    def _summary(self, number: int, callee: FunctionObj, arguments: dict[str, Value | None]) -> Summary:
        """Analyse one activation, for this round."""
        self.world.reading.append(number)
        try:
            found = self._analyse(number, callee, arguments)
        finally:
            self.world.reading.pop()
        self.world.finish(number, found)
        return found

    def _analyse(self, number: int, callee: FunctionObj, arguments: dict[str, Value | None]) -> Summary:
        function = callee.function
        activation = self.world.activations[number]
        frame = Frame(activation, callee.path, function.qualname)
        cell = self.universe.make(CellScope, number)
        for param in function.params:
            value = arguments.get(param.name)
            if value is None:
                value = NOTHING
                if param.annotation is not None:
                    value = self.annotated_value(param.annotation, function.site, frame)
                if not value:
                    value = self.universe.unknown_of("param", callee.path, function.qualname, param.name)
            frame.env[param.name] = value
            if param.name in function.captured:
                self.world.store(cell, param.name, value)
        self.run_body(frame, function)
        states = [item.state for item in frame.exits]
        if frame.state is not None:
            states.append(frame.state)
        if not states and frame.endless is not None:
            # It serves for ever; what it has launched is pending all the time.
            states.append(frame.endless)
        exits = [(item.place, item.state) for item in frame.exits]
        if frame.state is not None:
            exits.append((None, frame.state))
        returns = union(*(item.value for item in frame.exits))
        if frame.state is not None:
            returns = union(returns, self.universe.const(None))
        return Summary(
            out=algebra.join(*states) if states else None,
            raised=algebra.join_edges(frame.raised),
            returns=returns,
            yields=frame.yields,
            signals=tuple(sorted(frame.signals)),
            early=tuple(sorted(frame.early)),
            waits=tuple(sorted(frame.waits)),
            suspends=frame.suspends,
            exits=tuple(exits),
            paths=frame.paths,
        )

    # --- parameters ------------------------------------------------------------------------------------------------

    def _bind_parameters(self, callee: FunctionObj, args: Args, frame: Frame) -> dict[str, Value]:
        """The value of every parameter for one call."""
        bound: dict[str, Value] = {}
        positional = list(args.positional)
        keywords = dict(args.keywords)
        for param in callee.function.params:
            if param.kind == "rest":
                bound[param.name] = (self._collect("tuple", positional, args.rest, callee, param.name, frame),)
                positional = []
            elif param.kind == "keywords":
                bound[param.name] = (self._collect_keywords(keywords, args.extra, callee, param.name, frame),)
            elif param.kind == "positional" and positional:
                bound[param.name] = positional.pop(0)
            elif param.name in keywords:
                bound[param.name] = keywords.pop(param.name)
            else:
                value = args.extra
                if param.kind == "positional":
                    value = union(value, args.rest)
                if param.default is not None:
                    value = union(value, self._default(callee, param.default))
                bound[param.name] = value or self.universe.unknown
        return bound

    def _default(self, callee: FunctionObj, default: ir.Expr) -> Value:
        """A default's value, in the scope the function was defined in."""
        if isinstance(default, ir.Const):
            return self.universe.const(default.value)
        outer = self.world.activations[callee.context]
        frame = Frame(outer, callee.path, outer.callee.function.qualname or MODULE_BODY)
        if isinstance(default, ir.Name) and default.owner == ir.LOCAL:
            default = replace(default, owner=outer.callee.function.qualname)
            return self.world.load(self.universe.make(CellScope, callee.context), default.name)
        return self.expression(default, frame)

    def _collect(
        self, kind: str, values: list[Value], rest: Value, callee: FunctionObj, name: str, frame: Frame
    ) -> Container:
        site = callee.function.site
        made = self.universe.make(Container, f"{kind}", Alloc(callee.path, site, self._arguments_key(values, name)))
        for position, value in enumerate(values):
            self.world.store(made, slot(position), value)
        if rest:
            self.world.store(made, ANY_ELEMENT, rest)
        return made

    def _collect_keywords(
        self, keywords: dict[str, Value], extra: Value, callee: FunctionObj, name: str, frame: Frame
    ) -> Container:
        key = self._arguments_key([*keywords.values()], name + ",".join(keywords))
        made = self.universe.make(Container, "dict", Alloc(callee.path, callee.function.site, key))
        for keyword, value in keywords.items():
            self.world.store(made, slot(keyword), value)
        if extra:
            self.world.store(made, ANY_ELEMENT, extra)
        return made

    def _arguments_key(self, values: list[Value], name: str) -> int:
        """A number for one shape of spread arguments: calls with equal ones share the container."""
        shape = (name, *(self._canonical(value) for value in values))
        return -1 - self._shapes.setdefault(shape, len(self._shapes))

    _shapes: dict[tuple[object, ...], int] = {}

    def _canonical(self, value: Value) -> Value | None:
        """An argument as an activation tells it apart: None where any unknown value would do."""
        if all(isinstance(obj, (Unknown, Const)) for obj in value):
            if len(value) == 1 and isinstance(value[0], Const):
                held = value[0].value
                if held is None or isinstance(held, bool) or (isinstance(held, str) and len(held) <= LONGEST_TEXT):
                    return value
            return None
        return value

    # --- classes ---------------------------------------------------------------------------------------------------

    def construct(self, class_: ClassObj, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Make an instance and run its initialiser."""
        made = self.universe.make(Instance, class_, Alloc(frame.path, site, frame.context))
        if frame.loops:
            self.world.store(made, "<many>", self.universe.const(True))
        order = self.mro(class_)
        initialiser = self.class_member(order, "__init__")
        if initialiser:
            self.call(initialiser, args.with_first((made,)), site, frame)
        else:
            library = [base for base in order if isinstance(base, External)]
            if library:
                self.store_initial(made, library[0].symbol, args)
            self._dataclass_fields(class_, made, args, site, frame)
        return (made,)

    def _dataclass_fields(self, class_: ClassObj, made: Instance, args: Args, site: ir.Site, frame: Frame) -> None:
        """Without an initialiser of its own the annotated names are its parameters, in order."""
        names = [name for base in reversed(self.mro(class_)) for name in _fields(base)]
        for name, value in zip(names, args.positional):
            self.world.store(made, name, value)
        for name, value in args.keywords.items():
            if name in names:
                self.world.store(made, name, value)
        after = self.class_member(self.mro(class_), "__post_init__")
        if after:
            self.call(after, Args([(made,)]), site, frame)

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

    # --- libraries -------------------------------------------------------------------------------------------------

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
        awaited: bool = False,
    ) -> Value:
        """Do what the models say of this call, and return its value."""
        if frame.state is None:
            return self.universe.unknown
        known = self.models.of(symbol)
        result: Value = NOTHING
        type_ = self.models.made_type(symbol)
        if symbol.endswith(".__init__") and receiver is not None:
            self.store_initial(receiver, symbol.rpartition(".")[0], args)
            return self.universe.const(None)
        if type_ is not None and not any(isinstance(model, m.LaunchModel) for model in known):
            made = self.universe.make(
                Instance, self.universe.external(type_)[0], Alloc(frame.path, site, frame.context)
            )
            if frame.loops:
                self.world.store(made, "<many>", self.universe.const(True))
            self.store_initial(made, type_, args)
            described = self.models.type(type_)
            if described is not None and described.holds is not None:
                held = self.select(described.holds, None, args, NOTHING, frame)
                self.world.store(made, HOLDS, tuple(self.handles(held, frame)))
            result = (made,)
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
        if decorates:
            return args.positional[0]
        if self.models.harmless(symbol):
            if symbol == "builtins.super":
                return self.universe.unknown
            return self.universe.unknown_of("call", frame.path, site, frame.context)
        if not isinstance(receiver, Instance) or not self._is_signalling(receiver):
            self.may_fail(frame)
        self._call_back(args, site, frame)
        self.escape(args, site, frame)
        term = ("call", symbol, *(_term_part(value) for value in args.positional[:3]))
        return self.universe.unknown_of(*term) if _pure(args) else self.universe.unknown_of("call", frame.path, site)

    def _is_signalling(self, receiver: Instance) -> bool:
        """Whether this is an object of the kind that work signals; what else is done with it takes no time."""
        return any(self.models.type(name) is not None for name in self.library_types(receiver))

    def _call_back(self, args: Args, site: ir.Site, frame: Frame) -> None:
        """Functions given to code we cannot see are called by it, perhaps."""
        for obj in args.every():
            if isinstance(obj, (FunctionObj, Partial)) or (
                isinstance(obj, Bound) and isinstance(obj.function, FunctionObj)
            ):
                before = frame.state
                rest = Args(rest=self.universe.unknown, extra=self.universe.unknown)
                result = self.call((obj,), rest, site, frame)
                if any(isinstance(made, Suspended) and made.kind == "coroutine" for made in result):
                    self.wait_for(result, site, frame)
                if before is not None:
                    frame.state = before if frame.state is None else algebra.join(before, frame.state)

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
                self.pretend(target, symbol, Place(frame.path, site), frame)
        elif isinstance(model, m.SignalModel):
            for obj in self.select(model.target, receiver, args, NOTHING, frame):
                frame.signal(obj.base)
        elif isinstance(model, m.PutModel):
            into = self.select(model.into, receiver, args, NOTHING, frame)
            value = self.select(model.value, receiver, args, NOTHING, frame)
            for obj in into:
                if value:
                    self.world.store(obj, ANY_ELEMENT, value)
        elif isinstance(model, m.PassthroughModel):
            return self._passthrough(model, receiver, args, site, frame)
        elif isinstance(model, m.CallbackModel):
            return self._callback(model, receiver, args, site, frame)
        elif isinstance(model, m.ScopeModel):
            return self._run_scope(model, receiver, args, site, frame)
        elif isinstance(model, m.KnownModel):
            if model.asks:
                return self._answer(model, self.select(model.asks, receiver, args, NOTHING, frame))
            if all(self.holds(condition, receiver, args, frame) for condition in model.when):
                return self.universe.const(model.value or model.truth)
        elif isinstance(model, m.HarmlessModel) and model.fails and frame.state:
            frame.raise_edge(frame.state, explicit=False)
        return NOTHING

    def _answer(self, model: m.KnownModel, value: Value) -> Value:
        """What a question about the kind of a value is answered; nothing where that is not known."""
        answers = {_is_of_kind(obj, model.kind) for obj in value}
        return self.universe.const(answers.pop()) if len(answers) == 1 and None not in answers else NOTHING

    def subscript(self, obj: External, index: Value, frame: Frame) -> Value:
        symbol = f"{obj.symbol}.__getitem__"
        return self.apply_models(symbol, None, Args([index]), 0, frame) if self.models.of(symbol) else NOTHING

    def _join_model(self, model: m.JoinModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame) -> Value:
        if any(self.holds(condition, receiver, args, frame) for condition in model.unless):
            if model.of == "scope":
                self.decline(self.select(model.target, receiver, args, NOTHING, frame), frame)
            return NOTHING
        target = self.select(model.target, receiver, args, NOTHING, frame)
        place = Place(frame.path, site)
        if model.of == "signal":
            frame.waits.update(dict.fromkeys(obj.base for obj in target))
            self.join(self.signalled(target, SIGNALLED_EARLY_BY), frame, "may-join", place)
            target = self.signalled(target, SIGNALLED_BY)
            if model.single and not frame.loops:
                target = tuple(sorted({self.universe.in_mode(obj, "some") for obj in target}))
        elif model.of == "scope" and model.poll == "":
            doubt = self._doubt(model.may_when, receiver, args, frame)
            self.join_scope(target, frame, doubt, place)
            return NOTHING
        if model.poll:
            return (self.universe.make(Probe, tuple(self.handles(target, frame)), model.poll == "done"),)
        doubt = self._doubt(model.may_when, receiver, args, frame)
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

    def _doubt(self, conditions: tuple[Condition, ...], receiver: Obj | None, args: Args, frame: Frame) -> Doubt:
        doubt: Doubt = ""
        for condition in conditions:
            if self.holds(condition, receiver, args, frame):
                value = self.select(condition.selector, receiver, args, NOTHING, frame)
                if condition.op == "given" and condition.selector.name == "timeout" and not _short(value):
                    doubt = doubt or "may-join-long"
                else:
                    doubt = "may-join"
        return doubt

    def _passthrough(
        self, model: m.PassthroughModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame
    ) -> Value:
        if model.decorator:
            function = args.positional[0] if args.positional else NOTHING
            if not model.parameterised and any(isinstance(obj, (FunctionObj, ClassObj)) for obj in function):
                if model.memoises:
                    return tuple(self.universe.make(Memoised, obj) for obj in function)
                return function
            return (self.universe.make(Memoiser if model.memoises else Identity),)
        values = [self.select(selector, receiver, args, NOTHING, frame) for selector in model.returns]
        if not model.collects:
            return union(*values)
        made = self.universe.make(Container, model.collects, Alloc(frame.path, site, frame.context))
        if len(values) > 1:  # a tuple of results
            for position, value in enumerate(values):
                self.world.store(made, slot(position), value)
        elif values[0]:
            self.world.store(made, ANY_ELEMENT, values[0])
        return (made,)

    def _callback(self, model: m.CallbackModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame) -> Value:
        work = self.select(model.work, receiver, args, NOTHING, frame)
        if model.method:
            work = self.attribute(work, model.method, frame) if work else NOTHING
        if not work:
            return NOTHING
        if model.when == "manager":
            return tuple(self.universe.make(Managed, function) for function in work)
        if model.args is not None and not model.args.elements:
            given, rest = self.spread(self.select(model.args, receiver, args, NOTHING, frame), frame)
            passed = Args(given, rest=rest)
        elif model.args is not None:
            passed = Args([self.select(model.args, receiver, args, NOTHING, frame)])
        else:
            start = max(model.work.position, 0) + 1 if model.work.base == "arg" else 0
            passed = replace(args, positional=args.positional[start:])
        if model.kwargs is not None:
            passed.keywords = self.keyword_spread(self.select(model.kwargs, receiver, args, NOTHING, frame))
        if model.passes is not None:
            passed = Args([self.select(model.passes, receiver, args, NOTHING, frame)])
        if model.when == "leave":
            self.leave(work, site, frame)
            return NOTHING
        if model.when == "wraps":
            made = self.universe.make(Partial, Alloc(frame.path, site, frame.context))
            self._suspended[made] = (work[0], passed)
            self.world.store(made, "<function>", work[:1])
            return (made,)
        if model.when == "exit":
            if receiver is not None:
                partial = self.universe.make(Partial, Alloc(frame.path, site, frame.context))
                if frame.loops:  # one of many: at the exit every one is called
                    work = self._any_of(work)
                    passed.positional = [self._any_of(value) for value in passed.positional]
                self._suspended[partial] = (work[0], passed)
                self.world.store(receiver, "<at exit>", (partial,))
            return NOTHING
        if model.when == "enter":
            if receiver is not None:
                self.world.store(receiver, "<entered>", work)
            return self.enter(work, site, frame)
        result = self.call(work, passed, site, frame)
        if model.when == "now":
            return result
        made_list = self.universe.make(Container, model.collects, Alloc(frame.path, site, frame.context))
        if not all(isinstance(obj, (Unknown, Const)) for obj in result):
            self.world.store(made_list, ANY_ELEMENT, result)
        return (made_list,)

    def _any_of(self, value: Value) -> Value:
        """`value`, made in a loop, as any of those that the rounds of the loop make."""
        out: set[Obj] = set()
        for obj in value:
            if isinstance(obj, Bound):
                obj = self.universe.make(Bound, self.universe.in_mode(obj.receiver, "all"), obj.function)
            out.add(self.universe.in_mode(obj, "all"))
        return tuple(sorted(out))

    def enter(self, manager: Value, site: ir.Site, frame: Frame) -> Value:
        """Enter a context manager whose exit happens elsewhere (an exit stack)."""
        raise NotImplementedError

    def leave(self, manager: Value, site: ir.Site, frame: Frame) -> None:
        """Exit a context manager."""
        raise NotImplementedError

    def _run_scope(self, model: m.ScopeModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame) -> Value:
        if model.runs is None or frame.state is None:
            return NOTHING
        before = frame.state
        result = self.wait_for(self.select(model.runs, receiver, args, NOTHING, frame), site, frame)
        self.end_loop(model, before, frame)
        return result

    def wait_for(self, value: Value, site: ir.Site, frame: Frame) -> Value:
        """``await value``: run a coroutine to its end, or wait for a handle."""
        results: list[Value] = []
        for obj in value:
            if isinstance(obj, Suspended) and obj.kind == "coroutine":
                self.join((obj,), frame)
                if frame.state is not None:
                    results.append(self.run_suspended(obj, site, frame))
                if isinstance(self._suspended[obj.base][0], (External, Bound)):
                    frame.suspends = True
            elif isinstance(obj, Instance):
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


def _fields(class_: Obj) -> list[str]:
    return [name for name, _ in class_.class_.fields] if isinstance(class_, ClassObj) else []


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


__all__ = ["Calls", "ModuleObj"]
