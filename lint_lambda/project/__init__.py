"""The project under analysis: its Python files, what they hold, and which of them an import loads."""

from __future__ import annotations

import copy
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from lint_lambda.project.layout import Layout
from lint_lambda.project.packages import Packages
from lint_lambda.project.text import decode
from lint_lambda.project.walk import Walk

__all__ = ["LARGEST", "Project", "decode"]

LARGEST = 2_000_000
"""Files above this size, in bytes, are not analysed: they are generated, and would take minutes."""


INLINE = "!"
"""What stands, in the name of code that stands in a template, behind that of the template."""


class Project:
    """Every Python file under a root, by its path relative to that root, with forward slashes.

    A path the user gave that lies outside of the root keeps its absolute name.
    """

    def __init__(
        self,
        root: Path,
        given: Sequence[Path] = (),
        *,
        exclude: Sequence[str] = (),
        respect_gitignore: bool = True,
        source_roots: Sequence[str] = (),
        libraries: Collection[str] = (),
        overlays: Mapping[Path, bytes] | None = None,
    ) -> None:
        """Look for the files; nothing is read yet.

        - `given`: paths that count even where ``.gitignore`` or `exclude` would leave them out.
        - `exclude`: patterns in the language of ``.gitignore``, relative to `root`.
        - `overlays`: contents that stand for those of a file, which need not exist.
        - `libraries`: top-level names of libraries that are known to the models.
        """
        self.root = Path(os.path.realpath(root))
        walk = Walk(self.root, exclude, respect_gitignore)
        walk.project()
        for path in given:
            if path.exists():
                walk.given(path)
        self._overlays = {self.name(path): content for path, content in (overlays or {}).items()}
        self._files = frozenset(walk.found.files | self._overlays.keys())
        self.files = tuple(sorted(self._files))
        self.others = tuple(sorted(walk.found.others))
        """Files that say how code is deployed or packaged; see `peek`."""
        self.problems = list(walk.found.problems)
        names = {path: path for path in self.files} | walk.found.links
        self._layout = Layout(names, source_roots, libraries, Packages(names, self.others, self.peek))
        self.notes: list[str] = []
        """What was passed over for a reason the user may want to know."""
        self._given_up: set[str] = set()

    def add(self, contents: Mapping[str, bytes]) -> None:
        """Count what stands inside other files, under names that begin with theirs, among the files; nothing imports it."""
        self._overlays.update(contents)
        self._files |= contents.keys()
        self.files = tuple(sorted(self._files))

    def deploy(self, folders: Mapping[str, Sequence[str]]) -> None:
        """See `lint_lambda.project.layout.Layout.deploy`."""
        self._layout.deploy(folders)

    def is_local(self, importer: str, module: str, level: int) -> bool:
        """See `lint_lambda.project.layout.Layout.is_local`."""
        return self._layout.is_local(importer, module, level)

    @property
    def guessed(self) -> Mapping[tuple[str, str], str]:
        """See `lint_lambda.project.layout.Layout`."""
        return self._layout.guessed

    def overlaid(self, contents: Mapping[str, bytes], files: Sequence[str]) -> Project:
        """This project with other contents of some of its files; `files` are those it speaks of as its own."""
        other = copy.copy(self)
        other._overlays = {**self._overlays, **contents}
        other.files = tuple(files)
        return other

    @property
    def every_file(self) -> frozenset[str]:
        """All files there are, also where `overlaid` leaves some out."""
        return self._files

    def name(self, path: Path) -> str:
        """How findings call this path: relative to the root where it is inside."""
        absolute = Path(os.path.realpath(path))
        if absolute.is_relative_to(self.root):
            return absolute.relative_to(self.root).as_posix()
        return absolute.as_posix()

    def select(self, given: Iterable[Path]) -> frozenset[str]:
        """The files that are meant by paths a user gave: a file itself, a directory for all it holds."""
        chosen: set[str] = set()
        for path in given:
            name = self.name(path)
            if name == ".":
                return self._files
            within = (f"{name}/", f"{name}{INLINE}")
            chosen.update(file for file in self.files if file == name or file.startswith(within))
        return frozenset(chosen)

    def read(self, path: str) -> bytes:
        """The bytes of a file; empty, when it cannot be read (a problem) or is too large (a note)."""
        if path in self._overlays:
            return self._overlays[path]
        if path in self._given_up:
            return b""
        place = self.root / path
        try:
            with place.open("rb") as file:
                content = file.read(LARGEST + 1)
        except OSError as error:
            self._given_up.add(path)
            self.problems.append(f"{path}: cannot be read: {error.strerror}")
            return b""
        if len(content) > LARGEST:
            self._given_up.add(path)
            self.notes.append(f"{path}: larger than {LARGEST // 1_000_000} MB, so it was not analysed")
            return b""
        return content

    def peek(self, path: str) -> bytes:
        """The bytes of any file, and one more than `LARGEST` of one that is larger; empty when it cannot be read."""
        if path in self._overlays:
            return self._overlays[path]
        try:
            with (self.root / path).open("rb") as file:
                return file.read(LARGEST + 1)
        except OSError as error:
            self.problems.append(f"{path}: cannot be read: {error.strerror}")
            return b""

    def text(self, path: str) -> str:
        """A file's text. Raises `lint_lambda.core.errors.SyntaxProblem` when its encoding cannot be made out."""
        return decode(self.read(path), path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """See `lint_lambda.project.layout.Layout.resolve`."""
        return self._layout.resolve(importer, module, level)
