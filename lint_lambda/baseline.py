"""Baselines: the findings that a project has accepted for now, so that only new ones are reported.

A baseline is a JSON file that is kept with the code. An entry is recognised by its file and its fingerprint, which survive moved
lines and edits elsewhere. The other fields are for people.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from lint_lambda.core.files import kind, put, read_regular
from lint_lambda.core.finding import Confidence, Finding
from lint_lambda.core.record import dataclass, names_of, replace

VERSION = 1
LARGEST = 64_000_000
_MARK = "lambda-lint baseline"


class BaselineError(Exception):
    """The baseline cannot be read or written; the message names the file and says what to do."""


@dataclass(frozen=True, order=True)
class Entry:
    """One accepted finding. `path` is relative to the project's root."""

    path: str
    code: str
    fingerprint: str
    confidence: str
    message: str

    @property
    def key(self) -> tuple[str, str]:
        return self.path, self.fingerprint


@dataclass(frozen=True)
class Compared:
    """Findings held against a baseline: those that are `new`, those that are `known`, and entries that nothing matches."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    stale: tuple[Entry, ...]


@dataclass(frozen=True)
class Accepted:
    """What a run says about a baseline: its stale entries, and its contents when pruned or rewritten."""

    stale: tuple[Entry, ...] = ()
    pruned: tuple[Entry, ...] = ()
    written: tuple[Entry, ...] = ()


NOTHING_ACCEPTED = Accepted()


def compare(findings: Iterable[Finding], entries: Sequence[Entry], covered: Callable[[Entry], bool]) -> Compared:
    """`covered`: whether the run would have reported the finding of an entry; only such an entry can be stale."""
    known_keys = {entry.key for entry in entries}
    new, known, seen = [], [], set()
    for finding in findings:
        key = (finding.location.path, finding.fingerprint)
        if key in known_keys:
            seen.add(key)
            known.append(replace(finding, baseline="known"))
        else:
            new.append(replace(finding, baseline="new"))
    stale = tuple(entry for entry in entries if entry.key not in seen and covered(entry))
    return Compared(tuple(new), tuple(known), stale)


def entries_of(findings: Iterable[Finding]) -> list[Entry]:
    """The baseline that accepts these findings."""
    made = (Entry(f.location.path, f.code, f.fingerprint, f.confidence.label, f.message) for f in findings)
    return sorted({entry.key: entry for entry in made}.values())


def read(file: Path) -> list[Entry]:
    """The entries of a baseline. Raises `BaselineError`."""
    try:
        content = read_regular(file, LARGEST)
    except FileNotFoundError as error:
        raise BaselineError(f"{file}: no such baseline; --write-baseline creates it") from error
    except OSError as error:
        raise BaselineError(f"{file}: cannot be read: {error.strerror or error}") from error
    return _parse(file, content)


def _parse(file: Path, content: bytes) -> list[Entry]:
    try:
        document = json.loads(content)
    except json.JSONDecodeError as error:
        raise BaselineError(f"{file}:{error.lineno}: not valid JSON: {error.msg}; restore or rewrite it") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise BaselineError(f"{file}: not a baseline: {error}") from error
    if not isinstance(document, dict) or document.get("tool") != _MARK:
        raise BaselineError(f"{file}: not a baseline of lambda-lint; name another file")
    if document.get("version") != VERSION:
        raise BaselineError(f"{file}: written by another version of lambda-lint; rewrite it with --write-baseline")
    listed = document.get("findings")
    if not isinstance(listed, list):
        raise BaselineError(f"{file}: `findings` must be a list; restore or rewrite the file")
    return [_entry(file, number, item) for number, item in enumerate(listed, 1)]


def _entry(file: Path, number: int, item: Any) -> Entry:
    fields = ("path", "code", "fingerprint", "confidence", "message")
    if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in fields):
        raise BaselineError(
            f"{file}: finding {number} needs the texts {', '.join(fields)}; restore or rewrite the file"
        )
    if item["confidence"] not in {level.label for level in Confidence}:
        raise BaselineError(f"{file}: finding {number} has the unknown confidence {item['confidence']!r}")
    return Entry(**{name: item[name] for name in fields})


def _as_json(entry: Entry) -> dict[str, str]:
    return {name: getattr(entry, name) for name in names_of(Entry)}


def write(file: Path, entries: Iterable[Entry]) -> None:
    """Write a baseline in one step: to a new file, or over an earlier baseline. Raises `BaselineError`."""
    if not file.parent.is_dir():
        raise BaselineError(f"{file}: there is no folder {file.parent}; create it first")
    if kind(file) != "missing":
        try:
            content = read_regular(file, LARGEST, follow=False)
        except OSError as error:
            raise BaselineError(f"{file}: cannot be overwritten: {error.strerror or error}") from error
        if content.strip() and _MARK.encode() not in content:
            raise BaselineError(f"{file} exists and is not a baseline of lambda-lint; name another file")
    document = {"tool": _MARK, "version": VERSION, "findings": [_as_json(entry) for entry in sorted(entries)]}
    try:
        put(file, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        raise BaselineError(f"{file}: cannot be written: {error.strerror or error}") from error
