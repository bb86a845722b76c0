"""Decode Python source as Python does: byte order mark, PEP 263 cookie, else UTF-8."""

from __future__ import annotations

import codecs
import io
import tokenize
import warnings

from lint_lambda.core.errors import SyntaxProblem

_HINT = "save the file as UTF-8, or declare its encoding in line 1 or 2: # -*- coding: latin-1 -*-"

_NUL = "write the file anew, or exclude it: bytes were lost, or it is no Python"

_NARROW = frozenset({(True, True), (False, False)})
"""Whether the two bytes of a pair are more than NUL, where no character of the first few takes two bytes or more."""


def is_wide(source: bytes) -> bool:
    """Whether every character takes two bytes or more."""
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    start = source[:4]
    if start in (b"\0\0\0" + start[3:], start[:1] + b"\0\0\0"):  # UTF-32
        return any(start)
    pairs = {(first != 0, second != 0) for first, second in zip(start[::2], start[1::2])}
    return len(pairs) == 1 and pairs.isdisjoint(_NARROW)


def is_refused(source: bytes, path: str) -> bool:
    """Whether no runtime of Lambda reads a file, whatever it holds. A text of JavaScript may hold NUL bytes."""
    return is_wide(source) or (b"\0" in source and path.endswith(".py"))


def refuse_wide(source: bytes, path: str) -> None:
    """Raise `SyntaxProblem` for a file that no runtime of Lambda reads."""
    if is_wide(source):
        message = "the file is UTF-16 or UTF-32, which is read neither by Python nor by Node.js"
        raise SyntaxProblem(path, 1, 0, message, "save the file as UTF-8")


def decode(source: bytes, path: str) -> str:
    """The text of a Python file, without a byte order mark; line ends stay as they are.

    Raises `SyntaxProblem` when its encoding is unknown, is no text encoding, or does not fit its bytes.
    """
    refuse_wide(source, path)
    if b"\0" in source:
        line = source.count(b"\n", 0, source.index(b"\0")) + 1
        raise SyntaxProblem(path, line, 0, "the file holds NUL bytes, which Python refuses", _NUL)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes, when an escaping codec is declared
            return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        message = f"byte {source[error.start]:#04x} is not {error.encoding}"
        raise SyntaxProblem(path, line, 0, message, _HINT) from error
    except (SyntaxError, LookupError, ValueError) as error:  # `undefined` is an encoding, too
        message = f"cannot determine the encoding of the file: {error}"
        raise SyntaxProblem(path, 1, 0, message, _HINT) from error
