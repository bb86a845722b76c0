"""Library calls that hand something on: what they were given, a callable to be called, something to be run or left."""

from __future__ import annotations

from dataclasses import replace

from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.launches import Launches
from lint_lambda.analysis.objects import ANY_ELEMENT, slot
from lint_lambda.analysis.values import (
    NOTHING,
    Alloc,
    Bound,
    ClassObj,
    Const,
    Container,
    FunctionObj,
    Identity,
    Instance,
    Managed,
    Memoised,
    Memoiser,
    Obj,
    Partial,
    Provided,
    Suspended,
    Unknown,
    Value,
    union,
)
from lint_lambda.core import ir
from lint_lambda.knowledge import verbs as m


class Handing(Launches):
    """Passthroughs, callbacks, and calls that run what they are given to its end."""

    # --- left to subclasses --------------------------------------------------------------------------------------

    def enter(self, manager: Value, site: ir.Site, frame: Frame) -> Value:
        """Enter a context manager whose exit happens elsewhere (an exit stack)."""
        raise NotImplementedError

    def wait_for(self, value: Value, site: ir.Site, frame: Frame) -> Value:
        """``await value``."""
        raise NotImplementedError

    def serve(self, served: Value, site: ir.Site, frame: Frame) -> None:
        """An event comes to objects of libraries."""
        raise NotImplementedError

    def leave(self, manager: Value, site: ir.Site, frame: Frame) -> bool:
        """Exit a context manager; True when it swallows whatever exception it is given."""
        raise NotImplementedError

    # --- handing on ----------------------------------------------------------------------------------------------

    def _passthrough(
        self, model: m.PassthroughModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame
    ) -> Value:
        if model.decorator:
            function = args.positional[0] if args.positional else NOTHING
            if not model.parameterised and any(isinstance(obj, (FunctionObj, ClassObj)) for obj in function):
                if model.memoises:
                    return tuple(self.universe.make(Memoised, obj) for obj in function)
                return function
            return (self.universe.make(Memoiser if model.memoises else Identity),)
        values = [self.select(selector, receiver, args, NOTHING, frame) for selector in model.returns]
        if not model.collects:
            return union(*values)
        made = self.universe.make(Container, model.collects, Alloc(frame.path, site, frame.context))
        if model.collects == "dict":
            self.fill_dict(made, values[0], args.keywords)
        elif model.collects == "set":
            self.world.store(made, ANY_ELEMENT, union(*values))
        elif len(values) > 1:  # a tuple of results
            for position, value in enumerate(values):
                self.world.store(made, slot(position), value)
        elif values[0]:
            self.world.store(made, ANY_ELEMENT, values[0])
        return (made,)

    def _callback(self, model: m.CallbackModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame) -> Value:
        if any(self.holds(condition, receiver, args, frame) for condition in model.unless):
            return NOTHING
        work = self.select(model.work, receiver, args, NOTHING, frame)
        if model.method:
            work = self.attribute(work, model.method, frame) if work else NOTHING
        if not work:
            return NOTHING
        if model.moment == "provides":
            return tuple(self.universe.make(Provided, function) for function in work)
        if model.moment == "manager":
            return tuple(self.universe.make(Managed, function) for function in work)
        if model.args is not None and not model.args.elements:
            given, rest = self.spread(self.select(model.args, receiver, args, NOTHING, frame), frame)
            passed = Args(given, rest=rest)
        elif model.args is not None:
            passed = Args([self.select(model.args, receiver, args, NOTHING, frame)])
        else:
            start = max(model.work.position, 0) + 1 if model.work.base == "arg" else 0
            passed = replace(args, positional=args.positional[start:])
        if model.kwargs is not None:
            passed.keywords = self.keyword_spread(self.select(model.kwargs, receiver, args, NOTHING, frame))
        if model.passes is not None:
            passed = Args([self.select(model.passes, receiver, args, NOTHING, frame)])
        if model.moment == "serves":
            self.serve(work, site, frame)
            return NOTHING
        if model.moment == "leave":
            self.leave(work, site, frame)
            return NOTHING
        if model.moment == "wraps":
            made = self.universe.make(Partial, Alloc(frame.path, site, frame.context))
            self._suspended[made] = (work[0], passed)
            self.world.store(made, "<function>", work[:1])
            return (made,)
        if model.moment == "exit":
            if receiver is not None and all(self._is_manager(obj) for obj in work):
                self.world.store(receiver, "<entered>", work)
            elif receiver is not None:
                partial = self.universe.make(Partial, Alloc(frame.path, site, frame.context))
                if frame.loops:  # one of many: at the exit every one is called
                    work = self._any_of(work)
                    passed.positional = [self._any_of(value) for value in passed.positional]
                self._suspended[partial] = (work[0], passed)
                self.world.store(receiver, "<at exit>", (partial,))
            return NOTHING
        if model.moment == "enter":
            if receiver is not None:
                self.world.store(receiver, "<entered>", work)
            return self.enter(work, site, frame)
        result = self.call(work, passed, site, frame)
        if model.awaits and any(isinstance(made, Suspended) and made.kind == "coroutine" for made in result):
            result = self.wait_for(result, site, frame)
        if model.moment == "now":
            return result
        made_list = self.universe.make(Container, model.collects, Alloc(frame.path, site, frame.context))
        if not all(isinstance(obj, (Unknown, Const)) for obj in result):
            self.world.store(made_list, ANY_ELEMENT, result)
        return (made_list,)

    def _run_scope(self, model: m.ScopeModel, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame) -> Value:
        frame.serves |= model.serves
        if model.serves and receiver is not None:
            self.world.store(receiver, "<init served>", self.universe.const(True))
        if model.runs is None or frame.state is None:
            return NOTHING
        before = frame.state
        work = self.select(model.runs, receiver, args, NOTHING, frame)
        if model.calls:
            start = model.runs.position + 1 if model.runs.base == "arg" else 0
            work = self.call(work, replace(args, positional=args.positional[start:]), site, frame)
        result = self.wait_for(work, site, frame)
        if not any(self.holds(condition, receiver, args, frame) for condition in model.unless):
            self.end_loop(model, before, frame)
        return result

    def _is_manager(self, obj: Obj) -> bool:
        """Whether an exit stack exits this object, and does not call it."""
        return isinstance(obj, Instance) and not self.class_member(self.mro(obj.type), "__call__")

    def _any_of(self, value: Value) -> Value:
        """`value`, made in a loop, as any of those that the rounds of the loop make."""
        out: set[Obj] = set()
        for obj in value:
            if isinstance(obj, Bound):
                obj = self.universe.make(Bound, self.universe.in_mode(obj.receiver, "all"), obj.function)
            out.add(self.universe.in_mode(obj, "all"))
        return tuple(sorted(out))
