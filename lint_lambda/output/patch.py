"""Changes as a patch that `git apply` takes; on a terminal in colours, and with nothing in it that a terminal would obey."""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Mapping

from lint_lambda.core.printable import printable_line
from lint_lambda.output.telling import printing, write
from lint_lambda.output.text import is_painted, paper

_STYLES = {b"@": "information", b"+": "help", b"-": "error", b" ": "code"}
"""How a line is painted, by what it begins with."""


def patch(files: Mapping[str, tuple[bytes, bytes]]) -> Iterator[bytes]:
    """The lines of the patch. `files`: path → (bytes before, bytes after)."""
    for path, (before, after) in sorted(files.items()):
        name = os.fsencode(path)
        end = b"\t\n" if b" " in name else b"\n"  # else a name ends where a space stands
        yield from (b"--- a/" + name + end, b"+++ b/" + name + end)
        lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after))
        for number, line in enumerate(lines):
            if number > 1:  # the first two are the names
                yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def show(files: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Print the patch: byte by byte as it is, unless somebody looks at it."""
    lines = [*patch(files)]
    if not is_painted(sys.stdout):
        with printing(sys.stdout):
            buffer = getattr(sys.stdout, "buffer", None)
            if buffer is None:
                write(b"".join(lines).decode("utf-8", "replace"), sys.stdout)
            else:
                sys.stdout.flush()
                buffer.write(b"".join(lines))
        return
    page = paper(sys.stdout)
    with printing(sys.stdout):
        for line in lines:
            named = line.startswith((b"--- ", b"+++ "))
            text = printable_line(line.decode("utf-8", "replace").rstrip("\r\n"))
            page.line([(text, "place" if named else _STYLES.get(line[:1], "code"))])


def _lines(content: bytes) -> list[bytes]:
    """Lines with their ends, as git counts them: a lone carriage return or a form feed ends none."""
    parts = content.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
