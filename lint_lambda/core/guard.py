"""One guard for all stages: an odd item costs itself, it is named, and the rest goes on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from lint_lambda.core.budget import Budget, OutOfSteps, OutOfTime

TRACEBACKS = "LAMBDA_LINT_TRACEBACK"
"""The environment variable that makes defects show where they come from in full."""

DEFECT = "this is a bug in lambda-lint, please report this line"


class Guard:
    """Gathers what goes wrong with single items, a sentence each.

    ``with guard("app.py", "reading it"): …`` ends normally whatever goes wrong inside; what follows sees what was set before.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        self.problems: list[str] = []
        self.limits: list[str] = []
        """What is no defect, but goes beyond what can be followed."""
        self.late: list[str] = []
        """The items that there was no time for."""
        self.partly: dict[str, tuple[str, ...]] = {}
        """The handlers that were analysed in part, each with the reasons in a word."""
        self.budget = Budget() if budget is None else budget

    @property
    def is_sound(self) -> bool:
        """Whether everything was looked at, and to its end."""
        return not (self.problems or self.late or any("steps" in why for why in self.partly.values()))

    @property
    def told(self) -> int:
        """How much there is to tell."""
        return len(self.problems) + len(self.limits) + len(self.late)

    def __call__(self, item: str, doing: str) -> _Guarded:
        """- `item`: what it is about, a file for instance. - `doing`: what is done with it, as in "its analysis"."""
        return _Guarded(self, item, doing)

    def tell(self, problem: str) -> None:
        """Add a problem, unless the same has been told: what fails for one reason often fails again."""
        if problem not in self.problems:
            self.problems.append(problem)


class _Guarded:
    def __init__(self, guard: Guard, item: str, doing: str) -> None:
        self._guard = guard
        self._item = item
        self._doing = doing
        self.failed = False

    def __enter__(self) -> _Guarded:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None or not is_failure(error):
            return False
        self.failed = True
        if isinstance(error, OutOfTime):
            if self._item not in self._guard.late:
                self._guard.late.append(self._item)
            return True
        if isinstance(error, RecursionError):
            limit = f"{self._item}: {self._doing} was given up: the code is nested, or calls itself, too deeply"
            if limit not in self._guard.limits:
                self._guard.limits.append(limit)
            return True
        if isinstance(error, OutOfSteps):
            limit = f"{self._item}: {self._doing} was given up: it takes far more steps than `handler-steps` allows"
            if limit not in self._guard.limits:
                self._guard.limits.append(limit)
            return True
        self._guard.tell(f"{self._item}: {self._doing} failed ({cause(error)}); {DEFECT}")
        return True


def is_failure(error: BaseException) -> bool:
    """Whether this is one item's trouble, and no wish to end the run. A native parser's panic is no `Exception`."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def cause(error: BaseException) -> str:
    """What is told of an error that nobody foresaw, in one line: ``KeyError: 'x', at calls.py:12``."""
    import traceback  # here, as most runs have no trouble

    if os.environ.get(TRACEBACKS):
        traceback.print_exception(error, file=sys.stderr)
    frames = traceback.extract_tb(error.__traceback__)
    said = " ".join(str(error).split())[:300]
    where = f", at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{': ' if said else ''}{said}{where}"
