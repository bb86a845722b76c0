"""The emulator's clock in the hands of a test: what is to time out does so when the test says, and nothing else ever does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from lint_lambda.emulator import lifecycle, sandbox
from lint_lambda.emulator.sandbox import Outcome, Sandbox
from tests.emulator.beats import soon
from tests.emulator.client import PATIENCE


class Clock:
    """Stands in for the module `time` in the emulator."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._ahead = 0.0
        self._less = 0.0
        self._patch = patch
        for module in (lifecycle, sandbox):
            patch.setattr(module, "time", self)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def time(self) -> float:
        """The time of day, by which the function is told until when it may work."""
        return time.time() - self._less

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def tell(self, seconds: float) -> None:
        """Functions with a timeout of `PATIENCE` are told that they have `seconds`; the sandbox waits longer than that."""
        self._less = PATIENCE - seconds

    def strike(self, running: Sandbox) -> None:
        """Let every deadline be over."""
        with running.lifecycle.changed:
            self._ahead += 10 * PATIENCE
            running.lifecycle.changed.notify_all()

    def times_out(self, running: Sandbox, event: object, *when: Callable[[], bool]) -> Outcome:
        """The outcome of an invocation whose time is over as soon as `when()` comes true; of several one after the other."""
        outcomes: list[Outcome] = []
        thread = threading.Thread(target=lambda: outcomes.append(running.invoke(event)), daemon=True)
        thread.start()
        for each in when:
            assert soon(each)
            self.strike(running)
        thread.join(PATIENCE)
        return outcomes[0]

    def drains(self) -> None:
        """Let a shutdown take as long as what it waits for."""
        self._patch.setattr(sandbox, "SHUTDOWN_BUDGET", 2 * PATIENCE)


def starting(running: Sandbox, generation: int) -> Callable[[], bool]:
    """Whether processes of this generation, the first or a later one, have been started."""
    return lambda: running._generation == generation and bool(running._running)


def noted(running: Sandbox, kind: str, times: int = 1) -> Callable[[], bool]:
    """Whether something of this kind has happened so often."""
    return lambda: [event.kind for event in list(running.timeline)].count(kind) >= times
