"""From handlers to verdicts: what is still pending at each handler's response, and what becomes of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from lint_lambda.analysis.answers import Answers, required
from lint_lambda.analysis.cases import Case, verdict_of
from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.chosen import plain
from lint_lambda.analysis.domain.effort import Effort, Shortfall
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import EMPTY, Edge, Entries, Entry, Launch, State, join_edges
from lint_lambda.analysis.domain.program import Program
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    Decorated,
    FunctionObj,
    Instance,
    Partial,
    Suspended,
    Value,
    cuts,
)
from lint_lambda.analysis.domain.world import World
from lint_lambda.analysis.extensions.checks import Lifecycle
from lint_lambda.analysis.extensions.runtimes import Runtimes
from lint_lambda.analysis.frameworks.registration import EVENT
from lint_lambda.analysis.interpreter.machine import Machine
from lint_lambda.analysis.library import set_up
from lint_lambda.analysis.tracing import Trace, trace
from lint_lambda.core import ir
from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Handler, Launched, Place, Verdict
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.tables import UNKNOWN_ADAPTER

MOST_ROUNDS = 6
"""Rounds after which what a handler's functions do is taken as it is known; most settle in two."""

_ON_THE_WAY: frozenset[Shortfall] = frozenset({"contexts"})
"""What only concerns the launches that it is met with on the way to."""

STACK = 8000
"""Interpreter frames the analysis may nest: each call followed takes some thirty of them."""


class Analysis:
    """Analyses handlers that one adapter serves one after another, sharing everything that was learnt on the way.

    `alone`: there is one, and no other in the process.
    """

    def __init__(
        self,
        program: Program,
        models: Models,
        adapter: str = "",
        *,
        alone: bool = False,
        tick: Callable[[], None] = lambda: None,
        steps: int = 0,
    ) -> None:
        """`tick` is called at every step, and may raise what ends the analysis of a handler; `steps` may be taken for each, 0 for no end."""
        self._world = World(program, models, models.adapters.get(adapter, UNKNOWN_ADAPTER))
        self._world.alone = alone
        self._world.effort = Effort(steps, tick)
        self._machine = Machine(self._world)
        self._lifecycle = Lifecycle(self._machine)
        self._runtimes = Runtimes(self._machine)
        self._of_the_sandbox: list[Verdict] = []
        self.launched: dict[Handler, tuple[Launched, ...]] = {}
        """The launches, waited for or not, that each handler's response comes after, by place."""
        self.shortfalls: dict[Handler, tuple[Shortfall, ...]] = {}
        """In what the analysis of a handler falls short, where it does."""
        self._cases: dict[tuple[Place, str], Case] = {}

    def handler(self, handler: Handler) -> None:
        """Follow one handler to its responses. Runtimes come first: what they call, they are judged for."""
        if self._runtimes.calls(handler):
            return
        self._world.entry = handler.path
        effort = self._world.effort
        effort.begin()
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, STACK))
        try:
            for _ in range(MOST_ROUNDS):
                frame = Frame(self._world.activations[0], handler.path, MODULE_BODY)
                imported, value, result = self._invoke(handler, frame)
                fewer = self._world.heap.made(frame.activation.number)
                if not self._world.settle(self._machine.summaries.again) and not fewer:
                    break
                if effort.is_spent:
                    effort.falls_short("steps")
                    break
            else:
                effort.falls_short("rounds")
            if cuts:
                effort.falls_short("width")
            if effort.shortfalls:
                self.shortfalls[handler] = tuple(sorted(effort.shortfalls))
            self._conclude(handler, frame, imported, value, result)
        finally:
            sys.setrecursionlimit(limit)

    def _invoke(self, handler: Handler, frame: Frame) -> tuple[State, Value, Value]:
        """Import the handler's module and call it as Lambda does: the state before the call, the callee, the result."""
        self._machine.modules.import_effects(handler.path, handler.place.site, frame)
        imported = frame.state or EMPTY
        frame.state = self._lifecycle.shut(imported)
        called = self._named(handler, frame)
        value = plain(called)
        if handler.application:
            if not any(isinstance(obj, Instance) for obj in value):
                value = (*value, *self._started(handler, frame))
            self._machine.serving.serve(value, handler.place.site, frame)
            return imported, value, NOTHING
        answers = Answers(self._machine, handler)
        given = [self._world.universe.unknown_of(*EVENT), *answers.after_the_event(value)]
        result = self._machine.call(called, Args(given), handler.place.site, frame)
        answers.end(value, result, frame)
        if self._world.semantics.handler_result == "awaited" and frame.state is not None:
            result = self._machine.wait(result, handler.place.site, frame)
        if handler.guessed and frame.state is not None:
            result = self._machine.statements.run_guessed(value, result, handler.place.site, frame)
        return imported, value, result

    def _started(self, handler: Handler, frame: Frame) -> Value:
        """The applications that functions of a module make as it is imported, which starts them by itself.

        What the module has launched to that end has come to it before the first event: whatever serves it waits for that.
        """
        if frame.state is not None:
            frame.state = {
                obj: entries
                for obj, entries in frame.state.items()
                if not all(entry.launch is not None and entry.launch.place.path == handler.path for entry in entries)
            }
        return tuple(made for made in self._world.started if made.alloc.place.path == handler.path)

    def _conclude(self, handler: Handler, frame: Frame, imported: State, value: Value, result: Value) -> None:
        """Record what is pending at the response."""
        if handler.runtime:
            self._of_the_sandbox += self._runtimes.conclude(handler)
            return
        if self._refused(handler, value):
            return
        raised = [edge.state for edge in frame.raised]
        exits = self._exits(value)
        found, safe = self._lifecycle.conclude(handler, frame.state, raised, exits)
        self._of_the_sandbox += found
        suspensions = [edge for edge in join_edges(frame.raised) if edge.suspends]
        suspensions.sort(key=lambda edge: (edge.suspends != "surely", str(edge.place)))
        for edge in suspensions:
            self._collect(handler, _without(edge.state, safe), imported, frame, [(edge.place, edge.state)], edge)
        self._returned(handler, frame, imported, value, result, safe, exits)
        for edge in suspensions:
            self._replayed(handler, edge, imported, frame)

    def _returned(
        self,
        handler: Handler,
        frame: Frame,
        imported: State,
        value: Value,
        result: Value,
        safe: set[Place],
        exits: list[tuple[Place | None, State]],
    ) -> None:
        """Record what is pending where the handler returns."""
        if frame.state is None:
            return
        self.launched[handler] = self._launched([*frame.state.values(), frame.effects.ended])
        state = _without(frame.state, safe)
        for obj in result:
            if not isinstance(obj, Suspended) or obj.kind == "manager":
                continue
            callee = obj.callee
            if isinstance(callee, FunctionObj) and self._is_handler(callee, obj, handler):
                # The call that Lambda makes gives something that only runs when awaited, and Lambda awaits nothing.
                state.pop(obj, None)
                place = Place(callee.path, callee.function.site)
                name = self._machine.objects.qualname_of(callee)
                qualname = callee.function.qualname
                launch = Launch(place, "handler", name, name, qualname, fate=Fate.NEVER_RUNS)
                # A decorator that is not known may run it.
                doubt: launch_state.Doubt = "escaped" if self._is_wrapped(callee) else ""
                self._record(launch, [Entry("pending", launch, doubt=doubt)], set(), False, handler, (), None)
        self._collect(handler, state, imported, frame, exits)

    def _replayed(self, handler: Handler, edge: Edge, imported: State, frame: Frame) -> None:
        """Record what has been launched before a suspension: it is launched again where the handler is called anew, but in a step."""
        before = [entry for entries in edge.state.values() for entry in entries] + list(edge.ended)
        at_import = {entry.launch for entries in imported.values() for entry in entries}
        for launch in sorted(
            {entry.launch for entry in before if entry.launch} - at_import, key=lambda each: each.place
        ):
            kind = self._world.models.kinds[launch.kind]
            if launch.place in self._world.stepped or launch.bare or not kind.repeats:
                continue
            if (launch.place, launch.kind) in self._cases:
                continue  # it is lost, which is worse
            again = replace(launch, fate=Fate.REPEATS)
            path = frame.paths.get(launch, ())[1:]
            self._record(again, [Entry("pending", again)], set(), False, handler, path, None, suspended=edge)

    def _refused(self, handler: Handler, value: Value) -> bool:
        """Record a handler that its runtime does not start, for what it takes: nothing in it ever runs."""
        answering = self._world.semantics.answering
        if answering is None or answering.waits(handler.engine) is not False:
            return False
        refused = False
        for callee in (obj.function if isinstance(obj, Bound) else obj for obj in value):
            if isinstance(callee, FunctionObj) and required(callee) > answering.parameters:
                place = Place(callee.path, callee.function.site)
                name = self._machine.objects.qualname_of(callee)
                qualname = callee.function.qualname
                launch = Launch(place, "callback-handler", name, name, qualname, fate=Fate.NEVER_RUNS)
                self._record(launch, [Entry("pending", launch)], set(), False, handler, (), None)
                refused = True
        return refused

    def _launched(self, handles: Iterable[Entries]) -> tuple[Launched, ...]:
        """What was launched with any of `handles`; what runs only where it is waited for counts when it is not."""
        kinds = self._world.models.kinds
        found: set[Launched] = set()
        for entries in handles:
            for entry in entries:
                launch = entry.launch
                if launch is not None and (entry.status == "pending" or not kinds[launch.kind].unstarted):
                    found.add(Launched(launch.place, launch.kind, launch.call, launch.label))
        return tuple(sorted(found))

    def _is_wrapped(self, callee: FunctionObj) -> bool:
        """Whether a decorator stands around the function of which nothing is known."""
        frame = Frame(self._world.activations[0], callee.path, MODULE_BODY)
        values = [self._machine.evaluate(_decorator(expr), frame) for expr in callee.function.decorators]
        return any(self._machine.calls.is_unseen(obj) for value in values for obj in value)

    @staticmethod
    def _is_handler(callee: FunctionObj, made: Suspended, handler: Handler) -> bool:
        """Whether the coroutine is the handler's own, made by Lambda's call or by a decorator around it."""
        name = callee.function.qualname.split("#", 1)[0]
        return made.alloc.place == handler.place or (callee.path == handler.path and name == handler.name)

    def _named(self, handler: Handler, frame: Frame) -> Value:
        """The value of the handler's (dotted) name."""
        if "#" in handler.name:
            return self._overwritten(handler, frame)
        value: Value = (self._world.module(handler.path),)
        for part in handler.name.split("."):
            value = self._machine.objects.attribute(
                self._machine.definitions.some_instance(value, part, frame), part, frame
            )
        return value

    def _overwritten(self, handler: Handler, frame: Frame) -> Value:
        """A function whose name was given to another one later: found by where it stands."""
        function = self._world.function_at(handler.place)
        if function is None:
            return self._world.universe.unknown
        made = self._world.universe.make(FunctionObj, handler.path, function, 0)
        if function.owner_class is None or function.binding == "static":
            return (made,)
        class_ = self._named(replace(handler, name=function.owner_class), frame)
        name = function.qualname.rsplit(".", 1)[-1].split("#")[0]
        instances = self._machine.definitions.some_instance(class_, name, frame)
        return tuple(self._world.universe.make(Bound, receiver, made) for receiver in instances)

    def _exits(self, value: Value) -> list[tuple[Place | None, State]]:
        """The returns of the function that is the handler."""
        for obj in value:
            while isinstance(obj, Decorated):
                obj = obj.function
            if isinstance(obj, Partial):
                return self._exits(self._world.heap.load(obj, Fact.CALLEE))
            if isinstance(obj, FunctionObj):
                for activation in self._world.activations_of(obj):
                    if activation.number in self._world.summaries:
                        return list(self._world.summaries[activation.number].exits)
        return []

    def _collect(
        self,
        handler: Handler,
        state: State,
        imported: State,
        frame: Frame,
        exits: list[tuple[Place | None, State]],
        suspended: Edge | None = None,
    ) -> None:
        by_launch: dict[Launch, list[tuple[launch_state.Key, Entry]]] = {}
        for key, entries in state.items():
            for entry in entries:
                if entry.status == "pending" and entry.launch is not None and not _goes_on(handler, entry):
                    if entry.launch.bare or self._is_behind(key, state):
                        continue
                    if not set_up.is_possible(key, entry, state, self._machine):
                        continue
                    if suspended is not None and self._world.models.kinds[entry.launch.kind].durable:
                        continue  # it is begun anew, and done then
                    by_launch.setdefault(entry.launch, []).append((key, entry))
        cleared = [entry for entries in state.values() for entry in entries if entry.status == "clear"]
        cleared += frame.effects.ended
        for launch, found in by_launch.items():
            keys = {key for key, _ in found}
            # A wait before anything was launched has waited for nothing.
            joins = {entry for key in keys for entry in state[key] if entry.status == "clear" and entry.launch}
            joins.update(entry for entry in cleared if entry.launch == launch)
            older = all(key.mode == "old" for key in keys)
            at_import = any(entry in imported.get(key, ()) for key, entry in found)
            if at_import and all(self._is_idle(key, frame) for key in keys):
                continue
            leaving = self._leaving(keys, exits)
            self._record(
                launch,
                [entry for _, entry in found],
                joins,
                at_import,
                handler,
                frame.paths.get(launch, ())[1:],
                leaving,
                older,
                {key.base for key in keys},
                suspended,
            )

    def _is_behind(self, key: launch_state.Key, state: State) -> bool:
        """Whether what comes before this work is pending itself, so that to wait for the one is to wait for the other."""
        for obj in self._before(key):
            entries = state.get(self._world.universe.in_mode(obj, "one"), ())
            if any(entry.launch is not None and not entry.launch.bare for entry in launch_state.pending(entries)):
                # Of work that follows itself, link by link, the link that was made first stands for all of it.
                return not (key.base < obj and key.base in self._before(obj))
        return False

    def _is_idle(self, key: launch_state.Key, frame: Frame) -> bool:
        """Whether this work waits, for ever or for something to do, and nobody has given it any."""
        load = self._world.heap.load
        if not load(key, Fact.WAITS_ON) or load(key, Fact.HASTY):
            return False
        for obj in load(key, Fact.RESTS_ON):
            tellers = (*load(obj, Fact.SIGNALLED_BY), *load(obj, Fact.SIGNALLED_EARLY_BY))
            if obj.base in frame.effects.signals or any(each.base is not key.base for each in tellers):
                return False
            if load(obj, Fact.HANDED) or not isinstance(obj, Instance):
                return False
        return True

    def _before(self, key: launch_state.Key) -> list[launch_state.Key]:
        """What comes before this work, if it follows any, nearest first."""
        heap = self._world.heap
        before, found = [*heap.load(key, Fact.FOLLOWS)], dict[launch_state.Key, None]()
        while before:
            obj = before.pop()
            if obj.base in found:
                continue
            found[obj.base] = None
            before += [*heap.load(obj, Fact.HOLDS), *heap.load(obj, Fact.FOLLOWS), *heap.load(obj, Fact.SIGNALLED_BY)]
        return [obj for obj in found if obj is not key.base]

    @staticmethod
    def _leaving(keys: set[launch_state.Key], exits: list[tuple[Place | None, State]]) -> Place | None:
        """The first return at which the launch is pending and, if there is one, not joined."""
        for place, state in exits:
            if any(launch_state.pending(state.get(key, ())) for key in keys):
                return place
        return None

    def _record(
        self,
        launch: Launch,
        entries: Iterable[Entry],
        joins: set[Entry],
        at_import: bool,
        handler: Handler,
        path: tuple[Place, ...],
        leaving: Place | None,
        older: bool = False,
        objects: Iterable[launch_state.Key] = (),
        suspended: Edge | None = None,
    ) -> None:
        key = (launch.place, f"{launch.kind} {launch.fate}" if launch.fate is Fate.REPEATS else launch.kind)
        case = self._cases.setdefault(key, Case(launch, path=path, abandoned_at=leaving))
        case.suspended = case.suspended or suspended
        case.returned |= suspended is None
        case.handlers.append(handler)
        case.entries.update(entries)
        case.joins |= joins
        case.at_import |= at_import
        case.advice = self._world.advice.get(launch.place, case.advice)
        case.older_only &= older
        case.objects.update(objects)

    def trace(self, handler: Handler, launched: Iterable[Place]) -> Trace:
        """What a handler that was followed comes to; `launched`: where something is launched."""
        return trace(self._machine, handler, launched)

    def verdicts(self) -> Iterator[Verdict]:
        """One verdict a launch site, in order of place."""
        told: set[tuple[str, launch_state.Key]] = set()
        for _, case in sorted(self._cases.items(), key=_order):
            traits = self._world.traits.get(case.launch.place, set())
            if self._world.current_loop:
                traits = {*traits, "current-loop"}
            if self._world.adapter.own_loop:
                traits = {*traits, "own-loop"}
            kind = self._world.models.kinds[case.launch.kind]
            objects = {(kind.name, obj) for obj in case.objects} if kind.once else set()
            if not objects or not objects <= told:
                reads = self._world.semantics.reading is not None and case.launch.place not in self._world.changing
                verdict = self._as_far_as_followed(verdict_of(case, kind, traits, reads=reads))
                drains = tuple(sorted(self._world.drains.get(case.launch.place, ())))
                endpoint = self._world.endpoints.get(case.launch.place)
                if endpoint is not None and endpoint[1] > len(verdict.path):  # it is reached by another way, too
                    endpoint = None
                yield replace(verdict, drains=drains, endpoint=endpoint)
            told |= objects
        yield from map(self._as_far_as_followed, self._of_the_sandbox)

    def _is_widened(self, verdict: Verdict) -> bool:
        """Whether the way to a launch leads through a function whose callers are no longer told apart."""
        if not self._world.widened:
            return False
        called = (number for place in verdict.path for number in self._machine.log.run_at(place))
        functions = (self._world.activations[number].callee for number in called)
        through = {(each.path, each.function.qualname) for each in functions}
        return not through.isdisjoint(self._world.widened) or (
            (verdict.launch.path, verdict.function) in self._world.widened
        )

    def _as_far_as_followed(self, verdict: Verdict) -> Verdict:
        """The verdict, less sure where it hangs on what was not followed in any of its handlers, or not told apart on the way."""
        lacking = [self.shortfalls.get(handler, ()) for handler in verdict.handlers]
        partly = all(not _ON_THE_WAY.issuperset(each) for each in lacking)
        unsure = verdict.confidence is Confidence.HIGH and (partly or self._is_widened(verdict))
        return replace(verdict, confidence=Confidence.MEDIUM) if unsure else verdict


def analyse(program: Program, handlers: Sequence[Handler], models: Models) -> list[Verdict]:
    """The verdict on every launch that may outlive the response of one of `handlers`."""
    analysis = Analysis(program, models, alone=len(handlers) == 1)
    for handler in handlers:
        analysis.handler(handler)
    return list(analysis.verdicts())


def _order(item: tuple[tuple[Place, str], Case]) -> tuple[bool, Place, str]:
    """Launches by their places, those first that the handlers' own files make."""
    (place, kind), case = item
    return all(place.path != handler.path for handler in case.handlers), place, kind


def _goes_on(handler: Handler, entry: Entry) -> bool:
    """Whether the work goes on after the response because nothing freezes it: threads, processes, what a thread sends."""
    assert entry.launch is not None
    fate = entry.fate or entry.launch.fate
    return handler.managed and not entry.launch.idle and fate in (Fate.FROZEN, Fate.BUFFERED)


def _without(state: State, places: set[Place]) -> dict[launch_state.Key, launch_state.Entries]:
    """`state` without what was launched at `places`."""
    return {
        key: frozenset(entry for entry in entries if entry.launch is None or entry.launch.place not in places)
        for key, entries in state.items()
    }


def _decorator(expr: ir.Expr) -> ir.Expr:
    """What is called to decorate, or to make the decorator."""
    while isinstance(expr, ir.Call):
        expr = expr.func
    return expr
