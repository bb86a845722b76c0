"""Read TOML, and say where it is none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lint_lambda.core.toml import parse
from lint_lambda.knowledge.errors import KnowledgeError


def read_toml(path: Path) -> Mapping[str, Any]:
    """The tables of a file. Raises `KnowledgeError`."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise KnowledgeError(f"{path}: not valid TOML: {error}") from error
