"""Keep what parsing cost: lowered modules and their spans, by the digest of the source they came from.

An entry is a JSON file that holds data only, so that a cache somebody else wrote cannot run code. Its name says which
source, and its directory which version of the linter, made it; nothing depends on file times. An entry that cannot be
read, or whose checksum is wrong, is as good as none: it is made anew.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from lint_lambda.core import ir
from lint_lambda.core.source import Span

T = TypeVar("T")

_NODES: tuple[type, ...] = tuple(
    value for _, value in sorted(vars(ir).items()) if isinstance(value, type) and dataclasses.is_dataclass(value)
)
_FIELDS = {type_: tuple(field.name for field in dataclasses.fields(type_)) for type_ in _NODES}
_CODES = {type_: code for code, type_ in enumerate(_NODES)}

_TAG = """Signature: 8a477f597d28d172789f06886806bc55
# This directory is a cache of lambda-lint; it may be deleted. See https://bford.info/cachedir/
"""
_STALE = 4
"""Entries are thrown away when there are more than this many times those that a whole run used."""


class BadEntry(ValueError):
    """A cache entry that does not hold what its name says."""


class Cache:
    """A directory of entries for one version of the linter. Without a directory, it remembers nothing."""

    def __init__(self, directory: Path | None, version: str) -> None:
        """`version` stands for everything besides the source that decides what an entry holds."""
        self._top = directory
        self._directory = None if directory is None else directory / hashlib.sha256(version.encode()).hexdigest()[:16]
        self._used: set[str] = set()
        self.trouble = ""
        """Why entries cannot be stored; the run goes on without them."""

    def module(self, digest: str, path: str) -> ir.Module | None:
        """The module lowered from the source with this digest, as that of the file `path`."""
        module = self._load(f"{digest}.module", decode)
        return None if module is None else dataclasses.replace(module, path=path)

    def spans(self, digest: str) -> tuple[Span, ...] | None:
        """The spans of the sites of that module."""
        return self._load(f"{digest}.spans", _decode_spans)

    def store_module(self, digest: str, module: ir.Module) -> None:
        self._store(f"{digest}.module", encode(module))

    def store_spans(self, digest: str, spans: tuple[Span, ...]) -> None:
        numbers = [number for span in spans for number in dataclasses.astuple(span)]
        self._store(f"{digest}.spans", json.dumps(numbers, separators=(",", ":")))

    def prune(self) -> None:
        """After a run over the whole project: drop what it did not use, if that has become most of the cache."""
        if self._directory is None or not self._directory.is_dir():
            return
        entries = list(self._directory.iterdir())
        if len(entries) > _STALE * len(self._used) + 100:
            for entry in entries:
                if entry.name not in self._used:
                    entry.unlink(missing_ok=True)

    def _load(self, name: str, read: Callable[[str], T]) -> T | None:
        if self._directory is None:
            return None
        try:
            checksum, _, text = (self._directory / name).read_text(encoding="utf-8").partition("\n")
            if checksum != _checksum(text):
                raise BadEntry("the checksum is wrong")
            value = read(text)
        except (OSError, ValueError):
            return None  # no such entry yet, or a damaged one: either way the source is at hand
        self._used.add(name)
        return value

    def _store(self, name: str, text: str) -> None:
        if self._directory is None or self.trouble:
            return
        try:
            if not self._directory.is_dir():
                self._prepare(self._directory)
            descriptor, temporary = tempfile.mkstemp(dir=self._directory, prefix="new-")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{_checksum(text)}\n{text}")
            Path(temporary).replace(self._directory / name)  # at once: another run sees all of it or nothing
        except (OSError, UnicodeEncodeError) as error:
            self.trouble = f"the cache cannot be written: {error}"
            return
        self._used.add(name)

    def _prepare(self, directory: Path) -> None:
        """Make the directories; entries of other versions of the linter go."""
        top = directory.parent
        top.mkdir(parents=True, exist_ok=True)
        (top / ".gitignore").write_text("*\n", encoding="utf-8")
        (top / "CACHEDIR.TAG").write_text(_TAG, encoding="utf-8")
        for other in top.iterdir():
            if other.is_dir():
                shutil.rmtree(other)
        directory.mkdir()


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# --- the data format -------------------------------------------------------------------------------------------------


def encode(module: ir.Module) -> str:
    """A module as JSON: a node is ``[code, field …]``, a tuple ``[-1, element …]``, anything else stands for itself."""
    return json.dumps(_encode(module), separators=(",", ":"))


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return [-1, *map(_encode, value)]
    fields = _FIELDS.get(type(value))
    if fields is None:
        return value
    return [_CODES[type(value)], *(_encode(getattr(value, name)) for name in fields)]


def decode(text: str) -> ir.Module:
    """The module that `encode` wrote. Raises `BadEntry`."""
    try:
        value = _decode(json.loads(text))
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise BadEntry(str(error)) from error
    if not isinstance(value, ir.Module):
        raise BadEntry("it holds no module")
    return value


def _decode(value: Any) -> Any:
    if type(value) is not list:
        return value
    code = value[0]
    parts = [_decode(part) if type(part) is list else part for part in value[1:]]
    return tuple(parts) if code < 0 else _NODES[code](*parts)


def _decode_spans(text: str) -> tuple[Span, ...]:
    numbers = json.loads(text)
    if not isinstance(numbers, list) or len(numbers) % 4:
        raise BadEntry("it holds no spans")
    four = iter(numbers)
    return tuple(Span(*numbers) for numbers in zip(four, four, four, four))
