"""What a library model's selectors and conditions mean in one call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Frame
from lint_lambda.analysis.domain.heap import Fact, about, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    RUNNING_LOOP,
    Alloc,
    Bound,
    Const,
    Container,
    Decorated,
    External,
    FunctionObj,
    Instance,
    Mode,
    Obj,
    Partial,
    Resolver,
    Suspended,
    Unknown,
    Value,
    in_order,
    union,
)
from lint_lambda.analysis.library.call import Call
from lint_lambda.analysis.library.launched import launched_by
from lint_lambda.core.names import Symbol
from lint_lambda.knowledge import verbs as m
from lint_lambda.knowledge.selectors import Condition, Selector

if TYPE_CHECKING:
    from lint_lambda.analysis.library.machine import Machine

_CALLABLE = (FunctionObj, Bound, Decorated, External, Partial, Resolver)


class Selectors:
    """Evaluates selectors and conditions."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._heap = machine.heap

    def select(self, selector: Selector, call: Call, result: Value = NOTHING) -> Value:
        """The value a selector names in one call, whose result is `result`; empty when it was not given."""
        if selector.base == "loop" and selector.elements:
            held = self._heap.load(self._universe.external(RUNNING_LOOP)[0], Fact.LAUNCHED)
            return in_order({self._universe.in_mode(obj, "all") for obj in held})
        value = self._base(selector, call, result)
        elements, frame = self._machine.elements, call.frame
        if selector.one:
            # In a loop it is another one in every round, until there is none left.
            mode: Mode = "all" if frame.loops else "some"
            self._join_elements_of(value, frame)
            generators = tuple(obj for obj in value if isinstance(obj, Suspended) and obj.kind == "generator")
            if generators and not frame.loops:
                return self._first_of(generators, frame)
            return elements.of(tuple(obj for obj in value if not isinstance(obj, Instance)), frame, mode)
        if selector.part:
            return elements.of(value, frame, "part")
        value = elements.of(value, frame) if selector.elements else value
        return elements.of(value, frame) if selector.deep else value

    def _base(self, selector: Selector, call: Call, result: Value) -> Value:
        if selector.base == "self":
            return call.receivers
        if selector.base == "return":
            return result
        if selector.base == "running":
            on_loop = call.frame.activation.on_loop
            return NOTHING if on_loop is None else self._universe.const(on_loop)
        if selector.base == "adapter":
            return self._universe.const(getattr(self._machine.world.adapter, selector.name))
        if selector.base in ("global", "launched"):
            named = self._universe.external(selector.name)[0]
            one = (self._universe.make(Instance, named, Alloc("", 0, 0)),)
            return self._machine.handles.launched_on(one) if selector.base == "launched" else one
        if selector.base == "above":
            return union(*(self._machine.named.above(obj, selector.name) for obj in call.receivers))
        if selector.base == "init":
            value = call.receivers
            if selector.name == "kept":
                kept = any(
                    self._heap.is_kept(obj) or self._heap.load(obj, about(Fact.INITIAL, "kept")) for obj in value
                )
                return self._universe.const(True) if kept else NOTHING
            for part in selector.name.split("."):
                value = union(*(self._given(obj, part) for obj in value))
            return value
        if selector.base == "callback":
            last = call.args.positional[-1] if call.args.positional else NOTHING
            return tuple(obj for obj in last if isinstance(obj, _CALLABLE))
        if selector.base == "set":
            owner, _, name = selector.name.rpartition(".")
            return self._heap.load(self._universe.external(owner)[0], name)
        value = self._argument(selector, call) if selector.base == "arg" else NOTHING
        for name in selector.path:
            value = union(*(self._member(obj, name) or self._method(obj, name, call.frame) for obj in value))
        return value

    def _given(self, obj: Obj, name: str) -> Value:
        """What an object of a library was constructed with, or what one of these arguments holds under a name."""
        return self._heap.load(obj, about(Fact.INITIAL, name)) or self._member(obj, name)

    def _member(self, obj: Obj, name: str) -> Value:
        return self._heap.load(obj, slot(name) if isinstance(obj, Container) else name)

    def _method(self, obj: Obj, name: str, frame: Frame) -> Value:
        """A method of an object under that name: its class's own, or one of a library's that the models know."""
        classes = self._machine.classes
        known = isinstance(obj, Instance) and (
            classes.own_member(obj, (name,)) or classes.modelled_member(obj, (name,))
        )
        return self._machine.objects.attribute((obj,), name, frame) if known else NOTHING

    @staticmethod
    def _argument(selector: Selector, call: Call) -> Value:
        args = call.args
        if selector.every:
            return union(*args.positional[max(selector.position, 0) :], args.rest)
        if 0 <= selector.position < len(args.positional):
            return args.positional[selector.position]
        if selector.name in args.keywords:
            return args.keywords[selector.name]
        return args.rest if selector.position >= 0 else NOTHING

    def _first_of(self, generators: Value, frame: Frame) -> Value:
        """The first element of a generator: what comes after it may never run."""
        before = frame.state
        read = union(*(self._machine.elements.first(obj, frame) for obj in generators if isinstance(obj, Suspended)))
        if before is not None and frame.state is not None:
            frame.state = launch_state.join(before, frame.state)
        return read

    def _join_elements_of(self, value: Value, frame: Frame) -> None:
        """Reading one element of work that yields as it goes: some of it is done, perhaps not all."""
        for obj in value:
            if isinstance(obj, Instance) and frame.state is not None:
                before = frame.state
                self._machine.library.join_elements(obj, frame)
                if not frame.loops:
                    frame.state = launch_state.join(before, frame.state)

    # --- conditions ------------------------------------------------------------------------------------------------------

    def hold(self, conditions: Iterable[Condition], call: Call) -> bool:
        """Whether all of several conditions hold."""
        return all(self.holds(condition, call) for condition in conditions)

    def counts(self, row: m.CallRow, call: Call) -> bool:
        """Whether a row speaks of this call."""
        return self.hold(row.when, call) and not any(self.holds(condition, call) for condition in row.unless)

    def may_hold(self, condition: Condition, call: Call) -> bool:
        """Whether a condition holds, or may: it asks what a value is that is not known."""
        if self.holds(condition, call):
            return True
        asks = condition.op in ("=", "!=")
        return asks and any(isinstance(obj, Unknown) for obj in self.select(condition.selector, call))

    def holds(self, condition: Condition, call: Call) -> bool:
        value = self.select(condition.selector, call)
        if condition.op == "given":
            return bool(value) and not all(isinstance(obj, Const) and obj.value is None for obj in value)
        if condition.op == "~":
            texts = [text for obj in value for text in (self.text(obj), _literal(obj)) if text is not None]
            return any(re.search(condition.value, text) for text in texts)
        if condition.op == "is":
            return any(condition.value in self._machine.models.ancestry(t) for obj in value for t in self._types(obj))
        equal = any(_literal(obj) == condition.value for obj in value)
        return equal if condition.op == "=" else bool(value) and not equal

    def _types(self, obj: Obj) -> list[Symbol]:
        """The library types of an object; of a call that is not run yet, those of what it will start."""
        if isinstance(obj, Suspended):
            return [model.returns for model in launched_by(obj, self._machine) if model.returns]
        return self._machine.classes.library_types(obj)

    def text(self, obj: Obj) -> str | None:
        """The text of a value, or of the parts of a container; a NUL stands for what of it is not known."""
        if isinstance(obj, Const) and isinstance(obj.value, str):
            return obj.value
        if isinstance(obj, Unknown) and obj.term[0] == "text":
            return str(obj.term[1])
        if isinstance(obj, Container):
            parts = [self.text(part) for part in self._heap.held(obj) if not isinstance(part, Container)]
            return " ".join(part for part in parts if part is not None)
        return None

    # --- iterators -------------------------------------------------------------------------------------------------------

    def as_they_finish(self, iterable: Value) -> Value:
        """The handles that an iterator gives out one in each turn, when it is done; nothing for any other iterable."""
        held = [part for _, obj in self.finishing(iterable) for part in self._heap.load(obj, Fact.HOLDS)]
        return in_order({self._universe.in_mode(part, "all") for part in held})

    def working(self, iterable: Value) -> list[Instance]:
        """The library objects in `iterable` that give out the results of their own work one by one, each when it is there."""
        every = (self._universe.in_mode(obj, "all") for obj in iterable if not any(self.finishing((obj,))))
        return [obj for obj in every if isinstance(obj, Instance)]

    def finishing(self, iterable: Value) -> Iterator[tuple[m.JoinModel, Instance]]:
        """The iterators in `iterable` that give out handles as these are done, each with the row that says so."""
        for obj in iterable:
            if not isinstance(obj, Instance):
                continue
            symbol = self._machine.classes.modelled_member(obj, self._machine.semantics.advance)
            for model in self._machine.models.of(symbol) if symbol is not None else ():
                if isinstance(model, m.JoinModel) and model.each:
                    yield model, obj


def _literal(obj: Obj) -> str | None:
    """How a condition writes this value: of a library's function, or method of an object, it is the last part of the name."""
    if isinstance(obj, Bound):
        obj = obj.function
    if isinstance(obj, Const):
        if obj.value is None or isinstance(obj.value, bool):
            return str(obj.value).lower()
        return str(obj.value)
    if isinstance(obj, External):
        return obj.symbol.rsplit(".", 1)[-1]
    return None
