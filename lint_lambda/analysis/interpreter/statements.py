"""Execute statements: sequences, branches, what leaves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lint_lambda.analysis.domain.frame import Args, Exit, Frame, LoopFrame, Snapshot, merge, merge_branches
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, about
from lint_lambda.analysis.domain.launch_state import Edge
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    Chosen,
    Container,
    Flag,
    FunctionObj,
    Suspended,
    Value,
    is_suspended,
    union,
)
from lint_lambda.analysis.interpreter.conditions import as_flag
from lint_lambda.analysis.interpreter.loops import unswept
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Place
from lint_lambda.core.walk import nodes, remembered

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Statements:
    """Statements."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._universe = machine.universe
        self._models = machine.models
        self._heap = machine.heap
        self._statements: dict[type[Any], Callable[[Any, Frame], None]] = {
            ir.Eval: self._eval,
            ir.Assign: self._assign,
            ir.Augment: self._augment,
            ir.Return: self._return,
            ir.Raise: self._raise,
            ir.If: self._if,
            ir.While: self._machine.loops.while_,
            ir.For: self._machine.loops.for_,
            ir.Try: self._machine.regions.try_,
            ir.With: self._machine.managers.with_,
            ir.Match: self._match,
            ir.Labelled: self._labelled,
            ir.Break: self._break,
            ir.Continue: self._continue,
            ir.Delete: lambda node, frame: None,
            ir.Import: self._machine.modules.import_,
        }

    def run_body(self, frame: Frame, function: ir.Function) -> None:
        """Execute a function's body in `frame`. What a module's leaves are the module's attributes."""
        if function.qualname != MODULE_BODY:
            self.execute(function.body, frame)
            return
        module = self._world.module(frame.path)
        self._heap.begin(module)
        self.execute(function.body, frame)
        assigned = {name: self._heap.load(module, about(Fact.GLOBAL, name)) for name in frame.env}
        self._heap.settle(module, {name: union(value, assigned[name]) for name, value in frame.env.items()})

    def execute(self, statements: ir.Block, frame: Frame) -> None:
        for statement in statements:
            if frame.state is None:
                return
            self._world.effort.step()
            self._statements[type(statement)](statement, frame)

    def run_guessed(self, callee: Value, value: Value, site: ir.Site, frame: Frame) -> Value:
        """What the unknown caller of a function does with its result `value`.

        It runs a coroutine as the event loop's main one (what it leaves is cancelled) and a generator to its end;
        handles it is given, or finds on the object whose method it called, are in its hands.
        """
        assert frame.state is not None
        before = frame.state
        for obj in value:
            if isinstance(obj, Suspended) and obj.kind == "generator":
                self._machine.calls.run_generator(obj, frame)
        suspended = tuple(obj for obj in value if is_suspended((obj,)))
        result = self._machine.wait(suspended, site, frame) if suspended else value
        held = [
            self._heap.load(obj.receiver, key)
            for obj in callee
            if isinstance(obj, Bound)
            for key in (*self._heap.attributes(obj.receiver), *self._heap.elements(obj.receiver))
        ]
        self._machine.handles.escape(Args([result, *held]), site, frame)
        for policy in self._models.main_loops():
            self._machine.handles.end_loop(policy, before, frame)
        return result

    # --- simple statements -----------------------------------------------------------------------------------------------

    def _eval(self, node: ir.Eval, frame: Frame) -> None:
        self._machine.waiting.dropped(self._machine.evaluate(node.value, frame), node.value, frame)

    def _assign(self, node: ir.Assign, frame: Frame) -> None:
        if node.value is None:
            return
        value = self._machine.evaluate(node.value, frame)
        if node.annotation is not None and not value:
            value = self._universe.unknown
        for target in node.targets:
            self._machine.assign(target, value, frame)

    def _augment(self, node: ir.Augment, frame: Frame) -> None:
        """``x += y``: a list takes in the elements; anything else becomes unknown."""
        value = self._machine.evaluate(node.value, frame)
        target = node.target
        if isinstance(target, ir.Unpack):
            return
        old = self._machine.evaluate(target, frame)
        answered = self._machine.operators.changed(node.op, old, value, frame)
        if answered:
            self._machine.assign(target, answered, frame)
            return
        containers = [obj for obj in old if isinstance(obj, Container)]
        for obj in containers:
            elements = self._machine.elements.of(value, frame)
            if elements:
                self._heap.store(obj, ANY_ELEMENT, elements)
        if not containers:
            self._machine.assign(target, self._machine.expressions.computed([old, value]), frame)

    def _return(self, node: ir.Return, frame: Frame) -> None:
        value = self._universe.const(None) if node.value is None else self._machine.evaluate(node.value, frame)
        value = value if node.value is None else as_flag(node.value, value)
        for loop in reversed(frame.loops):
            self.unwind(frame, loop.finals)
            if frame.state is not None:
                frame.state = unswept(loop, loop.entry, frame.state)
        self.unwind(frame, 0)
        if frame.state is not None:
            frame.exits.append(Exit(Place(frame.path, node.site), value, frame.state, frame.effects, frame.held))
        frame.state = None

    def _raise(self, node: ir.Raise, frame: Frame) -> None:
        raised = NOTHING if node.value is None else self._machine.evaluate(node.value, frame)
        if isinstance(node.value, ir.Call) and _is_simple(node.value.func):
            raised = self._machine.evaluate(node.value.func, frame)  # the class, where it is made on the spot
        if frame.state is not None:
            frame.raise_as(Edge(frame.state, types=self._machine.regions.types_of(raised)))
        frame.state = None

    def _break(self, node: ir.Break, frame: Frame) -> None:
        self._leave(frame, lambda loop: loop.breaks, node.label)

    def _labelled(self, node: ir.Labelled, frame: Frame) -> None:
        """Run a block that may be left by its label; it is no loop, and nothing turns in it."""
        assert frame.state is not None
        block = LoopFrame(frame.state, finals=len(frame.finals), label=node.label)
        frame.labelled.append((len(frame.loops), block))
        self.execute(node.body, frame)
        frame.labelled.pop()
        frame.resume(merge((frame.snapshot(), *block.breaks)))

    def _continue(self, node: ir.Continue, frame: Frame) -> None:
        self._leave(frame, lambda loop: loop.continues)

    def _leave(self, frame: Frame, where: Callable[[LoopFrame], list[Snapshot]], label: str = "") -> None:
        """Leave the nearest loop, or the block of that label and all loops in it."""
        named = next((each for each in reversed(frame.labelled) if each[1].label == label), None) if label else None
        if named is None and not frame.loops:
            frame.state = None
            return
        loop = frame.loops[-1] if named is None else named[1]
        for inner in reversed(frame.loops[named[0] :] if named is not None else ()):
            self.unwind(frame, inner.finals)
            if frame.state is not None:
                frame.state = unswept(inner, inner.entry, frame.state)
        self.unwind(frame, loop.finals)
        here = frame.snapshot()
        if here is not None:
            where(loop).append(here)
        frame.state = None

    def unwind(self, frame: Frame, depth: int, *, closed: bool = False) -> None:
        """Run the pending ``finally`` blocks and context-manager exits down to `depth`, innermost first.

        `closed`: a generator is left where it yields, so that exception handlers for that are run, too.
        """
        kept = frame.finals
        for index in range(len(kept) - 1, depth - 1, -1):
            if frame.state is None:
                break
            frame.finals = kept[:index]
            if closed or kept[index] not in frame.on_close:
                kept[index]()
        frame.finals = kept

    # --- branches --------------------------------------------------------------------------------------------------------

    def _if(self, node: ir.If, frame: Frame) -> None:
        polled = self._polled(node.test, frame)
        then, otherwise, guard = self._machine.conditions.branches(node.test, frame)
        for truth, branch in ((True, then), (False, otherwise)):
            if polled[truth]:
                self._machine.polled.awaited(node.test, polled[truth], branch, frame)
        before = frame.counted
        frame.counted = before or self._asks_count(node.test, frame)
        frame.resume(then)
        self.perhaps(node.body, frame, otherwise is not None)
        after_then = frame.snapshot()
        frame.resume(otherwise)
        self.perhaps(node.orelse, frame, then is not None)
        if after_then is not None and frame.state is not None:
            frame.counted = before
        after_else = frame.snapshot()
        frame.resume(merge_branches(self._universe, guard, after_then, after_else))
        if after_then is not None and after_else is not None and not frame.class_scope:
            for name in after_then.env.keys() & after_else.env.keys():
                left, right = after_then.env[name], after_else.env[name]
                if left != right and any(isinstance(obj, (Chosen, FunctionObj)) for obj in (*left, *right)):
                    frame.env[name] = self._machine.conditions.either(guard, left, right)

    def _polled(self, test: ir.Expr, frame: Frame) -> Mapping[bool, tuple[Flag, ...]]:
        """What is set in each branch of a condition, where that is asked in every turn of a loop that nothing else ends, or a number of turns."""
        if not frame.loops or not (frame.loops[-1].endless or frame.loops[-1].turns):
            return {True: (), False: ()}
        return {truth: self._machine.polled.flags(test, frame, truth) for truth in (True, False)}

    def _asks_count(self, test: ir.Expr, frame: Frame) -> bool:
        """Whether a condition asks for what the function counts up or down."""
        counts = _counted(frame.activation.callee.function)
        return bool(counts) and any(
            isinstance(each, (ir.Name, ir.Attr)) and each.name in counts for each in nodes((ir.Eval(test),))
        )

    def perhaps(self, body: ir.Block, frame: Frame, perhaps: bool = True) -> None:
        """Execute what control may go round."""
        self._world.branching += perhaps
        self.execute(body, frame)
        self._world.branching -= perhaps

    def _match(self, node: ir.Match, frame: Frame) -> None:
        subject = self._machine.evaluate(node.subject, frame)
        ends: list[Snapshot | None] = []
        remaining = frame.snapshot()
        for case in node.cases:
            if remaining is None:
                break
            frame.resume(remaining)
            for name in case.binds:
                self._machine.assign(
                    name,
                    union(subject, self._machine.elements.of(subject, frame)) or self._universe.unknown,
                    frame,
                )
            if case.pattern is not None:
                test = ir.Compare("==", node.subject, case.pattern) if _is_simple(node.subject) else None
                if test is not None:
                    then, remaining, _ = self._machine.conditions.branches(test, frame)
                    frame.resume(then)
            if case.guard is not None and frame.state is not None:
                then, refused, _ = self._machine.conditions.branches(case.guard, frame)
                remaining = merge((remaining, refused)) if case.pattern is not None else remaining
                frame.resume(then)
            self.perhaps(case.body, frame)
            ends.append(frame.snapshot())
            if case.irrefutable:
                remaining = None
        frame.resume(merge((*ends, remaining)))


@remembered
def _counted(function: ir.Function) -> frozenset[str]:
    """The names of what a function counts up or down."""
    changed = (each.target for each in nodes(function.body) if isinstance(each, ir.Augment))
    return frozenset(target.name for target in changed if isinstance(target, (ir.Name, ir.Attr)))


def _is_simple(expr: ir.Expr) -> bool:
    """Whether evaluating an expression again has no effect."""
    while isinstance(expr, (ir.Attr, ir.Item)):
        expr = expr.base
    return isinstance(expr, (ir.Name, ir.Const))
