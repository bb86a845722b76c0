"""Say where code that was written out for a run really stands: the story's places become those of the file that it was taken from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lint_lambda.emulator.pending import LeftOver, Place
from lint_lambda.emulator.story import Finding, Item, Story


def relocate(story: Story, written: Path, source: Path, line: Callable[[int], int]) -> None:
    """Change a story that is over: what is said of `written` is said of `source`. `line` gives the lines there."""
    file = str(written)

    def place(where: Place) -> Place:
        return where._replace(file=str(source), line=line(where.line)) if where.file == file else where

    def work(left: LeftOver) -> LeftOver:
        return replace(
            left,
            launched=tuple(map(place, left.launched)),
            stack=tuple(map(place, left.stack)),
            origin=tuple(map(place, left.origin)),
            file=str(source) if left.file == file else left.file,
        )

    def finding(predicted: Finding) -> Finding:
        if predicted.path != file:
            return predicted
        return replace(
            predicted, path=str(source), line=line(predicted.line), end_line=max(map(line, _lines(predicted)))
        )

    items: dict[int, Item] = {id(item): item for item in story.items}
    for verdict in story.verdicts:
        items.update((id(item), item) for item in verdict.items)
    for item in items.values():
        item.work = work(item.work)
    story.verdicts = [replace(verdict, finding=finding(verdict.finding)) for verdict in story.verdicts]
    story.troubles = [
        replace(trouble, what=trouble.what.replace(file, str(source)), help=trouble.help.replace(file, str(source)))
        for trouble in story.troubles
    ]
    story.function = replace(story.function, task_root=source.parent)


def _lines(predicted: Finding) -> tuple[int, int]:
    return predicted.line, predicted.end_line
