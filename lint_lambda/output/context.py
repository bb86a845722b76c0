"""What every format gets in addition to the findings: where files are, their text, where a rule is documented."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lint_lambda.core.record import dataclass, field
from lint_lambda.core.source import units
from lint_lambda.knowledge.rules import Rule

_NEWLINE = re.compile(r"\r\n|\r|\n")
"""Python's line ends. `str.splitlines` would also split at form feeds and the like, and every later line would be off."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of the run: its exit status, and what could not be done, a sentence each."""

    status: int = 0
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Context:
    """What a format gets in addition to the findings.

    - `root`: finding paths are relative to it; absolute.
    - `text`: the text of a file (by finding path, without a byte order mark), None when there is none to show.
    - `page`: the address of a rule's documentation (by code), None when it has none.
    - `directory`: people read paths relative to it. `base`: services do, absolute: the root of the repository; by default `root`.
    - `rules`: every rule. `outcome`: how the run went.
    - `encoding`: what an editor counts columns in. `uris`: how it calls files, where it has its own way.
    """

    root: Path
    text: Callable[[str], str | None]
    page: Callable[[str], str | None]
    directory: Path = field(default_factory=Path.cwd)
    base: Path | None = None
    rules: Iterable[Rule] = ()
    outcome: Outcome = Outcome()
    encoding: str = "utf-16"
    uris: Mapping[str, str] = field(default_factory=dict)
    _lines: dict[str, list[str] | None] = field(default_factory=dict, repr=False)

    def line(self, path: str, number: int) -> str | None:
        """Line `number` (from 1) of a file, without its end; None when there is no such line."""
        if path not in self._lines:
            text = self.text(path)
            self._lines[path] = None if text is None else _NEWLINE.split(text)
        lines = self._lines[path]
        return lines[number - 1] if lines is not None and 0 < number <= len(lines) else None

    def editor_column(self, path: str, line: int, column: int) -> int:
        """A column (from 0) in code units of `encoding`; as it is, where the line cannot be read."""
        text = self.line(path, line)
        return column if text is None else units(text, column, self.encoding)

    def shown(self, path: str) -> str:
        """A finding's path as people read it: relative to where they are, unless that only climbs."""
        absolute = self.root / path
        try:
            relative = absolute.relative_to(self.directory).as_posix()
            return f"./{relative}" if relative.lstrip().startswith("::") else relative  # no command of a runner
        except ValueError:
            climbing = os.path.relpath(absolute, self.directory).replace(os.sep, "/")
            return climbing if len(climbing) < len(str(absolute)) else str(absolute)

    def from_base(self, path: str) -> str:
        """A finding's path as services know it: from the root of the repository, or the whole path outside of it."""
        absolute, base = self.root / path, self.base or self.root
        return (absolute.relative_to(base) if absolute.is_relative_to(base) else absolute).as_posix()

    def uri(self, path: str) -> str:
        return self.uris.get(path) or (self.root / path).as_uri()
