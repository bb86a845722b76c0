"""The project under analysis: its source files, what they hold, and which of them an import loads."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from lint_lambda.core.looks import LARGEST, Looks
from lint_lambda.core.record import dataclass, replace
from lint_lambda.core.text import decode
from lint_lambda.project.contents import Contents, Disk
from lint_lambda.project.layout import INLINE, Layout
from lint_lambda.project.packages import Packages
from lint_lambda.project.scripts import Specifiers, is_script
from lint_lambda.project.walk import Walk

__all__ = ["LARGEST", "Project", "decode"]

_BESIDE = ("", ".d.ts", ".d.mts", ".json", ".node", ".vue")
"""What a specifier may leave out that is no script: declarations of types, data."""


@dataclass(frozen=True)
class Project:
    """Every source file under a root, by its path relative to that root, with forward slashes. It never changes.

    A path the user gave that lies outside of the root keeps its absolute name.

    - `files`: sorted; those it speaks of as its own. `every_file`: also those that `overlaid` leaves out.
    - `others`: files that say how code is deployed or packaged; see `peek`. `archives`: packed code, which is not opened.
    - `left_out`: folders that patterns leave out, and where these stand.
    - `contents`: what they hold.
    - `found`: what was wrong when they were looked for, as messages for the user; `odd`: what was passed over then.
    """

    root: Path
    files: tuple[str, ...]
    every_file: frozenset[str]
    others: tuple[str, ...]
    archives: frozenset[str]
    left_out: Mapping[str, str]
    contents: Contents
    layout: Layout
    specifiers: Specifiers
    found: tuple[str, ...]
    odd: tuple[str, ...]

    @classmethod
    def find(
        cls,
        root: Path,
        given: Sequence[Path] = (),
        *,
        exclude: Sequence[str] = (),
        respect_gitignore: bool = True,
        source_roots: Sequence[str] = (),
        libraries: Collection[str] = (),
        overlays: Mapping[Path, bytes] | None = None,
        aside: Path | None = None,
    ) -> Project:
        """Look for the files; nothing is read yet.

        - `given`: paths that count even where ``.gitignore`` or `exclude` would leave them out.
        - `exclude`: patterns in the language of ``.gitignore``, relative to `root`.
        - `overlays`: contents that stand for those of a file, which need not exist.
        - `aside`: a folder that the linter writes to.
        - `libraries`: top-level names of libraries that are known to the models.
        """
        root = Path(os.path.realpath(root))
        looks = Looks(aside)
        walk = Walk(root, exclude, respect_gitignore, looks)
        walk.project()
        for path in given:
            if path.exists():
                walk.given(path)
        over = {_name(root, path): content for path, content in (overlays or {}).items()}
        others = tuple(sorted(walk.found.others))
        scripts = {path for path in walk.found.others if is_script(path)}
        files = frozenset(walk.found.files | scripts | (over.keys() - walk.found.others))
        contents = Contents(Disk(root, looks), over)
        names = {path: path for path in sorted(files) if not is_script(path)} | walk.found.links
        layout = Layout(names, source_roots, libraries, Packages(names, others, contents.peek))
        return cls(
            root,
            tuple(sorted(files)),
            files,
            others,
            frozenset(walk.found.archives),
            walk.found.left_out,
            contents,
            layout,
            Specifiers(files, others, contents.peek),
            tuple(walk.found.problems),
            tuple(walk.found.odd),
        )

    def deploying(
        self,
        folders: Mapping[str, Sequence[str]],
        configured: Mapping[str, Sequence[str]] | None = None,
        placed: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    ) -> Project:
        """See `lint_lambda.project.layout.Layout.deploying`."""
        return replace(self, layout=self.layout.deploying(folders, configured or {}, placed or {}))

    def is_local(self, importer: str, module: str, level: int) -> bool:
        """See `lint_lambda.project.layout.Layout.is_local`."""
        return not is_script(importer) and self.layout.is_local(importer, module, level)

    def lacks(self, importer: str, specifier: str) -> bool:
        """Whether a script imports what should be one of the project's own files, and nothing of that name is there."""
        if self.resolve(importer, specifier, 0) is not None:
            return False
        places = list(self.specifiers.meant(importer, specifier))
        return bool(places) and not any(self._is_there(f"{place}{ending}") for place in places for ending in _BESIDE)

    def _is_there(self, path: str) -> bool:
        place = os.path.join(self.root, path)  # noqa: PTH118 - as the looks name it
        self.looks.place(place)
        return os.path.exists(place)  # noqa: PTH110

    @property
    def guessed(self) -> Mapping[tuple[str, str], str]:
        """See `lint_lambda.project.layout.Layout`."""
        return self.layout.guessed

    @property
    def looks(self) -> Looks:
        """What was looked at on disk up to now."""
        return self.contents.disk.looks

    @property
    def problems(self) -> list[str]:
        """What could not be done up to now."""
        return [*self.found, *self.contents.disk.problems]

    @property
    def notes(self) -> list[str]:
        """What was passed over for a reason the user may want to know."""
        return self.contents.disk.notes

    @property
    def skipped(self) -> int:
        """How many files could not be read, or were passed over."""
        return len(self.contents.disk.problems) + len(self.contents.disk.notes)

    def overlaid(self, contents: Mapping[str, bytes], files: Sequence[str] | None = None) -> Project:
        """This project with other contents of some files, which need not be there; `files` are those it speaks of as its own."""
        fresh = contents.keys() - self.every_file
        return replace(
            self,
            contents=self.contents.overlaid(contents),
            files=tuple(sorted({*self.files, *fresh})) if files is None else tuple(files),
            every_file=self.every_file | fresh,
            layout=self.layout.extended(fresh) if fresh else self.layout,
            specifiers=self.specifiers.extended(fresh) if fresh else self.specifiers,
        )

    def containing(self, contents: Mapping[str, bytes]) -> Project:
        """This project with what stands inside other files, under names that begin with theirs; nothing imports it."""
        every = self.every_file | contents.keys()
        return replace(self, contents=self.contents.overlaid(contents), files=tuple(sorted(every)), every_file=every)

    def name(self, path: Path) -> str:
        """How findings call this path: relative to the root where it is inside."""
        return _name(self.root, path)

    def select(self, given: Iterable[Path]) -> frozenset[str]:
        """The files that are meant by paths a user gave: a file itself, a directory for all it holds."""
        chosen: set[str] = set()
        for path in given:
            name = self.name(path)
            if name == ".":
                return self.every_file
            within = (f"{name}/", f"{name}{INLINE}")
            chosen.update(file for file in self.files if file == name or file.startswith(within))
        return frozenset(chosen)

    def read(self, path: str) -> bytes:
        """The bytes of a file; empty, when it cannot be read (a problem) or is too large (a note)."""
        return self.contents.read(path)

    def digest(self, path: str) -> str:
        """What tells the bytes of a file from all others."""
        return self.contents.digest(path)

    def peek(self, path: str) -> bytes:
        """The bytes of any file, and one more than `LARGEST` of one that is larger; empty when it cannot be read."""
        return self.contents.peek(path)

    def text(self, path: str) -> str:
        """A file's text. Raises `lint_lambda.core.errors.SyntaxProblem` when its encoding cannot be made out."""
        return decode(self.read(path), path)

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """See `lint_lambda.project.layout.Layout.resolve`, and `lint_lambda.project.scripts.Specifiers.resolve`."""
        if is_script(importer):
            return self.specifiers.resolve(importer, module)
        return self.layout.resolve(importer, module, level)


def _name(root: Path, path: Path) -> str:
    absolute = Path(os.path.realpath(path))
    if absolute.is_relative_to(root):
        return absolute.relative_to(root).as_posix()
    return absolute.as_posix()
