"""Read files that may be anything, and put new contents in their places in one step."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class NotRegular(OSError):
    """A pipe, a device, a directory or the like, where a file was expected."""

    def __init__(self, path: Path) -> None:
        super().__init__(None, "it is no regular file", str(path))
        self.strerror = "it is no regular file"


def read_regular(path: Path, most: int, *, follow: bool = True) -> bytes:
    """At most `most` bytes of a regular file. Opening never waits for a pipe's other end.

    Raises `NotRegular` for anything else, also for a symbolic link unless it may `follow`; `OSError` as usual.
    """
    if not follow and path.is_symlink():
        raise NotRegular(path)
    descriptor = os.open(path, os.O_RDONLY | _NEVER_WAIT | (0 if follow else _NO_LINK))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegular(path)
        return file.read(most)
