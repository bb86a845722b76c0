"""The story of a run as one self-contained HTML page: a time line in SVG, the verdicts, and what was printed.

Time runs to the right. A column a phase: what ran is drawn to scale inside it, a freeze is a blue band of fixed width, since
on Lambda it lasts minutes or for ever. A lane a piece of left-over work: it runs, is frozen, and ends late or never.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from lint_lambda.emulator.judging import CONFIRMED
from lint_lambda.emulator.pending import quiet
from lint_lambda.emulator.story import Item, Step, Story
from lint_lambda.emulator.text import describe, grouped, hints

LEFT, INIT_WIDTH, RUN_WIDTH, RUN_MINIMUM, FREEZE_WIDTH, END_WIDTH = 235, 100, 260, 110, 104, 120
TOP, LANE, BAR = 100, 46, 18
MAX_LANES = 30

_ICE = """<defs>
<pattern id="ice" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="8" height="8" fill="#e0f2fe"/><line x1="0" y1="0" x2="0" y2="8" stroke="#bae6fd" stroke-width="3"/>
</pattern></defs>"""

_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; color: #1f2933; margin: 2rem auto; max-width: 1240px;
       padding: 0 1.5rem; background: #fff; }
h1 { font-size: 1.35rem; margin: 0 0 .2rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p.sum { margin: 0 0 1.2rem; color: #52606d; } code, pre, svg .code { font-family: ui-monospace, Menlo, Consolas, monospace; }
svg { width: 100%; height: auto; } svg text { font-size: 13px; fill: #1f2933; } svg .small { font-size: 11.5px; fill: #52606d; }
svg .strong { font-weight: 600; } svg .ice { fill: #0b69a3; font-weight: 600; } svg .bad { fill: #b42318; font-weight: 600; }
svg .late { fill: #b54708; font-weight: 600; } svg .good { fill: #fff; font-weight: 600; } svg .late, svg .bad { paint-order: stroke; stroke: #fff; stroke-width: 4px; }
ul.verdicts { list-style: none; padding: 0; margin: 0; } ul.verdicts li { margin: .5rem 0; }
.badge { display: inline-block; border-radius: 4px; padding: 0 .5em; font-weight: 600; font-size: .85em; margin-right: .5em; }
.confirmed { background: #d1fadf; color: #05603a; } .not { background: #fef0c7; color: #93370d; }
.unexpected { background: #fee4e2; color: #912018; } .what { color: #52606d; }
pre { background: #f5f7fa; padding: .6rem .8rem; border-radius: 6px; overflow-x: auto; font-size: 13px; margin: .3rem 0 1rem; }
"""


@dataclass(frozen=True)
class _Phase:
    """A column: `run` (init or an invocation) or `freeze`; times in seconds since the sandbox began, x in pixels."""

    kind: str
    number: int
    start: float
    end: float
    left: float
    right: float

    def x(self, at: float) -> float:
        share = (at - self.start) / max(self.end - self.start, 1e-9)
        return self.left + (self.right - self.left) * min(max(share, 0.0), 1.0)


def page(story: Story) -> str:
    """The whole page. Nothing in it is loaded from elsewhere, and no script runs."""
    handler = escape(story.function.handler)
    body = [
        f"<h1>What <code>{handler}</code> leaves behind when Lambda freezes it</h1>",
        f'<p class="sum">{escape(_summary(story))}</p>',
        _drawing(story),
        "<h2>Findings and facts</h2>",
        *_verdicts(story),
        "<h2>Printed by the function</h2>",
        *_logs(story),
        "<h2>How this is known</h2><ul>",
        *(f"<li>{escape(how)}</li>" for how in dict.fromkeys(item.work.how for item in story.lost)),
        "<li>Every invocation ran under AWS's own runtime client; the freeze is SIGSTOP to every process of the sandbox.</li>",
        "</ul>",
    ]
    head = f'<meta charset="utf-8"><title>lambda-lint prove: {handler}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def _summary(story: Story) -> str:
    counts = {
        key: sum(item.fate == key for item in story.lost) for key in ("lost", "late", "cancelled", "never-started")
    }
    if not any(counts.values()):
        return f"{len(story.steps)} invocations. Nothing was left over."
    words = {"lost": "never finished", "late": "ended late", "cancelled": "cancelled", "never-started": "never started"}
    parts = [f"{count} {words[key]}" for key, count in counts.items() if count]
    return f"{len(story.steps)} invocations, {len(story.lost)} pieces of work left over: {', '.join(parts)}."


def _phases(story: Story) -> list[_Phase]:
    spans: list[tuple[str, int, float, float]] = []
    if story.init:
        spans.append(("run", 0, story.init[0].at, story.init[-1].at))
    for step in story.steps:
        at = {event.kind: event.at for event in step.events}
        end = at.get("freeze", step.events[-1].at)
        spans.append(("run", step.number, at.get("invoke", step.events[0].at), end))
        if "freeze" in at:
            spans.append(("freeze", step.number, end, end))
    running = sum(end - start for kind, number, start, end in spans if kind == "run" and number) or 1.0
    phases, x = [], float(LEFT)
    for kind, number, start, end in spans:
        if kind == "freeze":
            width = float(FREEZE_WIDTH)
        else:
            width = INIT_WIDTH if number == 0 else RUN_MINIMUM + RUN_WIDTH * (end - start) / running
        phases.append(_Phase(kind, number, start, end, x, x + width))
        x += width
    return phases


def _drawing(story: Story) -> str:
    phases = _phases(story)
    lanes = story.lost[:MAX_LANES]
    right = phases[-1].right if phases else LEFT
    width, height = right + END_WIDTH, TOP + LANE * (len(lanes) + 1) + 30
    parts = [
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="time line of the run">',
        _ICE,
        *(_column(story, phase, height, phase is phases[-1]) for phase in phases),
        f'<line x1="{right:.1f}" x2="{right:.1f}" y1="40" y2="{height - 24:.0f}" stroke="#b42318" stroke-width="2"/>',
        _text(right + 8, 54, "sandbox", "bad") + _text(right + 8, 70, "reclaimed", "bad"),
        _text(12, TOP + 14, "the handler", "strong"),
        *(_call(story, phase) for phase in phases if phase.kind == "run"),
    ]
    for row, item in enumerate(lanes, 1):
        parts += _lane(item, phases, TOP + LANE * row, right)
    if len(story.lost) > MAX_LANES:
        parts.append(_text(12, height - 8, f"and {len(story.lost) - MAX_LANES} more", "small"))
    return "\n".join([*parts, "</svg>"])


def _column(story: Story, phase: _Phase, height: float, last: bool) -> str:
    middle = (phase.left + phase.right) / 2
    if phase.kind == "freeze":
        box = f'<rect x="{phase.left:.1f}" y="40" width="{FREEZE_WIDTH}" height="{height - 64:.0f}" fill="url(#ice)"/>'
        until = "for ever" if last else "until next event"
        return box + _text(middle, 58, "FROZEN", "ice", "middle") + _text(middle, 74, until, "small", "middle")
    title = "init" if phase.number == 0 else f"invocation {phase.number}"
    shown = "" if phase.number == 0 else _cut(json.dumps(story.steps[phase.number - 1].event), phase)
    line = f'<line x1="{phase.left:.1f}" x2="{phase.left:.1f}" y1="40" y2="{height - 24:.0f}" stroke="#e4e7eb"/>'
    took = f"{(phase.end - phase.start) * 1000:.0f} ms"
    below = _text(middle, 72, took, "small", "middle") + _text(middle, 87, shown, "small code", "middle")
    return line + _text(middle, 56, title, "strong", "middle") + below


def _call(story: Story, phase: _Phase) -> str:
    if phase.number == 0:
        return _bar(phase.left, phase.right, TOP, "#9aa5b1", "import")
    step = story.steps[phase.number - 1]
    answered = next((event.at for event in step.events if event.kind in ("response", "error")), phase.end)
    good = step.outcome.kind == "response"
    word = "response" if good else step.outcome.error_name or step.outcome.kind
    bar = _bar(phase.left, phase.x(answered), TOP, "#2f9e5f" if good else "#b42318", word)
    payload = _cut(step.outcome.payload.decode("utf-8", "replace"), phase) if good else ""
    return bar + _text(phase.left + 2, TOP + BAR + 14, payload, "small code")


def _lane(item: Item, phases: Sequence[_Phase], top: float, right: float) -> Iterator[str]:
    yield f'<line x1="12" x2="{right + END_WIDTH:.0f}" y1="{top - 8:.0f}" y2="{top - 8:.0f}" stroke="#f0f2f4"/>'
    yield _text(12, top + 10, _clip(describe(item), 29), "strong")
    yield _text(12, top + 26, _clip(f"launched at {_brief(item)}", 36), "small")
    first = next(index for index, phase in enumerate(phases) if phase.kind == "run" and phase.number == item.since)
    start = phases[first]
    left = start.x(item.at) if item.at is not None else start.left + 6
    if item.fate in ("cancelled", "never-started"):
        yield _fleeting(item, left, start, top)
        return
    last = phases[-1].number if item.ended_in is None else item.ended_in
    for phase in phases[first:]:
        if phase.number > last or (item.ended_in == phase.number and phase.kind == "freeze"):
            break
        begin = left if phase is start else phase.left
        if phase.kind == "freeze":
            yield (
                f'<line x1="{phase.left:.1f}" x2="{phase.right:.1f}" y1="{top + BAR / 2}" y2="{top + BAR / 2}" '
                'stroke="#0b69a3" stroke-width="3" stroke-dasharray="5 5"/>'
            )
        else:
            late = phase is not start
            yield _bar(begin, phase.right, top, "#e8590c" if late else "#f2b134", "runs on, late" if late else "")
            end = phase.right
    if item.ended_in is not None:
        yield _text(end + 6, top + 13, f"ended in invocation {item.ended_in}", "late")
    else:
        yield _cross(right, top + BAR / 2) + _text(right + 14, top + 13, "never finished", "bad")


def _fleeting(item: Item, left: float, phase: _Phase, top: float) -> str:
    if item.fate == "never-started":
        ring = f'<circle cx="{left + 8:.1f}" cy="{top + BAR / 2}" r="7" fill="#fff" stroke="#b42318" stroke-width="2"/>'
        return ring + _text(left + 22, top + 13, "never started", "bad")
    end = max(left + 24, phase.left + (phase.right - phase.left) * 0.4)
    word = _text(end + 14, top + 13, "cancelled", "bad")
    return _bar(left, end, top, "#f2b134", "") + _cross(end, top + BAR / 2) + word


def _bar(left: float, right: float, top: float, colour: str, label: str) -> str:
    width = max(right - left, 3)
    bar = f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" rx="3" fill="{colour}"/>'
    fits = label and width > 8 * len(label)
    return bar + (_text(left + 7, top + 13.5, label, "good") if fits else "")


def _cross(x: float, y: float) -> str:
    return (
        f'<path d="M{x - 6:.1f} {y - 6:.1f} l12 12 m0 -12 l-12 12" stroke="#b42318" stroke-width="3" '
        'stroke-linecap="round" fill="none"/>'
    )


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{escape(text)}</text>' if text else ""


def _brief(item: Item) -> str:
    where = item.launched
    return f"{where.file.rpartition('/')[2]}:{where.line}" if where else "an unknown line"


def _clip(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _cut(text: str, phase: _Phase) -> str:
    return _clip(text, max(int((phase.right - phase.left) / 7.2), 4))


def _verdicts(story: Story) -> Iterator[str]:
    yield '<ul class="verdicts">'
    for one in story.verdicts:
        style = "confirmed" if one.verdict == CONFIRMED else "not"
        where = f"{one.finding.path.rpartition('/')[2]}:{one.finding.line}"
        said = f"<code>{escape(one.finding.code)}</code> <code>{escape(where)}</code> {escape(one.finding.message)}"
        what = "".join(f'<br><span class="what">{escape(line)}</span>' for line in grouped(one.items))
        yield f'<li><span class="badge {style}">{one.verdict}</span>{said}{what}</li>'
    for line in grouped(story.not_predicted):
        yield f'<li><span class="badge unexpected">unexpected</span>no finding foretold: {escape(line)}</li>'
    for line in hints(story):
        yield f'<li class="what">{escape(line)}</li>'
    if not story.verdicts and not story.not_predicted:
        yield "<li>Every launch had ended in time.</li>"
    yield "</ul>"


def _logs(story: Story) -> Iterator[str]:
    printed: list[Step] = [step for step in story.steps if step.outcome.log.strip()]
    for step in printed:
        log = quiet(step.outcome.log).replace("\r", "\n").strip()
        yield f"<div>during invocation {step.number}, from whichever event it came</div><pre>{escape(log)}</pre>"
    if not printed:
        yield "<p>Nothing.</p>"
