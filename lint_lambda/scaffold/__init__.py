"""Writes modules that run work after the response into somebody's project.

The sources are files of their own in `sources`, so that they are linted, typed and run in the sandbox like any other code
here. They are copied as they are.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

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
    others are in the way and `force` is off, `OSError` when the directory cannot be written to.
    """
    contents = {directory / name: (SOURCES / name).read_bytes() for name in names}
    different = [path for path, content in contents.items() if path.exists() and path.read_bytes() != content]
    if different and not force:
        raise Exists(different)
    directory.mkdir(parents=True, exist_ok=True)
    for path, content in contents.items():
        if path in different or not path.exists():
            _replace(path, content, 0o755 if path.name in _EXECUTABLE else 0o644)
    return list(contents)


def _replace(path: Path, content: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
