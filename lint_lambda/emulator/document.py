"""The story of a run as plain data, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lint_lambda.emulator.story import Item, Step, Story, Trouble, Verdict
from lint_lambda.emulator.trouble import headline


def as_json(story: Story) -> dict[str, Any]:
    """The story as plain data. Times are milliseconds since the sandbox began; lines are 1-based."""
    numbers = {id(item): number for number, item in enumerate(story.items, 1)}

    def ids(items: Sequence[Item]) -> list[int]:
        return [numbers[id(item)] for item in items if id(item) in numbers]

    return {
        "version": 2,
        "judged": story.judged,
        "troubles": [_trouble(one) for one in story.troubles],
        "handler": story.function.handler,
        "taskRoot": str(story.function.task_root),
        "python": story.function.python,
        "node": story.function.node,
        "timeline": [
            {"atMs": round(event.at * 1000, 1), "invocation": number, "kind": event.kind, **event.detail}
            for number, events in [(0, story.init), *((step.number, step.events) for step in story.steps)]
            for event in events
        ],
        "invocations": [{**_invocation(step), "pending": ids(step.pending)} for step in story.steps],
        "leftOver": [{"id": numbers[id(item)], **_left_over(item)} for item in story.items],
        "findings": [{**_finding(one), "leftOver": ids(one.items)} for one in story.verdicts],
        "notPredicted": ids(story.not_predicted),
    }


def _trouble(one: Trouble) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "invocations": list(one.invocations),
        "message": headline(one),
        "help": one.help,
        "fatal": one.fatal,
    }


def _invocation(step: Step) -> dict[str, Any]:
    return {
        "event": step.event,
        "outcome": step.outcome.kind,
        "payload": step.outcome.payload.decode("utf-8", "replace"),
        "error": step.outcome.error_name,
        "log": step.outcome.log,
        "arrived": list(step.arrived),
    }


def _left_over(item: Item) -> dict[str, Any]:
    return {
        "kind": item.work.kind,
        "name": item.work.name,
        "target": item.work.target,
        "idle": item.work.idle,
        "queued": item.work.queued,
        "counts": item.counts,
        "invocation": item.since,
        "fate": item.fate,
        "endedIn": item.ended_in,
        "launched": [place._asdict() for place in item.work.launched],
        "stack": [place._asdict() for place in item.work.stack],
        "how": item.work.how,
    }


def _finding(one: Verdict) -> dict[str, Any]:
    return {
        "code": one.finding.code,
        "path": one.finding.path,
        "line": one.finding.line,
        "message": one.finding.message,
        "fate": one.finding.fate,
        "confidence": one.finding.confidence,
        "verdict": one.verdict,
    }
