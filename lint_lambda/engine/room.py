"""Room for a run: a deep stack, as lowering and analysis follow nested code with calls of their own; and a rare collector."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from lint_lambda.core.collecting import collecting_rarely

P = ParamSpec("P")
T = TypeVar("T")

CALLS = 20_000
"""How many calls may be open at a time; whoever needs more is told that the code is nested too deeply."""
STACK = 512 * 1024 * 1024
"""Bytes for them. A call takes far less than its share; what is not used is never taken from the system's memory."""

_inside = threading.local()


def with_room(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` in a thread with a stack that no depth of calls overruns."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if getattr(_inside, "roomy", False):
            return function(*args, **kwargs)
        came: list[T] = []
        failed: list[BaseException] = []

        def work() -> None:
            _inside.roomy = True
            try:
                came.append(function(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - it is raised where the caller waits
                failed.append(error)

        _wait_for(work)
        if failed:
            raise failed[0]
        return came[0]

    return run


def _wait_for(work: Callable[[], None]) -> None:
    limit, size = sys.getrecursionlimit(), threading.stack_size()
    try:
        threading.stack_size(STACK)
        # A daemon: when the user ends the run, nothing waits for it.
        thread = threading.Thread(target=work, name="lambda-lint", daemon=True)
        sys.setrecursionlimit(max(limit, CALLS))
        with collecting_rarely():
            thread.start()
            threading.stack_size(size)
            thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
