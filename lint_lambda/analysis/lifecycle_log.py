"""What is called where: the record that the checks of a sandbox's life read when a handler has been followed.

The interpreter keeps no calls, only what they do to the state of launches. How an extension serves its events is a question
about the shape of its code instead, and needs to know which function each call in it leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lint_lambda.analysis import algebra
from lint_lambda.analysis.algebra import INITIAL, Launch
from lint_lambda.analysis.frame import Args, Frame
from lint_lambda.analysis.values import Bound, Const, Container, External, Obj, Unknown, Value
from lint_lambda.analysis.world import World
from lint_lambda.core.ir import Site
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.verbs import EndpointModel, LaunchModel, ShutdownModel

_QUIET = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "write"})
"""Methods that only tell what is requested."""

DEEPEST_TEXT = 6


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call expression in one activation of the function around it."""

    context: int
    place: Place


@dataclass(slots=True)
class Gate:
    """What an extension waits for before it asks for the next event; a handler opens it by signalling.

    - `key`: the state's key of its being shut; `launch`: the wait, as the finding shows it.
    - `sentinel`: the values that end the wait; empty when any signal does.
    """

    key: Obj
    launch: Launch
    sentinel: Value = ()

    def opened_by(self, value: Value) -> bool:
        """Whether signalling with `value` ends the wait. A value we do not know is taken for the right one."""
        return not self.sentinel or any(obj in self.sentinel or isinstance(obj, Unknown) for obj in value)


@dataclass(slots=True)
class Log:
    """- `calls`: callee and arguments of each call; `applied`: the activations that it ran.
    - `requested`: the requests to Lambda's APIs among them, by what they mean; `shutdowns`: what is set for a shutdown.
    - `gates`: by the object that signals them.
    - `polling`: activations in which the runtime asks for the next invocation, directly or through a call.
    - `frozen`: by the call that asked, what its loop had launched and not waited for; True where it may have.
    """

    calls: dict[CallSite, tuple[Value, Args]] = field(default_factory=dict)
    applied: dict[CallSite, dict[int, None]] = field(default_factory=dict)
    requested: dict[str, dict[CallSite, EndpointModel]] = field(default_factory=dict)
    shutdowns: dict[CallSite, tuple[ShutdownModel, Args]] = field(default_factory=dict)
    gates: dict[Obj, Gate] = field(default_factory=dict)
    polling: dict[int, None] = field(default_factory=dict)
    frozen: dict[CallSite, dict[Launch, bool]] = field(default_factory=dict)
    _at: dict[Place, dict[CallSite, None]] = field(default_factory=dict)
    _ran_by: dict[int, dict[int, None]] = field(default_factory=dict)

    def called(self, callee: Value, args: Args, site: Site, frame: Frame) -> None:
        here = CallSite(frame.context, Place(frame.path, site))
        self.calls[here] = (callee, args)
        self._at.setdefault(here.place, {})[here] = None

    def ran(self, activation: int, site: Site, frame: Frame) -> None:
        here = CallSite(frame.context, Place(frame.path, site))
        self.applied.setdefault(here, {})[activation] = None
        self._ran_by.setdefault(frame.context, {})[activation] = None
        self._at.setdefault(here.place, {})[here] = None

    def set_for_shutdown(self, model: ShutdownModel, args: Args, site: Site, frame: Frame) -> None:
        self.shutdowns[CallSite(frame.context, Place(frame.path, site))] = (model, args)

    def run_at(self, place: Place) -> list[int]:
        """The activations that the calls at `place` ran, in whatever context."""
        return list(dict.fromkeys(number for here in self._at.get(place, ()) for number in self.applied.get(here, ())))

    def at(self, place: Place) -> list[CallSite]:
        """The calls recorded at `place`."""
        return [here for here in self._at.get(place, ()) if here in self.calls]

    def reached(self, start: Iterable[int]) -> set[int]:
        """`start`, and every activation that these run in the end."""
        seen: set[int] = set()
        pending = list(start)
        while pending:
            number = pending.pop()
            if number not in seen:
                seen.add(number)
                pending.extend(self._ran_by.get(number, ()))
        return seen

    def callers(self, activation: int) -> list[CallSite]:
        return [here for here, numbers in self.applied.items() if activation in numbers]

    def freeze(self, site: Site, frame: Frame) -> None:
        """The runtime asks for the next invocation here: what its loop has launched and not waited for is frozen."""
        self.polling[frame.context] = None
        if not frame.loops or frame.state is None:
            return
        before = frame.loops[0].entry
        found: dict[Launch, bool] = {}
        for key, entries in frame.state.items():
            pending = [entry for entry in entries - before.get(key, frozenset()) if entry.status == "pending"]
            doubtful = len(pending) < len(entries - {INITIAL})
            for entry in pending:
                if entry.launch is not None and entry.doubt in ("", *algebra.LIKELY):
                    found[entry.launch] = found.get(entry.launch, True) and (doubtful or entry.doubt != "")
        self.frozen[CallSite(frame.context, Place(frame.path, site))] = found


class Requests:
    """Recognises requests to Lambda's own APIs in the calls of a log."""

    def __init__(self, world: World, log: Log) -> None:
        self._world = world
        self._log = log
        self._endpoints = world.models.endpoints
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

    @staticmethod
    def only_tells(callee: Value) -> bool:
        """Whether the callee only logs or prints what it is given, or is a text's own method."""
        return any(_only_tells(obj) for obj in callee)

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
                for name in self._world.fields(obj):
                    yield from self.texts(self._world.load(obj, name), depth + 1)
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


def _only_tells(obj: Obj) -> bool:
    if isinstance(obj, Bound):
        return isinstance(obj.receiver, Const) or _only_tells(obj.function)
    if isinstance(obj, External):
        return obj.symbol.rsplit(".", 1)[-1] in _QUIET or obj.symbol.startswith("builtins.")
    return isinstance(obj, Unknown) and obj.term[0] == "attr" and obj.term[-1] in _QUIET


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
