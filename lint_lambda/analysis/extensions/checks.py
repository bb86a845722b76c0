"""Extensions inside the function's process: what they wait for, and how an invocation, a task or a shutdown breaks them.

Lambda does not freeze a sandbox before every extension in it has asked for the next event. So a thread that asks only when
the work handed to it is done makes that work safe, if it holds to four things: it registers at import and for INVOKE only; each
invocation lets it go on, also one that hands over nothing or raises; a task that raises does not end it; and at a shutdown,
which an extension of this kind is told of by SIGTERM alone, it does what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lint_lambda.analysis.domain import launch_state
from lint_lambda.analysis.domain.frame import Args, Frame
from lint_lambda.analysis.domain.launch_state import Entries, Entry, Launch, State
from lint_lambda.analysis.domain.log import CallSite, Gate
from lint_lambda.analysis.domain.values import (
    NOTHING,
    Alloc,
    Bound,
    External,
    Instance,
    Obj,
    Unknown,
    Value,
    union,
)
from lint_lambda.analysis.extensions.counting import most_signals
from lint_lambda.analysis.extensions.walk import Step, Walk
from lint_lambda.analysis.library.call import asking
from lint_lambda.analysis.library.join import doubt_of
from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import dataclass
from lint_lambda.core.verdict import Handler, Place, Reason, Verdict
from lint_lambda.knowledge import tables
from lint_lambda.knowledge import verbs as m

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine

_SHUT = "<extension waits>"

Exits = list[tuple[Place | None, State]]


@dataclass(frozen=True, slots=True)
class Wait:
    """A step that waits for `objects` to be signalled: without a limit, with a long one, or hardly at all.

    `latches`: it goes on if they are signalled, whatever else is true; waiting on a condition asks for more.
    """

    step: Step
    objects: tuple[Obj, ...]
    doubt: launch_state.Doubt
    latches: bool


@dataclass(frozen=True, slots=True)
class Extension:
    """A worker that polls: its launch, the steps of the loop in which it does, and what it waits for there.

    `gate` is what each invocation must open, `gated` where it waits for it; both None when it never waits without a limit.
    """

    launch: Launch
    roots: tuple[int, ...]
    poll: Step
    steps: tuple[Step, ...]
    waits: tuple[Wait, ...]
    gated: Wait | None
    gate: Gate | None

    @property
    def holds_on(self) -> bool:
        """Whether it lets the sandbox freeze only when what it was handed is done; or it was handed nothing."""
        return not self.waits or any(wait.doubt not in launch_state.LIKELY for wait in self.waits)

    @property
    def takes_one(self) -> bool:
        """Whether it takes just one item for each event."""
        gated = self.gated
        if gated is None or gated.step.loops != self.poll.loops:
            return False
        return not any(
            wait.step.loops != self.poll.loops and set(wait.objects) & set(gated.objects) for wait in self.waits
        )


class Lifecycle:
    """Recognises extensions, shuts their gates before a handler is called, and says afterwards what is wrong."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._world = machine.world
        self._log = machine.log
        self._extensions: list[Extension] = []

    # --- before the handler ----------------------------------------------------------------------------------------------

    def shut(self, imported: State) -> State:
        """The state in which a handler is called whose import left `imported`: every extension waits for it."""
        self._extensions = self._recognise(imported)
        known = len(self._log.gates)
        state = dict(imported)
        for extension in self._extensions:
            if extension.gate is not None and extension.gated is not None:
                state[extension.gate.key] = frozenset({Entry("pending", extension.gate.launch)})
                for obj in extension.gated.objects:
                    self._log.gates[obj] = extension.gate
        if len(self._log.gates) > known:
            self._world.stale.update(self._world.summaries)  # what has been followed did not know of the gate
        return state

    def _recognise(self, state: State) -> list[Extension]:
        if not self._log.requested.get("next-event"):
            return []
        found = (self._extension(launch) for launch in _launches(state))
        return [extension for extension in found if extension is not None]

    def _extension(self, launch: Launch) -> Extension | None:
        roots = self._log.run_at(launch.place)
        for root in roots:
            walk = Walk(self._machine, self._is_taking).walk(root)
            for poll in walk.steps:
                if poll.loops and self._means(poll.callee, poll.args, "next-event"):
                    return self._described(launch, tuple(roots), poll, walk)
        return None

    def _described(self, launch: Launch, roots: tuple[int, ...], poll: Step, walk: Walk) -> Extension:
        depth = len(poll.loops)
        steps = tuple(step for step in walk.steps if step.loops[:depth] == poll.loops)
        waits = tuple(wait for step in steps for wait in self._waits(step, depth))
        gated = next((wait for wait in waits if wait.doubt == "" and wait.latches), None)
        gate = None
        if gated is not None:
            here = gated.step.here
            key = self._world.universe.make(
                Instance,
                self._world.universe.external(_SHUT)[0],
                Alloc(here.place.path, here.place.site, 0),
            )
            blocked = Launch(here.place, "extension", _symbol(gated.step.callee), launch.label, gated.step.function)
            sentinel: Value = NOTHING
            if len(gated.step.loops) > depth:
                values = [value for loops, value in walk.compared if loops[: len(gated.step.loops)] == gated.step.loops]
                if not any(obj in self._world.universe.unknown for value in values for obj in value):
                    sentinel = union(*values)
            gate = Gate(key, blocked, sentinel)
        return Extension(launch, roots, poll, steps, waits, gated, gate)

    def _waits(self, step: Step, depth: int) -> Iterator[Wait]:
        """What a step waits for. `depth`: of the loop that polls; a loop in it that looks again and again is a wait, too."""
        callee, args = step.callee, step.args
        if args.positional and any(
            isinstance(obj, External) and obj.symbol == self._machine.semantics.repeats for obj in callee
        ):
            callee, args = args.positional[0], Args()  # it calls that until it gets the sentinel
        for obj in callee:
            if not isinstance(obj, Bound) or not isinstance(obj.function, External):
                continue
            for model in self._world.models.of(self._world.models.canonical(obj.function.symbol)):
                if isinstance(model, m.JoinModel) and model.of == "signal" and not model.poll:
                    frame = Frame(self._world.activations[step.here.context], step.here.place.path, step.function)
                    asked = asking(obj.receiver, frame, args)
                    target = self._machine.selectors.select(model.target, asked)
                    doubt = doubt_of(model.may_when, asked, self._machine)
                    if not doubt and step.asked.intersection(held.base for held in target):
                        doubt = "times-out-late" if len(step.loops) > depth + 1 else "times-out"
                    latches = model.latch or self._is_taking(step.callee, step.args)
                    yield Wait(step, tuple(held.base for held in target), doubt, latches)

    def _is_taking(self, callee: Value, args: Args) -> bool:
        """Whether a call gives something that was put where others wait for it."""
        if args.positional and any(
            isinstance(obj, External) and obj.symbol == self._machine.semantics.repeats for obj in callee
        ):
            callee = args.positional[0]
        symbols = [_symbol((obj,)) for obj in callee if isinstance(obj, Bound)]
        models = [model for symbol in symbols for model in self._world.models.of(self._world.models.canonical(symbol))]
        return any(isinstance(model, m.JoinModel) and model.of == "signal" for model in models) and any(
            isinstance(model, m.PassthroughModel) for model in models
        )

    # --- after the handler -----------------------------------------------------------------------------------------------

    def conclude(
        self, handler: Handler, state: State | None, raised: Iterable[State], exits: Exits
    ) -> tuple[list[Verdict], set[Place]]:
        """What is wrong with the extensions that `handler` uses, and the launches that are safe because of them.

        `state` is the one at its response (None: there is none), `raised` are those in which exceptions leave it.
        """
        imports, called = self._activations(handler)
        at_import = self._log.reached(imports)
        verdicts = list(self._registrations(handler, at_import, self._log.reached(called) - at_import))
        if handler.managed:
            return verdicts, set()  # there is no event that an extension could ask for
        final = {} if state is None else state
        safe = {extension.launch.place for extension in self._recognise(final) if extension.holds_on}
        for extension in self._extensions:
            if extension.gate is not None:
                safe.add(extension.gate.launch.place)
            if not extension.holds_on:
                continue
            ours = {obj for root in extension.roots for obj in self._touched(root)}
            shutdown = self._closure(self._at_shutdown(), final)
            for launch in _launches(final):
                if self._touched_by(launch) & (ours | shutdown):
                    safe.add(launch.place)
            verdicts += self._starved(extension, handler, final, list(raised), exits, called)
            verdicts += self._crashes(extension, handler)
            if extension.waits and not shutdown & ours:
                verdicts.append(_verdict(extension.launch, "extension-queue", Fate.NEVER_RUNS, handler, "no-drain"))
        return verdicts, safe

    def _activations(self, handler: Handler) -> tuple[list[int], list[int]]:
        """What Lambda runs: module bodies, and the handler."""
        ran = self._log.applied.get(CallSite(0, Place(handler.path, handler.place.site)), {})
        bodies = [n for n in ran if self._world.activations[n].callee.function.qualname == MODULE_BODY]
        return bodies, [number for number in ran if number not in bodies]

    # --- registering -----------------------------------------------------------------------------------------------------

    def _means(self, callee: Value, args: Args, means: tables.Meaning) -> bool:
        endpoint = self._machine.requests.endpoint(callee, args, prepared=True)
        return endpoint is not None and endpoint.means == means

    def _registrations(self, handler: Handler, at_import: set[int], late: set[int]) -> Iterator[Verdict]:
        for here, endpoint in self._log.requested.get("register", {}).items():
            if here.context not in at_import | late:
                continue
            asked = self._asking(here, endpoint)
            activation = self._world.activations[asked.context]
            symbol = _symbol(self._log.calls[asked][0]) or "register"
            launch = Launch(asked.place, "registration", symbol, "register", activation.callee.function.qualname)
            words = " ".join(text for site in {here, asked} for text in self._said(site))
            if handler.managed:
                if any(word in words for word in endpoint.refuses_managed):
                    yield _verdict(launch, "managed-registration", Fate.NEVER_RUNS, handler, "managed", Confidence.HIGH)
                continue
            if any(word in words for word in endpoint.refuses):
                yield _verdict(launch, "shutdown-registration", Fate.NEVER_RUNS, handler, "refused", Confidence.HIGH)
            if here.context in late:
                yield _verdict(launch, "late-registration", Fate.NEVER_RUNS, handler, "too-late", Confidence.HIGH)

    def _asking(self, here: CallSite, endpoint: tables.EndpointModel) -> CallSite:
        """The call that says it is this endpoint: that of a helper, if the path comes in through its parameters."""
        for _ in range(3):
            values = [value for _, value in self._world.activations[here.context].arguments if value]
            texts = {text.strip("/") for value in values for text in self._machine.requests.texts(value)}
            callers = self._log.callers(here.context)
            if not callers or not any(text and endpoint.path.endswith(text) for text in texts):
                break
            here = callers[0]
        return here

    def _said(self, here: CallSite) -> Iterator[str]:
        _, args = self._log.calls[here]
        return self._machine.requests.texts(args.every())

    # --- starving --------------------------------------------------------------------------------------------------------

    def _starved(
        self,
        extension: Extension,
        handler: Handler,
        state: State,
        raised: list[State],
        exits: Exits,
        called: list[int],
    ) -> Iterator[Verdict]:
        gate = extension.gate
        if gate is None or extension.gated is None:
            return
        entries: Entries = state.get(gate.key, frozenset())
        pending = launch_state.pending(entries)
        certain = [entry for entry in pending if entry.doubt == ""]
        if certain:
            left = next((place for place, at in exits if _is_shut(launch_state.get(at, gate.key))), None)
            confidence = Confidence.MEDIUM if len(pending) < len(entries) else Confidence.HIGH
            yield _verdict(gate.launch, "extension", Fate.BLOCKS, handler, "not-signalled", confidence, left)
        elif pending or any(launch_state.pending(at.get(gate.key, ())) for at in raised):
            yield _verdict(gate.launch, "extension", Fate.BLOCKS, handler, "raises-first")
        elif extension.takes_one and most_signals(self._machine, called, set(extension.gated.objects)) > 1:
            yield _verdict(gate.launch, "extension", Fate.FROZEN, handler, "lags")

    # --- crashing --------------------------------------------------------------------------------------------------------

    def _crashes(self, extension: Extension, handler: Handler) -> Iterator[Verdict]:
        """The first call in the loop that uses what was handed over and whose exception ends the loop."""
        for step in extension.steps:
            if not (step.runs or (step.uses and not step.followed)) or self._is_taking(step.callee, step.args):
                continue
            if self._machine.requests.only_tells(step.callee) or self._is_shielded(step, extension.poll):
                continue
            label = next(filter(None, map(self._machine.objects.qualname_of, step.callee)), "task")
            launch = Launch(step.here.place, "extension-task", _symbol(step.callee) or label, label, step.function)
            yield _verdict(launch, "extension-task", Fate.BLOCKS, handler, "uncaught")
            return

    @staticmethod
    def _is_shielded(step: Step, poll: Step) -> bool:
        depth = len(poll.loops)
        return any(
            shield.loops[:depth] == poll.loops
            and not (shield.ends and shield.loops == poll.loops and shield.activation == poll.loops[-1][0])
            for shield in step.shields
        )

    # --- shutting down ---------------------------------------------------------------------------------------------------

    def _at_shutdown(self) -> set[Obj]:
        """What the functions wait for or signal that are set for the end of the process."""
        found: set[Obj] = set()
        for here, (model, args) in self._log.shutdowns.items():
            if self._is_for(model, here, args):
                for number in self._log.applied.get(here, ()):
                    found |= self._touched(number)
        return found

    def _is_for(self, model: m.ShutdownModel, here: CallSite, args: Args) -> bool:
        frame = Frame(self._world.activations[here.context], here.place.path, "")
        selected = self._machine.selectors.select(model.signal, asking(None, frame, args))
        return any(isinstance(obj, Unknown) or _symbol((obj,)) == model.named for obj in selected)

    def _closure(self, objects: set[Obj], state: State) -> set[Obj]:
        """`objects`, and what the threads have to do with that signal one of them, and so on."""
        launches = list(_launches(state))
        while True:
            more = [self._touched_by(launch) for launch in launches]
            wider = objects.union(*(touched for touched in more if touched & objects))
            if wider == objects:
                return objects
            objects = wider

    def _touched(self, activation: int) -> set[Obj]:
        summary = self._world.summaries.get(activation)
        if summary is None:
            return set()
        joined = {key.base for key, entries in (summary.out or {}).items() if launch_state.is_clear(entries)}
        return {obj.base for obj in (*summary.effects.waits, *summary.effects.signals)} | joined

    def _touched_by(self, launch: Launch) -> set[Obj]:
        return {obj for number in self._log.run_at(launch.place) for obj in self._touched(number)}


def _launches(state: State) -> list[Launch]:
    found = {
        entry.launch: None
        for entries in state.values()
        for entry in entries
        if entry.status == "pending" and entry.launch is not None
    }
    return list(found)


def _is_shut(entries: Entries) -> bool:
    return any(entry.status != "clear" and entry.doubt == "" for entry in entries)


def _symbol(callee: Value) -> str:
    for obj in callee:
        while isinstance(obj, Bound):
            obj = obj.function
        if isinstance(obj, External):
            return obj.symbol
    return ""


def _verdict(
    launch: Launch,
    kind: str,
    fate: Fate,
    handler: Handler,
    reason: Reason,
    confidence: Confidence = Confidence.MEDIUM,
    abandoned_at: Place | None = None,
) -> Verdict:
    return Verdict(
        kind=kind,
        fate=fate,
        confidence=confidence,
        launch=launch.place,
        call=launch.call,
        label=launch.label,
        function=launch.function,
        handlers=(handler,),
        path=(),
        abandoned_at=abandoned_at,
        reason=reason,
    )
