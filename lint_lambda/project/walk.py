"""Find the Python files of a project, honouring ``.gitignore`` files and exclusions, once and in order."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lint_lambda.core.files import kind
from lint_lambda.core.globs import BadPattern, check, compiled
from lint_lambda.core.looks import Looks
from lint_lambda.core.record import dataclass, field
from lint_lambda.project.vendored import vendored

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_LARGEST_IGNORE = 1_000_000
"""Bytes of a ``.gitignore`` file that are read."""

_BESIDE = re.compile(
    r"\.(?:ya?ml|json|template|tf|tofu|tfvars|tpl|tftpl|tmpl|toml|cfg|env|sh|(?<!\.d\.)ts|mts|cts|js|mjs|cjs|tsx|jsx)\Z|[dD]ockerfile|[cC]ontainerfile|requirements.*\.(?:txt|in)\Z"
)
"""The names of files that may say how code is deployed or packaged."""

_REQUIREMENTS = re.compile(r"requirements.*\.(?:txt|in)\Z")
"""Of these the names of dependencies: a `.gitignore` as wide as ``*.txt`` does not mean them, and git keeps what was added all the same."""

_ARCHIVES = (".zip", ".jar")

_DIRECTORY = re.compile(r"[\w.-]+/", re.ASCII)
"""A pattern that is the name of a directory, wherever it is."""


@dataclass
class Found:
    """What a walk came upon; every path is relative to the root, with forward slashes.

    - `files`: Python files, by the path they really have.
    - `others`: files that say how code is deployed or packaged, whatever they are called in the end.
    - `archives`: packed code, which is not opened.
    - `links`: other paths, through symbolic links, by which such a file can be reached.
    - `left_out`: folders that patterns leave out, and where these stand.
    - `problems`: what could not be read, as messages for the user. `odd`: what was passed over in ``.gitignore`` files.
    """

    files: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    archives: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


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
    """Names of directories, which are what most patterns are, need no `pathspec`. Where a pattern takes another back, all do.

    Raises `BadPattern`.
    """
    plain = [] if any(pattern.startswith("!") for pattern in patterns) else patterns
    directories = frozenset(pattern[:-1] for pattern in plain if _DIRECTORY.fullmatch(pattern))
    others = [pattern for pattern in patterns if pattern[:-1] not in directories or not pattern.endswith("/")]
    if not others:
        return _Rules(base, directories, None)
    return _Rules(base, directories, compiled(others))


@dataclass(frozen=True)
class _Visit:
    """A directory that is to be visited: how it was reached, where it really is, the rules and real directories above it."""

    logical: str
    real: str
    rules: tuple[_Rules, ...]
    trail: tuple[str, ...]


class Walk:
    """A walk over one project. Directories are visited in name order; a symbolic link never leads round in a circle."""

    def __init__(self, root: Path, exclude: Sequence[str], respect_gitignore: bool, looks: Looks) -> None:
        """`looks` is told what is looked at."""
        self._looks = looks
        self._root = _real(root, directory=True)
        self._exclude = rules_of(self._root, exclude)
        self._respect_gitignore = respect_gitignore
        self.found = Found()

    def project(self) -> None:
        """Everything below the root."""
        self._below(self._root, self._outer_rules())
        self._settle_links()

    def given(self, path: Path) -> None:
        """A path the user named: an ignored or vendored one counts as well, but `exclude` holds for files."""
        self._looks.place(os.path.abspath(path))  # noqa: PTH100 - without following links
        if path.is_dir():
            directory = _real(path, directory=True)
            prefix = self._name(directory)
            if not any(name.startswith(prefix) for name in self.found.files):
                self._below(directory, ())
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
        top = next((place for place in (inner, *inner.parents) if self._is_top(place)), None)
        if top is None:
            return ()
        above = [place for place in reversed(inner.parents) if place == top or top in place.parents]
        rules = [self._read_rules(_real(top, directory=True), ".git/info/exclude")]
        rules += [self._read_rules(_real(place, directory=True), ".gitignore") for place in above]
        return tuple(rule for rule in rules if rule is not None)

    def _is_top(self, place: Path) -> bool:
        """Whether a repository begins here."""
        self._looks.place(str(place / ".git"))
        return (place / ".git").exists()

    def _below(self, directory: str, rules: tuple[_Rules, ...]) -> None:
        """Visit a directory and all below it; nothing here recurses, however deep they are."""
        pending = [_Visit(directory, directory, rules, (directory,))]
        while pending:
            pending += reversed(self._directory(pending.pop()))

    def _directory(self, visit: _Visit) -> list[_Visit]:
        """Look through one directory; returns those in it that are to be visited."""
        logical, rules = visit.logical, visit.rules
        try:
            with os.scandir(logical) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            self.found.problems.append(f"{self._name(logical) or '.'}: cannot list this directory: {error.strerror}")
            return []
        names = {entry.name for entry in entries}
        self._looks.folder(logical, names)
        if "pyvenv.cfg" in names:
            return []  # a virtual environment, whatever it is called
        if self._respect_gitignore and ".gitignore" in names:
            own = self._read_rules(logical, ".gitignore")
            rules = rules if own is None else (*rules, own)
        foreign = vendored(Path(logical), names, self._looks.small)
        below = []
        for entry in entries:
            if entry.name in foreign or "{{" in entry.name:  # a template's placeholder: not yet Python
                continue
            if entry.name.startswith("._"):  # what macOS notes of a file beside it, where the disk cannot
                continue
            try:
                inner = self._entry(entry, visit, rules)
            except OSError as error:  # a link into what may not be entered, for instance
                if error.errno == errno.ELOOP:
                    continue  # a link to itself leads to nothing, as one to what is gone does
                self.found.problems.append(f"{self._name(logical)}{entry.name}: cannot be read: {error.strerror}")
                continue
            if inner is not None:
                below.append(inner)
        return below

    def _entry(self, entry: os.DirEntry[str], visit: _Visit, rules: tuple[_Rules, ...]) -> _Visit | None:
        """Count one entry; a directory that is to be visited is returned."""
        if entry.is_symlink():
            self._looks.place(entry.path)
        is_directory = entry.is_dir()
        is_linked = visit.logical != visit.real
        if is_directory and entry.is_symlink() and is_linked:
            return None  # links within linked directories could multiply without end
        is_python = entry.name.endswith(".py")
        if not is_directory and not may_matter(entry.name):
            return None
        path = f"{visit.logical}{entry.name}/" if is_directory else f"{visit.logical}{entry.name}"
        by = self._ignored_by(path, () if _REQUIREMENTS.match(entry.name) and not is_directory else rules)
        if by:
            if is_directory:
                self.found.left_out[self._name(path[:-1])] = by
            return None
        target = _real(path, is_directory) if entry.is_symlink() or is_linked else path
        if is_directory:
            return None if target in visit.trail else _Visit(path, target, rules, (*visit.trail, target))
        if not is_python:
            if entry.is_file():
                (self.found.archives if path.endswith(_ARCHIVES) else self.found.others).add(self._name(path))
        elif target != path:
            self.found.links[self._name(path)] = self._name(target)
        elif entry.is_file():
            self.found.files.add(self._name(path))
        return None

    def _ignored_by(self, path: str, rules: tuple[_Rules, ...]) -> str:
        """Where the pattern stands that leaves a path out; empty where none does."""
        if path.startswith(self._root) and self._exclude.decide(path):
            return "`exclude`"
        for rule in reversed(rules):  # the nearest .gitignore that says anything decides
            decision = rule.decide(path)
            if decision is not None:
                return ".gitignore" if decision else ""
        return ""

    def _read_rules(self, base: str, name: str) -> _Rules | None:
        """The patterns of a file, without those that are none; git, too, passes over a file that it cannot read."""
        try:
            text = self._looks.small(Path(base, name), _LARGEST_IGNORE).decode("utf-8", "replace")
        except OSError:
            return None  # most directories have none
        patterns = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        try:
            return rules_of(base, patterns) if patterns else None
        except BadPattern:
            good = [pattern for pattern in patterns if self._is_good(pattern, f"{self._name(base)}{name}")]
            return rules_of(base, good) if good else None

    def _is_good(self, pattern: str, file: str) -> bool:
        try:
            check(pattern)
        except BadPattern as error:
            self.found.odd.append(f"{file}: {error}; it is passed over")
            return False
        return True

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
            if kind(Path(self._root, target)) == "file":
                named[target] = path
                self.found.files.add(path)


def may_matter(name: str) -> bool:
    """Whether a walk collects files of this name."""
    return name.endswith((".py", *_ARCHIVES)) or _BESIDE.search(name) is not None


def _real(path: Path | str, directory: bool = False) -> str:
    """The absolute path without links, with forward slashes; that of a directory ends in one."""
    real = os.path.realpath(path).replace(os.sep, "/")
    return f"{real.rstrip('/')}/" if directory else real


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
