"""The story of a run for a terminal. rich is imported here, late."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lint_lambda.emulator.judging import CANNOT_BE_OBSERVED, CONFIRMED, NOT_PREDICTED, NOT_REPRODUCED, NOT_TRIED
from lint_lambda.emulator.pending import Place, quiet
from lint_lambda.emulator.story import CANCELLED, LATE, LOST, NEVER_STARTED, Item, Step, Story, numbers
from lint_lambda.emulator.trouble import headline

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_PAYLOAD_SHOWN = 200
_COMMAND_SHOWN = 80
_LINE_SHOWN = 500
_LINES_SHOWN = 30
"""Lines of what was printed that are shown from its beginning, and as many from its end."""
_FATES = {
    LOST: "never finished: killed with the sandbox",
    LATE: "ended in invocation {}: late, during another event",
    CANCELLED: "cancelled by asyncio.run as the handler ended",
    NEVER_STARTED: "never started: nothing awaited it, or its loop was closed",
}
_STYLES = {CONFIRMED: "bold green"} | dict.fromkeys((NOT_REPRODUCED, NOT_TRIED, CANNOT_BE_OBSERVED), "bold yellow")


def place(where: Place | None) -> str:
    """`file:line in function`, relative to the current directory where that is shorter."""
    if where is None:
        return "an unknown line"
    relative = os.path.relpath(where.file)
    said = f"{relative if len(relative) < len(where.file) else where.file}:{where.line}"
    return f"{said} in {where.function}" if where.function else said


def describe(item: Item) -> str:
    """What it is, in one line."""
    work = item.work
    target = " ".join(work.target.split())
    target = target if len(target) <= _COMMAND_SHOWN else f"{target[: _COMMAND_SHOWN - 3]}..."
    if work.kind == "client":
        return f"{work.name}: {work.queued} unsent in {target}"
    if work.kind in ("executor", "process job", "pool"):
        state = ", still queued" if work.name == "queued" else ""
        return f"pool job `{target or 'unknown'}`{state}"
    nouns = {"timer": "timer", "callback": "loop callback", "process": "child process"}
    said = work.name.removesuffix(f" ({target})")  # Python names a thread after its function, which is said already
    name = f" ({said})" if said and said != target else ""
    return f"{nouns.get(work.kind, work.kind)} `{target}`{name}"


def launch(item: Item) -> str:
    """Where it was launched."""
    if item.work.kind == "client":
        return "queued by the client"
    word = "submitted" if item.work.kind in ("executor", "process job", "pool") else "launched"
    return f"{word} at {place(item.launched)}"


def fate(item: Item) -> str:
    return _FATES[item.fate].format(item.ended_in)


def grouped(items: Sequence[Item]) -> list[str]:
    """What became of them, one line for all that are alike: same work, same launching line, same fate."""
    groups: dict[tuple[str, Place | None, str], list[Item]] = {}
    for item in items:
        groups.setdefault((item.work.target, item.launched, fate(item)), []).append(item)
    return [
        f"{describe(alike[0])}, {launch(alike[0])} in {numbers([item.since for item in alike])}: {became}"
        for (_, _, became), alike in groups.items()
    ]


def hints(story: Story) -> list[str]:
    """What to try next, when a finding was not reproduced."""
    if story.troubles or all(one.verdict != NOT_REPRODUCED for one in story.verdicts):
        return []
    return ["try another --event that reaches the launch; this one does not clear the line"]


def conclusion(story: Story) -> str:
    """The last line: what the exit status says."""
    if not story.judged:
        return "could not be judged: see the first lines"
    if story.left:
        count = len(story.left)
        return f"unfinished work: {count} piece{'s' if count > 1 else ''} left over"
    unseen = sum(one.verdict == CANNOT_BE_OBSERVED for one in story.verdicts)
    if unseen:
        return f"no unfinished work was seen, but {unseen} finding{'s' if unseen > 1 else ''} cannot be observed"
    return "no unfinished work: everything that was started had ended in time"


def standing(item: Item) -> str:
    """Where it stood: the innermost frame of the function's own code, or the innermost of all."""
    own = [frame for frame in item.work.stack if not _library(frame.file)]
    stack = own or list(item.work.stack)
    return place(stack[-1]) if stack else ""


def _library(file: str) -> bool:
    inside = f"{os.sep}emulator{os.sep}inside{os.sep}"
    return "site-packages" in file or f"{os.sep}lib{os.sep}python" in file or file.startswith("<") or inside in file


def as_text(story: Story, width: int = 120, *, verdicts: bool = True) -> str:
    """What `print_story` prints, without colours; without `verdicts`, only what happened."""
    import io

    from rich.console import Console

    text = io.StringIO()
    console = Console(file=text, width=width, highlight=False, soft_wrap=True, color_system=None)
    _print_steps(story, console)
    if verdicts:
        _print_verdicts(story, console, verbose=False)
    return text.getvalue().rstrip()


def print_story(story: Story, console: Console, verbose: bool = False) -> None:
    """What went wrong, init, each invocation with its freeze, and the verdicts. `verbose` adds how each thing is known."""
    _print_steps(story, console)
    _print_verdicts(story, console, verbose)


def _print_steps(story: Story, console: Console) -> None:
    from rich.text import Text

    for trouble in story.troubles:
        style, word = ("bold red", "failed: ") if trouble.fatal else ("bold yellow", "note: ")
        console.print(Text.assemble((word, style), headline(trouble)))
        console.print(Text.assemble(("help: ", "bold cyan"), trouble.help))
    if story.troubles:
        console.print()
    began = next((event.at for event in story.init if event.kind == "init-start"), 0.0)
    took = f"{(story.init[-1].at - began) * 1000:.0f} ms" if story.init else ""
    failed = any(event.kind == "init-failed" for event in story.init)
    console.print(Text.assemble(("init failed", "bold red") if failed else ("init", "bold"), f"  {took}"))
    for step in story.steps:
        _print_step(story, step, console)


def _print_step(story: Story, step: Step, console: Console) -> None:
    from rich.text import Text

    console.print()
    console.print(Text.assemble((f"invocation {step.number}", "bold"), f"  event {_short(json.dumps(step.event))}"))
    start = next((event.at for event in step.events if event.kind in ("invoke", "thaw", "init-start")), 0.0)
    for event in step.events:
        line = _event(story, step, event.kind, event.detail)
        if line is not None:
            console.print(Text.assemble(f"{(event.at - start) * 1000:9.1f} ms  ", line))
        if event.kind in ("freeze", "look"):
            for same in alike(step.pending):
                _print_item(same[0], console, "pending" if not same[0].work.idle else "idle", len(same) - 1)
    for item in story.items:
        if item.since == step.number and item.fate in (CANCELLED, NEVER_STARTED):
            _print_item(item, console, item.fate)
    for same in alike([item for item in story.items if item.ended_in == step.number and not item.work.idle]):
        said = f"{describe(same[0])}{and_more(len(same) - 1)}: {fate(same[0])}"
        console.print(Text.assemble(" " * 14, ("late     ", "bold yellow"), said))
    for one in step.arrived:
        console.print(Text.assemble(" " * 14, ("arrived  ", "bold cyan"), f"at the sink: {one}"))
    for line_ in shortened(quiet(step.outcome.log).strip().replace("\r", "\n").splitlines()):
        console.print(Text.assemble(" " * 14, ("| ", "dim"), (line_, "dim")))


def shortened(lines: list[str]) -> list[str]:
    """The beginning and the end of what was printed, where it was much."""
    cut = [line if len(line) <= _LINE_SHOWN else f"{line[:_LINE_SHOWN]}..." for line in lines]
    if len(cut) <= 2 * _LINES_SHOWN:
        return cut
    left_out = f"... {len(cut) - 2 * _LINES_SHOWN:,} lines are not shown ..."
    return [*cut[:_LINES_SHOWN], left_out, *cut[-_LINES_SHOWN:]]


def _event(story: Story, step: Step, kind: str, detail: dict[str, object]) -> Text | None:
    from rich.text import Text

    outcome = step.outcome
    payload = _short(outcome.payload.decode("utf-8", "replace"))
    name = outcome.error_name
    if (
        kind in ("response", "error") and outcome.kind != kind
    ):  # something happened to it afterwards, which the payload says
        payload, name = f"{detail['size']:,} bytes" if "size" in detail else "", str(detail.get("error_type"))
    count = detail.get("processes")
    lines = {
        "thaw": Text("thawed: frozen work continues", style="cyan"),
        "invoke": Text("handler called"),
        "response": Text.assemble(("response ", "bold green"), payload),
        "error": Text.assemble((f"error {name} ", "bold red"), payload),
        "freeze": Text.assemble(("FREEZE", "bold cyan"), f"  {count} process{'' if count == 1 else 'es'} stopped"),
        "look": Text("what is still alive a second later; nothing was frozen", style="cyan"),
        "timeout": Text.assemble(("TIMEOUT", "bold red"), f" after {story.function.timeout:g} s"),
        "exit": Text.assemble(("process ended ", "bold red"), f"{detail.get('process')}: {detail.get('how')}"),
        "killed": Text("sandbox killed and reset", style="red"),
        "register": Text(f"extension {detail.get('extension')} registered for {_events(detail.get('events'))}"),
    }
    return lines.get(kind)


def _events(events: object) -> str:
    return ", ".join(map(str, events)) if isinstance(events, list) and events else "no events"


def alike(items: Sequence[Item]) -> list[list[Item]]:
    """Items that would be told in the same words, but for the names of threads: each group is told once."""
    groups: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        work = item.work
        key = (work.kind, work.target, work.idle, work.queued, item.launched, item.fate, item.ended_in, standing(item))
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def and_more(more: int) -> str:
    return f" and {more:,} more like it" if more else ""


def _print_item(item: Item, console: Console, word: str, more: int = 0) -> None:
    """One line for it and `more` like it, and where it was launched and stands."""
    from rich.text import Text

    style = {"idle": "dim"}.get(word, "bold red" if item.fate != LATE else "bold yellow")
    console.print(Text.assemble(" " * 14, (f"{word:<8} ", style), describe(item) + and_more(more)))
    if word == "idle":
        return
    console.print(Text(" " * 23 + launch(item)))
    if item.work.stack and word == "pending":
        console.print(Text.assemble(" " * 23, ("stands at ", "dim"), standing(item)))


def _print_verdicts(story: Story, console: Console, verbose: bool) -> None:
    from rich.text import Text

    console.print()
    for one in story.verdicts:
        finding = one.finding
        where = place(Place(finding.path, finding.line, ""))
        said = f"{finding.code} {where}  {finding.message}"
        console.print(Text.assemble((f"{one.verdict}: ", _STYLES[one.verdict]), said))
        for line in grouped(one.items):
            console.print(Text(f"    {line}"))
    for line in grouped(story.not_predicted):
        console.print(Text.assemble((f"{NOT_PREDICTED}: ", "bold red"), line))
    for line in hints(story):
        console.print(Text.assemble(("help: ", "bold cyan"), line))
    if verbose:
        for item in story.items:
            word = "idle" if item.work.idle else item.fate
            console.print(Text.assemble(("known: ", "dim"), (f"{describe(item)} ({word}): {item.work.how}", "dim")))
    style = "bold yellow" if not story.judged else "bold red" if story.left else "green"
    console.print(Text(conclusion(story), style=style))


def _short(text: str) -> str:
    return text if len(text) <= _PAYLOAD_SHOWN else f"{text[:_PAYLOAD_SHOWN]}... ({len(text)} characters)"
