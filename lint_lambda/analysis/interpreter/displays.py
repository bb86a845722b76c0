"""Displays of containers, comprehensions and generator expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Env, Frame, LoopFrame, Snapshot, merge
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, ANY_KEY, Fact, slot
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    Const,
    Container,
    FunctionObj,
    Instance,
    ModuleObj,
    Obj,
    Suspended,
    Unknown,
    Unseen,
    Value,
    union,
)
from lint_lambda.core import ir
from lint_lambda.core.semantics import Semantics

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Displays:
    """What is written as a container."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._universe = machine.universe
        self._heap = machine.heap
        self._delayed: dict[Obj, tuple[ir.Comprehension, Env, Frame, Value]] = {}

    def collection(self, expr: ir.Collection, frame: Frame) -> Value:
        made = self._universe.make(Container, expr.kind, Alloc(frame.path, expr.site, frame.context))
        if frame.loops:
            self._heap.store(made, Fact.MANY, self._universe.const(True))
        exact = True
        for position, part in enumerate(expr.values):
            key = expr.keys[position] if expr.kind == "dict" else None
            if isinstance(part, ir.Spread) or (expr.kind == "dict" and key is None):
                inner = part.value if isinstance(part, ir.Spread) else part
                spread = self._machine.evaluate(inner, frame)
                self._store_spread(made, spread, frame)
                exact = False
                continue
            value = self._machine.evaluate(part, frame)
            if expr.kind == "dict":
                index = self._machine.evaluate(key, frame) if key is not None else NOTHING
                self._machine.elements.put((made,), index, value)
            elif exact:
                self._heap.store(made, slot(position), value)
            else:
                self._heap.store(made, ANY_ELEMENT, value)
        return (made,)

    def _store_spread(self, made: Container, spread: Value, frame: Frame) -> None:
        for obj in spread:
            if isinstance(obj, Container) and made.kind == "dict":
                for place in self._heap.elements(obj):
                    self._heap.store(made, place, self._heap.load(obj, place))
            elif isinstance(obj, ModuleObj) and made.kind == "dict":
                self._heap.store(made, Fact.STARS, (obj,))
            else:
                elements = self._machine.elements.of((obj,), frame)
                if elements:
                    self._heap.store(made, ANY_ELEMENT, elements)

    def without(self, expr: ir.Without, frame: Frame) -> Value:
        """A copy of a container that lacks some of its members; anything else stands for itself."""
        alloc = Alloc(frame.path, expr.site, frame.context)
        left_out = {slot(name) for name in expr.names}
        out: list[Obj] = []
        for obj in self._machine.evaluate(expr.base, frame):
            if not isinstance(obj, Container) or obj.kind != "dict":
                out.append(obj)
                continue
            made = self._universe.make(Container, obj.kind, alloc)
            for place in self._heap.elements(obj):
                if place not in left_out:
                    self._heap.store(made, place, self._heap.load(obj, place))
            out.append(made)
        return tuple(sorted(set(out)))

    def comprehension(self, expr: ir.Comprehension, frame: Frame, iterable: Value | None = None) -> Value:
        """What a comprehension makes; `iterable`: what it goes over first, where that has been evaluated before."""
        made = self._universe.make(
            Container, "list" if expr.kind == "generator" else expr.kind, Alloc(frame.path, expr.site, frame.context)
        )
        # The first iterable is read once, before the first turn.
        if iterable is None:
            iterable = self._machine.evaluate(expr.generators[0].iterable, frame)
        elements = self._elements(iterable, frame) if frame.state is not None else NOTHING
        if len(expr.generators) == 1 and not expr.generators[0].conditions:
            length = self._machine.elements.length(iterable)
            self._heap.store(made, Fact.LENGTH, self._universe.const(length))
        if frame.state is None:
            return (made,)
        loop = LoopFrame(frame.state)
        frame.loops.append(loop)
        before = frame.state
        refused: list[Snapshot | None] = []
        for number, clause in enumerate(expr.generators):
            if number > 0:
                iterable = self._machine.evaluate(clause.iterable, frame)
                elements = self._elements(iterable, frame)
            self._turn(clause, iterable, elements, expr.site, refused, frame)
        if expr.key is not None:
            key = self._machine.evaluate(expr.key, frame)
            if any(isinstance(obj, (Instance, Suspended)) for obj in key):
                self._heap.store(made, ANY_KEY, key)
        value = self._machine.evaluate(expr.element, frame)
        if frame.state != before and frame.state is not None:
            # It launched something: a second round makes the first one's handles the older ones.
            value = union(value, self._machine.evaluate(expr.element, frame))
        value = self._kept(value, refused)
        if value and not self._select(expr, value, made, frame):
            self._heap.store(made, ANY_ELEMENT, value)
        frame.resume(merge((frame.snapshot(), *refused)))
        frame.loops.pop()
        if not has_elements(expr.generators[0].iterable, self._machine.semantics):
            self._machine.loops.leave(loop, before, frame)
        return (made,)

    def _select(self, expr: ir.Comprehension, value: Value, made: Container, frame: Frame) -> bool:
        """Whether the comprehension makes a mapping of those pairs of another that meet its conditions; then it holds what that holds."""
        clause = expr.generators[0]
        pairs, target = clause.iterable, clause.target
        if len(expr.generators) > 1 or not isinstance(pairs, ir.Call) or not isinstance(pairs.func, ir.Attr):
            return False
        if pairs.func.name not in self._machine.semantics.pairs or not isinstance(pairs.func.base, ir.Name):
            return False
        if not isinstance(target, ir.Unpack) or target.targets != (expr.key, expr.element):
            return False
        mappings = self._machine.evaluate(pairs.func.base, frame)
        if not all(isinstance(obj, Container) and obj.kind == "dict" for obj in mappings):
            return False
        if not all(isinstance(obj, (Const, Unknown, FunctionObj)) for obj in value):
            return False
        self._machine.elements.copy_dict(made, mappings)
        if clause.conditions:
            self._heap.store(made, Fact.SELECTED, self._universe.const(True))
        return True

    def _turn(
        self,
        clause: ir.Generator,
        iterable: Value,
        elements: Value,
        site: ir.Site,
        refused: list[Snapshot | None],
        frame: Frame,
    ) -> None:
        """Begin a turn of one ``for`` of a comprehension; where its conditions do not hold goes to `refused`."""
        finished = self._machine.selectors.as_they_finish(iterable)
        self._machine.library.time_out(iterable, finished, site, frame)
        self._machine.assign(clause.target, elements, frame)
        self._machine.handles.join(finished, frame)
        for condition in clause.conditions:
            then, otherwise, _ = self._machine.conditions.branches(condition, frame)
            if then is not None:
                refused.append(otherwise)
                frame.resume(then)

    def _elements(self, iterable: Value, frame: Frame) -> Value:
        """What a ``for`` over `iterable` gives its variable."""
        finished = self._machine.selectors.as_they_finish(iterable)
        return finished or self._machine.elements.of(iterable, frame) or self._universe.unknown

    def generator(self, expr: ir.Comprehension, frame: Frame) -> Value:
        """A generator expression: nothing of it runs before somebody reads it, but for what it goes over first."""
        if expr.kind != "generator":
            return self.comprehension(expr, frame)
        alloc = Alloc(frame.path, expr.site, frame.context)
        made = self._universe.make(Suspended, "generator", self._universe.make(Unseen, "generator"), alloc)
        iterable = self._machine.evaluate(expr.generators[0].iterable, frame)
        self._delayed[made] = (expr, dict(frame.env), frame, iterable)
        return (made,)

    def read_delayed(self, obj: Suspended, frame: Frame) -> Value | None:
        """Run a generator expression where it is read, with the variables that it was made with; None for anything else."""
        found = self._delayed.get(obj.base)
        if found is None:
            return None
        expr, env, around, iterable = found
        inside = Frame(around.activation, around.path, around.qualname, dict(env), frame.state)
        inside.class_scope, inside.loops = around.class_scope, frame.loops
        edges = inside.guard()
        made = self.comprehension(expr, inside, iterable)
        frame.state = inside.state
        frame.does(inside.effects)
        for edge in edges:
            frame.raise_as(edge)
        for launch, path in inside.paths.items():
            frame.paths.setdefault(launch, path)
        return self._machine.elements.of(made, frame)

    def _kept(self, value: Value, refused: list[Snapshot | None]) -> Value:
        """The elements of a comprehension whose conditions refuse some: of handles that may be pending where they are
        refused it holds a part only.
        """
        states = [snapshot.state for snapshot in refused if snapshot is not None]
        out: set[Obj] = set()
        for obj in value:
            keys = self._machine.handles.keys(obj) if obj.mode == "all" else []
            left = any(launch_state.pending(state.get(key, ())) for state in states for key in keys)
            out.add(self._universe.in_mode(obj, "part") if left else obj)
        return tuple(sorted(out))


def has_elements(iterable: ir.Expr, semantics: Semantics) -> bool:
    """Whether this is written with an element or more: a loop over it turns at least once."""
    if isinstance(iterable, ir.Call):
        return most_turns(iterable, semantics) > 0
    if isinstance(iterable, ir.Collection):
        return any(not isinstance(value, ir.Spread) for value in iterable.values) and None not in iterable.keys
    return isinstance(iterable, ir.Const) and isinstance(iterable.value, str) and iterable.value != ""


def most_turns(iterable: ir.Expr, semantics: Semantics) -> int:
    """How many numbers a count gives whose bounds are written down; none for anything else."""
    if not isinstance(iterable, ir.Call) or not isinstance(iterable.func, ir.Name):
        return 0
    if iterable.func.owner != ir.BUILTIN or iterable.func.name != semantics.numbers:
        return 0
    bounds = [arg.value.value for arg in iterable.args if isinstance(arg.value, ir.Const)]
    whole = [bound for bound in bounds if isinstance(bound, int)]
    return len(range(*whole)) if 0 < len(whole) == len(iterable.args) < 3 else 0
