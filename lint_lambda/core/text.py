"""Decode Python source as Python does: byte order mark, PEP 263 cookie, else UTF-8."""

from __future__ import annotations

import codecs
import io
import tokenize
import warnings

from lint_lambda.core.errors import SyntaxProblem

_HINT = "save the file as UTF-8, or declare its encoding in line 1 or 2: # -*- coding: latin-1 -*-"


def is_wide(source: bytes) -> bool:
    """Whether every character takes two bytes or more."""
    return source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in source[:4]


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
