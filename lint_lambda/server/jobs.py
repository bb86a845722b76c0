"""Work beside the connection: one job at a time, which ends early when what it is about has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Cancelled(Exception):
    """The job was ended before it was done."""


class _Ended(BaseException):
    """Raised inside a job, where nothing takes it for a failure of what is looked at."""


class Job:
    """A handle on one piece of work. `told` is called with the percentage, on the thread that works."""

    def __init__(self, told: Callable[[int], None] | None = None) -> None:
        self._ended = False
        self._told = told
        self._percent = -1

    def cancel(self) -> None:
        """Let it end at the next step."""
        self._ended = True

    def step(self, done: int, total: int) -> None:
        """What the work calls as it goes on."""
        if self._ended:
            raise _Ended
        percent = 100 * done // max(total, 1)
        if self._told is not None and percent > self._percent:
            self._percent = percent
            self._told(percent)


class Worker:
    """The one thread that looks at projects: what it shares is never looked at by two."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="lambda-lint")
        self._running: set[Job] = set()

    async def run(self, work: Callable[[Callable[[int, int], None]], T], job: Job) -> T:
        """What `work` returns, which is given the function to call at each step. Raises `Cancelled`, and what it raises."""

        def ending() -> T:
            try:
                job.step(0, 1)
                return work(job.step)
            except _Ended:
                raise Cancelled from None

        self._running.add(job)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, ending)
        except asyncio.CancelledError:  # who asked wants no answer any more
            job.cancel()
            raise
        finally:
            self._running.discard(job)

    def stop(self) -> None:
        """End what runs, and take nothing more."""
        for job in self._running:
            job.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)
