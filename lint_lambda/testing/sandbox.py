"""A sandbox for tests: `invoke` gives a `LambdaRun`, which says what the invocation answered and what it left behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.core.record import dataclass
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.pending import quiet
from lint_lambda.emulator.prove import Run
from lint_lambda.emulator.story import Item, Step, Story
from lint_lambda.emulator.text import as_text, describe, fate, launch
from lint_lambda.emulator.trouble import headline
from lint_lambda.emulator.unavailable import Unavailable


@dataclass(frozen=True)
class Left:
    """A piece of work that was left over. `kind` is thread, timer, task, executor, process, client …; `file` and `line` are
    where it was launched, empty and 0 when unknown. `fate` is in words."""

    kind: str
    name: str
    file: str
    line: int
    fate: str
    text: str

    def __str__(self) -> str:
        return self.text


class LambdaRun:
    """One invocation, up to its freeze."""

    def __init__(self, story: Story, step: Step) -> None:
        self._story, self._step = story, step

    @cached_property
    def response(self) -> Any:
        """What the function answered, decoded from JSON. None when it did not answer."""
        return json.loads(self._step.outcome.payload) if self._step.outcome.kind == "response" else None

    @property
    def error(self) -> str | None:
        """What went wrong, in one line: the function did not start, raised, timed out or crashed. None when it answered."""
        if self._step.outcome.kind == "response":
            return None
        number = self._step.number
        found = [one for one in self._story.troubles if one.fatal and number in (one.invocations or (number,))]
        return headline(found[0]) if found else self._step.outcome.error_name

    @property
    def logs(self) -> str:
        """What was printed during the invocation, also by work that an earlier one left behind."""
        return quiet(self._step.outcome.log)

    @property
    def pending(self) -> list[Left]:
        """What this invocation left behind: what was pending at its freeze, was cancelled as it ended, or was never started."""
        return [_left(item) for item in self._story.lost if item.since == self._step.number]

    @property
    def timeline(self) -> str:
        """The story of the sandbox until now, as `lambda-lint prove` prints it; the test itself judges it."""
        return as_text(self._story, verdicts=False)

    def assert_nothing_left(self) -> None:
        """Fail the test, with the timeline, when the invocation left work behind, or did not answer at all."""
        __tracebackhide__ = True
        if self.error is not None:
            pytest.fail(f"it cannot be said whether work was left over: {self.error}\n\n{self.timeline}", pytrace=False)
        if self.pending:
            said = "\n".join(f"  {one}" for one in self.pending)
            count = len(self.pending)
            what = "1 piece of work was" if count == 1 else f"{count} pieces of work were"
            pytest.fail(f"{what} left over when the handler returned:\n{said}\n\n{self.timeline}", pytrace=False)


class LambdaSandbox:
    """A function in a sandbox that is frozen between invocations: the first is cold, the others are warm.

    `handler` is the module, dotted or as a path, and the function: `app.handler`, `orders/app.handler`. `root` is the directory
    that is deployed. The function sees `env` and nothing of the environment of the tests.
    """

    def __init__(
        self,
        handler: str,
        root: Path,
        timeout: float,
        env: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        __tracebackhide__ = True
        function = Function(
            task_root=Path(root).resolve(),
            handler=handler,
            python=python,
            timeout=timeout,
            env=dict(env or {}),
            observe=True,
        )
        try:
            self._run = Run(function)
        except Unavailable as error:
            pytest.fail(str(error), pytrace=False)

    def invoke(self, event: object = None, *, gap: float = 0.0, cold: bool = False) -> LambdaRun:
        """Invoke the function with `event` (JSON; `{}` when not given).

        `gap` are seconds for which the sandbox stays frozen before it; `cold` gives the event a new sandbox.
        """
        if self._run.story.steps:
            self._run.rest(gap, cold)
        step = self._run.invoke({} if event is None else event)
        self._run.judge(())
        return LambdaRun(self._run.story, step)

    def close(self) -> None:
        """Kill all that runs in it."""
        self._run.close()


def find_root(handler: str, tests: Path, top: Path) -> Path:
    """The nearest directory from that of the tests upwards, or `src` in one, that holds the module of a handler."""
    module = Path(*handler.rpartition(".")[0].replace("/", ".").split("."))
    above = [tests, *tests.parents]
    places = above[: above.index(top) + 1] if top in above else [tests, top]
    tried = [place for directory in places for place in (directory, directory / "src")]
    for place in tried:
        if (place / module).with_suffix(".py").is_file() or (place / module / "__init__.py").is_file():
            return place
    raise pytest.UsageError(
        f"lambda_sandbox({handler!r}): no {module}.py in {', '.join(map(str, tried))}; "
        "name the directory that is deployed with root=…"
    )


def _left(item: Item) -> Left:
    work, where = item.work, item.launched
    text = f"{describe(item)}, {launch(item)}: {fate(item) if item.fate != 'lost' else 'pending at the freeze'}"
    return Left(work.kind, work.target, where.file if where else "", where.line if where else 0, fate(item), text)
