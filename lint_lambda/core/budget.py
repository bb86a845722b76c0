"""How much time a run may take: asked for at every step that may be one of very many."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class OutOfTime(Exception):
    """The time of a run, or of the item that it is at, is over."""


class Budget:
    """Time for a run, of which no item gets more than half of what is left: one that never ends leaves time for the others."""

    def __init__(self, seconds: float = math.inf, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._end = self._until = now() + seconds

    @property
    def is_over(self) -> bool:
        """Whether there is none left for anything."""
        return self._now() > self._end

    def check(self) -> None:
        """Go on, or raise `OutOfTime`."""
        if self._now() > self._until:
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
