"""Runs a function in the sandbox and tells the story: what was left over, and what became of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from lint_lambda.emulator.container import ContainerError
from lint_lambda.emulator.environment import Function
from lint_lambda.emulator.judging import judge, one_thing
from lint_lambda.emulator.pending import cancelled, ended, left_over, never_started
from lint_lambda.emulator.sandbox import Outcome, Sandbox
from lint_lambda.emulator.story import CANCELLED, LATE, NEVER_STARTED, Finding, Item, Step, Story
from lint_lambda.emulator.trouble import OUT_OF_HAND, troubles

GRACE = 1.0
"""Seconds that work gets, where nothing is frozen, before what is still alive counts as left over."""


def prove(
    function: Function, events: Sequence[object], findings: Sequence[Finding], gap: float = 0.0, cold: bool = False
) -> Story:
    """Invoke `function` once for each of `events`, in one sandbox, and judge `findings` by what was seen.

    `gap` are the seconds for which the sandbox stays frozen between two events; `cold` gives each event a new one.
    This executes the function's code. Raises `Unavailable` when there is nothing to run it with.
    """
    with Run(function) as run:
        for number, event in enumerate(events):
            if number:
                run.rest(gap, cold)
            run.invoke(event)
            if run.over:
                break
    run.judge(findings)
    return run.story


class Run:
    """One sandbox and the story of what happens in it. `with Run(function) as run: run.invoke(event)`.

    `over`: no further invocation can tell anything, for the function does not start, or the sandbox is out of hand.
    """

    def __init__(self, function: Function) -> None:
        self._sandbox = Sandbox(function)
        self._alive: dict[str, Item] = {}
        self.story = Story(function, self._sandbox.began)
        self.over = False

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill everything inside at once: what is left over is lost. Safe to call twice."""
        self._sandbox.close()

    def rest(self, gap: float, cold: bool) -> None:
        """What lies between two events: `gap` seconds of being frozen, and the end of the sandbox where that is `cold`."""
        if cold:
            self._sandbox.renew()
            self._alive = {}
        elif gap:
            time.sleep(gap)

    def invoke(self, event: object) -> Step:
        """One invocation, to its freeze; the step is also in the story."""
        sandbox, story = self._sandbox, self.story
        outcome = None if story.init else self._watched(self._init)
        first = len(sandbox.timeline)
        outcome = outcome or self._watched(lambda: self._invoke(event))
        assert outcome is not None
        number = len(story.steps) + 1
        self._look(number, outcome)
        step = Step(number, event, outcome, tuple(sandbox.timeline[first:]), tuple(self._alive.values()))
        story.steps.append(step)
        story.troubles = troubles(story)
        called = any(one.kind == "invoke" for one in step.events)
        self.over = outcome.error_type == OUT_OF_HAND or (outcome.freeze is None and not called)
        return step

    def _watched(self, phase: Callable[[], Outcome | None]) -> Outcome | None:
        """What a phase comes to; an outcome of its own when the sandbox got out of hand in it."""
        try:
            return phase()
        except ContainerError as error:
            payload = json.dumps({"errorType": OUT_OF_HAND, "errorMessage": str(error)}).encode()
            return Outcome("", "failure", payload, OUT_OF_HAND, "", None)

    def _init(self) -> None:
        self._sandbox.init()
        self.story.init = tuple(self._sandbox.timeline)

    def _invoke(self, event: object) -> Outcome:
        outcome = self._sandbox.invoke(event)
        if self.story.function.managed and outcome.kind in ("response", "error"):
            time.sleep(GRACE)
            outcome = replace(outcome, freeze=self._sandbox.look())
        return outcome

    def judge(self, findings: Sequence[Finding]) -> None:
        """Set `findings` beside what was seen until now."""
        self.story.verdicts, self.story.not_predicted = [], []
        judge(self.story, findings)

    def _look(self, number: int, outcome: Outcome) -> None:
        """Bring the items up to this invocation's freeze."""
        story, before = self.story, self._alive
        new = [Item(work, number, NEVER_STARTED) for work in never_started(outcome.log, story.function.task_root)]
        now: dict[str, Item] = {}
        if outcome.freeze is not None:  # or else a reset killed what there was: it is lost, as it stands
            for work in cancelled(outcome.freeze):
                new.append(Item(work, number, NEVER_STARTED if work.kind == "callback" else CANCELLED))
            seen = [
                Item(work, number, at=None if work.began is None else work.began - story.began)
                for work in left_over(outcome.freeze)
            ]
            one_thing(seen)
            for item in seen:
                known = before.get(item.work.key)
                if known is not None and (known.work.idle, known.work.target) == (item.work.idle, item.work.target):
                    known.work = replace(known.work, stack=item.work.stack)
                    now[item.work.key] = known
                else:
                    new.append(item)
                    now[item.work.key] = item
            self._end(before, now, number, ended(outcome.freeze))
        for item in new:
            item.counts = _counts(story, outcome, item)
        story.items += new
        self._alive = now

    def _end(self, before: dict[str, Item], now: dict[str, Item], number: int, times: dict[str, float]) -> None:
        """What was alive at the last freeze and is not any more has ended late; what a client that is gone kept is lost."""
        for key, item in before.items():
            if now.get(key) is not item and not (item.work.kind == "client" and key not in now):
                item.fate, item.ended_in = LATE, number
                item.until = times[key] - self.story.began if key in times else None


def _counts(story: Story, outcome: Outcome, item: Item) -> bool:
    """Whether it is the loss of an invocation that was answered; an async handler has none, and is never started itself."""
    handler = story.function.handler.rpartition(".")[2]
    return outcome.kind == "response" or (item.fate == NEVER_STARTED and item.work.target.rpartition(".")[2] == handler)
