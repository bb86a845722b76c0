"""Keep what parsing cost: lowered modules and their spans, by the digest of the source they came from.

An entry's name says which source, and its directory which version of the linter, made it; nothing that a run says depends
on file times. An entry that cannot be read, or whose checksum is wrong, is as good as none: it is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lint_lambda.cache.folder import Folder, Refused
from lint_lambda.cache.format import BadEntry, decode_facts, decode_spans, encode_facts, encode_spans
from lint_lambda.core.record import replace
from lint_lambda.core.source import Span

if TYPE_CHECKING:
    from lint_lambda.core import ir

__all__ = ["BadEntry", "Cache"]

T = TypeVar("T")

LARGEST = 500_000_000
"""Bytes that all entries may take; above that, what was not used goes, other versions' first."""
_STALE = 4
"""Entries are thrown away when there are more than this many times those that a whole run used."""


class Cache:
    """A directory of entries for one version of the linter. Without a directory, it remembers nothing."""

    def __init__(self, directory: Path | None, version: str, root: Path | None = None) -> None:
        """- `version` stands for everything besides the source that decides what an entry holds.
        - `root`: that of the project; no link below it leads to the cache.
        """
        self._folder = None if directory is None else Folder(directory, root)
        self._version = hashlib.sha256(version.encode()).hexdigest()[:16]
        self._used: set[str] = set()
        self._stored = False
        self.trouble = ""
        """Why entries cannot be stored; the run goes on without them."""
        self.refusal = ""
        """Why the place that was named for them is not used."""

    def module(self, digest: str, path: str) -> ir.Module | None:
        """The module lowered from the source with this digest, as that of the file `path`."""
        from lint_lambda.cache.lowered import decode  # here, as most runs need no module

        module = self._load(f"{digest}.module", decode)
        return None if module is None else replace(module, path=path)

    def spans(self, digest: str) -> tuple[Span, ...] | None:
        """The spans of the sites of that module."""
        return self._load(f"{digest}.spans", decode_spans)

    def facts(self, vocabulary: str) -> dict[str, str] | None:
        """What is known of files, by the digest of their content, in letters; None when there is nothing to keep it in."""
        if self._folder is None:
            return None
        return self._load(f"{vocabulary}.facts", decode_facts) or {}

    def store_facts(self, vocabulary: str, facts: Mapping[str, str]) -> None:
        self._store(f"{vocabulary}.facts", encode_facts(facts))

    def store_module(self, digest: str, module: ir.Module) -> None:
        from lint_lambda.cache.lowered import encode

        if self.keeps:  # encoding takes longer than lowering small files
            self._store(f"{digest}.module", encode(module))

    def store_spans(self, digest: str, spans: tuple[Span, ...]) -> None:
        self._store(f"{digest}.spans", encode_spans(spans))

    def tried(self, key: str) -> dict[str, Any] | None:
        """What has been stored of fixes under the key, 64 hexadecimal digits, which stands for all that they depend on."""
        return self._load(f"{key}.tried", _table)

    def store_tried(self, key: str, tried: dict[str, Any]) -> None:
        self._store(f"{key}.tried", json.dumps(tried))

    def verdicts(self, key: str) -> dict[str, Any] | None:
        """What has been stored of verdicts under the key, 64 hexadecimal digits, which stands for all that they depend on."""
        return self._load(f"{key}.verdicts", _table)

    def store_verdicts(self, key: str, verdicts: dict[str, Any]) -> None:
        self._store(f"{key}.verdicts", json.dumps(verdicts))

    def report(self, key: str) -> dict[str, Any] | None:
        """The report that has been stored under the key, 64 hexadecimal digits, with what it hangs on besides."""
        return self._load(f"{key}.report", _table)

    def store_report(self, key: str, report: dict[str, Any]) -> None:
        self._store(f"{key}.report", json.dumps(report, separators=(",", ":")))

    def prune(self) -> None:
        """After a run over the whole project: drop what it did not use, if that has become most of the cache."""
        self.drop_unused()
        if self._folder is None or not self._stored:
            return
        try:
            self._folder.shrink(LARGEST, (self._version, self._used))
        except OSError as error:
            self.trouble = f"cannot empty the cache: {error}"

    def drop_unused(self) -> None:
        """Drop what was not used of this version, if that has become most of it."""
        if self._folder is None or not self._stored:
            return
        try:
            own = [entry for entry in self._folder.entries() if entry.version == self._version]
            if len(own) > _STALE * len(self._used) + 100:
                for entry in own:
                    if entry.name not in self._used and not entry.unfinished:
                        self._folder.drop(entry)
        except OSError as error:
            self.trouble = f"cannot empty the cache: {error}"

    def _load(self, name: str, read: Callable[[str], T]) -> T | None:
        if self._folder is None:
            return None
        try:
            checksum, _, text = self._folder.read(self._version, name).partition(b"\n")
            if checksum.decode() != _checksum(text):
                raise BadEntry("the checksum is wrong")
            value = read(text.decode())
        except (OSError, ValueError):
            return None  # no such entry yet, or a damaged one: either way the source is at hand
        self._used.add(name)
        return value

    @property
    def keeps(self) -> bool:
        return self._folder is not None and not self.trouble and not self.refusal

    def _store(self, name: str, text: str) -> None:
        if self._folder is None or not self.keeps:
            return
        try:
            content = text.encode()
            self._folder.write(self._version, name, f"{_checksum(content)}\n".encode() + content)
        except Refused as error:
            self.refusal = f"nothing is kept for the next run: {error}"
            return
        except OSError as error:
            self.trouble = f"cannot write the cache: {error}"
            return
        self._stored = True
        self._used.add(name)


def _table(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise BadEntry("no table is kept here")
    return value


def _checksum(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:16]
