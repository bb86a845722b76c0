"""The story of a run as one self-contained HTML page: a time line, the verdicts, and what was printed.

Time runs to the right. A column a phase: what ran is drawn to scale inside it, a freeze is a hatched band of fixed width, since
on Lambda it lasts minutes or for ever. A lane a piece of left-over work: it runs, is frozen, and ends late or never. Everything
is laid out by the browser, so that names are whole and nothing is printed over anything, at any width; no meaning is carried by
colour alone.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from lint_lambda.emulator.judging import CONFIRMED, NOT_PREDICTED
from lint_lambda.emulator.pending import quiet
from lint_lambda.emulator.story import CANCELLED, LATE, LOST, NEVER_STARTED, Item, Step, Story
from lint_lambda.emulator.text import alike, and_more, conclusion, describe, fate, grouped, hints, launch, shortened
from lint_lambda.emulator.trouble import headline

MAX_LANES = 60
_INIT, _RUN, _RUN_MORE, _FREEZE = 8.0, 14.0, 40.0, 9.0
"""Weights of the columns: init, the least and the most that an invocation gets, a freeze."""
_LEAST_INIT = 0.11
"""What the init column gets at least, as a part of all others: its heading has to stand in it."""
_NAMED = 4
"""With more invocations than these the headings are numbers."""
_LEAST_BAR = 0.6
"""Percent of the width that a bar has at least."""
_WORDS = {LOST: "never finished", LATE: "late", CANCELLED: "cancelled", NEVER_STARTED: "never started"}
_SIGNS = {LOST: "✕", LATE: "▶", CANCELLED: "⊘", NEVER_STARTED: "○"}

_STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1f24; --faint: #57606a; --line: #d0d7de; --panel: #f4f6f8;
  --handler: #0072b2; --init: #8c959f; --work: #e69f00; --late: #d55e00; --ice: #cfe8f7; --ice-ink: #0a4f7a; --bad: #a3330a; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161b; --ink: #e6edf3; --faint: #9aa7b4; --line: #343c45;
  --panel: #1c2229; --handler: #56b4e9; --init: #7d8590; --work: #f0b429; --late: #ff8f4d; --ice: #17384d; --ice-ink: #a6d8f5;
  --bad: #ffab7a; } }
* { box-sizing: border-box; }
body { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); background: var(--paper);
  margin: 0 auto; max-width: 1500px; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.35rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .2rem 0; } .faint { color: var(--faint); } .bad { color: var(--bad); font-weight: 600; }
code, pre { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em; overflow-wrap: anywhere; }
a { color: inherit; }
.lane { display: grid; grid-template-columns: minmax(13rem, 24%) 1fr; gap: .3rem 1rem; padding: .55rem 0;
  border-top: 1px solid var(--line); }
.lane.head { border-top: 0; align-items: end; }
.lane { grid-template-rows: auto 1fr; } .name { grid-row: 1 / span 2; }
.name strong { font-weight: 600; }
.track { position: relative; height: 1.5rem; }
.track > * { position: absolute; top: 0; bottom: 0; }
.columns { display: flex; } .columns > div { padding-right: .4rem; font-size: .85rem; min-width: 0; }
.columns strong { display: block; }
.ice { background: repeating-linear-gradient(45deg, var(--ice), var(--ice) 5px, transparent 5px, transparent 9px); }
.columns .ice { background: none; color: var(--ice-ink); text-align: center; padding: 0; }
.edge { border-left: 1px solid var(--line); }
.bar { border-radius: 3px; top: .25rem; bottom: .25rem; display: block; }
.bar.handler { background: var(--handler); } .bar.init { background: var(--init); }
.bar.failed { background: repeating-linear-gradient(90deg, var(--bad), var(--bad) 6px, transparent 6px, transparent 10px); }
.bar.work { background: var(--work); }
.bar.late { background: repeating-linear-gradient(-45deg, var(--late), var(--late) 6px, var(--work) 6px, var(--work) 9px); }
.bar.open { mask-image: linear-gradient(90deg, #000 60%, transparent); -webkit-mask-image: linear-gradient(90deg, #000 60%, transparent); }
.bar.frozen { background: none; border-top: 3px dashed var(--ice-ink); border-radius: 0; top: calc(50% - 1px); bottom: auto; }
.note { grid-column: 2; font-size: .9rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .85rem; margin-top: .8rem; }
.legend span { display: inline-flex; align-items: center; gap: .4rem; } .legend i { position: static; width: 2rem; height: .8rem; }
.legend i.ice { border: 1px solid var(--line); } .legend i.frozen { height: 0; }
ul { list-style: none; padding: 0; margin: 0; } li { margin: .7rem 0; } li:target { outline: 2px solid var(--handler); outline-offset: 5px; }
.badge { display: inline-block; border: 1px solid currentcolor; border-radius: 4px; padding: 0 .5em; font-weight: 600; font-size: .85em;
  margin-right: .5em; }
.fix { border-left: 3px solid var(--handler); padding-left: .6rem; margin-top: .3rem; }
pre { background: var(--panel); padding: .6rem .8rem; border-radius: 6px; overflow-x: auto; margin: .3rem 0 1rem; }
@media (max-width: 760px) { body { padding: 1rem; } .lane { grid-template-columns: 1fr; grid-template-rows: none; } .name { grid-row: auto; } .note { grid-column: 1; }
  .lane.head .name { display: none; } .columns > div { font-size: .72rem; } }
@media print { :root { color-scheme: light; } }
"""


@dataclass(frozen=True)
class _Phase:
    """A column: `run` (init or an invocation) or `freeze`; times in seconds since the sandbox began, left and width in percent."""

    kind: str
    number: int
    start: float
    end: float
    left: float
    width: float

    def x(self, at: float) -> float:
        share = (at - self.start) / max(self.end - self.start, 1e-9)
        return self.left + self.width * min(max(share, 0.0), 1.0)

    @property
    def right(self) -> float:
        return self.left + self.width


def page(story: Story) -> str:
    """The whole page. Nothing in it is loaded from elsewhere, and no script runs."""
    handler = escape(story.function.handler)
    findings = _by_item(story)
    body = [
        f"<h1>What <code>{handler}</code> leaves behind when Lambda freezes it</h1>",
        *_troubles(story),
        f"<p>{_marked(_summary(story))}</p>",
        *_drawing(story, findings),
        "<h2>Findings and facts</h2>",
        *_verdicts(story),
        "<h2>Printed by the function</h2>",
        *_logs(story),
        "<h2>How this is known</h2><ul>",
        *(f"<li>{_marked(how)}</li>" for how in dict.fromkeys(item.work.how for item in story.lost)),
        "<li>Every invocation ran under AWS's own runtime client; the freeze is SIGSTOP to every process of the sandbox.</li>",
        "</ul>",
    ]
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>lambda-lint prove: {handler}</title><style>{_STYLE}</style>"
    )
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def _marked(text: str) -> str:
    """Words of a report, with what stands in backticks as code, and places where a long name may be broken."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{_breakable(part)}</code>" if at % 2 else part for at, part in enumerate(parts))


def _breakable(name: str) -> str:
    return re.sub(r"(?<=[\w)])([_./])(?=\w)", r"\1<wbr>", name)


def _by_item(story: Story) -> dict[int, int]:
    """id of an item -> number of the first finding that it confirms."""
    found: dict[int, int] = {}
    for number, verdict in enumerate(story.verdicts, 1):
        for item in verdict.items:
            found.setdefault(id(item), number)
    return found


def _troubles(story: Story) -> Iterator[str]:
    for trouble in story.troubles:
        style, word = ("bad", "Failed") if trouble.fatal else ("", "Note")
        yield f'<p class="{style}">{word}: {_marked(headline(trouble))}</p><p class="faint">{_marked(trouble.help)}</p>'


def _summary(story: Story) -> str:
    counts = {key: sum(item.fate == key for item in story.lost) for key in _WORDS}
    parts = [f"{count} {_WORDS[key]}" for key, count in counts.items() if count]
    said = f"{len(story.steps)} invocation{'s' if len(story.steps) != 1 else ''}: {conclusion(story)}"
    return f"{said} ({', '.join(parts)})." if parts else f"{said}."


# The time line.


def _phases(story: Story) -> list[_Phase]:
    spans: list[tuple[str, int, float, float]] = []
    if story.init:
        spans.append(("run", 0, story.init[0].at, story.init[-1].at))
    for step in story.steps:
        if not step.events:
            continue
        at = {event.kind: event.at for event in step.events}
        end = at.get("freeze", step.events[-1].at)
        spans.append(("run", step.number, at.get("invoke", step.events[0].at), end))
        if "freeze" in at:
            spans.append(("freeze", step.number, end, end))
    longest = max((end - start for kind, number, start, end in spans if kind == "run" and number), default=0.0) or 1.0
    weights = [
        _FREEZE if kind == "freeze" else _INIT if number == 0 else _RUN + _RUN_MORE * (end - start) / longest
        for kind, number, start, end in spans
    ]
    if spans and spans[0][1] == 0:
        weights[0] = max(weights[0], _LEAST_INIT * sum(weights[1:]))
    phases, left = [], 0.0
    for (kind, number, start, end), weight in zip(spans, weights):
        width = 100 * weight / sum(weights)
        phases.append(_Phase(kind, number, start, end, left, width))
        left += width
    return phases


def _drawing(story: Story, findings: dict[int, int]) -> Iterator[str]:
    phases = _phases(story)
    yield '<section aria-label="time line of the run">'
    columns = "".join(_column(story, phase, phase is phases[-1]) for phase in phases)
    yield f'<div class="lane head"><div class="name"></div><div class="columns">{columns}</div></div>'
    bars = "".join(_call(story, phase) for phase in phases if phase.kind == "run")
    yield _lane("<strong>the handler</strong>", _ground(phases) + bars, _answers(story))
    invocations = sorted({item.since for item in story.lost})
    lanes = [same for number in invocations for same in alike([item for item in story.lost if item.since == number])]
    for same in lanes[:MAX_LANES]:
        item = same[0]
        number = findings.get(id(item))
        link = f"#finding-{number}" if number else "#not-predicted"
        what = _marked(describe(item) + and_more(len(same) - 1))
        name = f'<strong>{what}</strong><br><span class="faint">{_marked(launch(item))}</span>'
        yield _lane(name, _ground(phases) + "".join(_bars(story, item, phases, link)), _note(story, item, number))
    if len(lanes) > MAX_LANES:
        yield f'<p class="faint">and {len(lanes) - MAX_LANES} more</p>'
    yield _legend() + "</section>"


def _lane(name: str, track: str, note: str) -> str:
    return (
        f'<div class="lane"><div class="name">{name}</div><div class="track">{track}</div>'
        f'<div class="note">{note}</div></div>'
    )


def _column(story: Story, phase: _Phase, last: bool) -> str:
    if phase.kind == "freeze":
        said = "FROZEN for ever: the sandbox is reclaimed" if last else "FROZEN until the next event"
        return f'<div class="ice" title="{said}" style="width:{phase.width:.2f}%"><strong>❄</strong></div>'
    named = f"invocation {phase.number}" if len(story.steps) <= _NAMED else str(phase.number)
    title = "init" if phase.number == 0 else named
    took = f"{(phase.end - phase.start) * 1000:.0f} ms"
    return f'<div style="width:{phase.width:.2f}%"><strong>{title}</strong>{took}</div>'


def _ground(phases: Sequence[_Phase]) -> str:
    return "".join(
        f'<i class="{"ice" if phase.kind == "freeze" else "edge"}" style="left:{phase.left:.2f}%;width:{phase.width:.2f}%"></i>'
        for phase in phases
    )


def _call(story: Story, phase: _Phase) -> str:
    if phase.number == 0:
        failed = any(event.kind == "init-failed" for event in story.init)
        return _bar("failed" if failed else "init", phase.left, phase.right, "import of the function")
    step = _step(story, phase.number)
    good = step.outcome.kind == "response"
    return _bar(
        "handler" if good else "failed",
        phase.left,
        phase.x(_answered(story, phase.number, phase)),
        f"invocation {phase.number}",
    )


def _step(story: Story, number: int) -> Step:
    return next(step for step in story.steps if step.number == number)


def _answered(story: Story, number: int, phase: _Phase) -> float:
    events = _step(story, number).events
    return next((event.at for event in events if event.kind in ("response", "error")), phase.end)


def _answers(story: Story) -> str:
    said = []
    for step in story.steps:
        payload = step.outcome.payload.decode("utf-8", "replace")
        word = "answered" if step.outcome.kind == "response" else f"{step.outcome.error_name or step.outcome.kind}:"
        event = _clip(json.dumps(step.event), 160)
        said.append(
            f'<div class="faint">invocation {step.number}: <code>{escape(event)}</code> {escape(word)} '
            f"<code>{escape(_clip(payload, 160))}</code></div>"
        )
    return "".join(said)


def _bars(story: Story, item: Item, phases: Sequence[_Phase], link: str) -> Iterator[str]:
    """What it did in each phase from its launch on. A bar ends where the work did, as far as that is known."""
    first = next((at for at, phase in enumerate(phases) if phase.kind == "run" and phase.number == item.since), None)
    if first is None:
        return
    start = phases[first]
    begin = start.x(item.at) if item.at is not None else start.left
    if item.fate == NEVER_STARTED:
        return
    for phase in phases[first:]:
        left = begin if phase is start else phase.left
        ends_here = phase.kind == "run" and phase.number == item.ended_in
        if phase.kind == "freeze":
            yield _bar("frozen", phase.left, phase.right, "frozen", link)
        elif ends_here and item.until is not None:
            yield _bar("late", left, phase.x(item.until), fate(item), link)
        elif ends_here:
            yield _bar("late open", left, phase.right, fate(item), link)
        elif item.fate == CANCELLED:
            yield _bar("work", left, phase.x(_answered(story, item.since, phase)), fate(item), link)
        else:
            yield _bar("work" if phase is start else "late", left, phase.right, describe(item), link)
        if ends_here or item.fate == CANCELLED:
            return


def _bar(style: str, left: float, right: float, title: str, link: str = "") -> str:
    width = max(right - left, _LEAST_BAR)
    tag, target = ("a", f' href="{link}"') if link else ("i", "")
    place = f"left:{min(left, 100 - width):.2f}%;width:{width:.2f}%"
    return f'<{tag} class="bar {style}"{target} title="{escape(title)}" style="{place}"></{tag}>'


def _note(story: Story, item: Item, number: int | None) -> str:
    code = story.verdicts[number - 1].finding.code if number else ""
    where = (
        f'<a href="#finding-{number}">{escape(code)} and its fix</a>'
        if number
        else '<a href="#not-predicted">not predicted</a>'
    )
    sure = "" if item.fate != LATE or item.until is not None else " (when exactly is not known)"
    return f'<span class="bad">{_SIGNS[item.fate]}</span> {escape(fate(item))}{sure} · {where}'


def _legend() -> str:
    entries = (
        ("handler", "the handler runs"),
        ("work", "work beside it"),
        ("frozen", "the same, frozen"),
        ("late", "it runs on, late, during another event"),
        ("failed", "failed"),
        ("ice", "❄ the sandbox is FROZEN, until the next event or for ever"),
    )
    parts = (
        f'<span><i class="{"" if style == "ice" else "bar "}{style}"></i>{words}</span>' for style, words in entries
    )
    return f'<div class="legend">{"".join(parts)}</div>'


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


# The words.


def _verdicts(story: Story) -> Iterator[str]:
    yield "<ul>"
    for number, one in enumerate(story.verdicts, 1):
        finding = one.finding
        where = f"{os.path.relpath(finding.path, story.function.task_root)}:{finding.line}"
        said = f"<code>{escape(finding.code)}</code> <code>{escape(where)}</code> {_marked(finding.message)}"
        sign = "✓ " if one.verdict == CONFIRMED else ""
        what = "".join(f'<div class="faint">{_marked(line)}</div>' for line in grouped(one.items))
        fixes = "".join(f'<div class="fix">Fix: {_marked(fix)}</div>' for fix in finding.fixes)
        yield f'<li id="finding-{number}"><span class="badge">{sign}{one.verdict}</span>{said}{what}{fixes}</li>'
    if story.not_predicted:
        lines = "".join(f"<div>{_marked(line)}</div>" for line in grouped(story.not_predicted))
        yield f'<li id="not-predicted"><span class="badge">{NOT_PREDICTED}</span>{lines}</li>'
    for line in hints(story):
        yield f'<li class="faint">{_marked(line)}</li>'
    if not story.verdicts and not story.not_predicted:
        yield f"<li>{_marked(conclusion(story))}.</li>"
    yield "</ul>"


def _logs(story: Story) -> Iterator[str]:
    printed: list[Step] = [step for step in story.steps if step.outcome.log.strip()]
    for step in printed:
        log = "\n".join(shortened(quiet(step.outcome.log).replace("\r", "\n").strip().splitlines()))
        yield f"<p>Output during invocation {step.number} (may come from earlier events)</p><pre>{escape(log)}</pre>"
    if not printed:
        yield "<p>Nothing.</p>"
