"""Execute statements: sequences, branches, loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import State
from lint_lambda.analysis.frame import Args, Exit, Frame, LoopFrame, Snapshot, merge, merge_branches
from lint_lambda.analysis.objects import ANY_ELEMENT
from lint_lambda.analysis.regions import Regions
from lint_lambda.analysis.values import (
    Bound,
    Container,
    ModuleObj,
    Obj,
    Suspended,
    Value,
    is_suspended,
    union,
)
from lint_lambda.analysis.world import (
    World,
)
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Place

LOOP_ROUNDS = 3
"""Rounds of a loop's body: one to see what it launches, one to see it launched before, one for variables to settle."""


class Execute(Regions):
    """Statements."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._statements: dict[type[Any], Callable[[Any, Frame], None]] = {
            ir.Eval: self._eval,
            ir.Assign: self._assign,
            ir.Augment: self._augment,
            ir.Return: self._return,
            ir.Raise: self._raise,
            ir.If: self._if,
            ir.While: self._while,
            ir.For: self._for,
            ir.Try: self._try,
            ir.With: self._with,
            ir.Match: self._match,
            ir.Break: self._break,
            ir.Continue: self._continue,
            ir.Delete: lambda node, frame: None,
            ir.Import: self._import,
        }

    def run_body(self, frame: Frame, function: ir.Function) -> None:
        self.block(function.body, frame)
        if function.qualname == MODULE_BODY:
            module = self.world.module(frame.path)
            for name, value in frame.env.items():
                self.world.settle(module, name, union(value, self.world.load(module, f"<global {name}>")))

    def block(self, statements: ir.Block, frame: Frame) -> None:
        for statement in statements:
            if frame.state is None:
                return
            self._statements[type(statement)](statement, frame)

    def run_loose(self, callee: Value, value: Value, site: ir.Site, frame: Frame) -> Value:
        """What the unknown caller of a function does with its result `value`.

        It runs a coroutine as the event loop's main one (what it leaves is cancelled) and a generator to its end;
        handles it is given, or finds on the object whose method it called, are in its hands.
        """
        assert frame.state is not None
        before = frame.state
        for obj in value:
            if isinstance(obj, Suspended) and obj.kind == "generator":
                self.run_generator(obj, frame)
        suspended = tuple(obj for obj in value if is_suspended((obj,)))
        result = self.wait_for(suspended, site, frame) if suspended else value
        held = [
            self.world.load(obj.receiver, name)
            for obj in callee
            if isinstance(obj, Bound)
            for name in self.world.fields(obj.receiver)
            if not name.startswith("<")
        ]
        self.escape(Args([result, *held]), site, frame)
        for policy in self.models.main_loops():
            self.end_loop(policy, before, frame)
        return result

    # --- simple statements -----------------------------------------------------------------------------------------------

    def _eval(self, node: ir.Eval, frame: Frame) -> None:
        self.expression(node.value, frame)

    def _assign(self, node: ir.Assign, frame: Frame) -> None:
        if node.value is None:
            return
        value = self.expression(node.value, frame)
        if node.annotation is not None and not value:
            value = self.universe.unknown
        for target in node.targets:
            self.assign(target, value, frame)

    def _augment(self, node: ir.Augment, frame: Frame) -> None:
        """``x += y``: a list takes in the elements; anything else becomes unknown."""
        value = self.expression(node.value, frame)
        target = node.target
        if isinstance(target, ir.Unpack):
            return
        old = self.expression(target, frame)
        containers = [obj for obj in old if isinstance(obj, Container)]
        for obj in containers:
            elements = self.elements(value, frame)
            if elements:
                self.world.store(obj, ANY_ELEMENT, elements)
        if not containers:
            self.assign(target, self.universe.unknown, frame)

    def _return(self, node: ir.Return, frame: Frame) -> None:
        value = self.universe.const(None) if node.value is None else self.expression(node.value, frame)
        for loop in reversed(frame.loops):
            self._unwind(frame, loop.finals)
            if frame.state is not None:
                frame.state = self._unswept(loop, loop.entry, frame.state)
        self._unwind(frame, 0)
        if frame.state is not None:
            frame.exits.append(Exit(Place(frame.path, node.site), value, frame.state))
        frame.state = None

    def _raise(self, node: ir.Raise, frame: Frame) -> None:
        if node.value is not None:
            self.expression(node.value, frame)
        if frame.state is not None:
            frame.raise_edge(frame.state, explicit=True)
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
        program = self.world.program
        if frame.state is not None:
            frame.raise_edge(frame.state, explicit=False)
        path = program.resolve(frame.path, node.module, node.level)
        if node.loads != node.module and path is not None:
            loaded = program.resolve(frame.path, node.loads, 0)
            if loaded is not None and not loaded.endswith("/") and program.may_launch(loaded):
                self.import_effects(loaded, node.site, frame)
        copied = "" if path is None else program.copy_of(path)
        if path is None or copied:
            module_name = copied or node.module
            symbol = module_name if node.name in (None, "*") else f"{module_name}.{node.name}"
            value: Value = self.universe.external(self.models.canonical(symbol))
            if node.name == "*":
                self.world.store(self.world.module(frame.path), "<stars>", value)
                return
        else:
            if not path.endswith("/") and program.may_launch(path):
                self.import_effects(path, node.site, frame)
            module = self.world.module(path)
            if node.name == "*":
                self.world.store(self.world.module(frame.path), "<stars>", (module,))
                return
            value = (module,) if node.name is None else self.module_attribute(module, node.name, frame)
            if len(value) == 1 and isinstance(value[0], ModuleObj) and value[0] is not module:
                loaded = value[0].path
                if not loaded.endswith("/") and program.may_launch(loaded):
                    self.import_effects(loaded, node.site, frame)
        self.assign(node.target, value, frame)

    # --- branches --------------------------------------------------------------------------------------------------------

    def _if(self, node: ir.If, frame: Frame) -> None:
        then, otherwise, guard = self.branches(node.test, frame)
        frame.resume(then)
        self.block(node.body, frame)
        after_then = frame.snapshot()
        frame.resume(otherwise)
        self.block(node.orelse, frame)
        frame.resume(merge_branches(self.universe, guard, after_then, frame.snapshot()))

    def _match(self, node: ir.Match, frame: Frame) -> None:
        subject = self.expression(node.subject, frame)
        ends: list[Snapshot | None] = []
        remaining = frame.snapshot()
        for case in node.cases:
            if remaining is None:
                break
            frame.resume(remaining)
            for name in case.binds:
                self.assign(name, union(subject, self.elements(subject, frame)) or self.universe.unknown, frame)
            if case.pattern is not None:
                test = ir.Compare("==", node.subject, case.pattern) if _is_simple(node.subject) else None
                if test is not None:
                    then, remaining, _ = self.branches(test, frame)
                    frame.resume(then)
            if case.guard is not None and frame.state is not None:
                then, refused, _ = self.branches(case.guard, frame)
                remaining = merge((remaining, refused)) if case.pattern is not None else remaining
                frame.resume(then)
            self.block(case.body, frame)
            ends.append(frame.snapshot())
            if case.irrefutable:
                remaining = None
        frame.resume(merge((*ends, remaining)))

    # --- loops -----------------------------------------------------------------------------------------------------------

    def _for(self, node: ir.For, frame: Frame) -> None:
        iterable = self.expression(node.iterable, frame)
        finished = self.as_they_finish(iterable)
        elements = finished or self.elements(iterable, frame) or self.universe.unknown
        if frame.state is None:
            return

        def bind() -> Snapshot | None:
            self.assign(node.target, elements, frame)
            self.join(finished, frame)
            return None

        self._loop(node.body, node.orelse, frame, bind)
        if frame.state is not None:
            # The variable still holds the last element, which is one of them.
            for name in _names(node.target):
                held = frame.env.get(name)
                if held is not None:
                    last = {self.universe.in_mode(obj, "some") if obj.mode == "all" else obj for obj in held}
                    frame.env[name] = tuple(sorted(last))

    def _while(self, node: ir.While, frame: Frame) -> None:
        asked: dict[Obj, None] = dict.fromkeys(self.flags(node.test, frame))
        takes, frame.takes = frame.takes, False

        def test() -> Snapshot | None:
            held, frame.stops = frame.stops, {}
            self._polling = True
            then, otherwise, _ = self.branches(node.test, frame)
            self._polling = False
            asked.update(frame.stops)
            frame.stops = held
            frame.resume(then)
            return otherwise

        self._loop(node.body, node.orelse, frame, test, endless=True)
        if not frame.takes and frame.state is not None:
            # What it does in a turn is of its own making: nobody misses the turns after it was told to end.
            frame.stops.update(asked)
        frame.takes |= takes

    def _loop(
        self,
        body: ir.Block,
        orelse: ir.Block,
        frame: Frame,
        head: Callable[[], Snapshot | None],
        endless: bool = False,
    ) -> None:
        """Run `head` and the body until the state settles. `head` returns where its condition fails, if it has one."""
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
            frame.recent.clear()
            loop.continues = []
            loop.breaks = []
            del frame.exits[exits_before:]
            failed = head()
            self.block(body, frame)
            end = merge((frame.snapshot(), *loop.continues))
            after = merge((around, end))
            assert after is not None
            if around is not None and after.env == around.env and after.state == around.state:
                break
            around = after
        frame.loops.pop()
        frame.recent.clear()
        breaks = [Snapshot(item.env, self._unswept(loop, entry.state, item.state)) for item in loop.breaks]
        if endless:
            done = failed
            if done is not None:
                swept = end.state if end is not None else None
                state = dict(done.state)
                for key in loop.swept:
                    if swept is not None and key in swept and algebra.pending(state.get(key, ())):
                        state[key] = swept[key]
                done = Snapshot(done.env, state)
        elif end is None:
            done = entry
        else:
            frame.resume(end)
            self.leave_loop(loop, entry.state, frame)
            assert frame.state is not None
            merged = merge((entry, end))
            assert merged is not None
            done = Snapshot(merged.env, frame.state)
        if endless and done is None and not breaks and end is not None:
            frame.endless = end.state
        frame.resume(done)
        self.block(orelse, frame)
        frame.resume(merge((frame.snapshot(), *breaks)))

    @staticmethod
    def _unswept(loop: LoopFrame, before: State, state: State) -> State:
        """Leaving a loop early: the elements it had not come to are as they were."""
        if not loop.swept:
            return state
        changed = dict(state)
        for key in loop.swept:
            if key in before:
                changed[key] = algebra.get(state, key) | before[key]
        return changed


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
