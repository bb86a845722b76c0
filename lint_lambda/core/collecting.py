"""How often the collector of garbage looks: what a run makes lives to its end, nearly all of it, and so does what is imported.

Looking through it each time that it has grown a little took up to a quarter of a run, and a tenth of a start.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARELY = (50_000, 20, 100)
"""After how many new objects it looks, as for `gc.set_threshold`."""


def collect_rarely() -> None:
    gc.set_threshold(*_RARELY)


def collect_no_more() -> None:
    """For a process that ends: else Python looks through all that there is, twice, which took a fifth of a small run."""
    gc.freeze()


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Inside, it looks rarely."""
    before = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)
