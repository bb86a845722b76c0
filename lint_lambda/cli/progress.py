"""A progress bar for long runs, where somebody watches."""

from __future__ import annotations

import sys
import time
from typing import Any

PATIENCE = 1.0
"""Seconds before the bar appears."""


class Progress:
    """A bar on standard error, once a run turns out to be long; only where somebody watches."""

    def __init__(self, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        self._began = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away: something is going to be printed."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` files have been looked at."""
        if not self._shown or (self._bar is None and time.monotonic() - self._began < PATIENCE):
            return
        if self._bar is None:
            from rich import progress
            from rich.console import Console

            self._bar = progress.Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("checking", total=total)
        self._bar.update(self._task, completed=done, total=total)
