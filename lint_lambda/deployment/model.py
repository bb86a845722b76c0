"""What a deployment says of one function: what Lambda calls, which folders it is made of, and where it runs.

A function is one process. Every path is relative to the project's root, with forward slashes; the root itself is ``""``.
"""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from lint_lambda.core.record import dataclass, field

Lifetime: TypeAlias = Literal["default", "managed-instances", "web-adapter", "custom-runtime"]
"""What lets a sandbox live: Lambda's freeze after each response; nothing (Managed Instances); the freeze, with a web server that
is asked (the web adapter); the freeze, with a program that asks for events itself."""

_JAVASCRIPT = re.compile(
    r"^\s*(?:exports\.\w|module\.exports\b|export\s+(?:const|let|default|async|function)\b|(?:const|let|var)\s+[\w{\[])",
    re.MULTILINE,
)
"""How a line begins that is JavaScript, and no Python."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Where a function is declared: a file, a line of it (from 1; 0 for the file as a whole), and the format."""

    file: str
    line: int
    format: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Inline:
    """Code that stands in a template.

    `lines`: for each line of `text`, its line in the template (from 1) and the columns there, one for each of its characters and
    one for its end; `exact` says whether the template holds the same characters, so that an edit of one is an edit of the other. `file`: the
    file that holds it, where that is another one than the one that declares the function. `rows`: where a line of the code runs over
    several of the template (a folded scalar), the template's line of each character.
    """

    text: str
    lines: tuple[tuple[int, tuple[int, ...]], ...]
    exact: bool
    file: str = ""
    rows: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Image:
    """A container image: its Dockerfile, the directory it is built from, and the command it is started with."""

    file: str
    context: str
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a deployment.

    - `names`: its name in the template, then the one it gets in AWS, where that is literal.
    - `handler`: as Lambda takes it (``package/module.function``); None where there is none, or where it is computed.
    - `roots`: the folders that stand for the task root, in the order in which they are looked through; `files`: single files that
      are copied to it.
    - `placed`: what stands in the task root under another name than in the project: the path there, and the project's file or
      folder. `rearranged`: a command of the build's own makes the task root, so its files may stand elsewhere in it.
    - `entries`: the sources that a bundler makes the task root of.
    - `layers`: folders that layers put on the path.
    - `application`: the web application that an adapter is told, as ``module:name``. `adapter`: that adapter, if it is told.
    - `unknown`: why something above could not be told, a clause each; it is said when the function is not found.
    - `archive`: the path of an archive that something else makes, and that is not here. `key`: the name of one in a bucket.
    - `unmade`: the folder of its code, where that is named and not here: a build may make it.
    - `elsewhere`: where its code is instead, if it is none of the project's.
    """

    declared: Declared
    names: tuple[str, ...] = ()
    handler: str | None = None
    roots: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    placed: tuple[tuple[str, str], ...] = ()
    rearranged: bool = False
    entries: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    runtime: str | None = None
    lifetime: Lifetime = "default"
    timeout: float | None = None
    environment: tuple[tuple[str, str], ...] = ()
    image: Image | None = None
    inline: Inline | None = None
    application: str = ""
    adapter: str = ""
    elsewhere: str = ""
    archive: str = ""
    key: str = ""
    unmade: str = ""
    unknown: tuple[str, ...] = ()

    @property
    def is_python(self) -> bool:
        """Whether it may be Python: what names no runtime, or one of its own, may be."""
        return not self.is_node and (
            self.runtime is None or self.runtime.lower().startswith(("python", "provided", "$"))
        )

    @property
    def is_node(self) -> bool:
        """Whether it is JavaScript, as it says, or as its code does that stands in the template."""
        if self.runtime is None or self.runtime.startswith("$"):
            return self.inline is not None and _JAVASCRIPT.search(self.inline.text) is not None
        return self.runtime.lower().startswith("node")

    @property
    def name(self) -> str:
        return self.names[0] if self.names else self.handler or "a function"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that a deployment says and that could not be read: a warning, with its place."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}" if self.line else f"{self.file}: {self.what}"


@dataclass(slots=True)
class Declarations:
    """What one reader found.

    `troubles`: what could not be read. `built`: folders that a tool has made from others. `foreign`: files and folders whose
    functions are another platform's.
    """

    functions: list[Function] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    built: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
