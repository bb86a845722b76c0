"""Writes modules that run work after the response into somebody's project.

The sources are files of their own in `sources`, so that they are linted, typed and run in the sandbox like any other code
here. They are copied as they are.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lint_lambda.core.files import put, read_regular

SOURCES = Path(__file__).with_name("sources")

EXTENSION = ("lambda_defer.py",)
HOOK = ("lambda_after_response.py",)
CUSTOM_RUNTIME = ("bootstrap",)
_EXECUTABLE = frozenset({*HOOK, *CUSTOM_RUNTIME})
"""The hook's module can be named in AWS_LAMBDA_EXEC_WRAPPER, which Lambda executes."""


class Exists(Exception):
    """Files are in the way, with contents of their own; nothing has been written."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__(", ".join(map(str, paths)))
        self.paths = tuple(paths)


def write(names: Sequence[str], directory: Path, force: bool = False) -> list[Path]:
    """Copy the sources `names` into `directory`, which is made if it is missing; returns their paths.

    Each appears whole or not at all. A file that is already as it would be written is left alone. Raises `Exists` when
    others are in the way and `force` is off, `OSError` when the directory cannot be written to, or something is in the way that
    is no file: not even `force` replaces a link or a folder.
    """
    contents = {directory / name: (SOURCES / name).read_bytes() for name in names}
    different = [path for path, content in contents.items() if os.path.lexists(path) and not _holds(path, content)]
    if different and not force:
        raise Exists(different)
    directory.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        if path in different or not os.path.lexists(path):
            _write(path, content)
    return list(contents)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return read_regular(path, len(content) + 1) == content
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    """Raises `OSError`, which names the file."""
    try:
        put(path, content, 0o755 if path.name in _EXECUTABLE else 0o644)
    except OSError as error:
        raise OSError(f"{path}: {error.strerror or error}") from error
