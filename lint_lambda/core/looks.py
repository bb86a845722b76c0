"""What a run has looked at on disk, and how it was: as long as all of that is the same, so is whatever the run came to.

A file is the same when its size, its times and its inode are; where these cannot tell, its content is compared. They cannot where
they have changed, and where the file was written so shortly before the look, or after it, that a later change may bear the same time.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from lint_lambda.core.files import read_regular, read_with_status

Signature = tuple[int, int, int, int]
"""Time of the last change of the content and of the inode, in nanoseconds; size, inode."""

Look = tuple[str, str, int, int, int, int, str, int]
"""What was looked at (`file`, `folder` or `place`), its path, its signature, what tells its content, and how much was read of it."""

LARGEST = 2_000_000
"""Files above this size, in bytes, are not analysed: they are generated, and would take minutes."""

COARSE = 2_000_000_000
"""Nanoseconds that two changes may be apart on the coarsest of file systems, and bear the same time."""

NOTHING: Signature = (0, 0, 0, 0)


class Looks:
    """Everything that one run has looked at. `aside`: a folder of the linter's own, which does not count."""

    def __init__(self, aside: Path | None = None) -> None:
        self._aside = str(aside)
        self.began = time.time_ns()
        self._found: dict[tuple[str, str], Callable[[], Look]] = {}

    def file(self, path: str, status: os.stat_result, most: int, digest: Callable[[], str]) -> None:
        """A file of which at most `most` bytes were read; `digest` is that of these, asked for in the end."""
        signature = _of(status)
        self._found["file", path] = lambda: ("file", path, *signature, digest(), most)

    def small(self, path: Path, most: int) -> bytes:
        """Read a file that is read once. Raises `OSError`, of which it is kept that nothing could be read there."""
        try:
            content, status = read_with_status(path, most)
        except OSError:
            self.place(str(path))
            raise
        told = told_by(content)
        self.file(str(path), status, most, lambda: told)
        return content

    def folder(self, path: str, names: Iterable[str]) -> None:
        """A folder that was listed, and holds these."""
        told = _told_names(path, names, self._aside)
        signature = _signature(path)
        self._found["folder", path] = lambda: ("folder", path, *signature, told, 0)

    def place(self, path: str) -> None:
        """A path of which it was only asked what is there, and where it leads."""
        there = _there(path)
        self._found["place", path] = lambda: ("place", path, *NOTHING, there, 0)

    def all(self) -> list[Look]:
        return [tell() for tell in self._found.values()]


def unchanged(looks: Iterable[Sequence[Any]], began: int, aside: Path | None) -> tuple[bool, list[Sequence[Any]]]:
    """Whether everything is as it was when a run that began at this time looked at it; and the looks as they are now.

    There are none of these where no content had to be compared. Raises `TypeError` or `ValueError` for what are no looks.
    """
    now: list[Sequence[Any]] = []
    compared = False
    latest = began - COARSE
    for look in looks:
        what, path, changed, inode_changed, size, inode, told, most = look
        if type(path) is not str:
            raise TypeError("no path")
        if what == "place":
            same = _there(path) == told
        else:
            found = _signature(path)
            same = found == (changed, inode_changed, size, inode) and changed < latest and inode_changed < latest
            if not same:
                same = compared = _told(what, path, most, str(aside)) == told
                look = (what, path, *found, told, most)
        if not same:
            return False, []
        now.append(look)
    return True, now if compared else []


def told_by(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _told_names(path: str, names: Iterable[str], aside: str) -> str:
    counted = sorted(name for name in names if os.path.join(path, name) != aside)  # noqa: PTH118
    return told_by("\0".join(counted).encode("utf-8", "surrogateescape"))


def _signature(path: str) -> Signature:
    """How a path is, links followed; `NOTHING` where there is none."""
    try:
        return _of(os.stat(path))  # noqa: PTH116 - asked of every file, at each start
    except (OSError, ValueError):
        return NOTHING


def _of(status: os.stat_result) -> Signature:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _told(what: str, path: str, most: int, aside: str) -> str:
    """What tells the content of a file or a folder now; empty where it cannot be read."""
    try:
        if what == "file":
            return told_by(read_regular(Path(path), most))
        return _told_names(path, os.listdir(path), aside)  # noqa: PTH208
    except (OSError, ValueError):
        return ""


def _there(path: str) -> str:
    """What is at a path, and where that really is."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return f"missing {os.path.realpath(path)}" if os.path.islink(path) else "missing"  # noqa: PTH114
    kind = "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"
    return f"{kind} {os.path.realpath(path)}"
