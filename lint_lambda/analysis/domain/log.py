"""What is called where: the record that the checks of a sandbox's life read when a handler has been followed.

The interpreter keeps no calls, only what they do to the state of launches. How an extension serves its events is a question
about the shape of its code instead, and needs to know which function each call in it leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.launch_state import INITIAL, LIKELY, Edge, Launch, State, join_edges
from lint_lambda.analysis.domain.values import Obj, Unknown, Value
from lint_lambda.core.ir import Site
from lint_lambda.core.record import dataclass, field
from lint_lambda.core.verdict import Place
from lint_lambda.knowledge.tables import EndpointModel
from lint_lambda.knowledge.verbs import ShutdownModel


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


@dataclass(frozen=True, slots=True)
class Thrown:
    """How work that begins with its call is left by exceptions: the `edges`, and of what they leave pending what it has `waited`
    for elsewhere.
    """

    edges: tuple[Edge, ...]
    waited: State

    @classmethod
    def out_of(cls, frame: Frame) -> Thrown:
        """What leaves the work on this frame, which has come to its end."""
        edges = join_edges(frame.raised)
        left = {key for edge in edges for key, entries in edge.state.items() if launch_state.pending(entries)}
        waited = {
            key: found
            for key, entries in (frame.state or {}).items()
            if key in left and (found := frozenset(each for each in entries if each.status == "clear" and each.launch))
        }
        return cls(edges, waited)


@dataclass(slots=True)
class Log:
    """- `calls`: callee and arguments of each call; `applied`: the activations that it ran.
    - `requested`: the requests to Lambda's APIs among them, by what they mean; `shutdowns`: what is set for a shutdown.
    - `gates`: by the object that signals them.
    - `polling`: activations in which the runtime asks for the next invocation, directly or through a call.
    - `beside`: the handles of the work that is being followed beside its caller, innermost last.
    - `unseen`: how many calls are being followed of functions that code which is not analysed calls, whenever it likes.
    - `settled`: how often one of those has said that something is done.
    - `unfinished`: what handles leave behind that give up as soon as some of the work that they wait for fails.
    - `thrown`: of work that begins with its call, and goes on beside its caller.
    - `frozen`: by the call that asked, what its loop had launched and not waited for; True where it may have.
    """

    calls: dict[CallSite, tuple[Value, Args]] = field(default_factory=dict)
    applied: dict[CallSite, dict[int, None]] = field(default_factory=dict)
    requested: dict[str, dict[CallSite, EndpointModel]] = field(default_factory=dict)
    shutdowns: dict[CallSite, tuple[ShutdownModel, Args]] = field(default_factory=dict)
    gates: dict[Obj, Gate] = field(default_factory=dict)
    polling: dict[int, None] = field(default_factory=dict)
    frozen: dict[CallSite, dict[Launch, bool]] = field(default_factory=dict)
    unseen: int = 0
    settled: int = 0
    unfinished: dict[Obj, Launch] = field(default_factory=dict)
    thrown: dict[Obj, Thrown] = field(default_factory=dict)
    beside: Value = ()
    _at: dict[Place, dict[CallSite, None]] = field(default_factory=dict)
    _ran_by: dict[int, dict[int, None]] = field(default_factory=dict)

    @contextmanager
    def running(self, handle: Obj) -> Iterator[None]:
        """Within it the work of `handle` is followed."""
        outer, self.beside = self.beside, (*self.beside, handle)
        try:
            yield
        finally:
            self.beside = outer

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
                if entry.launch is not None and entry.doubt in ("", *LIKELY):
                    found[entry.launch] = found.get(entry.launch, True) and (doubtful or entry.doubt != "")
        self.frozen[CallSite(frame.context, Place(frame.path, site))] = found
