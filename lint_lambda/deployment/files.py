"""The project's files as the readers of deployments see them: by path, within bounds, each read once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from lint_lambda.project.scripts import Specifiers

FAR_ENOUGH = 2_000_000
"""Bytes of a file that are looked at: one that is larger is generated."""


class Files:
    """Paths are relative to the project's root, with forward slashes; the root itself is ``""``."""

    def __init__(
        self,
        python: Iterable[str],
        others: Iterable[str],
        read: Callable[[str], bytes],
        archives: Collection[str] = frozenset(),
        left_out: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`read` gives the bytes of a file, and nothing when it cannot be read (it says so itself). `archives` are not opened.

        `left_out`: folders that patterns leave out, and where these stand.
        """
        self.archives = archives
        self._left_out = left_out
        self.python = tuple(sorted(python))
        self.others = tuple(sorted(others))
        self._names = frozenset((*self.python, *self.others))
        self._directories = frozenset(_directories(self._names))
        self._read = read
        self._contents: dict[str, bytes] = {}

    def is_file(self, path: str) -> bool:
        return path in self._names

    def is_directory(self, path: str) -> bool:
        return path in self._directories

    def lacks(self, path: str | None) -> str:
        """How it is said of a folder that it is not here."""
        by = next((self._left_out[above] for above in upward(path or "") if above in self._left_out), None)
        if by is None:
            return "which is no folder of this project"
        return f"which {by} leaves out; it is checked where it is given as a path"

    def read(self, path: str) -> bytes:
        if path not in self._contents:
            self._contents[path] = self._read(path)
        return self._contents[path]

    def text(self, path: str) -> str:
        return self.read(path)[:FAR_ENOUGH].decode("utf-8", "replace")

    @cached_property
    def specifiers(self) -> Specifiers:
        """What the specifiers of JavaScript and TypeScript mean, beside paths: aliases, and packages of the project's own."""
        return Specifiers(self.others, self.others, self.read)

    def below(self, directory: str) -> Iterator[str]:
        """Every file in a directory and in those below it."""
        prefix = f"{directory}/" if directory else ""
        return (path for path in self._names if path.startswith(prefix))

    def beside(self, directory: str) -> list[str]:
        """Every file of a directory itself, by its name, sorted."""
        return self._by_directory.get(directory, [])

    @cached_property
    def _by_directory(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self._names):
            directory, _, name = path.rpartition("/")
            found.setdefault(directory, []).append(name)
        return found


def _directories(names: Iterable[str]) -> Iterator[str]:
    yield ""
    seen = {""}
    for name in names:
        parent = name.rpartition("/")[0]
        while parent not in seen:
            seen.add(parent)
            yield parent
            parent = parent.rpartition("/")[0]


def join(directory: str, path: str) -> str | None:
    """The path that `path` means, seen from `directory`; None when it lies outside of the project, or is no path."""
    if "\0" in path or path.startswith(("/", "~")) or "://" in path or len(path) > 4096:
        return None
    whole = posixpath.normpath(posixpath.join(directory, path.replace("\\", "/")))
    if whole == ".." or whole.startswith("../"):
        return None
    return "" if whole == "." else whole


def folder(path: str) -> str:
    """The directory a file is in."""
    return path.rpartition("/")[0]


def upward(directory: str) -> Iterator[str]:
    """The directory, and every one above it, nearest first."""
    yield directory
    while directory:
        directory = directory.rpartition("/")[0]
        yield directory
