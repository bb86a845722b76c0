"""What a handler comes to, function by function: the calls, launches, waits and scopes that its graph shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from lint_lambda.analysis.domain.log import CallSite
from lint_lambda.analysis.domain.values import Bound, External, FunctionObj, Value
from lint_lambda.analysis.interpreter.machine import Machine
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY, Symbol
from lint_lambda.core.record import dataclass
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.core.walk import nodes
from lint_lambda.knowledge.verbs import JoinModel, ScopeModel

Key = tuple[str, str]
"""A function: its file, and its qualified name."""

Does = Literal["call", "launch", "wait", "scope", "return"]


@dataclass(frozen=True, slots=True)
class Step:
    """Something at a place in a function. `runs`: the functions of the project that it runs. `call`: a library's, if it is one."""

    place: Place
    does: Does
    runs: tuple[Key, ...] = ()
    call: Symbol = ""


@dataclass(frozen=True, slots=True)
class Traced:
    """A function, with its steps in the order of the code."""

    key: Key
    place: Place
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The functions that a handler comes to, and those of them that Lambda calls; modules that it imports are among these."""

    entries: tuple[Key, ...]
    functions: Mapping[Key, Traced]


def trace(machine: Machine, handler: Handler, launched: Iterable[Place]) -> Trace:
    """What one handler comes to, once it has been followed. `launched`: where something is launched."""
    return _Tracing(machine, frozenset(launched)).trace(handler)


class _Tracing:
    def __init__(self, machine: Machine, launched: frozenset[Place]) -> None:
        self._world = machine.world
        self._log = machine.log
        self._models = machine.models
        self._launched = launched
        self._sites: dict[int, dict[CallSite, None]] = {}
        for here in (*self._log.calls, *self._log.applied):
            self._sites.setdefault(here.context, {})[here] = None
        self._activations: dict[Key, dict[int, None]] = {}
        self._places: dict[Key, Place] = {}

    def trace(self, handler: Handler) -> Trace:
        own = [number for here in self._sites.get(0, ()) if here.place == handler.place for number in self._run(here)]
        entries = list(dict.fromkeys(self._key(number) for number in own))
        found: dict[Key, Traced] = {}
        answering = {key for key in entries if key[1] != MODULE_BODY}
        pending = list(reversed(entries))
        while pending:
            key = pending.pop()
            if key in found:
                continue
            steps = tuple(self._steps(key, answers=key in answering))
            found[key] = Traced(key, self._places[key], steps)
            pending.extend(inner for step in reversed(steps) for inner in reversed(step.runs))
        return Trace(tuple(entries), found)

    def _run(self, here: CallSite) -> Iterator[int]:
        return iter(self._log.applied.get(here, ()))

    def _key(self, number: int) -> Key:
        callee = self._world.activations[number].callee
        key = (callee.path, callee.function.qualname)
        self._activations.setdefault(key, {})[number] = None
        self._places.setdefault(key, Place(callee.path, callee.function.site))
        return key

    def _steps(self, key: Key, *, answers: bool) -> Iterator[Step]:
        """The steps of a function in all ways in which it is called, by place."""
        found: dict[Place, Step] = {}
        for number in list(self._activations[key]):
            for step in self._in(number, self._world.activations[number].callee, answers=answers):
                before = found.get(step.place)
                runs = step.runs if before is None else tuple(dict.fromkeys((*before.runs, *step.runs)))
                likelier = step if before is None or before.does == "call" else before
                found[step.place] = Step(step.place, likelier.does, runs, likelier.call)
        yield from (found[place] for place in sorted(found, key=lambda place: (place.path != key[0], place)))

    def _in(self, number: int, callee: FunctionObj, *, answers: bool) -> Iterator[Step]:
        managers = {
            item.manager.site
            for node in nodes(callee.function)
            if isinstance(node, ir.With)
            for item in node.items
            if isinstance(item.manager, ir.Call)
        }
        for here in self._sites.get(number, ()):
            runs = tuple(dict.fromkeys(self._key(inner) for inner in self._run(here)))
            symbols = list(self._symbols(self._log.calls[here][0])) if here in self._log.calls else []
            does, call = self._meaning(here.place, symbols, here.place.site in managers)
            if does != "call" or runs:
                yield Step(here.place, does, runs, call)
        summary = self._world.summaries.get(number)
        for place, _ in summary.exits if answers and summary is not None else ():
            if place is not None:
                yield Step(place, "return")

    def _meaning(self, place: Place, symbols: list[Symbol], manager: bool) -> tuple[Does, Symbol]:
        if place in self._launched:
            return "launch", symbols[0] if symbols else ""
        for symbol in symbols:
            rows = self._models.of(symbol)
            if any(isinstance(row, JoinModel) for row in rows):
                return "wait", symbol
            if any(isinstance(row, ScopeModel) for row in rows):
                return "scope", symbol
            if manager and self._models.scope(symbol) is not None:
                return "scope", symbol
        return "call", ""

    def _symbols(self, callee: Value) -> Iterator[Symbol]:
        for obj in callee:
            function = obj.function if isinstance(obj, Bound) else obj
            if isinstance(function, External):
                yield self._models.canonical(function.symbol)
