"""What `rules/` holds, as data: compiled into one file when a wheel is built, else read from the sources.

The compiled file is JSON, which cannot run code. It carries the digest of the sources that it was made from, and is used only where
they are the ones beside it. An editable install and a checkout have none, and read the sources each time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.toml import read_toml

COMPILED = "compiled.json"
"""The compiled file, beside the sources."""


def table(name: str) -> Mapping[str, Any]:
    """The tables of one TOML file, by its path below the rules. Raises `KnowledgeError`."""
    data = compiled()
    found: Mapping[str, Any] = read_toml(rules_directory() / name) if data is None else data["tables"][name]
    return found


def names(folder: str) -> list[str]:
    """The TOML files below a folder of the rules, sorted."""
    data = compiled()
    if data is not None:
        return sorted(name for name in data["tables"] if name.startswith(f"{folder}/"))
    root = rules_directory()
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*.toml"))


@cache
def compiled() -> Mapping[str, Any] | None:
    """The compiled data; None where there is none, or none of these sources.

    - ``tables``: those of each TOML file, by its path. ``rules``: the rule pages, as `lint_lambda.knowledge.pages` reads them.
    """
    return read_compiled(rules_directory())


def read_compiled(directory: Path) -> Mapping[str, Any] | None:
    try:
        data = json.loads((directory / COMPILED).read_bytes())
    except (OSError, ValueError):
        return None  # the sources say the same
    if not isinstance(data, dict) or data.get("digest") != digest(directory):
        return None
    return data


def digest(directory: Path) -> str:
    """What names the sources: all their paths and bytes."""
    found = hashlib.sha256()
    for name, path in sorted(_sources(str(directory), "")):
        with open(path, "rb") as file:  # noqa: PTH123 - over a hundred files, at each start
            content = file.read()
        found.update(f"{name}\0{len(content)}\0".encode())
        found.update(content)
    return found.hexdigest()


def _sources(directory: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The files that the compiled one is made from: their paths below the rules, and whole."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _sources(entry.path, f"{prefix}{entry.name}/")
            elif entry.name.endswith((".md", ".toml")):
                yield f"{prefix}{entry.name}", entry.path
