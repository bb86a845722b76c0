"""A machine in which single calls of a made-up library are made, verb by verb, on objects of its own."""

from __future__ import annotations

from typing import Any

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.heap import Key, slot
from lint_lambda.analysis.domain.values import Alloc, Container, FunctionObj, Instance, Obj, Value
from lint_lambda.analysis.domain.world import World
from lint_lambda.analysis.interpreter.machine import Machine
from lint_lambda.analysis.library import dispatch
from lint_lambda.analysis.library.call import Call
from lint_lambda.knowledge.loader import load_models
from tests.analysis.one_file import OneFile

PROGRAM = """
def work():
    pass

def raises():
    raise ValueError

def answers():
    return 7

def told(event, context):
    return event, context

async def later():
    pass

def generates():
    yield 1

class Manager:
    def __enter__(self):
        return 7
    def __exit__(self, *error):
        pass
"""
LIBRARY = {"name": "crane", "docs": "https://crane.example"}


class Bench:
    """`rows` are those of the library `crane`, by verb; calls are made in a function of which nothing else is known."""

    def __init__(self, **rows: list[dict[str, Any]]) -> None:
        self.world = World(OneFile(PROGRAM), load_models([{"library": LIBRARY, **rows}]))
        self.machine = Machine(self.world)
        self.universe = self.world.universe
        self.heap = self.world.heap
        activation = self.world.activation(self._function("work"), (), ())
        self.frame = Frame(activation, "app.py", "handler")
        self._sites = 100

    def _function(self, name: str) -> FunctionObj:
        found = self.world.function("app.py", name)
        assert found is not None
        return self.universe.make(FunctionObj, "app.py", found, 0)

    def function(self, name: str) -> Value:
        """A function of the program."""
        return (self._function(name),)

    def made(self, type_: str) -> Instance:
        """Another instance of a class of the library."""
        self._sites += 1
        return self.universe.make(Instance, self.universe.external(type_)[0], Alloc("app.py", self._sites, 0))

    def container(self, kind: str, *held: Obj) -> Container:
        self._sites += 1
        made = self.universe.make(Container, kind, Alloc("app.py", self._sites, 0))
        for position, obj in enumerate(held):
            self.machine.heap.store(made, slot(position), (obj,))
        return made

    def const(self, value: str | int | float | bool | None) -> Value:
        return self.universe.const(value)

    def call(self, symbol: str, *given: Value, on: Obj | None = None, **named: Value) -> Value:
        """What the rows about `symbol` make of a call."""
        self._sites += 1
        call = Call(symbol, on, Args(list(given), named), self._sites, self.frame)
        values = [dispatch.apply(model, call, self.machine) for model in self.machine.models.of(symbol)]
        assert values, f"no row speaks of {symbol}"
        return tuple(obj for value in values for obj in value)

    def pending(self) -> list[tuple[str, str]]:
        """Label and doubt of everything that may be pending."""
        entries = [entry for entries in (self.frame.state or {}).values() for entry in entries]
        return sorted(
            (entry.launch.label, entry.doubt) for entry in entries if entry.status == "pending" and entry.launch
        )

    def holds(self, owner: Obj, key: Key) -> Value:
        return self.machine.heap.load(owner, key)


SPAWN = {
    "call": "crane.spawn",
    "kind": "thread",
    "work": "arg:0",
    "handle": "return",
    "returns": "crane.Load",
}
"""The row of a call that launches: what others wait for, signal or give up."""
