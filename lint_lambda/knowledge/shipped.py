"""What `rules/` holds, as data: compiled into one file when a wheel is built, else read from the sources.

The compiled file is JSON, which cannot run code. It carries the digest of the sources that it was made from, and is used only where
they are the ones beside it. An editable install and a checkout have none, and read the sources each time.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.toml import read_toml

COMPILED = "compiled.json"
"""The compiled file, beside the sources."""


class Compiled:
    """What a compiled file holds. Its first line is what every run needs, the second the libraries, which most runs do not.

    `rules`: the rule pages, as `lint_lambda.knowledge.pages` reads them. Raises `ValueError` or `KeyError` for what is no such file.
    """

    def __init__(self, content: bytes) -> None:
        first, _, self._second = content.partition(b"\n")
        head = json.loads(first)
        if not isinstance(head, dict):
            raise ValueError("no table is kept here")
        self.digest: str = head["digest"]
        self.rules: list[Any] = head["rules"]
        self._first: dict[str, Any] = head["tables"]

    def table(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._first[name] if name in self._first else self._libraries[name]
        return found

    def names(self, folder: str) -> list[str]:
        return sorted(name for name in (*self._first, *self._libraries) if name.startswith(f"{folder}/"))

    @cached_property
    def _libraries(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._second)
        return found


def joined(digest: str, tables: Mapping[str, Any], rules: Sequence[Any]) -> bytes:
    """The compiled file of these."""
    libraries = {name: table for name, table in tables.items() if "/" in name}
    first = {name: table for name, table in tables.items() if name not in libraries}
    head = {"digest": digest, "tables": first, "rules": rules}
    return b"\n".join(
        json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in (head, libraries)
    )


def table(name: str) -> Mapping[str, Any]:
    """The tables of one TOML file, by its path below the rules. Raises `KnowledgeError`."""
    data = compiled()
    return read_toml(rules_directory() / name) if data is None else data.table(name)


def names(folder: str) -> list[str]:
    """The TOML files below a folder of the rules, sorted."""
    data = compiled()
    if data is not None:
        return data.names(folder)
    root = rules_directory()
    return sorted(path.relative_to(root).as_posix() for path in (root / folder).rglob("*.toml"))


@cache
def compiled() -> Compiled | None:
    """The compiled data; None where there is none, or none of these sources."""
    return read_compiled(rules_directory(), trusted=bool(_trusted))


_trusted: list[bool] = []


def trust() -> None:
    """Take the compiled file for one of the sources beside it, without comparing them.

    For who knows that both are as they were when they were compared, to go by their size and time.
    """
    _trusted.append(True)


def read_compiled(directory: Path, *, trusted: bool = False) -> Compiled | None:
    try:
        data = Compiled((directory / COMPILED).read_bytes())
    except (OSError, ValueError, KeyError):
        return None  # the sources say the same
    return data if trusted or data.digest == digest(directory) else None


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
