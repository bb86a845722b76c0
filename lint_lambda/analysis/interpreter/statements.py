"""Execute statements: sequences, branches, loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.effects import Effects
from lint_lambda.analysis.domain.frame import Args, Exit, Frame, LoopFrame, Snapshot, merge, merge_branches
from lint_lambda.analysis.domain.heap import ANY_ELEMENT, Fact, about
from lint_lambda.analysis.domain.launch_state import Edge, State
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Bound,
    Container,
    ModuleObj,
    Obj,
    Suspended,
    Value,
    is_suspended,
    union,
)
from lint_lambda.analysis.interpreter.expressions import has_elements
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Place

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

LOOP_ROUNDS = 3
"""Rounds of a loop's body: one to see what it launches, one to see it launched before, one for variables to settle."""


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
            ir.While: self._while,
            ir.For: self._for,
            ir.Try: self._machine.regions.try_,
            ir.With: self._machine.regions.with_,
            ir.Match: self._match,
            ir.Break: self._break,
            ir.Continue: self._continue,
            ir.Delete: lambda node, frame: None,
            ir.Import: self._import,
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
        self._machine.evaluate(node.value, frame)

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
        containers = [obj for obj in old if isinstance(obj, Container)]
        for obj in containers:
            elements = self._machine.objects.elements(value, frame)
            if elements:
                self._heap.store(obj, ANY_ELEMENT, elements)
        if not containers:
            self._machine.assign(target, self._universe.unknown, frame)

    def _return(self, node: ir.Return, frame: Frame) -> None:
        value = self._universe.const(None) if node.value is None else self._machine.evaluate(node.value, frame)
        for loop in reversed(frame.loops):
            self._unwind(frame, loop.finals)
            if frame.state is not None:
                frame.state = self._unswept(loop, loop.entry, frame.state)
        self._unwind(frame, 0)
        if frame.state is not None:
            frame.exits.append(Exit(Place(frame.path, node.site), value, frame.state, frame.effects))
        frame.state = None

    def _raise(self, node: ir.Raise, frame: Frame) -> None:
        raised = NOTHING if node.value is None else self._machine.evaluate(node.value, frame)
        if isinstance(node.value, ir.Call) and _is_simple(node.value.func):
            raised = self._machine.evaluate(node.value.func, frame)  # the class, where it is made on the spot
        if frame.state is not None:
            frame.raise_as(Edge(frame.state, types=self._machine.regions.types_of(raised)))
        frame.state = None

    def _break(self, node: ir.Break, frame: Frame) -> None:
        self._leave(frame, lambda loop: loop.breaks)

    def _continue(self, node: ir.Continue, frame: Frame) -> None:
        self._leave(frame, lambda loop: loop.continues)

    def _leave(self, frame: Frame, where: Callable[[LoopFrame], list[Snapshot]]) -> None:
        if not frame.loops:
            frame.state = None
            return
        loop = frame.loops[-1]
        self._unwind(frame, loop.finals)
        here = frame.snapshot()
        if here is not None:
            where(loop).append(here)
        frame.state = None

    def _unwind(self, frame: Frame, depth: int) -> None:
        """Run the pending ``finally`` blocks and context-manager exits down to `depth`, innermost first."""
        kept = frame.finals
        for index in range(len(kept) - 1, depth - 1, -1):
            if frame.state is None:
                break
            frame.finals = kept[:index]
            kept[index]()
        frame.finals = kept

    def _import(self, node: ir.Import, frame: Frame) -> None:
        program = self._world.program
        if frame.state is not None:
            frame.raise_edge(frame.state, explicit=False)
        path = program.resolve(frame.path, node.module, node.level)
        if node.loads != node.module and path is not None:
            loaded = program.resolve(frame.path, node.loads, 0)
            if loaded is not None and not loaded.endswith("/") and program.may_launch(loaded):
                self._machine.calls.import_effects(loaded, node.site, frame)
        copied = "" if path is None else program.copy_of(path)
        if path is None or copied:
            module_name = copied or node.module
            symbol = module_name if node.name in (None, "*") else f"{module_name}.{node.name}"
            value: Value = self._universe.external(self._models.canonical(symbol))
            if node.name == "*":
                self._heap.store(self._world.module(frame.path), Fact.STARS, value)
                return
        else:
            if not path.endswith("/") and program.may_launch(path):
                self._machine.calls.import_effects(path, node.site, frame)
            module = self._world.module(path)
            if node.name == "*":
                self._heap.store(self._world.module(frame.path), Fact.STARS, (module,))
                return
            value = (module,) if node.name is None else self._machine.objects.module_attribute(module, node.name, frame)
            if len(value) == 1 and isinstance(value[0], ModuleObj) and value[0] is not module:
                loaded = value[0].path
                if not loaded.endswith("/") and program.may_launch(loaded):
                    self._machine.calls.import_effects(loaded, node.site, frame)
        self._machine.assign(node.target, value, frame)

    # --- branches --------------------------------------------------------------------------------------------------------

    def _if(self, node: ir.If, frame: Frame) -> None:
        then, otherwise, guard = self._machine.conditions.branches(node.test, frame)
        frame.resume(then)
        self.execute(node.body, frame)
        after_then = frame.snapshot()
        frame.resume(otherwise)
        self.execute(node.orelse, frame)
        frame.resume(merge_branches(self._universe, guard, after_then, frame.snapshot()))

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
                    union(subject, self._machine.objects.elements(subject, frame)) or self._universe.unknown,
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
            self.execute(case.body, frame)
            ends.append(frame.snapshot())
            if case.irrefutable:
                remaining = None
        frame.resume(merge((*ends, remaining)))

    # --- loops -----------------------------------------------------------------------------------------------------------

    def _for(self, node: ir.For, frame: Frame) -> None:
        iterable = self._machine.evaluate(node.iterable, frame)
        finished = self._machine.selectors.as_they_finish(iterable)
        self._machine.library.time_out(iterable, finished, node.site, frame)
        elements = finished or self._machine.objects.elements(iterable, frame) or self._universe.unknown
        if frame.state is None:
            return

        def bind() -> Snapshot | None:
            self._machine.assign(node.target, elements, frame)
            self._machine.handles.join(finished, frame)
            return None

        self._loop(node.body, node.orelse, frame, bind, turns=has_elements(node.iterable))
        if frame.state is not None:
            # The variable still holds the last element, which is one of them.
            for name in _names(node.target):
                held = frame.env.get(name)
                if held is not None:
                    last = {self._universe.in_mode(obj, "some") if obj.mode == "all" else obj for obj in held}
                    frame.env[name] = tuple(sorted(last))

    def _while(self, node: ir.While, frame: Frame) -> None:
        asked: set[Obj] = set(self._machine.names.flags(node.test, frame))
        before = frame.effects
        exits_before = len(frame.exits)
        frame.effects = replace(before, takes=False)

        def test() -> Snapshot | None:
            here = frame.effects
            frame.effects = replace(here, stops=frozenset())
            frame.polling = True
            then, otherwise, _ = self._machine.conditions.branches(node.test, frame)
            frame.polling = False
            for branch in (then, otherwise):
                if branch is not None:
                    asked.update(branch.effects.stops)
                    branch.effects = replace(branch.effects, stops=here.stops)
            frame.resume(then)
            return otherwise

        self._loop(node.body, node.orelse, frame, test, endless=True)
        if not frame.effects.takes and frame.state is not None:
            # What it does in a turn is of its own making: nobody misses the turns after it was asked to stop.
            frame.does(Effects(stops=frozenset(asked)))
        if before.takes:
            frame.effects = replace(frame.effects, takes=True)
            for item in frame.exits[exits_before:]:
                item.effects = replace(item.effects, takes=True)

    def _loop(
        self,
        body: ir.Block,
        orelse: ir.Block,
        frame: Frame,
        head: Callable[[], Snapshot | None],
        endless: bool = False,
        turns: bool = False,
    ) -> None:
        """Run `head` and the body until the state settles. `head` returns where its condition fails, if it has one.

        `turns`: the loop turns at least once.
        """
        assert frame.state is not None
        entry = frame.snapshot()
        assert entry is not None
        loop = LoopFrame(entry.state, finals=len(frame.finals))
        frame.loops.append(loop)
        around: Snapshot | None = entry
        failed: Snapshot | None = None
        exits_before = len(frame.exits)
        for _ in range(LOOP_ROUNDS):
            frame.resume(around)
            frame.effects = _between_turns(frame.effects, entry.effects)
            loop.continues = []
            loop.breaks = []
            del frame.exits[exits_before:]
            failed = head()
            self.execute(body, frame)
            end = merge((frame.snapshot(), *loop.continues))
            after = merge((around, end))
            assert after is not None
            if around is not None and after.env == around.env and after.state == around.state:
                break
            around = after
        frame.loops.pop()
        breaks = [
            Snapshot(
                item.env, self._unswept(loop, entry.state, item.state), _between_turns(item.effects, entry.effects)
            )
            for item in loop.breaks
        ]
        if endless:
            done = failed
            if done is not None:
                swept = end.state if end is not None else None
                state = dict(done.state)
                for key in loop.swept:
                    if swept is not None and key in swept and launch_state.pending(state.get(key, ())):
                        state[key] = swept[key]
                done = Snapshot(done.env, state, _between_turns(done.effects, entry.effects))
        elif end is None:
            done = entry
        else:
            frame.resume(end)
            if not turns:
                self._machine.expressions.leave_loop(loop, entry.state, frame)
            assert frame.state is not None
            merged = end if turns else merge((entry, end))
            assert merged is not None
            done = Snapshot(merged.env, frame.state, _between_turns(merged.effects, entry.effects))
        if endless and done is None and not breaks and end is not None:
            frame.endless = end
        frame.resume(done)
        self.execute(orelse, frame)
        frame.resume(merge((frame.snapshot(), *breaks)))

    @staticmethod
    def _unswept(loop: LoopFrame, before: State, state: State) -> State:
        """Leaving a loop early: the elements it had not come to are as they were."""
        if not loop.swept:
            return state
        changed = dict(state)
        for key in loop.swept:
            if key in before:
                changed[key] = launch_state.get(state, key) | before[key]
        return changed


def _between_turns(effects: Effects, entry: Effects) -> Effects:
    """`effects` of a turn of a loop that was entered with `entry`: what a later turn does is other work than this one's."""
    return replace(effects, late=effects.late & entry.late)


def _names(target: ir.Target) -> list[str]:
    if isinstance(target, ir.Name):
        return [target.name]
    if isinstance(target, ir.Unpack):
        return [name for part in target.targets for name in _names(part)]
    return []


def _is_simple(expr: ir.Expr) -> bool:
    """Whether evaluating an expression again has no effect."""
    while isinstance(expr, (ir.Attr, ir.Item)):
        expr = expr.base
    return isinstance(expr, (ir.Name, ir.Const))
