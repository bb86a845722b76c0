"""How much time, and how many steps, a run may take: asked for at every step that may be one of very many."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class OutOfTime(Exception):
    """The time of a run, or of the item that it is at, is over; or its steps are."""


class OutOfSteps(Exception):
    """The analysis of a handler takes far more steps than it may, and cannot be ended in order."""


class Budget:
    """Time for a run, of which no item gets more than half of what is left: one that never ends leaves time for the others."""

    def __init__(
        self, seconds: float = math.inf, now: Callable[[], float] = time.monotonic, steps: float = math.inf
    ) -> None:
        self._now = now
        self._end = self._until = now() + seconds
        self._most = steps
        self.steps = 0
        """How many it has been asked for: the same on every machine, for the same work."""

    def of_steps(self, most: int) -> Budget:
        """A budget for a part of the work that may be left out: `most` steps, and no more time than this one has."""
        return Budget(self._end - self._now(), self._now, most)

    @property
    def left(self) -> float:
        """Steps that may still be taken."""
        return self._most - self.steps

    @property
    def is_over(self) -> bool:
        """Whether there is none left for anything."""
        return self._now() > self._end

    def check(self) -> None:
        """Go on, or raise `OutOfTime`."""
        self.steps += 1
        if self.steps > self._most or self._now() > self._until:
            raise OutOfTime

    @contextmanager
    def share(self) -> Iterator[None]:
        """Inside, `check` knows of half of the time that is left."""
        before, now = self._until, self._now()
        self._until = min(before, now + (self._end - now) / 2)
        try:
            yield
        finally:
            self._until = before
