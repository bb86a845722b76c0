"""Find the Python files of a project, honouring ``.gitignore`` files and exclusions, once and in order."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lint_lambda.core.record import dataclass, field
from lint_lambda.project.vendored import vendored

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_BESIDE = re.compile(
    r"\.(?:ya?ml|json|template|tf|toml|cfg|env|sh|(?<!\.d\.)ts|mts|cts|js|mjs|cjs)\Z|Dockerfile|Containerfile|requirements.*\.(?:txt|in)\Z"
)
"""The names of files that may say how code is deployed or packaged."""

_DIRECTORY = re.compile(r"[\w.-]+/", re.ASCII)
"""A pattern that is the name of a directory, wherever it is."""


@dataclass
class Found:
    """What a walk came upon; every path is relative to the root, with forward slashes.

    - `files`: Python files, by the path they really have.
    - `others`: files that say how code is deployed or packaged, whatever they are called in the end.
    - `links`: other paths, through symbolic links, by which such a file can be reached.
    - `problems`: directories that could not be read, as messages for the user.
    """

    files: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Rules:
    """One set of patterns, and the directory (absolute, ending in a slash) that they are relative to.

    `directories`: names of directories that are ignored wherever they are; `spec`: all other patterns.
    """

    base: str
    directories: frozenset[str]
    spec: GitIgnoreSpec | None

    def decide(self, path: str) -> bool | None:
        """Whether `path` (absolute; a directory ends in a slash) is ignored; None when no pattern speaks of it."""
        inside = path[len(self.base) :]
        if not self.directories.isdisjoint(inside.split("/")[:-1]):
            return True
        return self.spec.check_file(inside).include if self.spec is not None else None


def rules_of(base: str, patterns: Sequence[str]) -> _Rules:
    """Names of directories, which are what most patterns are, need no `pathspec`. Where a pattern takes another back, all do."""
    plain = [] if any(pattern.startswith("!") for pattern in patterns) else patterns
    directories = frozenset(pattern[:-1] for pattern in plain if _DIRECTORY.fullmatch(pattern))
    others = [pattern for pattern in patterns if pattern[:-1] not in directories or not pattern.endswith("/")]
    if not others:
        return _Rules(base, directories, None)
    from pathspec import GitIgnoreSpec

    return _Rules(base, directories, GitIgnoreSpec.from_lines(others))


class Walk:
    """A walk over one project. Directories are visited in name order; a symbolic link never leads round in a circle."""

    def __init__(self, root: Path, exclude: Sequence[str], respect_gitignore: bool) -> None:
        self._root = _real(root, directory=True)
        self._exclude = rules_of(self._root, exclude)
        self._respect_gitignore = respect_gitignore
        self.found = Found()

    def project(self) -> None:
        """Everything below the root."""
        self._directory(self._root, self._root, self._outer_rules(), (self._root,))
        self._settle_links()

    def given(self, path: Path) -> None:
        """A path the user named: an ignored or vendored one counts as well, but `exclude` holds for files."""
        if path.is_dir():
            directory = _real(path, directory=True)
            prefix = self._name(directory)
            if not any(name.startswith(prefix) for name in self.found.files):
                self._directory(directory, directory, (), (directory,))
                self._settle_links()
            return
        absolute = _real(path)
        if not (absolute.startswith(self._root) and self._exclude.decide(absolute)):
            is_python = absolute.endswith(".py") or _BESIDE.search(absolute) is None
            (self.found.files if is_python else self.found.others).add(self._name(absolute))

    def _name(self, absolute: str) -> str:
        """The path relative to the root; as it is when it lies outside."""
        return absolute.removeprefix(self._root)

    def _outer_rules(self) -> tuple[_Rules, ...]:
        """``.gitignore`` files above the root, up to the repository's top."""
        if not self._respect_gitignore:
            return ()
        inner = Path(self._root)
        top = next((place for place in (inner, *inner.parents) if (place / ".git").exists()), None)
        if top is None:
            return ()
        above = [place for place in reversed(inner.parents) if place == top or top in place.parents]
        rules = [_read_rules(_real(top, directory=True), ".git/info/exclude")]
        rules += [_read_rules(_real(place, directory=True), ".gitignore") for place in above]
        return tuple(rule for rule in rules if rule is not None)

    def _directory(self, logical: str, real: str, rules: tuple[_Rules, ...], trail: tuple[str, ...]) -> None:
        """Visit one directory; `trail` are the real directories above it, against circles of links."""
        try:
            with os.scandir(logical) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self.found.problems.append(f"{self._name(logical) or '.'}: cannot list this directory: {error.strerror}")
            return
        names = {entry.name for entry in entries}
        if "pyvenv.cfg" in names:
            return  # a virtual environment, whatever it is called
        if self._respect_gitignore and ".gitignore" in names:
            own = _read_rules(logical, ".gitignore")
            rules = rules if own is None else (*rules, own)
        foreign = vendored(Path(logical), names)
        for entry in entries:
            if entry.name in foreign or "{{" in entry.name:  # a template's placeholder: not yet Python
                continue
            is_directory = entry.is_dir()
            if is_directory and entry.is_symlink() and logical != real:
                continue  # links within linked directories could multiply without end
            is_python = entry.name.endswith(".py")
            if not is_directory and not is_python and _BESIDE.search(entry.name) is None:
                continue
            path = f"{logical}{entry.name}/" if is_directory else f"{logical}{entry.name}"
            if self._ignored(path, rules):
                continue
            target = _real(path, is_directory) if entry.is_symlink() or logical != real else path
            if is_directory:
                if target not in trail:
                    self._directory(path, target, rules, (*trail, target))
            elif not is_python:
                if entry.is_file():
                    self.found.others.add(self._name(path))
            elif target != path:
                self.found.links[self._name(path)] = self._name(target)
            elif entry.is_file():
                self.found.files.add(self._name(path))

    def _ignored(self, path: str, rules: tuple[_Rules, ...]) -> bool:
        if path.startswith(self._root) and self._exclude.decide(path):
            return True
        for rule in reversed(rules):  # the nearest .gitignore that says anything decides
            decision = rule.decide(path)
            if decision is not None:
                return decision
        return False

    def _settle_links(self) -> None:
        """A link to a file of the project is another name for it. A file elsewhere has the first of the links as its name."""
        named: dict[str, str] = {}
        for path, target in list(self.found.links.items()):
            if target in self.found.files:
                continue
            if target in named:
                self.found.links[path] = named[target]
                continue
            del self.found.links[path]
            if Path(self._root, target).is_file():
                named[target] = path
                self.found.files.add(path)


def _real(path: Path | str, directory: bool = False) -> str:
    """The absolute path without links, with forward slashes; that of a directory ends in one."""
    real = os.path.realpath(path).replace(os.sep, "/")
    return f"{real.rstrip('/')}/" if directory else real


def _read_rules(base: str, name: str) -> _Rules | None:
    try:
        lines = Path(base, name).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None  # most directories have none; git, too, passes over one that it cannot read
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    return rules_of(base, lines) if lines else None


def directories(files: Iterable[str]) -> Iterator[str]:
    """Every directory above any of `files`, without a slash at its end; the root is ``""``."""
    seen = {""}
    yield ""
    for path in files:
        parent = path.rpartition("/")[0]
        while parent not in seen:
            seen.add(parent)
            yield parent
            parent = parent.rpartition("/")[0]
