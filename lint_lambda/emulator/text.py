"""The story of a run for a terminal. rich is imported here, late."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lint_lambda.emulator.pending import Place, quiet
from lint_lambda.emulator.prove import CONFIRMED, NOT_REPRODUCED, Item, Step, Story

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_PAYLOAD_SHOWN = 200
_FATES = {
    "lost": ("never finished: it was still pending when the sandbox was killed", "red"),
    "late": ("ended in invocation {}: late, in the time of another event", "yellow"),
    "cancelled": ("cancelled by asyncio.run as the handler ended", "red"),
    "never-started": ("never started: nothing awaited it, or its loop was closed", "red"),
}


def place(where: Place | None) -> str:
    """`file:line in function`, relative to the current directory where that is shorter."""
    if where is None:
        return "an unknown line"
    relative = os.path.relpath(where.file)
    return f"{relative if len(relative) < len(where.file) else where.file}:{where.line} in {where.function}"


def describe(item: Item) -> str:
    """What it is, in one line."""
    work = item.work
    nouns = {"executor": "pool thread", "timer": "timer thread", "pool": "process pool", "callback": "loop callback"}
    parts = [
        nouns.get(work.kind, work.kind),
        work.name if work.name != work.target and work.kind != "executor" else "",
        work.target,
    ]
    if work.queued:
        parts.append(f"({work.queued} queued)")
    return " ".join(part for part in parts if part)


def launch(item: Item) -> str:
    """Where it was launched. A pool's thread may serve a submit other than the one that started it."""
    word = "in a thread started" if item.work.kind == "executor" else "launched"
    return f"{word} at {place(item.launched)}"


def fate(item: Item) -> str:
    return _FATES[item.fate][0].format(item.ended_in)


def grouped(items: Sequence[Item]) -> list[str]:
    """What became of them, one line for all that are alike: same work, same launching line, same fate."""
    groups: dict[tuple[str, Place | None, str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.work.target, item.launched, fate(item)), []).append(item)
    lines = []
    for (_, _, became), alike in groups.items():
        since = sorted({item.since for item in alike})
        when = f"invocation{'s' if len(since) > 1 else ''} {', '.join(map(str, since))}"
        lines.append(f"{describe(alike[0])}, {launch(alike[0])} in {when}: {became}")
    return lines


def hints(story: Story) -> list[str]:
    """What to try next, when a finding was not reproduced."""
    if all(one.verdict != NOT_REPRODUCED for one in story.verdicts):
        return []
    failed = {step.number: step.outcome.error_name for step in story.steps if step.outcome.error_name is not None}
    if failed:
        how = ", ".join(f"invocation {number} with {error}" for number, error in failed.items())
        return [f"{how}: it may have ended before the launch; give an event that the handler takes with --event"]
    return ["give an event that takes the path to the launch with --event"]


def standing(item: Item) -> str:
    """Where it stood: the innermost frame of the function's own code, or the innermost of all."""
    own = [frame for frame in item.work.stack if not _library(frame.file)]
    stack = own or list(item.work.stack)
    return place(stack[-1]) if stack else ""


def _library(file: str) -> bool:
    return "site-packages" in file or f"{os.sep}lib{os.sep}python" in file or file.startswith("<")


def print_story(story: Story, console: Console) -> None:
    """Init, each invocation with its freeze, and the verdicts."""
    from rich.text import Text

    began = next((event.at for event in story.init if event.kind == "init-start"), 0.0)
    failed = next((event for event in story.init if event.kind == "init-failed"), None)
    took = f"{(story.init[-1].at - began) * 1000:.0f} ms"
    if failed is not None:
        console.print(Text.assemble(("init failed", "bold red"), f"  {took}  {failed.detail['reason']}"))
    else:
        console.print(Text.assemble(("init", "bold"), f"  {took}"))
    for step in story.steps:
        _print_step(story, step, console)
    _print_verdicts(story, console)


def _print_step(story: Story, step: Step, console: Console) -> None:
    from rich.text import Text

    console.print()
    console.print(Text.assemble((f"invocation {step.number}", "bold"), f"  event {_short(json.dumps(step.event))}"))
    start = next((event.at for event in step.events if event.kind in ("invoke", "thaw", "init-start")), 0.0)
    for event in step.events:
        line = _event(step, event.kind, event.detail)
        if line is not None:
            console.print(Text.assemble(f"{(event.at - start) * 1000:9.1f} ms  ", line))
        if event.kind in ("freeze", "look"):
            for item in step.pending:
                _print_item(item, console, "pending" if not item.work.idle else "idle")
    for item in story.items:
        if item.since == step.number and item.fate in ("cancelled", "never-started"):
            _print_item(item, console, item.fate)
        if item.ended_in == step.number and not item.work.idle:
            console.print(Text.assemble(" " * 14, ("late     ", "bold yellow"), describe(item), ": ", fate(item)))
    if step.outcome.log.strip():
        for printed in quiet(step.outcome.log).strip().replace("\r", "\n").splitlines():
            console.print(Text.assemble(" " * 14, ("| ", "dim"), (printed, "dim")))


def _event(step: Step, kind: str, detail: dict[str, object]) -> Text | None:
    from rich.text import Text

    outcome = step.outcome
    payload = _short(outcome.payload.decode("utf-8", "replace"))
    lines = {
        "thaw": Text("thawed: everything frozen before runs on", style="cyan"),
        "invoke": Text("handler called"),
        "response": Text.assemble(("response ", "bold green"), payload),
        "error": Text.assemble((f"error {outcome.error_name} ", "bold red"), payload),
        "freeze": Text.assemble(("FREEZE", "bold cyan"), f"  {detail.get('processes')} process(es) stopped"),
        "look": Text("what is still alive a second later; nothing was frozen", style="cyan"),
        "timeout": Text.assemble(("TIMEOUT", "bold red"), f"  waiting for {detail.get('waiting_for')}"),
        "exit": Text.assemble(("process ended ", "bold red"), f"{detail.get('process')}: {detail.get('how')}"),
        "killed": Text("sandbox killed and reset", style="red"),
        "register": Text(f"extension {detail.get('extension')} registered for {detail.get('events')}"),
    }
    return lines.get(kind)


def _print_item(item: Item, console: Console, word: str) -> None:
    from rich.text import Text

    style = {"idle": "dim"}.get(word, "bold red" if item.fate != "late" else "bold yellow")
    console.print(Text.assemble(" " * 14, (f"{word:<8} ", style), describe(item)))
    if word == "idle":
        return
    console.print(Text(" " * 23 + launch(item)))
    if item.work.stack and word == "pending":
        console.print(Text.assemble(" " * 23, ("stands at ", "dim"), standing(item)))


def _print_verdicts(story: Story, console: Console) -> None:
    from rich.text import Text

    console.print()
    for one in story.verdicts:
        style = "bold green" if one.verdict == CONFIRMED else "bold yellow"
        finding = one.finding
        where = place(Place(finding.path, finding.line, "")).removesuffix(" in ")
        console.print(Text.assemble((f"{one.verdict}: ", style), f"{finding.code} {where}  {finding.message}"))
        for line in grouped(one.items):
            console.print(Text(f"    {line}"))
    for line in grouped(story.unexpected):
        console.print(Text.assemble(("unexpected: ", "bold red"), "no finding foretold ", line))
    for line in hints(story):
        console.print(Text.assemble(("help: ", "bold cyan"), line))
    known = dict.fromkeys(item.work.how for item in story.lost)
    for number, how in enumerate(known):
        console.print(Text.assemble(("known from: " if number == 0 else " " * 12, "dim"), (how, "dim")))
    if not story.verdicts and not story.unexpected:
        console.print(Text("nothing was left over: every launch had ended in time", style="green"))


def _short(text: str) -> str:
    return text if len(text) <= _PAYLOAD_SHOWN else f"{text[:_PAYLOAD_SHOWN]}... ({len(text)} characters)"
