"""How much the analysis of one handler may take, and what of the handler was therefore not followed, or not told apart.

Steps are counted, not seconds, so that the same code comes to the same findings on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from lint_lambda.core.budget import OutOfSteps

Shortfall = Literal["steps", "contexts", "width", "depth", "rounds"]
"""In what the analysis of a handler falls short:

- ``steps``: all that it may take were taken, and calls after that are not followed.
- ``contexts``: a function is called in so many ways that its arguments and callers are no longer told apart.
- ``width``: a value may be so many objects that some were left out. ``depth``: calls are nested so deeply that some are not followed.
- ``rounds``: what its functions do was still changing when it was last looked at.
"""

LIGHT = 16
"""So many entries of a state that are composed, or handles that are waited for, are worth one step."""

BEYOND = 3
"""So many times what it may take, the analysis is given up in the middle: it is hardly possible to come to that."""


class Effort:
    """Counts steps; `most` of them may be taken for a handler, 0 for no end. `tick` is called at each, and may raise what ends the analysis."""

    def __init__(self, most: int = 0, tick: Callable[[], None] = lambda: None) -> None:
        self._most = most
        self._tick = tick
        self._steps = 0
        self.shortfalls: dict[Shortfall, None] = {}
        """In what the present handler falls short."""

    def begin(self) -> None:
        """Another handler is followed from here on."""
        self._steps = 0
        self.shortfalls = {}

    def step(self, weight: int = 1) -> None:
        """Something is done that may be done very many times; `weight`: how many steps it is worth."""
        if not weight:
            return
        self._tick()
        self._steps += weight
        if self._most and self._steps > BEYOND * self._most:
            raise OutOfSteps

    @property
    def is_half_spent(self) -> bool:
        """Whether so much is taken that what is left is to be kept for what was not looked at at all."""
        return bool(self._most) and 2 * self._steps > self._most

    @property
    def is_spent(self) -> bool:
        """Whether nothing else is to be followed."""
        return bool(self._most) and self._steps > self._most

    def falls_short(self, how: Shortfall) -> None:
        """Note that something is not followed, or not told apart."""
        self.shortfalls[how] = None
