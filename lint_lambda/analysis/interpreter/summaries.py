"""Calls of the project's functions through their summaries: made once an activation, composed at every call."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.chosen import chosen
from lint_lambda.analysis.domain.effects import WORK, Effects, joined
from lint_lambda.analysis.domain.effort import LIGHT, Shortfall
from lint_lambda.analysis.domain.frame import Args, Frame, setting_of, settings_of
from lint_lambda.analysis.domain.launch_state import EMPTY, NO_GUARDS, Entries, Entry, State
from lint_lambda.analysis.domain.summary import Activation, Summary
from lint_lambda.analysis.domain.translation import Translation, compose_states, relaunched
from lint_lambda.analysis.domain.values import (
    NOTHING,
    CellScope,
    Const,
    FunctionObj,
    Instance,
    Obj,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.domain.world import CALL_STRING
from lint_lambda.analysis.interpreter.lazily import keeps_what_it_makes
from lint_lambda.analysis.library import set_up
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

DEEPEST_CALL = 400


class Summaries:
    """Makes summaries, and applies them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._kept: dict[ir.Function, bool] = {}
        self._world = machine.world
        self._universe = machine.universe
        self._heap = machine.heap

    def apply(
        self,
        callee: FunctionObj,
        args: Args,
        site: ir.Site,
        frame: Frame,
        sites: tuple[Place, ...] | None = None,
        *,
        whole: bool = True,
    ) -> Summary:
        """Call through the summary: its effect on the state, its value in the caller's terms."""
        bound = self._machine.parameters.bind(callee, args, frame)
        here = Place(frame.path, site)
        if frame.state is None:
            return Summary(out=EMPTY, returns=self._universe.unknown)
        if len(self._world.reading) > DEEPEST_CALL:
            return self._not_followed("depth", callee, args, site, frame)
        activation = self.activation(callee, bound, here, frame, sites)
        if self._world.reading:
            self._world.depends(self._world.reading[-1], activation.number)
        self._machine.log.ran(activation.number, site, frame)
        summary = self._world.known(activation.number)
        if summary is None and self._world.effort.is_spent:
            return self._not_followed("steps", callee, args, site, frame)
        if summary is None:
            summary = self.make(activation.number, callee, dict(activation.arguments))
        if activation.number in self._machine.log.polling:
            self._machine.log.freeze(site, frame)
        translation = Translation(self._universe, callee, bound)
        before, ended = frame.state, frame.effects.ended
        frame.does(summary.effects.translated(translation.value))
        for edge in summary.raised:
            raised = compose_states(before, edge.state, translation.guards)
            seen = edge.ended | ended if edge.suspends else edge.ended
            frame.raise_as(replace(edge, state=raised, remote=True, leaves=False, ended=seen))
        out = summary.out
        self._world.effort.step(len(out or EMPTY) // LIGHT)
        if not whole and summary.paused is not None:
            out = summary.paused if out is None else launch_state.join(out, summary.paused)
        if out is None:
            frame.state = None
        else:
            after = compose_states(relaunched(before, out, self._universe), out, translation.guards)
            frame.state = set_up.called(before, after, out, frame)
            self._sweep(out, _is_of_each(callee, bound), frame)
        for launch, path in summary.paths.items():
            frame.paths.setdefault(launch, (here, *path))
        self._machine.handles.escape(Args(self._untold(activation, bound)), site, frame)
        return replace(summary, returns=translation.value(summary.returns), yields=translation.value(summary.yields))

    def _untold(self, activation: Activation, bound: Mapping[str, Value]) -> list[Value]:
        """Arguments that a function, called in too many ways, was analysed without: it may do anything with them."""
        if activation.sites or (activation.callee.path, activation.callee.function.qualname) not in self._world.widened:
            return []
        canonical = self._machine.parameters.canonical
        untold = [name for name, value in activation.arguments if value is None]
        return [bound[name] for name in untold if name in bound and canonical(bound[name]) is not None]

    def _not_followed(self, why: Shortfall, callee: FunctionObj, args: Args, site: ir.Site, frame: Frame) -> Summary:
        """A call as of code that is not analysed: it may do anything with what it is given."""
        self._world.effort.falls_short(why)
        frame.does(WORK.join(Effects(suspends=callee.function.is_async)))
        self._machine.handles.escape(args, site, frame)
        return Summary(out=EMPTY, returns=self._universe.unknown, yields=self._universe.unknown)

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
        if callee.function.qualname == MODULE_BODY or (sites is None and self._keeps(callee.function)):
            sites = ()
        elif sites is None:
            sites = (*frame.activation.sites, here)[-CALL_STRING:]
        # A module is imported once, whoever imports it first.
        on_loop = callee.function.qualname != MODULE_BODY and (callee.function.is_async or frame.activation.on_loop)
        return self._world.activation(callee, canonical, sites, on_loop)

    def _keeps(self, function: ir.Function) -> bool:
        found = self._kept.get(function)
        if found is None:
            found = self._kept[function] = keeps_what_it_makes(function)
        return found

    def _sweep(self, effect: launch_state.State, of_each: bool, frame: Frame) -> None:
        """A call that joined older handles of a place joined any of them: see `LoopFrame.swept`. So did a method `of_each`
        object that the loop goes through: where there is none, nothing was to be joined.
        """
        if not frame.loops:
            return
        for key, entries in effect.items():
            joined_or_empty = launch_state.is_clear(entries) or not entries
            if (of_each or key.mode == "old") and joined_or_empty:
                for loop in frame.loops:
                    loop.swept[key] = None
                    loop.swept[self._universe.in_mode(key, "one")] = None

    def make(self, number: int, callee: FunctionObj, arguments: dict[str, Value | None]) -> Summary:
        """Analyse one activation, for this round."""
        self._world.begin(number)
        try:
            found = self._analyse(number, callee, arguments)
        finally:
            self._world.reading.pop()
        self._world.finish(number, found)
        return found

    def again(self, number: int) -> Summary:
        """Make the summary of an activation anew."""
        activation = self._world.activations[number]
        return self.make(number, activation.callee, dict(activation.arguments))

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
                for decorator in param.decorators:
                    given = self._machine.evaluate(decorator, Frame(activation, callee.path, function.qualname))
                    value = union(value, tuple(obj for obj in given if not isinstance(obj, (Const, Unknown))))
                if not value and param.annotation is not None:
                    value = self._machine.definitions.annotated_value(param.annotation, function.site, frame)
                if not value:
                    value = self._universe.unknown_of("param", callee.path, function.qualname, param.name)
            frame.env[param.name] = value
            if param.name in function.captured:
                self._heap.store(cell, param.name, value)
        self._machine.statements.run_body(frame, function)
        ways = [(item.state, item.held) for item in frame.exits]
        if frame.state is not None:
            ways.append((frame.state, frame.held))
        if not ways and frame.endless is not None:
            # It serves for ever, and what it has launched is pending all the time; or its reader leaves it where it yields.
            ways.append((frame.endless.state if frame.paused is None else frame.paused, NO_GUARDS))
        exits = [(item.place, item.state) for item in frame.exits]
        if frame.state is not None:
            exits.append((None, frame.state))
        returns = union(*(chosen(self._universe, item.value, item.held) for item in frame.exits))
        if frame.state is not None:
            returns = union(returns, self._universe.const(None))
        if len(exits) == len(frame.exits):
            returns = self._of_settings(frame) or returns
        summary = Summary(
            out=launch_state.meet_ways(ways) if ways else None,
            raised=launch_state.join_edges(frame.raised),
            returns=returns,
            yields=frame.yields,
            effects=_effects(frame),
            paused=frame.paused,
            exits=tuple(exits),
            paths=frame.paths,
        )
        return summary if function.is_generator else self._without_dead(summary, activation)

    def _of_settings(self, frame: Frame) -> Value:
        """What a function returns that only settings decide, under a name that says when it is true."""
        setting = setting_of(frame.exits)
        if setting is not None:
            return self._universe.unknown_of("phi", setting.term, setting.holds)
        several = settings_of(frame.exits)
        if several is None or not self._world.settings.are(several[0].term):
            return NOTHING
        named = self._universe.unknown_of("either", several[0].term, several[0].holds, *several[1])
        return NOTHING if named == self._universe.unknown else named

    def _without_dead(self, summary: Summary, activation: Activation) -> Summary:
        """The summary without the handles that have ended here and that nobody can come to: of these only the launches are kept."""
        out = summary.out or EMPTY
        states = (out, *(edge.state for edge in summary.raised))
        ended = {key.base: None for state in states for key, entries in state.items() if launch_state.is_ended(entries)}
        for state in states:
            for key, entries in state.items():
                if key.base in ended and not launch_state.is_ended(entries):
                    del ended[key.base]  # others that are made at its place go on
        if not ended:
            return summary
        given = (obj for _, value in activation.arguments for obj in value or ())
        known = {obj.base for obj in (*summary.returns, *given)}
        dead = {obj for obj in ended if not self._heap.is_reached(obj, known)}
        if not dead:
            return summary
        launches = _launches(out, dead)
        return replace(
            summary,
            out=None if summary.out is None else _without(out, dead),
            raised=tuple(
                replace(
                    edge,
                    state=_without(edge.state, dead),
                    ended=edge.ended | _launches(edge.state, dead) if edge.suspends else edge.ended,
                )
                for edge in summary.raised
            ),
            effects=summary.effects.join(Effects(ended=launches)),
        )


def _launches(state: State, dead: AbstractSet[Obj]) -> Entries:
    """What was launched with the handles `dead`, and has ended in `state`."""
    return frozenset(
        Entry("clear", entry.launch, told=entry.told)
        for key, entries in state.items()
        for entry in entries
        if key.base in dead and entry.status == "clear"
    )


def _without(state: State, dead: AbstractSet[Obj]) -> State:
    """`state` without the handles `dead`."""
    return {key: entries for key, entries in state.items() if key.base not in dead}


def _is_of_each(callee: FunctionObj, bound: Mapping[str, Value]) -> bool:
    """Whether a method is called on any and every object of several."""
    function = callee.function
    if function.owner_class is None or not function.params:
        return False
    receiver = bound.get(function.params[0].name, NOTHING)
    return bool(receiver) and all(isinstance(obj, Instance) and obj.mode == "all" for obj in receiver)


def _effects(frame: Frame) -> Effects:
    """What a function has done where control leaves it, in whatever way."""
    done = [item.effects for item in frame.exits]
    if frame.state is not None:
        done.append(frame.effects)
    if frame.endless is not None:
        done.append(frame.endless.effects)
    if frame.thrown is not None:
        done.append(replace(frame.thrown, ended=frozenset()))  # what has ended where nothing is returned tells nothing
    return joined(done)
