"""Parse TOML; the parser is imported when the first file is read, as many runs read none."""

from __future__ import annotations

import sys
from typing import Any


def parse(text: str) -> dict[str, Any]:
    """The tables of a document. Raises `ValueError` that says what is wrong, and where."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)
