"""Changes as a patch that `git apply` takes, with nothing in it that a terminal or what reads a log would obey; on a terminal in colours.

A line of source that would be obeyed is shown harmlessly. Such a patch does not apply, which is said.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Iterator, Mapping

from lint_lambda.core.printable import printable_line
from lint_lambda.knowledge.texts import say
from lint_lambda.output.telling import printing, tell, write
from lint_lambda.output.text import is_painted, paper

_STYLES = {b"@": "information", b"+": "help", b"-": "error", b" ": "code"}
"""How a line is painted, by what it begins with."""


_QUOTED = re.compile(rb"[\x00-\x1f\x22\x5c\x7f-\xff]|##")
"""What git does not write of a name as it is, and what starts a command."""
_ENDS = b"\r\n"
_LEFT = {ord("\f"): None, ord("\t"): None, 0xFEFF: None}
"""What steers nothing, and is common in source."""


def _name(side: bytes, path: bytes) -> bytes:
    """A name as git writes it: in quotes where anything in it is not to be read as it is."""
    if not _QUOTED.search(path):
        return side + path + (b"\t" if b" " in path else b"")  # else the name ends where a space stands
    escaped = b"".join(b"\\%03o" % byte if byte in b'"\\#' or not 32 <= byte < 127 else bytes([byte]) for byte in path)
    return b'"' + side + escaped + b'"'


def _harmless(line: bytes) -> bytes:
    """A line of a patch, with whatever would be obeyed made visible."""
    text = line.rstrip(_ENDS).decode("utf-8", "replace")
    bare = text.translate(_LEFT)
    return line if printable_line(bare) == bare else printable_line(text).encode() + line[len(line.rstrip(_ENDS)) :]


def patch(files: Mapping[str, tuple[bytes, bytes]]) -> Iterator[bytes]:
    """The lines of the patch. `files`: path → (bytes before, bytes after)."""
    for path, (before, after) in sorted(files.items()):
        name = os.fsencode(path)
        yield from (b"--- " + _name(b"a/", name) + b"\n", b"+++ " + _name(b"b/", name) + b"\n")
        lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after))
        for number, line in enumerate(lines):
            if number > 1:  # the first two are the names
                yield line.removesuffix(b"\n") + b"\n"
                if not line.endswith(b"\n"):
                    yield b"\\ No newline at end of file\n"


def show(files: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Print the patch: byte by byte, unless somebody looks at it."""
    lines = [*patch(files)]
    if any(_harmless(line) != line for line in lines):
        lines = [_harmless(line) for line in lines]
        tell(f"warning: {say('report.patch-is-changed')}", aside=True)
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
