"""``await``: running a coroutine to its end, and waiting for a handle."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import WORK, Effects
from lint_lambda.analysis.domain.frame import Args, Frame, either
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, slot
from lint_lambda.analysis.domain.launch_state import Edge, Entry, Launch, State, pending
from lint_lambda.analysis.domain.values import (
    Alloc,
    Bound,
    Container,
    External,
    FunctionObj,
    Instance,
    Obj,
    Resolver,
    Suspended,
    Unknown,
    Value,
    is_suspended,
    union,
)
from lint_lambda.analysis.library import launch as launching
from lint_lambda.analysis.library import racing
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.dispatch import may_fail
from lint_lambda.analysis.library.launched import launched_by
from lint_lambda.core import ir
from lint_lambda.core.finding import Fate
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Advice, Place
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.conventions import load_conventions
from lint_lambda.knowledge.tables import TypeModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

_SUSPENDS = Effects(suspends=True)
_TAKES_TIME = WORK.join(_SUSPENDS)
_BEGIN = "begin it and wait for its end, `await {promised}({called}(…))`: an `await` alone does not begin it"


class Waiting:
    """Waits for values."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._heap = machine.heap

    def wait(self, value: Value, site: ir.Site, frame: Frame) -> Value:
        """Run a coroutine to its end, or wait for a handle; the value is what that gives."""
        results: list[Value] = []
        if len(value) > 1 and self._machine.semantics.awaits_values:
            self._wait_for_one_of(value, frame)
        coroutines = [obj for obj in value if isinstance(obj, Suspended) and obj.kind == "coroutine"]
        if coroutines:
            results.append(self._run_one_of(coroutines, site, frame))
        for obj in value:
            if isinstance(obj, Suspended) and obj.kind == "coroutine":
                continue
            if isinstance(obj, Suspended) and obj.kind == "running":
                results.append(self._wait_for_running(obj, frame))
            elif isinstance(obj, Instance) and not self._is_plain(obj):
                results.append(self._wait_for(obj, site, frame))
            elif (
                (self._machine.semantics.awaits_values and not isinstance(obj, Unknown))
                or (isinstance(obj, Suspended) and obj.kind == "manager")
                or isinstance(obj, Container)
            ):
                results.append((obj,))
            else:
                frame.does(_SUSPENDS)
                self._machine.handles.join(self._heap.load(obj, Fact.HOLDS), frame)
                may_fail(frame)
                if isinstance(obj, Unknown):
                    results.append(self._machine.universe.unknown_of("awaited", obj.term))
        return union(*results) or self._machine.universe.unknown

    def _wait_for_one_of(self, value: Value, frame: Frame) -> None:
        """Of several handles that a value may be there is one on each path: an exception of it leaves none of the others."""
        own = self._machine.classes.own_member
        handles = tuple(
            obj
            for obj in value
            if (isinstance(obj, Suspended) and obj.kind == "running")
            or (isinstance(obj, Instance) and not self._is_plain(obj) and not own(obj, self._machine.semantics.wait))
        )
        if self._machine.handles.takes_time(handles, frame):
            self._pause(handles, frame)
            self._machine.handles.join(handles, frame, by_handle=True)
            frame.rethrow()

    def adopt(self, value: Value, site: ir.Site, frame: Frame) -> Value:
        """What eager work gives: of a handle, what waiting for it gives, as the work is not done before."""
        given: list[Value] = []
        if len(value) > 1:
            self._wait_for_one_of(value, frame)
        for obj in value:
            is_handle = isinstance(obj, Suspended) and obj.kind in ("coroutine", "running")
            if is_handle or (isinstance(obj, Instance) and not self._is_plain(obj)):
                given.append(self.wait((obj,), site, frame))
            else:
                held = self._heap.load(obj, Fact.HOLDS) if isinstance(obj, Unknown) else ()
                if held:  # code that is not analysed has been given what gives these, and perhaps gives them back
                    frame.does(_SUSPENDS)
                    self._machine.handles.join(held, frame)
                given.append((obj,))
        return union(*given)

    def dropped(self, value: Value, expr: ir.Expr, frame: Frame) -> None:
        """A statement comes to `value` by `expr`, and drops it: an object that begins once it is needed does nothing.

        One that is kept begins where somebody needs it, if anybody does.
        """
        semantics = self._machine.semantics
        if semantics.async_call != "eager":
            return
        awaited = isinstance(expr, ir.Await)
        while isinstance(expr, ir.Await):
            expr = expr.value
        begun = awaited and isinstance(expr, ir.Call) and self._begins_something(expr, frame)
        for obj in value:
            if isinstance(obj, Instance) and isinstance(expr, ir.Call) and not begun:
                self._never_begun(obj, expr, frame)
            if isinstance(obj, Instance) and self._machine.classes.own_member(obj, semantics.wait):
                name = self._machine.objects.qualname_of(obj)
                launch = Launch(obj.alloc.place, "coroutine", name, name, frame.qualname, fate=Fate.NEVER_RUNS)
                self._machine.handles.launch(obj, launch, frame)

    def _begins_something(self, call: ir.Call, frame: Frame) -> bool:
        """Whether a library begins something there: what that comes to is the value of something that has ended."""
        root: ir.Expr = call.func
        names: list[str] = []
        while isinstance(root, ir.Attr):
            names.insert(0, root.name)
            root = root.base
        if not isinstance(root, ir.Name):
            return False  # to look again would do again what leads to the function
        models = self._machine.models
        found = (obj for obj in self._machine.evaluate(root, frame) if isinstance(obj, External))
        symbols = (models.canonical(".".join((obj.symbol, *names))) for obj in found)
        return any(isinstance(model, m.LaunchModel) for symbol in symbols for model in models.of(symbol))

    def _never_begun(self, obj: Instance, call: ir.Call, frame: Frame) -> None:
        """What `call` gives does nothing before somebody subscribes to it."""
        cold = self._cold(obj)
        if cold is None or not self._has_work(obj, cold, call.site, frame):
            return
        called = call.func.name if isinstance(call.func, (ir.Name, ir.Attr)) else "subscribe"
        place = Place(frame.path, call.site)
        launch = Launch(place, "coroutine", cold.name, called, frame.qualname, fate=Fate.NEVER_RUNS)
        self._machine.handles.launch(obj, launch, frame)
        text = _BEGIN.format(promised=cold.promised.rpartition(":")[2], called=called)
        self._machine.world.advise({launch}, Advice(text, alone=True))

    def _cold(self, obj: Instance) -> TypeModel | None:
        """What is known of a type whose instances do nothing before somebody subscribes to them."""
        models = self._machine.models
        types = (models.type(models.canonical(type_)) for type_ in self._machine.classes.library_types(obj))
        return next((each for each in types if each is not None and each.cold), None)

    def _has_work(self, obj: Instance, cold: TypeModel, site: ir.Site, frame: Frame) -> bool:
        """Whether there is work that would begin if somebody subscribed to `obj`, which nobody has done yet."""
        if cold.cold != "calls" or frame.state is None:
            return cold.cold == "works"
        beside = Frame(frame.activation, frame.path, frame.qualname)
        self._machine.call(self._heap.load(obj, ANY_ELEMENT), Args(), site, beside)
        return not launching.only_tells(beside.effects) or bool(beside.paths)

    def begins(self, obj: Instance, method: Obj, frame: Frame) -> None:
        """A method of the object is called: if that is the one by which it is waited for, it begins."""
        if method in self._machine.classes.own_member(obj, self._machine.semantics.wait):
            self._machine.handles.join((obj,), frame)

    def _is_plain(self, obj: Instance) -> bool:
        """Whether nothing waits where this is awaited: it is no handle."""
        if not self._machine.semantics.awaits_values or self._machine.classes.own_member(
            obj, self._machine.semantics.wait
        ):
            return False
        types = self._machine.classes.library_types(obj)
        described = (self._machine.models.type(self._machine.models.canonical(type_)) for type_ in types[:1])
        if any(each is not None and each.inert for each in described):
            return True
        return not self._machine.handles.is_handle(obj) and self._machine.semantics.async_type not in types

    def _wait_for(self, obj: Instance, site: ir.Site, frame: Frame) -> Value:
        classes, handles = self._machine.classes, self._machine.handles
        if handles.takes_time((obj,), frame):
            self._pause((obj,), frame)
        elif not self._machine.semantics.awaits_values:
            frame.does(_SUSPENDS)
        awaiting = classes.own_member(obj, self._machine.semantics.wait)
        if awaiting:
            frame.does(_SUSPENDS)
            return self._wait_by(awaiting, obj, site, frame)
        hook = classes.modelled_member(obj, self._machine.semantics.wait)
        if hook is not None and not self._machine.semantics.awaits_values:
            self._machine.library.apply(Call(hook, obj, Args(), site, frame))
        waits = handles.takes_time((obj,), frame)
        self._give_up_by(obj, site, frame)
        before, left = frame.state, racing.given_up(obj, frame, self._machine)
        handles.join((obj,), frame, by_handle=True)
        handles.join(handles.launched_on(self._heap.load(obj, Fact.IN_TURN)), frame)
        if left and frame.state is not None:
            frame.rethrow({**frame.state, **left})
        if before is not None and frame.state is not None and self._heap.load(obj, Fact.FREES):
            frame.raise_edge(self._freed(obj, before, frame.state), explicit=False)
        unfinished = self._machine.log.unfinished.get(obj.base)
        if unfinished is not None and waits and frame.state is not None:
            self._give_up(obj.base, unfinished, frame)
        frame.rethrow()
        return handles.result_of(obj)

    def _give_up_by(self, obj: Obj, site: ir.Site, frame: Frame) -> None:
        """A timeout around the wait for what outlasts it: the wait ends, and the work goes on."""
        types = map(self._machine.models.canonical, self._machine.classes.library_types(obj))
        described = (self._machine.models.type(type_) for type_ in types)
        if frame.limits and frame.state is not None and any(each is not None and each.outlasts for each in described):
            held = self._heap.load(obj, Fact.HOLDS)
            keys = tuple(key for each in (obj, *held) for key in self._machine.handles.keys(each))
            frame.raise_as(Edge(frame.state, load_conventions().given_up, keys, Place(frame.path, site)))

    def _give_up(self, handle: Obj, unfinished: Launch, frame: Frame) -> None:
        """Some of the work that is waited for may fail: where that is caught, the rest goes on."""
        assert frame.state is not None
        left = frozenset({Entry("pending", unfinished, waited="raised")})
        frame.paths.setdefault(unfinished, ())
        frame.rethrow(launch_state.put(frame.state, handle, left))
        frame.state = launch_state.put(frame.state, handle, frozenset({Entry("clear", unfinished)}))

    def _freed(self, obj: Instance, before: State, after: State) -> State:
        """The state after one piece of the work that `obj` holds has raised: the others, if there are any, go on.

        But what ends in the first step that the loop gives it has ended: all have had that step.
        """
        held = self._heap.load(obj, Fact.HOLDS)
        several = len({each.base for each in held}) > 1 or any(self._heap.load(each, Fact.MANY) for each in held)
        begun = [each for each in held if not is_suspended((each,))]
        # What it has begun itself is pending by its own handle.
        going = begun if begun and len(begun) == len(held) else [obj, *begun]
        keys = [key for each in going for key in self._machine.handles.keys(each)] if several else []
        gone_on = {key: frozenset(filter(_goes_on, before[key])) for key in keys if key in before}
        left = {key: launch_state.waited_for(entries, "raised") for key, entries in gone_on.items() if entries}
        return {**after, **left}

    def _wait_by(self, awaiting: Value, obj: Instance, site: ir.Site, frame: Frame) -> Value:
        """Wait by a method of the object's own; it may be handed the function that says when."""
        machine = self._machine
        type_ = machine.semantics.async_type
        if not type_:
            return machine.call(awaiting, Args().with_first((obj,)), site, frame)
        alloc = Alloc(frame.path, site, frame.context)
        machine.handles.join((obj,), frame)
        told = machine.universe.make(Instance, machine.universe.external(type_)[0], alloc)
        settle: Value = (machine.universe.make(Resolver, told),)
        machine.call(awaiting, Args([settle, settle]).with_first((obj,)), site, frame)
        machine.handles.join((told,), frame)
        return self._heap.load(told, Fact.RESULT)

    def _wait_for_running(self, obj: Suspended, frame: Frame) -> Value:
        if not self._machine.handles.takes_time((obj,), frame):
            return self._machine.handles.result_of(obj)
        self._pause((obj,), frame)
        self._machine.handles.join((obj,), frame)
        frame.rethrow()
        thrown = self._machine.log.thrown.get(obj.base)
        for edge in () if thrown is None else thrown.edges:
            left = {key: found for key, entries in edge.state.items() if (found := frozenset(pending(entries)))}
            if left and frame.state is not None:
                frame.raise_as(replace(edge, state={**frame.state, **left}, remote=True))
        if thrown is not None and frame.state is not None:
            waited = {key: found for key, found in thrown.waited.items() if not pending(frame.state.get(key, ()))}
            frame.state = {**frame.state, **waited}
        return self._machine.handles.result_of(obj)

    def step(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        """One step of a generator is asked for: what it gives, or, of one that is async, a handle of it, as its body runs on."""
        machine = self._machine
        callee, args = machine.held_calls.get(obj.base, (obj.callee, Args()))
        is_async = isinstance(callee, FunctionObj) and callee.function.is_async
        beside = Frame(frame.activation, frame.path, frame.qualname) if is_async else frame
        machine.handles.join((obj,), frame)
        alloc = Alloc(frame.path, site, frame.context)
        given = machine.universe.make(Container, "dict", alloc)
        self._heap.store(given, slot("value"), machine.calls.run_generator(obj, beside, whole=False))
        if not is_async:
            return (given,)
        made = machine.universe.make(Suspended, "running", callee, alloc)
        machine.held_calls[made] = (callee, args)
        self._heap.store(made, Fact.RESULT, (given,))
        launching.take_over(beside, made, frame, machine)
        if beside.effects.suspends:
            name = machine.objects.qualname_of(callee)
            launch = Launch(Place(frame.path, site), machine.semantics.async_kind, name, name, frame.qualname)
            machine.handles.launch(made, launch, frame)
        return (made,)

    def _pause(self, handles: Value, frame: Frame) -> None:
        """Wait for work that takes time. What it signals, and what it waits for in turn, it signals at the end of the wait."""
        told: set[Obj] = set()
        pending, seen = list(handles), set[Obj]()
        while pending:
            obj = pending.pop()
            if obj.base not in seen:
                seen.add(obj.base)
                told.update(self._heap.load(obj, Fact.SIGNALS))
                pending += (*self._heap.load(obj, Fact.HOLDS), *self._heap.load(obj, Fact.SIGNALLED_BY))
        frame.effects = frame.effects.then_wait(_TAKES_TIME, frozenset(told))

    def _run_one_of(self, coroutines: list[Suspended], site: ir.Site, frame: Frame) -> Value:
        """Run a coroutine to its end; of several that it may be, whichever it is."""
        self._machine.handles.join(tuple(coroutines), frame)
        return union(*either(frame, [partial(self._run, obj, site, frame) for obj in coroutines]))

    def _run(self, obj: Suspended, site: ir.Site, frame: Frame) -> Value:
        if isinstance(self._machine.held_calls[obj.base][0], (External, Bound)):
            frame.does(_SUSPENDS)
        if frame.state is None:
            return ()
        result = self._machine.run(obj, site, frame)
        if any(model.waits for model in launched_by(obj, self._machine)):
            for each in result:
                self._give_up_by(each, site, frame)
            self._machine.handles.join(result, frame)
        return result


def _goes_on(entry: Entry) -> bool:
    """Whether there is more of the work after the step in which it is begun."""
    return entry.launch is None or not entry.launch.step
