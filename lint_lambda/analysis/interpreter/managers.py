"""Context managers: what entering and leaving them does, and what their bodies leave by exceptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import joined
from lint_lambda.analysis.domain.frame import Args, Frame, merge
from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.launch_state import State
from lint_lambda.analysis.domain.log import CallSite
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    Container,
    External,
    FunctionObj,
    Instance,
    Obj,
    Suspended,
    Unknown,
    Value,
    is_suspended,
    union,
)
from lint_lambda.analysis.interpreter.regions import hardly
from lint_lambda.analysis.library import launch
from lint_lambda.analysis.library.call import asking
from lint_lambda.core import ir
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.conventions import load_conventions
from lint_lambda.knowledge.verbs import ShieldModel

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Managers:
    """``with``, and whatever else code runs inside of."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._semantics = machine.semantics

    def with_(self, node: ir.With, frame: Frame) -> None:
        self._with_items(node.items, node.body, node.site, frame)

    def _with_items(self, items: tuple[ir.WithItem, ...], body: ir.Block, site: ir.Site, frame: Frame) -> None:
        if not items:
            self._machine.execute(body, frame)
            return
        item, rest = items[0], items[1:]
        manager = self._machine.evaluate(item.manager, frame)
        if frame.state is None:
            return
        generated = [obj for obj in manager if isinstance(obj, Suspended) and obj.kind == "manager"]
        if generated:

            def inside(value: Value) -> None:
                if item.target is not None:
                    self._machine.assign(item.target, value, frame)
                self._with_items(rest, body, site, frame)

            self._with_generator(generated[0], inside, frame)
            return
        entered = self.enter(manager, site, frame)
        if item.target is not None:
            self._machine.assign(item.target, entered, frame)
        depth = len(frame.finals)

        def leave() -> None:
            self.leave(manager, site, frame)

        frame.finals = [*frame.finals, leave]
        entry = frame.snapshot()
        edges = frame.guard()
        limits = self._limits(item.manager, load_conventions().limits, frame)
        frame.limits += limits
        self._with_items(rest, body, site, frame)
        frame.limits -= limits
        frame.tries.pop()
        frame.finals = frame.finals[:depth]
        after = frame.snapshot()
        named = self._suppressed(item.manager, frame)
        if self._limits(item.manager, load_conventions().lets_go, frame):
            named |= set(load_conventions().given_up)
        caught: list[State] = []
        for edge in edges:
            frame.state = edge.state
            swallows = self.leave(manager, site, frame)
            left = frame.snapshot()
            if left is None:
                continue
            going = replace(edge, state=left.state)
            if swallows is None:  # it may
                caught += [hardly(state) for state in self._machine.regions.caught(set(), [going])]
            states = self._machine.regions.caught(set() if swallows else named, [going]) if swallows or named else []
            caught.extend(states)
            if not states:
                frame.raise_as(going)
        frame.resume(after)
        if frame.state is not None:
            leave()
        if caught:
            frame.resume(merge((frame.snapshot(), self._machine.regions.at_catch(entry, after, caught))))

    def _suppressed(self, manager: ir.Expr, frame: Frame) -> set[str]:
        """The exceptions that a library's context manager, made where it is entered, swallows."""
        callee, args = self._made_by(manager, frame)
        return {
            name
            for obj in callee
            if isinstance(obj, External)
            for model in self._models.of(self._models.canonical(obj.symbol))
            if isinstance(model, ShieldModel)
            for name in self._machine.regions.names_in(
                self._machine.selectors.select(model.catches, asking(None, frame, args)), frame
            )
        }

    def _limits(self, manager: ir.Expr, names: tuple[str, ...], frame: Frame) -> bool:
        """Whether what is entered is a library's context manager of any of these names, made where it is entered."""
        callee, _ = self._made_by(manager, frame)
        return any(isinstance(obj, External) and obj.symbol.rpartition(".")[2] in names for obj in callee)

    def _made_by(self, manager: ir.Expr, frame: Frame) -> tuple[Value, Args]:
        """What is called to make a context manager, and with what."""
        if not isinstance(manager, ir.Call):
            return NOTHING, Args()
        here = CallSite(frame.context, Place(frame.path, manager.site))
        return self._machine.log.calls.get(here, (NOTHING, Args()))

    def enter(self, manager: Value, site: ir.Site, frame: Frame) -> Value:
        out: list[Value] = []
        for obj in manager:
            if isinstance(obj, Suspended) and obj.kind == "manager":
                # Whoever exits it later runs the rest of the generator; it is run to its end here.
                out.append(self._machine.calls.run_generator(obj, frame))
                continue
            if isinstance(obj, Suspended) and obj.kind == "coroutine":
                # Requests of HTTP clients are both: they may be awaited, or entered, which awaits them.
                out.append(self._machine.wait((obj,), site, frame))
                continue
            if isinstance(obj, Instance):
                entering = self._machine.classes.own_member(obj, self._semantics.enter)
                if not entering:
                    entering = self._library_hook(obj, self._semantics.enter)
                if entering:
                    given = Args() if isinstance(entering[0], Bound) else Args().with_first((obj,))
                    value = self._machine.call(entering, given, site, frame)
                    out.append(self._machine.wait(value, site, frame) if is_suspended(value) else value)
                    continue
            out.append((obj,))
        return union(*out) or self._universe.unknown

    def _library_hook(self, obj: Obj, names: tuple[str, ...]) -> Value:
        """The modelled enter or exit method of a library's context manager."""
        symbol = self._machine.classes.modelled_member(obj, names)
        return NOTHING if symbol is None else (self._universe.make(Bound, obj, self._universe.external(symbol)[0]),)

    def leave(self, manager: Value, site: ir.Site, frame: Frame) -> bool | None:
        """Leave a context manager. True when its exit method always answers that an exception is dealt with; None where nobody
        knows what it answers.
        """
        answers: list[Value] = []
        for obj in manager:
            if not isinstance(obj, (Instance, Container)) or frame.state is None:
                continue
            leaving = self._machine.classes.own_member(obj, self._semantics.exit)
            hook = self._library_hook(obj, self._semantics.exit)
            if hook:
                value = self._machine.call(hook, Args(), site, frame)
                if is_suspended(value):
                    self._machine.wait(value, site, frame)
            if leaving:
                none = self._universe.const(None)
                value = self._machine.call(leaving, Args([none, none, none]).with_first((obj,)), site, frame)
                answers.append(self._machine.wait(value, site, frame) if is_suspended(value) else value)
            if isinstance(obj, Container):
                continue
            launch.at_the_end(obj, frame, self._machine)
            before = frame.state
            self._exit_all(obj, site, frame)
            if obj.base in frame.emptied and before is not None and frame.state is not None:
                frame.state = launch_state.join(before, frame.state)
            if not leaving:  # else it leaves as the base does only where it calls the base's method
                self._machine.handles.end_scope(obj, frame)
        if len(answers) == len(manager) > 0 and all(answer == self._universe.const(True) for answer in answers):
            return True
        return None if any(isinstance(obj, Unknown) for answer in answers for obj in answer) else False

    def _exit_all(self, obj: Instance, site: ir.Site, frame: Frame) -> None:
        """Exit what an exit stack was handed."""
        for pushed in self._heap.load(obj, Fact.AT_EXIT):
            value = self._machine.call((pushed,), Args(), site, frame)
            if is_suspended(value):
                self._machine.wait(value, site, frame)
        entered = self._heap.load(obj, Fact.ENTERED)
        if entered:
            self.leave(entered, site, frame)

    def around(self, manager: Value, body: Callable[[Value], None], site: ir.Site, frame: Frame) -> None:
        """Run `body` inside a context manager, or in place of a generator's ``yield``; it is given what that yields."""
        generated = [obj for obj in manager if isinstance(obj, Suspended) and obj.kind != "coroutine"]
        if generated:
            self._with_generator(generated[0], body, frame)
            return
        body(self.enter(manager, site, frame))
        self.leave(manager, site, frame)

    def _with_generator(self, manager: Suspended, body: Callable[[Value], None], frame: Frame) -> None:
        """A manager made from a generator function: its code runs around the body, which takes the ``yield``'s place."""
        callee, args = self._machine.held_calls[manager.base]
        while isinstance(callee, Bound):
            args = args.with_first((callee.receiver,))
            callee = callee.function
        if not isinstance(callee, FunctionObj) or len(self._world.reading) > 40:
            body(self._universe.unknown)
            return
        bound = self._machine.parameters.bind(callee, args, frame)
        activation = self._machine.summaries.activation(callee, bound, manager.alloc.place, frame)
        inner = Frame(activation, callee.path, callee.function.qualname, dict(bound))
        inner.state = frame.state
        inner.effects = frame.effects
        inner.paths = frame.paths
        ran = False
        exits_before = len(frame.exits)

        def at_yield(value: Value) -> None:
            nonlocal ran
            if ran:
                return
            ran = True
            frame.state, frame.effects = inner.state, inner.effects
            edges = frame.guard()
            body(value)
            frame.tries.pop()
            for edge in edges:
                inner.raise_as(edge)
            left = [exit_.state for exit_ in frame.exits[exits_before:]]
            inner_state = [state for state in (frame.state, *left) if state is not None]
            inner.state = launch_state.join(*inner_state) if inner_state else None
            inner.effects = joined([frame.effects, *(exit_.effects for exit_ in frame.exits[exits_before:])])

        inner.on_yield = at_yield
        self._machine.execute(callee.function.body, inner)
        states = [exit_.state for exit_ in inner.exits]
        if inner.state is not None:
            states.append(inner.state)
        for edge in inner.raised:
            frame.raise_as(edge)
        done = joined([*(exit_.effects for exit_ in inner.exits), inner.effects])
        after = launch_state.join(*states) if states else None
        for exit_ in frame.exits[exits_before:]:
            if after is not None:
                exit_.state, exit_.effects = after, done
        frame.state = after if frame.state is not None or not ran else None
        frame.effects = done
