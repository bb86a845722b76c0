"""Runtimes of one's own: a loop that asks for an event, answers it, and may work on before it asks for the next.

There the sandbox freezes at the request, not at a handler's return. So what the loop's functions launch is judged where they
ask, and handlers that the loop calls are not judged by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lint_lambda.analysis.domain.launch_state import Launch
from lint_lambda.analysis.domain.log import CallSite
from lint_lambda.core.finding import Confidence
from lint_lambda.core.verdict import Handler, Place, Verdict

if TYPE_CHECKING:
    from lint_lambda.analysis.interpreter.machine import Machine


class Runtimes:
    """What was frozen when the runtimes followed so far asked for their next events."""

    def __init__(self, machine: Machine) -> None:
        self._world = machine.world
        self._log = machine.log
        self._served: set[Place] = set()

    def calls(self, handler: Handler) -> bool:
        """Whether one of the runtimes calls this handler."""
        return handler.place in self._served

    def conclude(self, runtime: Handler) -> list[Verdict]:
        """The verdicts on what `runtime` leaves pending, once it has been followed."""
        ran = self._log.applied.get(CallSite(0, Place(runtime.path, runtime.place.site)), {})
        reached = self._log.reached(ran)
        for number in reached:
            callee = self._world.activations[number].callee
            self._served.add(Place(callee.path, callee.function.site))
        doubts: dict[Launch, list[bool]] = {}
        for here, found in self._log.frozen.items():
            if here.context in reached:
                for launch, doubtful in found.items():
                    doubts.setdefault(launch, []).append(doubtful)
        return [_verdict(launch, runtime, all(doubtful)) for launch, doubtful in doubts.items()]


def _verdict(launch: Launch, runtime: Handler, doubtful: bool) -> Verdict:
    return Verdict(
        kind=launch.kind,
        fate=launch.fate,
        confidence=Confidence.MEDIUM if doubtful else Confidence.HIGH,
        launch=launch.place,
        call=launch.call,
        label=launch.label,
        function=launch.function,
        handlers=(runtime,),
        path=(),
        abandoned_at=None,
        reason="next-event",
    )
