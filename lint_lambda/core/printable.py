"""Text that does nothing but be read: it steers no terminal, reorders nothing, and starts no command of what reads the log.

Names of files, labels and lines of source come from the code under analysis, which may be anybody's.
"""

from __future__ import annotations

import re

_UNPRINTABLE = {
    **{code: chr(0x2400 + code) for code in range(0x20)},  # the control pictures: ␛ for an escape
    0x7F: "\u2421",
    **dict.fromkeys(
        [*range(0x80, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A)], "\ufffd"
    ),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # bytes of a file's name that are no text
}

_UNQUIET = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Those of these characters that JSON does not escape by itself."""

_HASH = re.compile("#(?=#)")

_COMMAND = re.compile(r"##(?=\[|vso\[|teamcity\[)")
"""What starts a command of Azure Pipelines, TeamCity and the older ones of GitHub's runner, wherever in a line it stands."""
_LEADING = re.compile(r"(\s*):(?=:(?!:))")
"""What starts a workflow command of GitHub's runner: two colons, and no third, at the beginning of a line."""


def printable(text: str) -> str:
    """A part of a line. Each character that could do anything becomes a visible one, and every other keeps its column."""
    return _COMMAND.sub("#\u266f", text.translate(_UNPRINTABLE))


def printable_line(text: str) -> str:
    """A whole line, without its end. Tabs stay: they are harmless where nothing has to stand below anything."""
    line = "\t".join(map(printable, text.split("\t")))
    return _LEADING.sub("\\1\u2236", line, count=1) if _LEADING.match(line) else line


def quiet_json(document: str) -> str:
    """A JSON document with the same meaning that steers nothing."""
    return _UNQUIET.sub(lambda found: f"\\u{ord(found[0]):04x}", _HASH.sub("\\\\u0023", document))


_PICTURES = frozenset(_UNPRINTABLE.values())

_PLAIN = {"…": "...", "→": "->", "\u2236": ".", "\u266f": "#-"}
"""What is said in ASCII where the output has nothing else."""


def in_ascii(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: what an encoding has not is said in ASCII. It fits into a JSON text as well."""
    assert isinstance(error, UnicodeEncodeError)
    replaced = []
    for char in error.object[error.start : error.end]:
        units = char.encode("utf-16-be", "surrogatepass")
        escaped = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
        replaced.append("?" if char in _PICTURES else _PLAIN.get(char, escaped))
    return "".join(replaced), error.end
