"""Write a report to a file that the user named: never over anything but an earlier report, and all of it or nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lint_lambda.core.files import kind, put, read_regular
from lint_lambda.output import load
from lint_lambda.settings import OUTPUT_FORMATS

_LOOKED_AT = 100_000
"""Bytes of a file that are enough to tell a report."""

_OTHERS = (
    r"\s*\Z",  # nothing yet, as mktemp leaves it
    r"<!DOCTYPE html>\s<html[^>]*><head>[^\n]*<title>lambda-lint ",  # a picture
)
_DEVICES = ("/dev/", "/proc/")


class NotWritten(Exception):
    """The report cannot be written there; the message names the file and says what to do."""


def check_destination(path: Path) -> None:
    """Raises `NotWritten` when a report must not go there."""
    if not path.parent.is_dir():
        raise NotWritten(f"{path}: there is no folder {path.parent}; create it first")
    if _is_stream(path):
        return
    if path.is_symlink():
        raise NotWritten(f"{path} is a link to {os.path.realpath(path)}, and is not followed; name that file itself")
    if kind(path) == "directory":
        raise NotWritten(f"{path} is a folder; name a file in it")
    if kind(path) == "file" and not _is_report(_beginning(path)):
        raise NotWritten(f"{path} exists and is not a lambda-lint report; name another file, or delete it first")


def write_report(path: Path, text: str) -> None:
    """Write it, in UTF-8. Raises `NotWritten`."""
    check_destination(path)
    content = text.encode("utf-8", "replace")
    try:
        if _is_stream(path):
            with path.open("ab") as stream:
                stream.write(content)
        else:
            put(path, content)
    except OSError as error:
        raise NotWritten(f"{path}: cannot be written: {error.strerror or error}") from error


def _is_stream(path: Path) -> bool:
    """A pipe or a device, or the name of an open file of this process: it is written to, never replaced."""
    return (path.is_absolute() and path.as_posix().startswith(_DEVICES)) or kind(path) == "other"


def _is_report(beginning: bytes) -> bool:
    starts = (*_OTHERS, *(load(name).STARTS for name in OUTPUT_FORMATS))
    return any(re.match(start.encode(), beginning, re.DOTALL) for start in starts)


def _beginning(path: Path) -> bytes:
    try:
        return read_regular(path, _LOOKED_AT)
    except OSError as error:
        raise NotWritten(f"{path}: cannot be read: {error.strerror}") from error
