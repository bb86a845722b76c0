"""Read files that may be anything, and put new contents in their places in one step."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

_BINARY = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NEVER_WAIT = getattr(os, "O_NONBLOCK", 0) | _BINARY
_PIECE = 65_536
"""Bytes that are asked for at a time of a file that holds more than it said."""
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class NotRegular(OSError):
    """A pipe, a device, a directory or the like, where a file was expected."""

    def __init__(self, path: Path) -> None:
        super().__init__(None, "not a regular file", str(path))
        self.strerror = "not a regular file"


def kind(path: Path) -> Literal["file", "directory", "other", "missing"]:
    """What is there, links followed; `other` for pipes, devices and sockets."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return "missing"
    return "file" if stat.S_ISREG(mode) else "directory" if stat.S_ISDIR(mode) else "other"


def read_regular(path: Path, most: int, *, follow: bool = True) -> bytes:
    """At most `most` bytes of a regular file. Opening never waits for a pipe's other end.

    Raises `NotRegular` for anything else, also for a symbolic link unless it may `follow`; `OSError` as usual.
    """
    return read_with_status(path, most, follow=follow)[0]


def read_with_status(path: Path | str, most: int, *, follow: bool = True) -> tuple[bytes, os.stat_result]:
    """The same, and how the file was when it was opened."""
    if not follow and os.path.islink(path):  # noqa: PTH114
        raise NotRegular(Path(path))
    descriptor = os.open(path, os.O_RDONLY | _NEVER_WAIT | (0 if follow else _NO_LINK))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotRegular(Path(path))
        return _content(descriptor, status.st_size, most), status
    finally:
        os.close(descriptor)


def _content(descriptor: int, size: int, most: int) -> bytes:
    """At most `most` bytes of an open file that said it has `size`. There is no buffer between, as this is done to every file."""
    parts = []
    piece, left = size + 1, most
    while left > 0 and (part := os.read(descriptor, min(piece, left))):
        parts.append(part)
        piece, left = _PIECE, left - len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def put(path: Path, content: bytes, mode: int | None = None) -> None:
    """Write a file in one step: who looks sees what was there before, or all of `content`.

    A file that is there keeps its owner, mode and attributes, but for a `mode` that is given. Raises `OSError`, and has changed
    nothing, for a link, for what is no regular file or must not be written, and where that could not be kept.
    """
    status = path.lstat() if os.path.lexists(path) else None
    if status is not None:
        if not stat.S_ISREG(status.st_mode):
            raise NotRegular(path)
        if status.st_nlink > 1:
            raise OSError(f"it has {status.st_nlink} hard links, which would be parted")
        if not os.access(path, os.W_OK):
            raise PermissionError("it is write-protected")

    with unfinished(path.parent, f".{path.name}."[:100]) as (temporary, file):
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        if status is not None:
            _dress(temporary, path, status)
        if status is None or mode is not None:
            temporary.chmod(0o666 & ~_umask() if mode is None else mode)
        temporary.replace(path)


@contextlib.contextmanager
def unfinished(directory: Path, prefix: str) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file that is to get another name inside; when it has none at the end, it is gone."""
    name = f"{directory}/{prefix}{os.urandom(4).hex()}"
    try:
        _unfinished.add(name)
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY, 0o600), "wb") as file:
            yield Path(name), file
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - as in `drop_unfinished`
        _unfinished.discard(name)


_unfinished: set[str] = set()


def drop_unfinished() -> None:
    """Delete what is being written, for a process that ends where it stands."""
    for name in list(_unfinished):
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - nothing more than needed may happen now


def _dress(temporary: Path, path: Path, status: os.stat_result) -> None:
    """Give `temporary` what `path` has besides its contents."""
    own = temporary.stat()
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.chown(temporary, status.st_uid, status.st_gid)
        except OSError as error:
            raise PermissionError("it belongs to somebody else, and would not any more") from error
    import shutil  # here, as most runs write nothing

    shutil.copystat(path, temporary)
    os.utime(temporary)


def _umask() -> int:
    """The process's mask for new files, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
