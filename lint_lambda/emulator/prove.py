"""Runs a function in the sandbox and tells the story: what was left over, what became of it, and what was foretold.

A static finding is plain data here (`Finding`). It is *confirmed* when work launched on its lines was left over, and *not
reproduced by this event* otherwise, which does not acquit it: another event may take another path. Left-over work that no
finding foretold is *unexpected*. Of a few kinds of work nothing *can be seen*, whether it was launched or not.
"""

from __future__ import annotations

import linecache
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lint_lambda.emulator.environment import Function
from lint_lambda.emulator.pending import LeftOver, Place, cancelled, left_over, never_started
from lint_lambda.emulator.sandbox import Event, Outcome, Sandbox

_BY_NAME = {
    "executor": r"(submit|map|run_in_executor)\b.*\b{name}\b",
    "pool": r"\b(apply_async|map_async|starmap_async|imap|imap_unordered)\b",
    "callback": r"\b(call_\w+|add_done_callback)\b.*\b{name}\b",
    "task": r"\b(create_task|ensure_future|gather|start_soon)\b.*\b{name}\b",
    "coroutine": r"async\s+def\s+{name}\b",
}
"""What the line of a launch looks like, by the kind of work and the name of its function."""

GRACE = 1.0
"""Seconds that work gets, where nothing is frozen, before what is still alive counts as left over."""
CONFIRMED, NOT_REPRODUCED, CANNOT_BE_SEEN = "confirmed", "not reproduced by this event", "cannot be seen"
_HIDDEN = re.compile(r"\batexit\b|\.enter(?:abs)?\(")
"""Launches of which nothing can be looked at: Python lists no functions that are registered with atexit, and none that a
`sched.scheduler` keeps."""
_NO_LAUNCH = re.compile(r"LAM6\d\d")
"""Rules about an extension's or a runtime's conduct: what they point at is no launch that could be left over."""


@dataclass(frozen=True)
class Finding:
    """A static finding. `path` is absolute; `line` and `end_line` are 1-based, and both inside the launch expression."""

    code: str
    path: str
    line: int
    end_line: int
    message: str
    fate: str = ""
    confidence: str = ""


@dataclass
class Item:
    """Left-over work and what became of it. Invocations are numbered from 1.

    `fate` is `late` (it finished, or at least ended, in a later invocation: `ended_in`), `lost` (it never did),
    `cancelled` or `never-started`. `at` is its launch in seconds since the sandbox began, when known.
    """

    work: LeftOver
    since: int
    fate: str = "lost"
    ended_in: int | None = None
    at: float | None = None

    @property
    def launched(self) -> Place | None:
        return self.work.launched[0] if self.work.launched else None


@dataclass(frozen=True)
class Step:
    """One invocation: its event, how it ended, the events of its time, and which work was pending at its freeze."""

    number: int
    event: object
    outcome: Outcome
    events: tuple[Event, ...]
    pending: tuple[Item, ...]


@dataclass(frozen=True)
class Verdict:
    finding: Finding
    verdict: str
    items: tuple[Item, ...]


@dataclass
class Story:
    """A whole run. `began` is the sandbox's beginning in `time.monotonic()` seconds."""

    function: Function
    began: float
    init: tuple[Event, ...] = ()
    steps: list[Step] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    unexpected: list[Item] = field(default_factory=list)

    @property
    def lost(self) -> list[Item]:
        """Left-over work that counts: all but what merely waits for work."""
        return [item for item in self.items if not item.work.idle]


def prove(function: Function, events: Sequence[object], findings: Sequence[Finding]) -> Story:
    """Invoke `function` once for each of `events`, in one sandbox, and judge `findings` by what was seen.

    This executes the function's code. Raises what the sandbox raises.
    """
    with Sandbox(function) as sandbox:
        story = Story(function, sandbox.began)
        sandbox.init()
        story.init = tuple(sandbox.timeline)
        alive: dict[str, Item] = {}
        for number, event in enumerate(events, 1):
            first = len(sandbox.timeline)
            outcome = sandbox.invoke(event)
            if function.managed and outcome.kind in ("response", "error"):
                time.sleep(GRACE)
                outcome = replace(outcome, freeze=sandbox.look())
            alive = _look(story, alive, number, outcome)
            story.steps.append(Step(number, event, outcome, tuple(sandbox.timeline[first:]), tuple(alive.values())))
    judge(story, findings)
    return story


def _look(story: Story, before: dict[str, Item], number: int, outcome: Outcome) -> dict[str, Item]:
    """Bring the items up to this invocation's freeze; returns those alive at it, by key."""
    root = story.function.task_root
    for work in never_started(outcome.log, root):
        story.items.append(Item(work, number, "never-started"))
    if outcome.freeze is None:
        return {}  # a reset killed what there was: it is lost, as it stands
    for work in cancelled(outcome.freeze):
        story.items.append(Item(work, number, "never-started" if work.kind == "callback" else "cancelled"))
    now = {}
    for work in left_over(outcome.freeze):
        item = before.get(work.key)
        if item is None or (item.work.idle, item.work.target) != (work.idle, work.target):
            item = Item(work, number, at=None if work.began is None else work.began - story.began)
            story.items.append(item)
        now[work.key] = item
    for key, item in before.items():
        if now.get(key) is not item:
            item.fate, item.ended_in = "late", number
    return now


def judge(story: Story, findings: Sequence[Finding]) -> None:
    """Set findings and left-over work side by side, in `story.verdicts` and `story.unexpected`."""
    foretold: dict[int, list[Item]] = {index: [] for index in range(len(findings))}
    for item in story.lost:
        fitting = _by_name(findings, item) or _by_line(findings, item)
        for index in fitting:
            foretold[index].append(item)
        if not fitting:
            story.unexpected.append(item)
    for index, finding in enumerate(findings):
        items = tuple(foretold[index])
        hidden = _NO_LAUNCH.match(finding.code) or _HIDDEN.search(_text(finding))
        unseen = CANNOT_BE_SEEN if hidden else NOT_REPRODUCED
        story.verdicts.append(Verdict(finding, CONFIRMED if items else unseen, items))


def _by_line(findings: Sequence[Finding], item: Item) -> list[int]:
    """The findings on whose lines it was launched."""
    where = item.launched
    return [
        index
        for index, finding in enumerate(findings)
        if where is not None and where.file == finding.path and finding.line <= where.line <= finding.end_line
    ]


def _by_name(findings: Sequence[Finding], item: Item) -> list[int]:
    """The findings whose lines name it, for kinds of work of which no launching line is known, or not always.

    A pool's thread is started by one submit and serves others; an async handler is called by the runtime.
    """
    form = _BY_NAME.get(item.work.kind)
    if form is None or (item.work.kind == "task" and item.launched is not None):
        return []
    pattern = re.compile(form.format(name=re.escape(item.work.target.rpartition(".")[2])), re.DOTALL)
    return [index for index, finding in enumerate(findings) if pattern.search(_text(finding))]


def _text(finding: Finding) -> str:
    return "".join(linecache.getline(finding.path, line) for line in range(finding.line, finding.end_line + 1))


def as_json(story: Story) -> dict[str, Any]:
    """The story as plain data. Times are milliseconds since the sandbox began; lines are 1-based."""
    numbers = {id(item): number for number, item in enumerate(story.items, 1)}

    def ids(items: Sequence[Item]) -> list[int]:
        return [numbers[id(item)] for item in items if id(item) in numbers]

    return {
        "version": 1,
        "handler": story.function.handler,
        "taskRoot": str(story.function.task_root),
        "python": story.function.python,
        "timeline": [
            {"atMs": round(event.at * 1000, 1), "invocation": number, "kind": event.kind, **event.detail}
            for number, events in [(0, story.init), *((step.number, step.events) for step in story.steps)]
            for event in events
        ],
        "invocations": [
            {
                "event": step.event,
                "outcome": step.outcome.kind,
                "payload": step.outcome.payload.decode("utf-8", "replace"),
                "error": step.outcome.error_name,
                "log": step.outcome.log,
                "pending": ids(step.pending),
            }
            for step in story.steps
        ],
        "leftOver": [
            {
                "id": numbers[id(item)],
                "kind": item.work.kind,
                "name": item.work.name,
                "target": item.work.target,
                "idle": item.work.idle,
                "queued": item.work.queued,
                "invocation": item.since,
                "fate": item.fate,
                "endedIn": item.ended_in,
                "launched": [place._asdict() for place in item.work.launched],
                "stack": [place._asdict() for place in item.work.stack],
                "how": item.work.how,
            }
            for item in story.items
        ],
        "findings": [
            {
                "code": one.finding.code,
                "path": one.finding.path,
                "line": one.finding.line,
                "message": one.finding.message,
                "fate": one.finding.fate,
                "confidence": one.finding.confidence,
                "verdict": one.verdict,
                "leftOver": ids(one.items),
            }
            for one in story.verdicts
        ],
        "unexpected": ids(story.unexpected),
    }
