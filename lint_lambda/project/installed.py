"""Installed packages, read as text and never imported: where they start threads, tasks or other work, and run code at exit."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from lint_lambda.core.record import dataclass

STARTS = {
    "a thread": r"(?:threading\.)?Thread\(",
    "a timer": r"(?:threading\.)?Timer\(",
    "a pool": r"(?:futures\.)?(?:Thread|Process)PoolExecutor\(",
    "a process": r"multiprocessing\.Process\(",
    "a task": r"(?:asyncio\.)?(?:create_task|ensure_future)\(",
    "an exit hook": r"atexit\.register\b",
}
"""What in a line of Python starts work that goes on, or runs as the process ends."""

WAITS = ("force_flush", "flush", "join", "wait", "drain", "shutdown", "close", "stop", "aclose", "finish")
"""Methods that, by their names, may wait for it: those that end nothing first."""

_START = {kind: re.compile(rf"(?<![\w.`'\"]){pattern}") for kind, pattern in STARTS.items()}
_CLASS = re.compile(r"(?P<indent>[ \t]*)class[ \t]+(?P<name>\w+)")
_METHOD = re.compile(r"(?P<indent>[ \t]*)(?:async[ \t]+)?def[ \t]+(?P<name>\w+)")
_INSIDE_STRINGS = re.compile(r"^\s*(?:#|>>>|\.\.\. )")
_LARGEST = 2_000_000
_TESTS = frozenset({"tests", "test", "testing", "_vendor", "vendor"})


@dataclass(frozen=True, slots=True)
class Start:
    """A line of an installed package that starts work: `owner` is the class around it, empty where there is none.

    `methods`: what else that class defines.
    """

    file: Path
    line: int
    kind: str
    module: str
    owner: str
    methods: tuple[str, ...]


def environments(root: Path, active: str | None) -> list[Path]:
    """Folders of installed packages: of the project's own environment, of the active one, else of this interpreter."""
    homes = [root / ".venv", root / "venv", *([Path(active)] if active else [])]
    found = [folder for home in homes for folder in sorted(home.glob("lib/python*/site-packages"))]
    found += [folder for home in homes if (folder := home / "Lib" / "site-packages").is_dir()]
    return found or [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]


def location(package: str, folders: Iterable[Path]) -> Path | None:
    """Where the top-level package or module of that name is."""
    for folder in folders:
        for place in (folder / package, folder / f"{package}.py"):
            if place.is_file() or (place / "__init__.py").is_file():
                return place
    return None


def starts(place: Path) -> Iterator[Start]:
    """The lines of a package that start work, file by file."""
    base = place.parent
    for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
        parts = file.relative_to(base).with_suffix("").parts
        if _TESTS.intersection(parts) or file.stat().st_size > _LARGEST:
            continue
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield from _starts_in(file, module, file.read_text(encoding="utf-8", errors="replace"))


def _starts_in(file: Path, module: str, text: str) -> Iterator[Start]:
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if _INSIDE_STRINGS.match(line):
            continue
        for kind, pattern in _START.items():
            if pattern.search(line):
                owner, methods = _around(lines, number - 1)
                yield Start(file, number, kind, module, owner, methods)
                break


def _around(lines: list[str], position: int) -> tuple[str, tuple[str, ...]]:
    """The class around a line, told by its indentation, and the public methods of it."""
    depth = len(lines[position]) - len(lines[position].lstrip())
    for above in range(position, -1, -1):
        match = _CLASS.match(lines[above])
        if match is not None and len(match["indent"]) < depth:
            return match["name"], tuple(dict.fromkeys(_methods(lines, above, len(match["indent"]))))
    return "", ()


def _methods(lines: list[str], start: int, depth: int) -> Iterator[str]:
    inner: int | None = None
    for line in lines[start + 1 :]:
        if (
            line.strip()
            and len(line) - len(line.lstrip()) <= depth
            and not line.lstrip().startswith((")", "#", '"', "'"))
        ):
            return
        match = _METHOD.match(line)
        if match is not None:
            inner = len(match["indent"]) if inner is None else inner
            if len(match["indent"]) == inner and not match["name"].startswith("_"):
                yield match["name"]
