"""Recognises requests to Lambda's own APIs in the calls that a log records."""

from __future__ import annotations

from collections.abc import Iterator

from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.log import CallSite, Log
from lint_lambda.analysis.domain.values import Bound, Const, Container, External, Obj, Unknown, Value
from lint_lambda.analysis.domain.world import World
from lint_lambda.core.ir import Site
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.conventions import load_conventions
from lint_lambda.knowledge.tables import EndpointModel
from lint_lambda.knowledge.verbs import LaunchModel

DEEPEST_TEXT = 6


class Requests:
    """Recognises requests to Lambda's own APIs in the calls of a log."""

    def __init__(self, world: World, log: Log) -> None:
        self._world = world
        self._log = log
        self._endpoints = world.models.endpoints
        self._tells = load_conventions().tells
        self._read = 0
        self._spoken_of = False

    def possible(self) -> bool:
        """Whether any text met so far speaks of one of the APIs: most programs never do, and need not be searched."""
        texts = self._world.universe.texts
        while not self._spoken_of and self._read < len(texts):
            text = texts[self._read].rstrip("/")
            self._spoken_of = any(text.endswith(endpoint.path) for endpoint in self._endpoints)
            self._read += 1
        return self._spoken_of

    def endpoint(self, callee: Value, args: Args, prepared: bool = False) -> EndpointModel | None:
        """The endpoint that a call requests, by the end of one of its arguments.

        `prepared`: or by that of a call which made one of them, a request object.
        """
        if not self.possible() or self.only_tells(callee):
            return None
        for value in (*args.positional, *args.keywords.values()):
            for text in self._addresses(value):
                for endpoint in self._endpoints:
                    if text.rstrip("/").endswith(endpoint.path):
                        return endpoint
            for obj in value if prepared else ():
                for made_by, given in self._making(obj):
                    endpoint_before = self.endpoint(made_by, given)
                    if endpoint_before is not None:
                        return endpoint_before
        return None

    def only_tells(self, callee: Value) -> bool:
        """Whether the callee only logs or prints what it is given, or is a text's own method."""
        return any(self._only_tells(obj) for obj in callee)

    def _only_tells(self, obj: Obj) -> bool:
        if isinstance(obj, Bound):
            return isinstance(obj.receiver, Const) or self._only_tells(obj.function)
        if isinstance(obj, External):
            return obj.symbol.rsplit(".", 1)[-1] in self._tells or self._world.semantics.is_own(obj.symbol)
        return isinstance(obj, Unknown) and obj.term[0] == "attr" and obj.term[-1] in self._tells

    def noted(self, callee: Value, args: Args, site: Site, frame: Frame) -> str:
        """Note the request that a call is; returns what it means, or nothing."""
        endpoint = self.endpoint(callee, args)
        if endpoint is None:
            return ""
        here = CallSite(frame.context, Place(frame.path, site))
        self._log.requested.setdefault(endpoint.means, {})[here] = endpoint
        return endpoint.means

    def _addresses(self, value: Value) -> Iterator[str]:
        """The texts that an argument may be; of ``"…".format(…)`` the format."""
        for obj in value:
            text = _text(obj)
            if text is not None:
                yield text
            for callee, _ in self._making(obj):
                for made_by in callee:
                    if isinstance(made_by, Bound) and isinstance(made_by.receiver, Const):
                        yield from filter(None, [_text(made_by.receiver)])

    def texts(self, value: Value, depth: int = 0) -> Iterator[str]:
        """Every text in a value, however deep in containers or in the arguments of the calls that made it."""
        if depth > DEEPEST_TEXT:
            return
        for obj in value:
            text = _text(obj)
            if text is not None:
                yield text
            elif isinstance(obj, Container):
                for element in self._world.heap.elements(obj):
                    yield from self.texts(self._world.heap.load(obj, element), depth + 1)
            for callee, args in self._making(obj):
                yield from self.texts(args.every(), depth + 1)
                for made_by in callee:
                    if isinstance(made_by, Bound):
                        yield from self.texts((made_by.receiver,), depth + 1)
                    elif isinstance(made_by, Unknown) and made_by.term[0] == "attr":
                        base = self._world.universe.make(Unknown, made_by.term[1])
                        yield from self.texts((base,), depth + 1)

    def _making(self, obj: Obj) -> Iterator[tuple[Value, Args]]:
        """The calls that an unknown value is the result of."""
        if isinstance(obj, Unknown) and len(obj.term) >= 3 and obj.term[0] == "call" and isinstance(obj.term[2], int):
            for here in self._log.at(Place(obj.term[1], obj.term[2])):
                yield self._log.calls[here]


def _text(obj: Obj) -> str | None:
    if isinstance(obj, Const) and isinstance(obj.value, str):
        return obj.value
    if isinstance(obj, Unknown) and obj.term[0] == "text":
        return str(obj.term[1])
    return None


def launches(callee: Value, world: World) -> bool:
    """Whether calling this starts work beside its caller."""
    for obj in callee:
        while isinstance(obj, Bound):
            obj = obj.function
        if isinstance(obj, External):
            models = world.models.of(world.models.canonical(obj.symbol))
            if any(isinstance(model, LaunchModel) for model in models):
                return True
    return False
