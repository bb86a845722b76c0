"""Read TOML, and say where it is none."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lint_lambda.knowledge.errors import KnowledgeError


def read_toml(path: Path) -> Mapping[str, Any]:
    """The tables of a file. Raises `KnowledgeError`."""
    # Imported late: the shipped files are compiled when the wheel is built, so that most runs parse no TOML.
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{path}: not valid TOML: {error}") from error
