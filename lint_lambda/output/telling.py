"""Everything that is printed but the reports: lines that do nothing but be read, in whatever encoding the output has."""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TextIO

import click

from lint_lambda.core.printable import in_ascii, printable_line

_HANDLER = "lambda-lint"
BROKEN_PIPE = 141
"""Exit status as of a process that the signal of a broken pipe has ended."""


def tell(text: str = "", *, aside: bool = False, end: str = "\n") -> None:
    """Print `text`; `aside` is standard error, for what is no part of the answer."""
    stream = sys.stderr if aside else sys.stdout
    write("\n".join(map(_line, text.split("\n"))) + end, stream)


def _line(text: str) -> str:
    """The end of a line as Windows writes it is harmless, and a diff without it would fit no file."""
    line = text.removesuffix("\r")
    return printable_line(line) + text[len(line) :]


class NotPrinted(click.ClickException):
    """Where the output goes takes no more."""

    exit_code = 2


def write(text: str, stream: TextIO | None) -> None:
    """Print a report as it is; what its encoding has not, in ASCII."""
    if stream is None:  # the process was started without one
        return
    with printing(stream):
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, _HANDLER).decode(encoding))


@contextlib.contextmanager
def printing(stream: TextIO) -> Iterator[None]:
    """Say what is wrong with where the output goes; it is not wrong that whoever reads has seen enough."""
    try:
        yield
        stream.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # so that Python's own flush at exit is quiet
        raise click.exceptions.Exit(BROKEN_PIPE) from None
    except OSError as error:
        raise NotPrinted(f"the output cannot be written: {error.strerror or error}") from error


def never_fail(stream: object) -> None:
    """Let the stream itself say in ASCII what its encoding has not, for what others print."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_HANDLER)


codecs.register_error(_HANDLER, in_ascii)
