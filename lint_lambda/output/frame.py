"""A code frame: the lines of source that explain a finding, each place underlined and labelled.

Pure layout: it makes lines of styled segments, and `lint_lambda.output.text` paints them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from lint_lambda.core.printable import printable
from lint_lambda.core.record import dataclass
from lint_lambda.core.source import Location
from lint_lambda.output.context import Context

Line = list[tuple[str, str]]
"""Segments of text, each with a style: ``gutter``, ``code``, ``place``, ``primary``, ``secondary`` or ``""``."""

CODE_OF_RULE = "code of "
"""Before the name of a severity: the style of a rule's code, which leads to the rule's page."""

TAB = 4
MOST_LINES = 6
"""A launch that spans more lines than this is shown by its first and last."""

_NARROWEST = 24
"""Text is never wrapped into fewer columns, however narrow the terminal."""


@dataclass(frozen=True, slots=True)
class Label:
    """A place and what to say about it. One label of a frame is the primary one."""

    location: Location
    text: str
    primary: bool = False

    @property
    def style(self) -> str:
        return "primary" if self.primary else "secondary"


def frame(labels: Sequence[Label], context: Context, width: int | None) -> Iterator[Line]:
    """The frame of `labels`: the primary one's file first, then the others in order of appearance.

    `width` is the terminal's, in cells; None means that nothing is cropped or wrapped.
    """
    margin = len(str(max(label.location.span.end_line for label in labels)))
    primary = next(label for label in labels if label.primary)
    paths = dict.fromkeys([primary.location.path, *(label.location.path for label in labels)])
    for number, path in enumerate(paths):
        within = sorted((label for label in labels if label.location.path == path), key=lambda label: label.location)
        first = primary if number == 0 else within[0]
        span = first.location.span
        arrow = "-->" if number == 0 else ":::"
        if number:
            yield [(f"{'':{margin}} |", "gutter")]
        place = printable(f"{context.shown(path)}:{span.line}:{span.column + 1}")
        yield [(f"{'':{margin}}{arrow} ", "gutter"), (place, "place")]
        if all(context.line(path, label.location.span.line) is None for label in within):
            for label in within:  # there is no text to show (the file has been deleted): describe it in words
                yield [(f"{'':{margin}} = ", "gutter"), (f"line {label.location.span.line}: {label.text}", label.style)]
            continue
        yield [(f"{'':{margin}} |", "gutter")]
        yield from _File(path, context, margin, width).lines(within)
    yield [(f"{'':{margin}} |", "gutter")]


def wrapped(lead: str, text: str, width: int | None) -> list[str]:
    """``lead`` and `text`, wrapped to the terminal; further lines hang below the text, if there is room for that."""
    if width is None:
        return [lead + text]
    import textwrap  # here, as what goes to a file is not wrapped

    hanging = " " * len(lead) if width - len(lead) >= _NARROWEST else "    "
    return textwrap.wrap(
        text,
        max(_NARROWEST, width),
        initial_indent=lead,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [lead]


def _order(label: Label) -> tuple[bool, bool, int]:
    """Labels of one line: the primary one first, unless more lines of code follow it; then what is evaluated first, from the right.

    So the call in ``return run()`` comes before the return.
    """
    span = label.location.span
    return (label.primary and span.end_line > span.line, not label.primary, -span.column)


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    context: Context
    margin: int
    width: int | None

    def lines(self, labels: Iterable[Label]) -> Iterator[Line]:
        shown = 0  # the last line number printed
        for number, group in groupby(labels, key=lambda label: label.location.span.line):
            if shown and number == shown + 2:
                yield self._code(number - 1, 0)
            elif shown and number > shown + 1:
                yield [("...", "gutter")]
            here = sorted(group, key=_order)
            start = min(self._column(number, label.location.span.column) for label in here)
            if number != shown:
                yield self._code(number, start)
            for label in here:
                yield from self._underline(label, start)
                shown = max(shown, self._last(label))

    def _last(self, label: Label) -> int:
        return label.location.span.end_line if label.primary else label.location.span.line

    def _underline(self, label: Label, visible: int) -> Iterator[Line]:
        span = label.location.span
        if label.primary and span.end_line > span.line:
            yield from self._block(label)
            return
        text = self.context.line(self.path, span.line) or ""
        start = self._column(span.line, span.column)
        last = span.end_column if span.end_line == span.line else len(text)
        yield from self._mark(label, start, max(start + 1, self._column(span.line, last)), self._shift(visible))

    def _block(self, label: Label) -> Iterator[Line]:
        """A launch over several lines: its other lines, and the mark below the last."""
        span = label.location.span
        rest = range(span.line + 1, span.end_line + 1)
        if len(rest) >= MOST_LINES:
            yield [("...", "gutter")]
            rest = range(span.end_line, span.end_line + 1)
        for number in rest:
            yield self._code(number, 0)
        text = self.context.line(self.path, span.end_line) or ""
        start = self._column(span.end_line, len(text) - len(text.lstrip()))
        end = max(start + 1, self._column(span.end_line, span.end_column))
        yield from self._mark(label, start, end, self._shift(0))

    def _mark(self, label: Label, start: int, end: int, shift: int) -> Iterator[Line]:
        gutter = (f"{'':{self.margin}} | ", "gutter")
        start, end = start - shift, end - shift
        room = None if self.width is None else max(_NARROWEST, self.width - self.margin - 3)
        if room is not None:
            start, end = min(start, room - 1), min(end, room)
        mark = " " * start + ("^" if label.primary else "-") * (end - start)
        text = printable(label.text)
        if room is None or end + 1 + _cells(text) <= room:
            yield [gutter, (f"{mark} {text}".rstrip(), label.style)]
            return
        yield [gutter, (mark, label.style)]
        import textwrap  # as above

        indent = max(0, min(start, room - 2 * _NARROWEST))
        for line in textwrap.wrap(text, room - indent, break_long_words=False, break_on_hyphens=False):
            yield [gutter, (" " * indent + line, label.style)]

    def _code(self, number: int, visible: int) -> Line:
        """Line `number`, shifted so that the column `visible` (in cells) can be seen, and cropped to the terminal."""
        text = _expand(self.context.line(self.path, number) or "")
        if self.width is not None:
            room = max(_NARROWEST, self.width - self.margin - 3)
            shift = self._shift(visible)
            text = _crop(text, shift, room)
        gutter = f"{number:{self.margin}} |"
        return [(f"{gutter} ", "gutter"), (text, "code")] if text else [(gutter, "gutter")]

    def _shift(self, visible: int) -> int:
        if self.width is None:
            return 0
        room = max(_NARROWEST, self.width - self.margin - 3)
        return max(0, visible - room // 3) if visible > room // 2 else 0

    def _column(self, number: int, column: int) -> int:
        """The cell at which code point `column` of a line is shown."""
        return _cells(_expand((self.context.line(self.path, number) or "")[:column]))


def _expand(text: str) -> str:
    return printable(text.replace("\t", " " * TAB))


def _crop(text: str, shift: int, room: int) -> str:
    """The cells ``shift … shift + room`` of a line, an ellipsis standing where something was cut off."""
    kept, position = "", 0
    for character in text:
        size = _cells(character)
        if position >= shift and position + size <= shift + room:
            kept += character
        position += size
    if shift:
        kept = "…" + kept[1:]
    return kept[:-1] + "…" if position > shift + room and kept else kept


def _cells(text: str) -> int:
    """How many columns of a terminal a text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
