"""What the files of a run hold. Each is read once: whoever asks again gets the same bytes, whatever happens to the file.

Everything else that is known of a file (positions, what it imports, what it was lowered to) is derived from these bytes,
and can be kept by their digest.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from lint_lambda.core.files import read_with_status
from lint_lambda.core.looks import LARGEST, Looks
from lint_lambda.core.record import dataclass, field

KEPT = 64_000_000
"""Bytes of files that are kept at a time. Others are read again when they are asked for, and must not have changed."""


@dataclass
class Disk:
    """The files below a root as they were when they were first read.

    - `problems`: what could not be read, as messages for the user. `notes`: what was passed over for its size.
    - `looks`: which files have been read, and whatever else was looked at.
    """

    root: Path
    looks: Looks = field(default_factory=Looks)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _kept: dict[str, bytes] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)
    _size: int = 0

    def read(self, path: str) -> bytes:
        """The bytes of a file; empty when it cannot be read (a problem) or is too large (a note)."""
        content = self.peek(path)
        if len(content) <= LARGEST:
            return content
        note = f"{path}: skipped, larger than {LARGEST // 1_000_000} MB"
        if note not in self.notes:
            self.notes.append(note)
        return b""

    def peek(self, path: str) -> bytes:
        """The bytes of a file, and one more than `LARGEST` of one that is larger; empty when it cannot be read."""
        content = self._kept.get(path)
        if content is None:
            content = self._load(path)
            self._keep(path, content)
        return content

    def seen(self) -> set[str]:
        """The files that have been read up to now."""
        return {*self._kept, *self._digests}

    def digest(self, path: str) -> str:
        if path not in self._digests:
            self._digests[path] = digest(self.peek(path))
        return self._digests[path]

    def _load(self, path: str) -> bytes:
        known = self._digests.get(path)
        try:
            content, status = read_with_status(place := os.path.join(self.root, path), LARGEST + 1)  # noqa: PTH118
        except (OSError, ValueError) as error:
            self.problems.append(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")
            return b""
        self.looks.file(place, status, LARGEST + 1, lambda: self.digest(path))
        if known is not None and digest(content) != known:
            self.problems.append(f"{path}: was changed while it was checked; run lambda-lint again")
            return b""
        return content

    def _keep(self, path: str, content: bytes) -> None:
        self._kept[path] = content
        self._size += len(content)
        while self._size > KEPT and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            dropped = self._kept[oldest]
            if not dropped:  # empty, or given up, which is not to be told twice
                self._kept[oldest] = self._kept.pop(oldest)
                continue
            del self._kept[oldest]
            self._size -= len(dropped)
            self._digests.setdefault(oldest, digest(dropped))


@dataclass(frozen=True)
class Contents:
    """The files on disk, some of them with other contents. It never changes; `overlaid` gives another."""

    disk: Disk
    overlays: Mapping[str, bytes] = field(default_factory=dict)

    def overlaid(self, contents: Mapping[str, bytes]) -> Contents:
        return Contents(self.disk, {**self.overlays, **contents})

    def read(self, path: str) -> bytes:
        """The bytes of a file; empty when it cannot be read (a problem) or is too large (a note)."""
        over = self.overlays.get(path)
        return self.disk.read(path) if over is None else over

    def peek(self, path: str) -> bytes:
        """The same, but for one byte more than `LARGEST` of a file that is larger."""
        over = self.overlays.get(path)
        return self.disk.peek(path) if over is None else over

    def digest(self, path: str) -> str:
        over = self.overlays.get(path)
        return self.disk.digest(path) if over is None else digest(over)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
