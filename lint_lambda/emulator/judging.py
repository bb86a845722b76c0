"""Sets findings and left-over work side by side.

They are matched by launch: the lines that led to the launch of the work against the lines of the finding, and what was launched
against the finding's kind. What a client library has not sent, and its own threads, are matched with what was given to that library.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Sequence
from dataclasses import replace

from lint_lambda.emulator.story import Finding, Item, Story, Verdict

CONFIRMED, NOT_REPRODUCED = "confirmed", "not reproduced by this event"
NOT_TRIED = "not tried"
NOT_PREDICTED, CANNOT_BE_OBSERVED = "not predicted", "cannot be observed"

_BY_NAME = {
    "callback": r"\b(call_\w+|add_done_callback)\b.*\b{name}\b",
    "task": r"\b(create_task|ensure_future|gather|start_soon)\b.*\b{name}\b",
    "coroutine": r"async\s+def\s+{name}\b",
}
"""What the line of a launch looks like where none is known, by the kind of work and the name of its function."""


def one_thing(items: Sequence[Item]) -> None:
    """A library's own threads and tasks do for a client what the client itself is known to have left or not: they are no
    work besides."""
    packages = {item.work.target.partition(".")[0] for item in items if item.work.kind == "client"}
    for item in items:
        if item.work.kind in ("thread", "timer", "task") and _package(item) in packages and not item.work.idle:
            item.work = replace(item.work, idle=True, how=f"{item.work.how}; what it has to do is its client's")


def judge(story: Story, findings: Sequence[Finding]) -> None:
    """Fill in `story.verdicts` and `story.not_predicted`."""
    predicted: dict[int, list[Item]] = {index: [] for index in range(len(findings))}
    for item in story.lost:
        fitting = _fitting(findings, item) or (_only_hook(findings, item) if story.function.served else [])
        for index in fitting:
            predicted[index].append(item)
        if not fitting:
            story.not_predicted.append(item)
    for index, finding in enumerate(findings):
        items = tuple(predicted[index])
        story.verdicts.append(Verdict(finding, CONFIRMED if items else _unconfirmed(story, finding), items))


def _unconfirmed(story: Story, finding: Finding) -> str:
    if not finding.sight.observed:
        return CANNOT_BE_OBSERVED
    # A thread of the library's that is idle may have been given something all the same, and wait for its time.
    if finding.sight.data and not any(
        _belongs(finding, item) and (item.work.kind == "client" or not item.work.idle) for item in story.items
    ):
        return CANNOT_BE_OBSERVED
    return NOT_REPRODUCED if story.judged else NOT_TRIED


def _fitting(findings: Sequence[Finding], item: Item) -> list[int]:
    """The findings that predicted an item: those of the launch nearest to it, or else of its library, or of its name."""
    able = [index for index, finding in enumerate(findings) if finding.sight.may_be(item.work.kind)]
    for where in (*item.work.launched, *item.work.origin):
        found = [
            index
            for index in able
            if findings[index].path == where.file and findings[index].line <= where.line <= findings[index].end_line
        ]
        if found:
            return found
    if found := [index for index in able if findings[index].sight.of_library and _belongs(findings[index], item)]:
        return found
    return _by_stack(findings, able, item) or _by_name(findings, able, item)


def _only_hook(findings: Sequence[Finding], item: Item) -> list[int]:
    """What a server's own task does once it has answered, where only one finding is about such work and nothing tells more."""
    hooks = [index for index, finding in enumerate(findings) if finding.sight.called_later]
    return hooks if len(hooks) == 1 and item.launched is None and item.work.kind in ("task", "thread") else []


def _by_stack(findings: Sequence[Finding], able: Sequence[int], item: Item) -> list[int]:
    """The findings of a framework's hook whose lines name a function that the item is running: who calls it is the server."""
    running = {place.function.rpartition(".")[2] for place in item.work.stack}
    return [
        index
        for index in able
        if findings[index].sight.called_later and running & set(re.findall(r"\w+", _text(findings[index])))
    ]


def _belongs(finding: Finding, item: Item) -> bool:
    """Whether an item is what the library of a finding has left, or a thread of that library."""
    if item.work.kind == "client":
        return bool(finding.package) and item.work.target.partition(".")[0] == finding.package
    return bool(finding.package) and _package(item) == finding.package


def _package(item: Item) -> str:
    """The package outside of the function's own code to whose files the outermost frames of an item belong, or the function that it calls."""
    for file in (*(place.file for place in item.work.stack), item.work.file):
        _, inside, below = file.rpartition("site-packages/")
        if inside:
            return below.partition("/")[0].removesuffix(".py")
    return ""


def _by_name(findings: Sequence[Finding], able: Sequence[int], item: Item) -> list[int]:
    form = _BY_NAME.get(item.work.kind)
    if form is None or (item.launched is not None and item.work.kind != "coroutine"):
        return []
    pattern = re.compile(form.format(name=re.escape(item.work.target.rpartition(".")[2])), re.DOTALL)
    return [index for index in able if pattern.search(_text(findings[index]))]


def _text(finding: Finding) -> str:
    return "".join(linecache.getline(finding.path, line) for line in range(finding.line, finding.end_line + 1))
