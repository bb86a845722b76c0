"""End quietly when somebody wants it: at Ctrl-C with status 130, at SIGTERM with 143, at any moment.

A stop is an exception that nothing takes for a failure, so that what is half done is tidied up on the way out. Where Python
would only print it, as in a destructor, and at a second signal, the process ends where it stands.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

from lint_lambda.core.files import drop_unfinished

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """The process is asked to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Stop:
    """What the process does when it is asked to end: once it raises `Stopped`, then it ends where it stands."""

    def __init__(self) -> None:
        self._asked = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            _end(number)
        self._asked = True
        raise Stopped(number)

    def unraisable(self, lost: Any) -> None:
        """A hook for exceptions that Python would only print."""
        if isinstance(lost.exc_value, Stopped):
            _end(lost.exc_value.number)
        else:
            sys.__unraisablehook__(lost)


def run(program: Callable[[], None]) -> None:
    """Run the whole of a process."""
    stop = _Stop()
    sys.unraisablehook = stop.unraisable
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, stop)
    try:
        program()
    except Stopped as stopped:
        _end(stopped.number)
    finally:
        for number in _SIGNALS:  # from here on there is nothing to tidy up
            if signal.getsignal(number) is stop:
                signal.signal(number, lambda number, frame: _end(number))


def _end(number: int) -> NoReturn:
    drop_unfinished()
    os._exit(128 + number)
