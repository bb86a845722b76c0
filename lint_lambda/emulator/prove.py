"""Runs a function in the sandbox and tells the story: what was left over, and what became of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lint_lambda.emulator.container import ContainerError, Starter, fresh
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.judging import judge, one_thing
from lint_lambda.emulator.pending import cancelled, ended, left_over, never_started
from lint_lambda.emulator.sandbox import Freeze, Outcome, Sandbox
from lint_lambda.emulator.sink import Sink
from lint_lambda.emulator.story import CANCELLED, LATE, NEVER_STARTED, Finding, Item, Step, Story
from lint_lambda.emulator.trouble import OUT_OF_HAND, troubles

GRACE = 1.0
"""Seconds that work gets, where nothing is frozen, before what is still alive counts as left over."""


def prove(
    function: Function,
    events: Sequence[object],
    findings: Sequence[Finding],
    gap: float = 0.0,
    cold: bool = False,
    sink: Sink | None = None,
) -> Story:
    """Invoke `function` once for each of `events`, in one sandbox, and judge `findings` by what was seen.

    `gap` are the seconds for which the sandbox stays frozen between two events; `cold` gives each event a new one. With several
    workers of a Managed Instance, as many events are sent at a time. `sink`: what arrives there is told of each invocation.
    This executes the function's code. Raises `Unavailable` when there is nothing to run it with.
    """
    at_a_time = max(function.managed, 1)
    with Run(function, sink) as run:
        for first in range(0, len(events), at_a_time):
            if first:
                run.rest(gap, cold)
            run.invoke(*events[first : first + at_a_time])
            if run.over:
                break
    run.judge(findings)
    return run.story


class Run:
    """One sandbox and the story of what happens in it. `with Run(function) as run: run.invoke(event)`.

    `sandbox` is where it runs. `over`: no further invocation can tell anything, for the function does not start, or the sandbox is out of hand.
    """

    def __init__(self, function: Function, sink: Sink | None = None, start: Starter = fresh) -> None:
        self._sink = sink
        self.sandbox = Sandbox(function, start)
        self._alive: dict[str, Item] = {}
        self._servers: frozenset[str] = frozenset()
        self.story = Story(function, self.sandbox.began)
        self.over = False

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill everything inside at once: what is left over is lost. Safe to call twice."""
        self.sandbox.close()

    def rest(self, gap: float, cold: bool) -> None:
        """What lies between two events: `gap` seconds of being frozen, and the end of the sandbox where that is `cold`."""
        if cold:
            self.sandbox.renew()
            self._alive = {}
            if self.story.function.served:
                self._servers = self.sandbox.of_the_server()
        elif gap:
            time.sleep(gap)

    def invoke(self, *events: object) -> Step:
        """One invocation, to its freeze, or several at the same time; the (last) step. All are also in the story."""
        sandbox, story = self.sandbox, self.story
        failed = None if story.init else self._watched(self._init)
        first, base = len(sandbox.timeline), len(story.steps)
        outcomes = [failed] if failed is not None else self._outcomes(events)
        self._look(base + len(outcomes), outcomes)
        happened = tuple(sandbox.timeline[first:])
        arrived = self._sink.arrived() if self._sink is not None else ()
        for number, outcome in enumerate(outcomes, base + 1):
            last = number == base + len(outcomes)
            pending = tuple(self._alive.values()) if last else ()
            one = Step(number, events[number - base - 1], outcome, happened, pending, arrived if last else ())
            story.steps.append(one)
        story.troubles = troubles(story)
        called = any(one.kind == "invoke" for one in happened)
        self.over = any(one.error_type == OUT_OF_HAND or (one.freeze is None and not called) for one in outcomes)
        return story.steps[-1]

    def _outcomes(self, events: Sequence[object]) -> list[Outcome]:
        def invoke(event: object) -> Outcome:
            outcome = self._watched(lambda: self.sandbox.invoke(event))
            assert outcome is not None
            return outcome

        if len(events) == 1:
            outcomes = [invoke(events[0])]
        else:
            with ThreadPoolExecutor(len(events)) as pool:
                outcomes = list(pool.map(invoke, events))
        if self.story.function.managed and all(one.kind in ("response", "error") for one in outcomes):
            time.sleep(GRACE)
            freezes: list[Freeze] = []
            lost = self._watched(lambda: freezes.append(self.sandbox.look()))
            outcomes = [replace(outcome, freeze=freezes[0]) for outcome in outcomes] if lost is None else [lost]
        return outcomes

    def _watched(self, phase: Callable[[], Outcome | None]) -> Outcome | None:
        """What a phase comes to; an outcome of its own when the sandbox got out of hand in it."""
        try:
            return phase()
        except ContainerError as error:
            payload = json.dumps({"errorType": OUT_OF_HAND, "errorMessage": str(error)}).encode()
            return Outcome("", "failure", payload, OUT_OF_HAND, "", None)

    def _init(self) -> None:
        self.sandbox.init()
        if self.story.function.served:
            self._servers = self.sandbox.of_the_server()
        self.story.init = tuple(self.sandbox.timeline)

    def judge(self, findings: Sequence[Finding]) -> None:
        """Set `findings` beside what was seen until now."""
        self.story.verdicts, self.story.not_predicted = [], []
        judge(self.story, findings)

    def _look(self, number: int, outcomes: Sequence[Outcome]) -> None:
        """Bring the items up to the freeze after these invocations."""
        outcome = outcomes[-1]
        story, before = self.story, self._alive
        new = [
            Item(work, number, NEVER_STARTED)
            for work in never_started(
                "".join(one.log for one in outcomes), story.function.task_root, *story.function.import_paths
            )
        ]
        now: dict[str, Item] = {}
        if outcome.freeze is not None:  # or else a reset killed what there was: it is lost, as it stands
            for work in cancelled(outcome.freeze):
                new.append(Item(work, number, NEVER_STARTED if work.kind == "callback" else CANCELLED))
            seen = [
                Item(work, number, at=None if work.began is None else work.began - story.began)
                for work in left_over(outcome.freeze)
                if work.key not in self._servers
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
