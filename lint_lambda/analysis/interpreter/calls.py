"""Calls of what the project defines: functions, through their summaries, and classes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.chosen import chosen, plain
from lint_lambda.analysis.domain.frame import Args, Frame, either
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, about, slot
from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.log import Thrown
from lint_lambda.analysis.domain.settings import can_be
from lint_lambda.analysis.domain.translation import term_of
from lint_lambda.analysis.domain.values import (
    NOTHING,
    REMAINING,
    Alloc,
    Around,
    Bound,
    Chosen,
    ClassObj,
    Const,
    Container,
    Decorated,
    Dispatcher,
    External,
    FunctionObj,
    Giver,
    Identity,
    Instance,
    Managed,
    Memoised,
    Memoiser,
    Obj,
    Partial,
    Reacher,
    Record,
    Registrar,
    Resolver,
    Suspended,
    Term,
    Unknown,
    Value,
    is_suspended,
    union,
)
from lint_lambda.analysis.frameworks.registration import CONTEXT, EVENT
from lint_lambda.analysis.library import deferred, reading
from lint_lambda.analysis.library import launch as launching
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.dispatch import may_fail
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
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
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._semantics = machine.semantics
        self._called_by_instance: set[Obj] = set()

    # --- dispatch --------------------------------------------------------------------------------------------------------

    def call(self, callee: Value, args: Args, site: ir.Site, frame: Frame, decorates: bool = False) -> Value:
        """Call every object `callee` may be; the states of several meet."""
        likeliest = self._likeliest(callee, frame)
        result = self._call_any(likeliest, args, site, frame, decorates)
        if any(isinstance(obj, Unknown) for obj in callee) and not any(isinstance(obj, Unknown) for obj in likeliest):
            # What the others do is not known, and neither is what they give.
            return union(result, self._universe.unknown_of("call", frame.path, site, frame.context))
        return result

    def _call_any(self, callee: Value, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        if len(callee) == 1:
            return self._call(callee[0], args, site, frame, decorates)
        if callee and all(isinstance(obj, Bound) and isinstance(obj.function, External) for obj in callee):
            # One method of whichever handle was made: on every path it is called on the one there is. One of several is another matter.
            bound = [obj for obj in callee if isinstance(obj, Bound)]
            one_of = not frame.loops and any(obj.receiver.mode == "some" for obj in bound)
            if not one_of and not any(self._launches(obj.function) for obj in bound):
                return union(*(self._call(obj, args, site, frame, decorates) for obj in callee))
        ways = [partial(self._call_under_settings, obj, args, site, frame, decorates) for obj in callee]
        return union(*either(frame, ways)) or self._universe.unknown

    def _call_under_settings(self, obj: Obj, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        """Call one of several objects; of one that is chosen under settings, as it is where they hold."""
        if isinstance(obj, Chosen) and frame.state is not None:
            if not can_be(obj.guards, frame.held):
                frame.state = None
                return NOTHING
            for guard in obj.guards:
                frame.state = launch_state.assume(frame.state, guard)
            frame.held |= obj.guards
        return self._call(obj, args, site, frame, decorates)

    def _call_chosen(self, obj: Chosen, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        """What a function gives that is chosen under settings is what is meant where they hold."""
        return chosen(self._universe, self._call(obj.function, args, site, frame, decorates), obj.guards)

    def _likeliest(self, callee: Value, frame: Frame) -> Value:
        """Of several things a callee may be, those we know something of; calling None never succeeds.

        Where one type of library object has the method and another has not, it is the first one on every path that goes on.
        """
        if len(callee) < 2:
            return callee
        bound = [obj for obj in callee if isinstance(obj, Bound) and isinstance(obj.function, External)]
        lacking = [obj for obj in bound if isinstance(obj.receiver, Instance) and not self._is_modelled(obj.function)]
        if len(bound) == len(callee) and 0 < len(lacking) < len(bound):
            self._machine.handles.forget(tuple(obj.receiver for obj in lacking), frame)
            return tuple(obj for obj in callee if obj not in lacking)
        known = tuple(
            obj
            for obj in callee
            if not isinstance(obj, (Unknown, Const)) and not (isinstance(obj, External) and not self._is_modelled(obj))
        )
        return known or tuple(obj for obj in callee if not isinstance(obj, Const)) or callee

    def call_library(self, call: Call) -> Value:
        """Call a library function, or decorate with it."""
        call = replace(call, args=_plain(call.args))
        self._machine.operators.function(call.symbol, call.args, call.frame)
        generators = tuple(obj for obj in call.args.every() if isinstance(obj, Suspended) and obj.kind == "generator")
        if generators and self._semantics.async_call == "eager":
            self._machine.handles.join(generators, call.frame)  # whoever is given one reads it
        return self._machine.decorators.decorate(call) or self._machine.library.call(call)

    def _launches(self, function: Obj) -> bool:
        symbol = self._models.canonical(function.symbol) if isinstance(function, External) else ""
        return any(isinstance(model, (m.LaunchModel, m.ChainModel)) for model in self._models.of(symbol))

    def _is_modelled(self, obj: Obj) -> bool:
        if not isinstance(obj, External):
            return False
        symbol = self._models.canonical(obj.symbol)
        return bool(self._models.of(symbol)) or self._models.made_type(symbol) is not None

    def _call(self, obj: Obj, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        if isinstance(obj, FunctionObj):
            if decorates and self._machine.decorators.wants_description(obj):
                return self._machine.decorators.by_description(obj, args, site, frame)
            return self.call_function(obj, args, site, frame)
        if isinstance(obj, Bound):
            return self._call_bound(obj, args, site, frame, decorates)
        if isinstance(obj, External) and self._machine.instances.makes_bare(obj.symbol):
            bare = self._machine.instances.bare(Call(obj.symbol, None, args, site, frame))
            return bare or self._universe.unknown
        if isinstance(obj, External):
            return self.call_library(Call(obj.symbol, None, args, site, frame, decorates))
        if isinstance(obj, ClassObj):
            return self._machine.instances.construct(obj, args, site, frame)
        if isinstance(obj, Instance):
            return self._call_instance(obj, args, site, frame, decorates)
        if isinstance(obj, Giver):
            made = self._universe.make(Container, "list", Alloc(frame.path, site, frame.context))
            self._heap.store(made, ANY_ELEMENT, self._heap.load(obj.class_, Fact.SUBCLASSES))
            return (made,)
        if isinstance(obj, Resolver):
            return deferred.settle(obj, args, site, frame, self._machine)
        if isinstance(obj, (Record, Dispatcher, Registrar)):
            return self._call_made(obj, args, site, frame)
        if isinstance(obj, Reacher):
            return self._machine.reflection.reach(obj, args, site, frame)
        if isinstance(obj, Chosen):
            return self._call_chosen(obj, args, site, frame, decorates)
        if isinstance(obj, (Partial, Managed, Memoised, Decorated, Identity, Memoiser, Around)):
            return self._call_wrapper(obj, args, site, frame, decorates)
        if isinstance(obj, Const) and obj.value is None:
            return NOTHING  # calling None raises; another object is meant on the paths that matter
        if decorates and isinstance(obj, Suspended) and obj.kind == "manager":
            return self._wrap(obj, args)
        if decorates:
            self._machine.frameworks.register(args.positional[0], (obj,))
            return args.positional[0]
        guessed = self._guessed(obj, args, site, frame)
        if guessed is not None:
            return guessed
        ends = isinstance(obj, Unknown) and obj.term[0] == "attr" and obj.term[-1] in self._semantics.ending
        if not self._is_look_up(obj):
            may_fail(frame, works=not ends)
        reading.unseen((obj,), frame, self._machine)
        self._machine.objects.given(obj, args)
        result = self._unknown_result(obj, args, site, frame)
        return self._machine.frameworks.unseen((obj,), args, result, site, frame)

    def _is_look_up(self, obj: Obj) -> bool:
        """Whether this looks into the event itself: an object read from text, of which a missing key raises nothing."""
        return isinstance(obj, Unknown) and any(
            obj.term == ("attr", EVENT, name) for name in self._semantics.looking_up
        )

    def _unknown_result(self, obj: Obj, args: Args, site: ir.Site, frame: Frame) -> Value:
        """What a call gives of which nothing is known; of a look-up, the name says which value it gives by default."""
        result = self._universe.unknown_of("call", frame.path, site, frame.context)
        if isinstance(obj, Unknown) and obj.term[0] == "attr" and obj.term[1] == CONTEXT:
            return self._universe.unknown_of(*REMAINING)
        if isinstance(obj, Unknown) and obj.term[0] == "attr" and not args.every() and self._is_of_text(obj.term[-1]):
            return self._universe.unknown_of("result", obj.term[1], obj.term[-1])
        if not isinstance(obj, Unknown) or obj.term[0] != "attr" or obj.term[-1] not in self._semantics.defaulting:
            return result
        if obj.term[-1] in self._semantics.looking_up and args.positional and _is_of_event(obj.term[1]):
            key = term_of(args.positional[0])
            found = self._universe.unknown_of("item", obj.term[1], key[1]) if key and key[0] == "const" else NOTHING
            result = result if found in (NOTHING, self._universe.unknown) else found
        default = args.positional[1] if len(args.positional) == 2 else NOTHING
        if len(default) != 1 or not isinstance(default[0], Const) or not isinstance(result[0], Unknown):
            return result
        return self._universe.unknown_of("default", result[0].term, default[0].value)

    def _is_of_text(self, name: str) -> bool:
        """Whether texts have a method of this name: all of these make something new, and the same of the same text."""
        return bool(self._models.of(self._semantics.own(f"{self._semantics.text}.{name}")))

    def _guessed(self, obj: Obj, args: Args, site: ir.Site, frame: Frame) -> Value | None:
        """A call of a member that only values of one of the language's own types have, and which is given a function."""
        if not isinstance(obj, Unknown) or obj.term[0] != "attr":
            return None
        type_ = self._semantics.guessed_members.get(obj.term[-1])
        if type_ is None or not any(isinstance(each, (FunctionObj, Bound, Resolver)) for each in args.every()):
            return None
        receiver = self._universe.unknown_of(*obj.term[1])[0]
        call = Call(f"{type_}.{obj.term[-1]}", receiver, args, site, frame)
        if not any(self._machine.selectors.counts(row, call) for row in self._models.of(call.symbol)):
            return None
        made = self.call_library(call)
        for each in made:
            if isinstance(each, Container):
                self._heap.store(each, Fact.GUESSED, self._universe.const(True))
        return made

    def is_unseen(self, obj: Obj) -> bool:
        """Whether a call of this runs code that is neither the project's nor known to the models."""
        return isinstance(obj, Unknown) or (isinstance(obj, External) and not self._is_modelled(obj))

    def _call_made(self, obj: Record | Dispatcher | Registrar, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call what a library made of names or functions that it was given."""
        if isinstance(obj, Record):
            made = self._universe.make(Instance, obj, Alloc(frame.path, site, frame.context))
            for position, value in enumerate(args.positional):
                self._heap.store(made, obj.fields[position] if position < len(obj.fields) else slot(position), value)
            for name, value in args.keywords.items():
                self._heap.store(made, name, value)
            return (made,)
        if isinstance(obj, Dispatcher):
            return self.call((obj.function, *self._heap.load(obj, Fact.REGISTERED)), args, site, frame)
        functions = tuple(each for each in args.every() if isinstance(each, FunctionObj))
        if functions:
            self._heap.store(obj.dispatcher, Fact.REGISTERED, functions)
        # Given only a type, it waits for the function.
        return functions or (obj,)

    def _call_bound(self, obj: Bound, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        if not isinstance(obj.function, External):
            if self._semantics.async_call == "eager" and isinstance(obj.receiver, Instance):
                self._machine.waiting.begins(obj.receiver, obj.function, frame)
            return self._call(obj.function, args.with_first((obj.receiver,)), site, frame, decorates)
        symbol = obj.function.symbol
        if isinstance(obj.receiver, ClassObj) and self._semantics.operation(symbol, self._semantics.call):
            return self._machine.instances.construct(obj.receiver, args, site, frame, plainly=True)
        if isinstance(obj.receiver, (FunctionObj, Bound)):
            return self._call_member(obj.receiver, symbol, args, site, frame)
        eager = self._semantics.async_call == "eager"
        if eager and isinstance(obj.receiver, Suspended) and self._semantics.operation(symbol, self._semantics.advance):
            return self._machine.waiting.step(obj.receiver, site, frame)
        if not self._semantics.awaits_values and self._semantics.operation(symbol, self._semantics.wait):
            return self._machine.wait((obj.receiver,), site, frame)
        return self.call_library(Call(symbol, obj.receiver, args, site, frame, decorates))

    def _call_member(self, function: Obj, symbol: str, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call a function's own member: it calls the function on an object, or ties it to that."""
        means = self._semantics.function_members[symbol.rpartition(".")[2]]
        receivers = args.positional[0] if args.positional else NOTHING
        if means == "bind":
            tied = not isinstance(function, Bound) and receivers
            return tuple(self._universe.make(Bound, each, function) for each in receivers) if tied else (function,)
        passed = replace(args, positional=args.positional[1:])
        if means == "apply":
            known, rest = self._machine.elements.spread(
                args.positional[1] if len(args.positional) > 1 else NOTHING, frame
            )
            passed = Args(known, rest=rest)
        if isinstance(function, FunctionObj):
            passed = passed.with_first(receivers or self._universe.unknown)
        return self._call(function, passed, site, frame, False)

    def _call_wrapper(self, obj: Obj, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        """Call an object that stands for a function, or makes one that does."""
        if isinstance(obj, Partial):
            function, given = self._machine.held_calls[obj.base]
            owner = next(
                (int(count.value or 0) for count in self._heap.load(obj, Fact.BINDS) if isinstance(count, Const)), 0
            )
            first = [*args.positional, *[NOTHING] * owner][:owner]
            positional = [*first, *given.positional, *args.positional[owner:]]
            together = replace(args, positional=positional, keywords={**given.keywords, **args.keywords})
            return self._call(function, together, site, frame, decorates)
        if isinstance(obj, Managed):
            return (self._suspend("manager", obj.function, args, site, frame),)
        if isinstance(obj, Memoised):
            return self._call_memoised(obj, args, site, frame)
        if isinstance(obj, Decorated):
            return self._machine.decorators.call(obj, args, site, frame)
        if isinstance(obj, Around):
            return self._call_inside(obj, args, site, frame)
        if isinstance(obj, Identity):
            for function in args.positional[0] if args.positional and obj.shown else NOTHING:
                self._heap.store(function, Fact.SHOWS, obj.shown)
            for function in args.positional[0] if args.positional and obj.constructs else NOTHING:
                self._heap.store(function, Fact.CONSTRUCTS, self._universe.const(True))
            return args.positional[0] if args.positional else self._universe.unknown
        return tuple(self._universe.make(Memoised, function) for function in args.every())

    def _wrap(self, manager: Obj, args: Args) -> Value:
        """A context manager is a decorator: each call of the function runs inside it."""
        return tuple(self._universe.make(Around, function, manager) for function in args.positional[0])

    def _call_inside(self, obj: Around, args: Args, site: ir.Site, frame: Frame) -> Value:
        results: list[Value] = []

        def body(entered: Value) -> None:
            made = self._call(obj.function, args, site, frame, False)
            results.append(self._machine.wait(made, site, frame) if is_suspended(made) else made)

        self._machine.managers.around((obj.manager,), body, site, frame)
        return union(*results)

    def _suspend(self, kind: str, callee: Obj, args: Args, site: ir.Site, frame: Frame) -> Suspended:
        made = self._universe.make(Suspended, kind, callee, Alloc(frame.path, site, frame.context))
        self._machine.held_calls[made] = (callee, args)
        return made

    def _call_memoised(self, obj: Memoised, args: Args, site: ir.Site, frame: Frame) -> Value:
        """However often a memoised function is called, what it makes it makes once: callers are not told apart."""
        function = obj.function
        if not isinstance(function, FunctionObj) or function.function.is_async or function.function.is_generator:
            return self._call(function, args, site, frame, False)
        made = self._machine.summaries.apply(function, args, site, frame, sites=()).returns
        for each in made:
            if isinstance(each, Instance):
                self._heap.store(each, about(Fact.INITIAL, "kept"), self._universe.const(True))
        return made

    def _call_instance(self, obj: Instance, args: Args, site: ir.Site, frame: Frame, decorates: bool) -> Value:
        called = self._machine.classes.own_member(obj, self._semantics.call)
        if called and any(isinstance(each, Instance) for each in called):
            return self._call_by_instance(obj, called, args.with_first((obj,)), site, frame)
        if called:
            return self.call(called, args.with_first((obj,)), site, frame, decorates)
        self._machine.serving.pass_on(obj, site, frame)
        symbols = (self._machine.classes.library_member(obj, name) for name in self._semantics.call)
        symbol = next((symbol for symbol in symbols if symbol is not None), None)
        types = (self._models.type(self._models.canonical(type_)) for type_ in self._machine.classes.library_types(obj))
        if decorates and any(described is not None and described.decorates for described in types):
            return self._wrap(obj, args)
        if decorates and (symbol is None or not (self._models.of(symbol) or self._models.made_type(symbol))):
            return args.positional[0]
        if symbol is not None:
            return self.call_library(Call(symbol, obj, args, site, frame, decorates))
        reading.unseen((obj,), frame, self._machine)
        return self._machine.frameworks.unseen((obj,), args, self._universe.unknown, site, frame)

    def _call_by_instance(self, obj: Instance, called: Value, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call an object whose class is called by way of another object, which may be one of the same class."""
        if obj.type in self._called_by_instance:
            return self._universe.unknown_of("call", frame.path, site, frame.context)
        self._called_by_instance.add(obj.type)
        try:
            return self.call(called, args, site, frame)
        finally:
            self._called_by_instance.discard(obj.type)

    # --- functions -------------------------------------------------------------------------------------------------------

    def call_function(self, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call a function; a generator function, or an async one, may only make something to be run later."""
        function = callee.function
        if function.is_generator:
            return (self._generate(callee, args, site, frame),)
        if not function.is_async:
            return self._machine.summaries.apply(callee, args, site, frame).returns
        if self._semantics.async_call == "eager":
            return (self._begin(callee, args, site, frame),)
        made = self._suspend("coroutine", callee, args, site, frame)
        name = self._machine.objects.qualname_of(callee)
        launch = Launch(Place(frame.path, site), "coroutine", name, name, frame.qualname, fate=Fate.NEVER_RUNS)
        self._machine.handles.launch(made, launch, frame)
        return (made,)

    def _generate(self, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame) -> Suspended:
        """A generator; one that is async is called for what it does, and does nothing before somebody reads it."""
        made = self._suspend("generator", callee, args, site, frame)
        if callee.function.is_async and self._semantics.async_call == "eager":
            name = self._machine.objects.qualname_of(callee)
            launch = Launch(Place(frame.path, site), "coroutine", name, name, frame.qualname, fate=Fate.NEVER_RUNS)
            self._machine.handles.launch(made, launch, frame)
            for obj in args.every():  # which it reads, if somebody reads it
                if isinstance(obj, Suspended) and obj.kind == "generator":
                    self._heap.store(obj, Fact.FOLLOWS, (made,))
        return made

    def _begin(self, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame) -> Suspended:
        """Run an async function up to where it first waits. What then goes on is pending, until its result is waited for."""
        made = self._suspend("running", callee, args, site, frame)
        beside = Frame(frame.activation, frame.path, frame.qualname)
        result = self._machine.summaries.apply(callee, args, site, beside)
        given = self._machine.waiting.adopt(result.returns, site, beside)
        self._heap.store(made, Fact.RESULT, given)
        self._heap.store(made, Fact.FAILS if beside.state is None else Fact.FULFILS, self._universe.const(True))
        if not beside.effects.suspends:
            before = frame.state
            self._machine.summaries.apply(callee, args, site, frame)
            frame.state = (
                before if frame.state is None else frame.state
            )  # what it throws comes out where it is waited for
            return made
        if beside.is_safe():
            self._heap.store(made, Fact.SAFE, self._universe.const(True))
        if launching.take_over(beside, made, frame, self._machine).changes:
            reading.note_changes((made,), Place(frame.path, site), frame, self._machine)
        self._machine.log.thrown[made] = Thrown.out_of(beside)
        name = self._machine.objects.qualname_of(callee)
        launch = Launch(Place(frame.path, site), self._semantics.async_kind, name, name, frame.qualname)
        self._machine.handles.launch(made, launch, frame)
        return made

    def run(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        callee, args = self._machine.held_calls[obj.base]
        if isinstance(callee, FunctionObj):
            before = frame.state
            returned = self._machine.summaries.apply(callee, args, site, frame).returns
            if before is not None:
                self._machine.decorators.ran(obj, before, frame)
            return returned
        receiver = callee.receiver if isinstance(callee, Bound) else None
        function = callee.function if isinstance(callee, Bound) else callee
        assert isinstance(function, External)
        return self._machine.library.apply(Call(function.symbol, receiver, args, obj.alloc.site, frame))

    def run_generator(self, obj: Suspended, frame: Frame, *, whole: bool = True) -> Value:
        """Read a generator: to its end, or (not `whole`) perhaps only up to some ``yield``. The value is what it yields."""
        if self._semantics.async_call == "eager":
            self._machine.handles.join((obj,), frame)
        read = self._machine.displays.read_delayed(obj, frame)
        if read is not None:
            return read
        callee, args = self._machine.held_calls[obj.base]
        while isinstance(callee, Bound):
            args, callee = args.with_first((callee.receiver,)), callee.function
        if isinstance(callee, External):
            read = self._machine.library.apply(Call(callee.symbol, None, args, obj.alloc.site, frame))
            return self._machine.elements.of(read, frame)
        if not isinstance(callee, FunctionObj):
            return self._universe.unknown
        return self._machine.summaries.apply(callee, args, obj.alloc.site, frame, whole=whole).yields

    def call_method(self, obj: Instance | Container, names: tuple[str, ...], frame: Frame) -> Value:
        """Call a method of one of the project's classes, or of a display; nothing when it has none of these names."""
        method = self._machine.classes.own_member(obj, names)
        return self.call(method, Args().with_first((obj,)), obj.alloc.site, frame) if method else NOTHING

    def ask_property(self, function: FunctionObj, receiver: Obj, frame: Frame) -> Value:
        """What a property gives; one that is asked once gives the same to whoever asks."""
        args, site = Args().with_first((receiver,)), function.function.site
        if function.function.binding == "kept" and not function.function.is_async:
            return self._machine.summaries.apply(function, args, site, frame, sites=()).returns
        return self.call_function(function, args, site, frame)

    def ask_descriptor(self, descriptor: Instance, receiver: Instance, frame: Frame) -> Value:
        """What an object in a class gives for an attribute of an instance."""
        method = self._machine.classes.own_member(descriptor, self._semantics.read)
        args = Args([(descriptor,), (receiver,), (receiver.type,)], bound=True)
        return self.call(method, args, descriptor.alloc.site, frame)


def _plain(args: Args) -> Args:
    """Arguments as a library sees them: whatever a function is chosen under, it is handed the function."""
    positional = [plain(value) for value in args.positional]
    keywords = {name: plain(value) for name, value in args.keywords.items()}
    return replace(args, positional=positional, keywords=keywords, rest=plain(args.rest), extra=plain(args.extra))


def _is_of_event(term: Term) -> bool:
    """Whether something is a part of what the invocation is given: looked up twice, it is the same."""
    while term[0] in ("item", "attr", "default") and isinstance(term[1], tuple):
        term = term[1]
    return term == EVENT
