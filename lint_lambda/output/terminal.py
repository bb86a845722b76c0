"""Paint the lines of the report in a terminal."""

from __future__ import annotations

from typing import IO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from lint_lambda.output.frame import CODE_OF_RULE, Line

STYLES = {
    "": "",
    "code": "",
    "gutter": "bold blue",
    "place": "bold",
    "secondary": "blue",
    "help": "bold green",
    "error": "bold red",
    "warning": "bold yellow",
    "information": "bold cyan",
}


class Terminal:
    """A console of rich's, which honours NO_COLOR, FORCE_COLOR and COLUMNS."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @classmethod
    def on(cls, file: IO[str]) -> Terminal:
        return cls(Console(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True))

    @property
    def width(self) -> int | None:
        return self._console.width if self._console.is_terminal else None

    def line(self, segments: Line, link: str | None = None) -> None:
        painted = Text()
        for text, name in segments:
            style: str | Style = STYLES[name.removeprefix(CODE_OF_RULE)]
            if name.startswith(CODE_OF_RULE):
                style = Style.parse(str(style)) + Style(link=link)
            painted.append(text, style)
        self._console.print(painted, soft_wrap=True)
