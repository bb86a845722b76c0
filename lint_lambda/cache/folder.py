"""The folder of the cache: how it is read, written and emptied without touching anything that is not the linter's own.

A folder is the linter's own when it carries the linter's tag; one that is missing or empty becomes so. In it, only what has
the name and the kind of an entry is ever replaced or deleted. Symbolic links are followed neither to it, from the
project's root on, nor in it.
"""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from lint_lambda.core.files import read_regular, unfinished
from lint_lambda.core.record import dataclass

TAG_NAME = "CACHEDIR.TAG"
_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This directory is a cache of lambda-lint; it may be deleted. See https://bford.info/cachedir/
"""
_MARK = _TAG[: _TAG.index(";")]
"""How every tag of the linter begins, whatever its version says after it."""
_OWN = {".gitignore": "*\n", TAG_NAME: _TAG}
"""What a new folder gets; the tag comes last, and says that all is there."""

_VERSION = re.compile(r"[0-9a-f]{16}")
_ENTRY = re.compile(r"[0-9a-f]{64}\.[a-z]+")
_UNFINISHED = re.compile(r"new-[0-9a-z_]{8}")
"""What a run that was killed may leave."""

LARGEST_ENTRY = 256_000_000
"""Bytes; what is larger was not written by the linter."""
_FORGOTTEN = 24 * 3600.0
"""Seconds after which an unfinished entry is nobody's any more."""


class Refused(OSError):
    """The folder is not the linter's; the message says why."""


@dataclass(frozen=True)
class Entry:
    """One entry on disk. `version` is the directory that it lies in; `changed` is in seconds."""

    version: str
    name: str
    size: int
    changed: float

    @property
    def unfinished(self) -> bool:
        return _UNFINISHED.fullmatch(self.name) is not None


class Folder:
    """Entries by version and name, in the folder `place`. Nothing is made before the first is written.

    `root` is the project's: links below it are the repository's, and are refused.
    """

    def __init__(self, place: Path, root: Path | None = None) -> None:
        self.place = place
        self._root = root
        self._opened = False

    def exists(self) -> bool:
        return os.path.lexists(self.place)

    def read(self, version: str, name: str) -> bytes:
        """Raises `OSError`: there is no such entry, or it cannot be read."""
        self._open()
        return read_regular(self._directory(version) / name, LARGEST_ENTRY, follow=False)

    def write(self, version: str, name: str, content: bytes) -> None:
        """Put an entry in its place at once: another run sees all of it or nothing. Raises `OSError`."""
        assert _VERSION.fullmatch(version) and _ENTRY.fullmatch(name), (
            f"{version}/{name} could not be told to be an entry"
        )
        self._make()
        directory = self._directory(version)
        with contextlib.suppress(FileExistsError):
            directory.mkdir()

        with unfinished(directory, "new-") as (temporary, file):
            file.write(content)
            file.close()
            temporary.replace(directory / name)

    def entries(self) -> list[Entry]:
        """All entries, of any version. Raises `OSError`."""
        self._open()
        return [entry for version in _directories(self.place) for entry in _entries(self.place / version)]

    def drop(self, entry: Entry) -> None:
        """Delete an entry that `entries` named; one that has gone meanwhile is no trouble. Raises `OSError`."""
        directory = self._directory(entry.version)
        (directory / entry.name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # it holds more
            directory.rmdir()

    def shrink(self, most: int, keep: tuple[str, Collection[str]]) -> None:
        """Delete entries until those left take at most `most` bytes.

        What no run uses any more goes first: entries of the versions that were written to longest ago. Those that
        `keep` names, of one version, stay. Raises `OSError`.
        """
        entries = self.entries()
        forgotten = [entry for entry in entries if entry.unfinished and time.time() - entry.changed > _FORGOTTEN]
        for entry in forgotten:
            self.drop(entry)
            entries.remove(entry)
        total = sum(entry.size for entry in entries)
        if total <= most:
            return
        version, used = keep
        latest = {entry.version: 0.0 for entry in entries}
        for entry in entries:
            latest[entry.version] = max(latest[entry.version], entry.changed)
        entries.sort(key=lambda entry: (entry.version == version, latest[entry.version], entry.changed))
        for entry in entries:
            if total <= most:
                break
            if not entry.unfinished and (entry.version != version or entry.name not in used):
                self.drop(entry)
                total -= entry.size

    def clean(self) -> int:
        """Delete every entry and, where nothing else is left, the folder; returns the bytes. Raises `OSError`."""
        entries = self.entries()
        for entry in entries:
            self.drop(entry)
        if _is_fresh(self.place):
            for name in _OWN:
                (self.place / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # it may be a mount point, or not ours to remove
                self.place.rmdir()
        return sum(entry.size for entry in entries)

    def _directory(self, version: str) -> Path:
        directory = self.place / version
        if directory.is_symlink():
            raise Refused(f"{directory} is a link")
        return directory

    def _open(self) -> None:
        """Make sure that the folder is ours. Raises `FileNotFoundError` when there is none, `Refused` for another's."""
        if self._opened:
            return
        self._refuse_links()
        if not self.place.is_dir():
            if self.exists():
                raise Refused(f"{self.place} is not a folder")
            raise FileNotFoundError(f"{self.place} does not exist")
        if not _is_tagged(self.place):
            if _is_fresh(self.place):
                raise FileNotFoundError(f"{self.place} is empty")
            if _is_tagged(self.place):  # by another run, in between
                return
            raise Refused(f"{self.place} holds files that are not the cache's; name a folder of its own in `cache-dir`")
        self._opened = True

    def _make(self) -> None:
        """Make the folder, with its tag, where it is missing."""
        try:
            self._open()
        except FileNotFoundError:
            self.place.mkdir(parents=True, exist_ok=True)
            for name, text in _OWN.items():
                _complete(self.place / name, text)
            self._open()

    def _refuse_links(self) -> None:
        inside = self._root is not None and self.place.is_relative_to(self._root)
        steps = [self.place, *self.place.parents]
        for step in steps[: steps.index(self._root)] if inside and self._root is not None else steps[:1]:
            if step.is_symlink():
                raise Refused(f"{step} is a link; the cache follows none")


def _is_tagged(place: Path) -> bool:
    try:
        tag = read_regular(place / TAG_NAME, 1000, follow=False)
    except OSError:
        return False
    return tag.replace(b"\r\n", b"\n").startswith(_MARK.encode())


def _is_fresh(place: Path) -> bool:
    """Whether it holds nothing but what the linter puts in first, or the beginning of that: a run was killed meanwhile."""
    return all(file.name in _OWN and _begins(file, _OWN[file.name]) for file in place.iterdir())


def _begins(file: Path, text: str) -> bool:
    try:
        return text.encode().startswith(read_regular(file, 1000, follow=False))
    except OSError:
        return False


def _complete(file: Path, text: str) -> None:
    """Write a file that holds a beginning of `text`, in one step: runs that do so at once do not disturb each other."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _directories(place: Path) -> Iterator[str]:
    with os.scandir(place) as scan:
        yield from (each.name for each in scan if each.is_dir(follow_symlinks=False) and _VERSION.fullmatch(each.name))


def _entries(directory: Path) -> Iterator[Entry]:
    with os.scandir(directory) as scan:
        for each in scan:
            named = _ENTRY.fullmatch(each.name) or _UNFINISHED.fullmatch(each.name)
            if named and each.is_file(follow_symlinks=False):
                status = each.stat(follow_symlinks=False)
                yield Entry(directory.name, each.name, status.st_size, status.st_mtime)
