"""Regions that control leaves in more ways than one: exception handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Frame, Snapshot, merge
from lint_lambda.analysis.domain.launch_state import Edge, State, join_edges
from lint_lambda.analysis.domain.values import (
    ClassObj,
    Container,
    External,
    Instance,
    Obj,
    Value,
)
from lint_lambda.core import ir
from lint_lambda.core.record import replace

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Regions:
    """``try``: which exceptions a handler takes, and what is pending where it begins."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._models = machine.models
        self._semantics = machine.semantics

    def try_(self, node: ir.Try, frame: Frame) -> None:
        depth = len(frame.finals)
        if node.final:
            frame.finals = [*frame.finals, lambda: self._machine.execute(node.final, frame)]
        entry = frame.snapshot()
        assert entry is not None
        exits_before = len(frame.exits)
        kept = frame.finals
        if self._semantics.closed and any(self._takes_closing(catch, frame) for catch in node.catches):
            frame.finals = [*frame.finals, lambda: self._closed(node.catches, frame)]
            frame.on_close.append(frame.finals[-1])
        edges = self._trying(node.body, frame)
        frame.finals = kept
        after_body = frame.snapshot()
        returned = [exit_.state for exit_ in frame.exits[exits_before:]]
        # What is raised from here on is not caught here, but runs the `finally` all the same.
        leaving = frame.guard()
        self._machine.execute(node.orelse, frame)
        ends = [frame.snapshot()]
        if node.catches and all(edge.types and not edge.explicit for edge in edges):
            # Anything can raise. What it costs is not known, so nothing is said to be left pending by it.
            done = (
                after_body.state
                if after_body is not None
                else launch_state.join(*returned)
                if returned
                else entry.state
            )
            edges.append(Edge(done))
        if node.catches:
            leaving += self._catch(node.catches, edges, entry, after_body, ends, frame)
        else:
            leaving += edges
        frame.tries.pop()
        frame.finals = frame.finals[:depth]
        self._leave_by(leaving, node.final, entry, after_body, frame)
        frame.resume(merge(ends))
        if node.final and frame.state is not None:
            self._machine.execute(node.final, frame)

    def _names(self, catch: ir.Catch, frame: Frame) -> set[str]:
        return set() if catch.types is None else self._exception_names(catch.types, frame)

    def _takes_closing(self, catch: ir.Catch, frame: Frame) -> bool:
        return catch.types is None or bool(self._names(catch, frame) & self._semantics.closed)

    def _closed(self, catches: tuple[ir.Catch, ...], frame: Frame) -> None:
        """A generator is closed inside the ``try``: the first exception handler that takes that is run."""
        taking = next(catch for catch in catches if self._takes_closing(catch, frame))
        edges = frame.guard()
        self._machine.perhaps(taking.body, frame)
        frame.tries.pop()
        ends = [edge.state for edge in edges] if frame.state is None else [frame.state]
        frame.state = launch_state.join(*ends) if ends else None

    def _trying(self, body: ir.Block, frame: Frame) -> list[Edge]:
        """Execute a block; returns the exceptions that leave it."""
        edges = frame.guard()
        self._machine.perhaps(body, frame)
        frame.tries.pop()
        return edges

    def _catch(
        self,
        catches: tuple[ir.Catch, ...],
        edges: list[Edge],
        entry: Snapshot,
        after_body: Snapshot | None,
        ends: list[Snapshot | None],
        frame: Frame,
    ) -> list[Edge]:
        """Let each exception handler take what it catches; returns what none does. Where they end goes to `ends`."""
        for catch in catches:
            named = self._names(catch, frame)
            frame.resume(self.at_catch(entry, after_body, self.caught(named, edges)))
            if catch.name is not None and frame.state is not None:
                self._machine.assign(catch.name, self._universe.unknown, frame)
            frame.handling += 1
            self._machine.perhaps(catch.body, frame)
            frame.handling -= 1
            ends.append(frame.snapshot())
            edges = [edge for edge in edges if not self._takes_all(named, edge)]
        # An exception that is only supposed, or not known, is supposed to be one of those that are caught.
        return [edge for edge in edges if edge.types or edge.raises]

    def _leave_by(
        self, edges: list[Edge], final: ir.Block, entry: Snapshot, after_body: Snapshot | None, frame: Frame
    ) -> None:
        """Exceptions leave a ``try``, through its `final` block if it has one."""
        for edge in join_edges(edges) if final else edges:
            if not final:
                frame.raise_as(edge)
                continue
            frame.resume(self.at_catch(entry, after_body, [edge.state]))
            self._machine.execute(final, frame)
            if frame.state is not None:
                frame.raise_as(replace(edge, state=frame.state))

    def _takes_all(self, named: set[str], edge: Edge) -> bool:
        """Whether a handler of the exceptions `named` leaves nothing of an edge to those after it."""
        if not named or (not edge.suspends and (named & self._semantics.catch_all or "?" in named)):
            return True
        return bool(named & (edge.types or set(edge.raises)))

    def caught(self, named: set[str], edges: list[Edge]) -> list[State]:
        """The states in which exceptions reach what catches those `named`, or all where none are.

        A handler in the function that makes the call was written because that happens. One around a whole call catches
        what we only suppose may happen deep below, too, but hardly was written for it: there the launch is only in doubt,
        unless it names what it catches, and nothing but such calls can raise that.
        A wait that gives up is in doubt wherever its exception is not caught by name.
        """
        out: list[State] = []
        everything = not named or bool(named & self._semantics.catch_all) or "?" in named
        edges = [
            edge
            for edge in edges
            if not named or named & edge.types or (not edge.suspends and (everything or not edge.types))
        ]
        hardly_meant = everything or not all(edge.explicit or edge.remote for edge in edges)
        for edge in edges:
            if not edge.explicit and edge.remote and hardly_meant:
                out.append(hardly(edge.state))
            elif not edge.explicit or not edge.raises:
                out.append(edge.state)
            elif named & set(edge.raises):
                out.append(_timed_out(edge, ""))
            elif everything:
                out.append(_timed_out(edge, "times-out-late"))
        return out

    def types_of(self, raised: Value) -> frozenset[str]:
        """The class of what is raised, and those it inherits from; nothing where they are not known."""
        names: set[str] = set()
        for obj in raised:
            class_ = obj.type if isinstance(obj, Instance) else obj
            order = self._machine.classes.mro(class_) if isinstance(class_, ClassObj) else [class_]
            for base in order:
                if isinstance(base, ClassObj):
                    names.add(_class_name(base))
                elif isinstance(base, External) and self._semantics.bases_of(base.symbol):
                    names.update(self._semantics.bases_of(base.symbol))
                else:
                    return frozenset()
        return frozenset(names)

    def _exception_names(self, types: ir.Expr, frame: Frame) -> set[str]:
        return self.names_in(self._machine.evaluate(types, frame), frame)

    def names_in(self, value: Value, frame: Frame) -> set[str]:
        objs = [
            held
            for obj in value
            for held in (self._machine.elements.of((obj,), frame) if isinstance(obj, Container) else (obj,))
        ]
        return {self._name_of(obj) for obj in objs}

    def _name_of(self, obj: Obj) -> str:
        """How an exception class is named where it is caught; ``?`` for what is not known to be one."""
        if isinstance(obj, ClassObj):
            return _class_name(obj)
        return self._models.canonical(obj.symbol) if isinstance(obj, External) else "?"

    @staticmethod
    def at_catch(entry: Snapshot | None, after_body: Snapshot | None, states: list[State]) -> Snapshot | None:
        merged = merge((entry, after_body))
        if merged is None or not states:
            return None
        return Snapshot(merged.env, launch_state.join(*states), merged.effects, merged.held)


def hardly(state: State) -> State:
    """A state that is hardly meant: what is pending there is in doubt."""
    return {key: launch_state.doubt_all(entries, "unlikely", None) for key, entries in state.items()}


def _timed_out(edge: Edge, doubt: launch_state.Doubt) -> State:
    """The state where the wait that an edge leaves has timed out."""
    state = dict(edge.state)
    for key in edge.keys:
        entries = launch_state.waited_for(launch_state.get(state, key), "timed-out")
        state[key] = launch_state.doubt_all(entries, doubt, edge.place) if doubt else entries
    return state


def _class_name(class_: ClassObj) -> str:
    return f"{class_.path}:{class_.class_.qualname}"
