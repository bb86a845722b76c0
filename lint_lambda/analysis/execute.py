"""Execute statements: sequences, branches, loops, exception handlers, context managers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import Edge, State
from lint_lambda.analysis.evaluate import Evaluate
from lint_lambda.analysis.frame import Args, Exit, Frame, LoopFrame, Snapshot, merge, merge_branches
from lint_lambda.analysis.objects import ANY_ELEMENT
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    Bound,
    Const,
    Container,
    External,
    FunctionObj,
    Instance,
    ModuleObj,
    Suspended,
    Value,
    union,
)
from lint_lambda.analysis.world import CALL_STRING, World
from lint_lambda.core import ir
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.verdict import Place

EVERYTHING = {"builtins.Exception", "builtins.BaseException"}
"""Exception classes whose handlers catch whatever happens."""

LOOP_ROUNDS = 3
"""Rounds of a loop's body: one to see what it launches, one to see it launched before, one for variables to settle."""


class Execute(Evaluate):
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
        suspended = tuple(obj for obj in value if _suspended((obj,)))
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

    # --- simple statements ---------------------------------------------------------------------------------------

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
        if path is None:
            symbol = node.module if node.name in (None, "*") else f"{node.module}.{node.name}"
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

    # --- branches ------------------------------------------------------------------------------------------------

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

    # --- loops ---------------------------------------------------------------------------------------------------

    def _for(self, node: ir.For, frame: Frame) -> None:
        iterable = self.expression(node.iterable, frame)
        elements = self.elements(iterable, frame) or self.universe.unknown
        if frame.state is None:
            return

        def bind() -> Snapshot | None:
            self.assign(node.target, elements, frame)
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
        def test() -> Snapshot | None:
            self._polling = True
            then, otherwise, _ = self.branches(node.test, frame)
            self._polling = False
            frame.resume(then)
            return otherwise

        self._loop(node.body, node.orelse, frame, test, endless=True)

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
        for item in frame.exits[exits_before:]:
            item.state = self._unswept(loop, entry.state, item.state)
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

    # --- exceptions ----------------------------------------------------------------------------------------------

    def _try(self, node: ir.Try, frame: Frame) -> None:
        depth = len(frame.finals)
        if node.final:
            frame.finals = [*frame.finals, lambda: self.block(node.final, frame)]
        entry = frame.snapshot()
        assert entry is not None
        edges: list[Edge] = []
        frame.tries.append(edges)
        self.block(node.body, frame)
        frame.tries.pop()
        after_body = frame.snapshot()
        self.block(node.orelse, frame)
        ends = [frame.snapshot()]
        if node.catches:
            if not edges:
                # Anything can raise. What it costs is not known, so nothing is said to be left pending by it.
                edges = [Edge(entry.state if after_body is None else after_body.state)]
            for catch in node.catches:
                frame.resume(self._at_catch(entry, after_body, self._caught(catch, edges, frame)))
                if catch.name is not None and frame.state is not None:
                    self.assign(catch.name, self.universe.unknown, frame)
                self.block(catch.body, frame)
                ends.append(frame.snapshot())
        elif edges and not node.final:
            for edge in edges:
                frame.raise_as(edge)
        frame.finals = frame.finals[:depth]
        if node.final:
            if edges and not node.catches:
                frame.resume(self._at_catch(entry, after_body, [edge.state for edge in edges]))
                self.block(node.final, frame)
                if frame.state is not None:
                    frame.raise_edge(frame.state, explicit=True)
            frame.resume(merge(ends))
            if frame.state is not None:
                self.block(node.final, frame)
        else:
            frame.resume(merge(ends))

    def _caught(self, catch: ir.Catch, edges: list[Edge], frame: Frame) -> list[State]:
        """The states in which exceptions reach `catch`.

        A handler that names its exception was written because that happens in this very block. One for everything, or
        around a whole call, catches what we only suppose may happen, too, but hardly was written for it: there the
        launch is only in doubt.
        """
        named = set() if catch.types is None else self._exception_names(catch.types, frame)
        out: list[State] = []
        for edge in edges:
            if not edge.explicit and (edge.remote or not named or named & EVERYTHING):
                out.append({key: algebra.doubt_all(entries, "unlikely", None) for key, entries in edge.state.items()})
            elif not edge.explicit or not edge.raises or named & set(edge.raises):
                out.append(edge.state)
            elif not named or named & EVERYTHING:
                state = dict(edge.state)
                for key in edge.keys:
                    state[key] = algebra.doubt_all(algebra.get(state, key), "may-join-long", edge.place)
                out.append(state)
        return out

    def _exception_names(self, types: ir.Expr, frame: Frame) -> set[str]:
        value = self.expression(types, frame)
        objs = [
            held for obj in value for held in (self.elements((obj,), frame) if isinstance(obj, Container) else (obj,))
        ]
        return {self.models.canonical(obj.symbol) if isinstance(obj, External) else "?" for obj in objs}

    @staticmethod
    def _at_catch(entry: Snapshot, after_body: Snapshot | None, states: list[State]) -> Snapshot | None:
        merged = merge((entry, after_body))
        if merged is None or not states:
            return None
        return Snapshot(merged.env, algebra.join(*states))

    # --- context managers ----------------------------------------------------------------------------------------

    def _with(self, node: ir.With, frame: Frame) -> None:
        self._with_items(node.items, node.body, node.site, frame)

    def _with_items(self, items: tuple[ir.WithItem, ...], body: ir.Block, site: ir.Site, frame: Frame) -> None:
        if not items:
            self.block(body, frame)
            return
        item, rest = items[0], items[1:]
        manager = self.expression(item.manager, frame)
        if frame.state is None:
            return
        generated = [obj for obj in manager if isinstance(obj, Suspended) and obj.kind == "manager"]
        if generated:
            self._with_generator(generated[0], item, lambda: self._with_items(rest, body, site, frame), frame)
            return
        entered = self.enter(manager, site, frame)
        if item.target is not None:
            self.assign(item.target, entered, frame)
        depth = len(frame.finals)

        def leave() -> None:
            self.leave(manager, site, frame)

        frame.finals = [*frame.finals, leave]
        edges: list[Edge] = []
        frame.tries.append(edges)
        self._with_items(rest, body, site, frame)
        frame.tries.pop()
        frame.finals = frame.finals[:depth]
        after = frame.snapshot()
        for edge in edges:
            frame.state = edge.state
            leave()
            if frame.state is not None:
                frame.raise_as(replace(edge, state=frame.state))
        frame.resume(after)
        if frame.state is not None:
            leave()

    def enter(self, manager: Value, site: ir.Site, frame: Frame) -> Value:
        out: list[Value] = []
        for obj in manager:
            if isinstance(obj, Instance):
                entering = union(*(self.class_member(self.mro(obj.type), name) for name in ("__enter__", "__aenter__")))
                if not entering:
                    entering = self._library_hook(obj, ("__enter__", "__aenter__"))
                if entering:
                    receiver: list[Value] = [] if isinstance(entering[0], Bound) else [(obj,)]
                    value = self.call(entering, Args(receiver), site, frame)
                    out.append(self.wait_for(value, site, frame) if _suspended(value) else value)
                    continue
            out.append((obj,))
        return union(*out) or self.universe.unknown

    def _library_hook(self, obj: Instance, names: tuple[str, ...]) -> Value:
        """The modelled enter or exit method of a library's context manager."""
        for name in names:
            symbol = self.library_member(obj, name)
            if symbol is not None and self.models.of(symbol):
                return (self.universe.make(Bound, obj, self.universe.external(symbol)[0]),)
        return NOTHING

    def leave(self, manager: Value, site: ir.Site, frame: Frame) -> None:
        for obj in manager:
            if not isinstance(obj, Instance) or frame.state is None:
                continue
            leaving = union(*(self.class_member(self.mro(obj.type), name) for name in ("__exit__", "__aexit__")))
            hook = self._library_hook(obj, ("__exit__", "__aexit__"))
            if hook:
                value = self.call(hook, Args(), site, frame)
                if _suspended(value):
                    self.wait_for(value, site, frame)
            if leaving:
                none = self.universe.const(None)
                value = self.call(leaving, Args([(obj,), none, none, none]), site, frame)
                if _suspended(value):
                    self.wait_for(value, site, frame)
            for pushed in self.world.load(obj, "<at exit>"):
                value = self.call((pushed,), Args(), site, frame)
                if _suspended(value):
                    self.wait_for(value, site, frame)
            entered = self.world.load(obj, "<entered>")
            if entered:
                self.leave(entered, site, frame)
            self.end_scope(obj, frame)

    def _with_generator(self, manager: Suspended, item: ir.WithItem, body: Callable[[], None], frame: Frame) -> None:
        """A manager made from a generator function: its code runs around the body, which takes the ``yield``'s place."""
        callee, args = self._suspended[manager.base]
        while isinstance(callee, Bound):
            args = args.with_first((callee.receiver,))
            callee = callee.function
        if not isinstance(callee, FunctionObj) or len(self.world.reading) > 40:
            body()
            return
        bound = self._bind_parameters(callee, args, frame)
        canonical = tuple((name, self._canonical(value)) for name, value in bound.items())
        sites = (*frame.activation.sites, manager.alloc.place)[-CALL_STRING:]
        activation = self.world.activation(callee, canonical, sites)
        inner = Frame(activation, callee.path, callee.function.qualname, dict(bound))
        inner.state = frame.state
        inner.paths = frame.paths
        ran = False
        exits_before = len(frame.exits)

        def at_yield(value: Value) -> None:
            nonlocal ran
            if ran:
                return
            ran = True
            frame.state = inner.state
            if item.target is not None:
                self.assign(item.target, value, frame)
            edges: list[Edge] = []
            frame.tries.append(edges)
            body()
            frame.tries.pop()
            for edge in edges:
                inner.raise_as(edge)
            left = [exit_.state for exit_ in frame.exits[exits_before:]]
            inner_state = [state for state in (frame.state, *left) if state is not None]
            inner.state = algebra.join(*inner_state) if inner_state else None

        inner.on_yield = at_yield
        self.block(callee.function.body, inner)
        states = [exit_.state for exit_ in inner.exits]
        if inner.state is not None:
            states.append(inner.state)
        for edge in inner.raised:
            frame.raise_as(edge)
        frame.signals.update(inner.signals)
        frame.waits.update(inner.waits)
        after = algebra.join(*states) if states else None
        for exit_ in frame.exits[exits_before:]:
            if after is not None:
                exit_.state = after
        frame.state = after if frame.state is not None or not ran else None


def _suspended(value: Value) -> bool:
    return any(isinstance(obj, Suspended) for obj in value)


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


__all__ = ["NOTHING", "Alloc", "Const", "Execute", "External"]
