"""Functions around whose calls a library does something: those that its decorators were given."""

from __future__ import annotations

from dataclasses import replace
from typing import Union

from lint_lambda.analysis.algebra import Edge, State
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.libraries import Libraries
from lint_lambda.analysis.values import NOTHING, Alloc, Bound, Decorated, External, Obj, Partial, Value
from lint_lambda.core import ir
from lint_lambda.knowledge import verbs as m

_Model = Union[m.JoinModel, m.CallbackModel, m.ScopeModel]


class Decorating(Libraries):
    """Decorates, and calls what was decorated."""

    def call_library(
        self, symbol: str, receiver: Obj | None, args: Args, site: ir.Site, frame: Frame, decorates: bool
    ) -> Value:
        decorators = self._decorators(symbol)
        if not decorators:
            return super().call_library(symbol, receiver, args, site, frame, decorates)
        decorator: Obj = self.universe.external(self.models.canonical(symbol))[0]
        if receiver is not None:
            decorator = self.universe.make(Bound, receiver, decorator)
        selector = decorators[0].decorates
        functions = NOTHING if selector is None else self.select(selector, receiver, args, NOTHING, frame)
        if not functions:  # called with other arguments only, it waits for the function
            return (self._partial(decorator, args, site, frame),)
        made = [
            self.universe.make(Decorated, function, decorator, Alloc(frame.path, site, frame.context))
            for function in functions
        ]
        self._suspended.update(dict.fromkeys(made, (decorator, args)))
        return tuple(made)

    def call_decorated(self, obj: Decorated, args: Args, site: ir.Site, frame: Frame) -> Value:
        """Call the function, with what its decorator does before and after it, or in its place."""
        decorator, given = self._suspended[obj.base]
        receiver = decorator.receiver if isinstance(decorator, Bound) else None
        function = decorator.function if isinstance(decorator, Bound) else decorator
        assert isinstance(function, External)
        models = self._decorators(function.symbol)
        callbacks = [model for model in models if isinstance(model, m.CallbackModel)]
        if any(model.moment == "middleware" for model in callbacks):
            return (self._partial(obj.function if args.positional else obj, args, site, frame),)
        for model in models:
            if isinstance(model, m.CallbackModel) or (isinstance(model, m.ScopeModel) and model.runs is not None):
                self._model(model, function.symbol, receiver, given, site, frame)
        before = frame.state
        edges: list[Edge] = []
        frame.tries.append(edges)
        result = self.call((obj.function,), args, site, frame)
        frame.tries.pop()
        if before is None:
            return result
        after = frame.state
        for edge in edges:
            frame.state = edge.state
            self._end(models, receiver, given, before, site, frame)
            frame.raise_as(replace(edge, state=frame.state))
        frame.state = after
        self._end(models, receiver, given, before, site, frame)
        return result

    def _end(
        self,
        models: tuple[_Model, ...],
        receiver: Obj | None,
        given: Args,
        before: State,
        site: ir.Site,
        frame: Frame,
    ) -> None:
        """Do what a decorator does as the function ends, in this state."""
        for model in models:
            if isinstance(model, m.JoinModel):
                self._join_model(model, receiver, given, site, frame)
            elif isinstance(model, m.ScopeModel) and model.around is not None:
                self.end_around(self.select(model.around, receiver, given, NOTHING, frame), before, frame)

    def _partial(self, callee: Obj, args: Args, site: ir.Site, frame: Frame) -> Partial:
        made = self.universe.make(Partial, Alloc(frame.path, site, frame.context))
        self._suspended[made] = (callee, args)
        self.world.store(made, "<function>", (callee,))
        return made

    def _decorators(self, symbol: str) -> tuple[_Model, ...]:
        """What the models say of a call that is a decorator."""
        known = self.models.of(self.models.canonical(symbol))
        return tuple(
            model
            for model in known
            if isinstance(model, (m.JoinModel, m.CallbackModel, m.ScopeModel)) and model.decorates is not None
        )
