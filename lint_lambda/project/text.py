"""Decode Python source as Python does: byte order mark, PEP 263 cookie, else UTF-8."""

from __future__ import annotations

import io
import tokenize
import warnings

from lint_lambda.core.errors import SyntaxProblem

_HINT = "save the file as UTF-8, or declare its encoding in line 1 or 2: # -*- coding: latin-1 -*-"


def decode(source: bytes, path: str) -> str:
    """The text of a Python file, without a byte order mark; line ends stay as they are.

    Raises `SyntaxProblem` when its encoding is unknown, is no text encoding, or does not fit its bytes.
    """
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
