"""Say where code that stands in a template really stands: findings, and the edits that mend them, point into the template.

Such code is analysed under a name of its own (`locating.inline_path`). Where its lines are those of the template, as many empty
lines are put before it, so that what a message says of lines is true, too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise

from lint_lambda.core.finding import Edit, Finding, Fix
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.source import Location, Span
from lint_lambda.deployment.model import Function, Inline

_LINE = re.compile(r"\b(on line )(\d+)\b")


@dataclass(frozen=True)
class Place:
    """One piece of code in a template. `padding`: how many empty lines are put before it.

    `starts`: where its lines are not next to each other in the template, the line at which each is analysed; empty lines come between.
    """

    template: str
    function: str
    code: Inline
    padding: int
    starts: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The code as it is analysed."""
        if self.starts:
            before = (line - above for above, line in zip((1, *self.starts), self.starts))
            return "".join("\n" * gap + part for gap, part in zip(before, self.code.text.split("\n")))
        return "\n" * self.padding + self.code.text

    @property
    def is_aligned(self) -> bool:
        """Whether the lines at which it is analysed are the template's."""
        return bool(self.starts) or self.padding == self.code.lines[0][0] - 1

    def at(self, line: int, column: int) -> tuple[int, int]:
        """Line and column in the template; what lies behind the end is its end."""
        lines = self.code.lines
        if self.starts:
            index = max(bisect_right(self.starts, line) - 1, 0)
            column = column if line == self.starts[index] else len(lines[index][1]) - 1
        else:
            index = min(max(line - 1 - self.padding, 0), len(lines) - 1)
        real, columns = lines[index]
        if not self.starts and line - 1 - self.padding > index and self.code.exact:
            return real + line - 1 - self.padding - index, min(column, columns[0])
        at = min(column, len(columns) - 1)
        return self.code.rows[index][at] if self.code.rows else real, columns[at]

    def indentation(self, line: int) -> int:
        """How many columns come before a line that is written after this one."""
        lines = self.code.lines
        index = min(max(line - self.padding, 0), len(lines) - 1)
        return lines[index][1][0] if index or len(lines) == 1 else lines[min(1, len(lines) - 1)][1][0]


def place_of(function: Function, code: Inline) -> Place:
    first = code.lines[0][0] if code.lines else 1
    rows = [line for line, _ in code.lines]
    aligned = all(line == first + number for number, line in enumerate(rows))
    apart = not aligned and all(line < below for line, below in pairwise(rows))
    padding = first - 1 if aligned and len(code.lines) > 1 else 0
    return Place(code.file or function.declared.file, function.name, code, padding, tuple(rows) if apart else ())


class InPlace:
    """The code in the templates of one project, by the paths under which it is analysed."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self._places = places

    def __contains__(self, path: str) -> bool:
        return path in self._places

    def place(self, path: str) -> Place:
        """Where the code stands that is analysed under this path. Raises `KeyError` for any other file."""
        return self._places[path]

    def can_be_edited(self, path: str) -> bool:
        """Whether an edit of a file can be made where it stands: in any file, and where a template has the same characters."""
        return path not in self._places or self._places[path].code.exact

    def location(self, location: Location) -> Location:
        place = self._places.get(location.path)
        if place is None:
            return location
        span = location.span
        start, end = place.at(span.line, span.column), place.at(span.end_line, span.end_column)
        return Location(place.template, Span(*start, *max(start, end)))

    def finding(self, finding: Finding) -> Finding:
        """The finding as it stands in the template. What makes its fixes stays as it is."""
        paths = {finding.location.path, *(related.location.path for related in finding.related)}
        paths |= {handler.rpartition(":")[0] for handler in finding.handlers}
        if not paths & self._places.keys():
            return finding
        return replace(
            finding,
            location=self.location(finding.location),
            related=tuple(replace(each, location=self.location(each.location)) for each in finding.related),
            handlers=tuple(sorted(map(self._handler, finding.handlers))),
            message=self._said(finding.message, finding.location.path),
            help=tuple(self._said(text, finding.location.path) for text in finding.help),
            fixes=tuple(self.fix(fix) for fix in finding.fixes),
        )

    def fix(self, fix: Fix) -> Fix:
        return replace(fix, edits=tuple(map(self._edit, fix.edits)))

    def _edit(self, edit: Edit) -> Edit:
        place = self._places.get(edit.path)
        if place is None:
            return edit
        location = self.location(Location(edit.path, edit.span))
        indentation = " " * place.indentation(edit.span.line)
        return Edit(place.template, location.span, edit.text.replace("\n", f"\n{indentation}"))

    def contents(
        self, changed: Mapping[str, tuple[bytes, bytes]], templates: Mapping[str, bytes]
    ) -> dict[str, tuple[bytes, bytes]]:
        """What changes, with the code of templates put back into them; `templates` are the bytes of these."""
        found = {path: change for path, change in changed.items() if path not in self._places}
        inside = sorted((path for path in changed if path in self._places), key=self._line, reverse=True)
        for path in inside:  # from the end of each template on, so that lines above stay where they are
            place = self._places[path]
            before = templates[place.template]
            text = found[place.template][1] if place.template in found else before
            found[place.template] = (before, self._put_back(place, changed[path][1].decode(), text))
        return found

    def _line(self, path: str) -> int:
        return self._places[path].code.lines[0][0]

    @staticmethod
    def _put_back(place: Place, after: str, template: bytes) -> bytes:
        newline = "\r\n" if b"\r\n" in template else "\n"
        lines = template.decode().split(newline)
        code = after.split("\n")[place.padding :]
        first, last = place.code.lines[0], place.code.lines[-1]
        head, tail = lines[first[0] - 1][: first[1][0]], lines[last[0] - 1][last[1][-1] :]
        rest = " " * place.indentation(place.padding + 1)
        whole = [code[0], *(f"{rest}{line}" if line.strip() else "" for line in code[1:])]
        if not whole[-1] and last[1][-1] and place.code.text.endswith("\n"):
            whole[-1] = lines[last[0] - 1][: last[1][-1]]
        lines[first[0] - 1 : last[0]] = "\n".join(
            [head + whole[0], *whole[1:-1], whole[-1] + tail] if len(whole) > 1 else [head + whole[0] + tail]
        ).split("\n")
        return newline.join(lines).encode()

    def _handler(self, handler: str) -> str:
        path, _, _ = handler.rpartition(":")
        place = self._places.get(path)
        return handler if place is None else f"{place.template}:{place.function}"

    def _said(self, text: str, path: str) -> str:
        """What a message says: of the template, and of its lines."""
        place = self._places.get(path)
        if place is not None and not place.is_aligned:
            text = _LINE.sub(lambda match: f"{match[1]}{place.at(int(match[2]), 0)[0]}", text)
        for inner in self._places if "!" in text else ():
            text = text.replace(inner, self._places[inner].template)
        return text

    def templates(self, paths: Iterable[str]) -> set[str]:
        return {self._places[path].template for path in paths if path in self._places}
