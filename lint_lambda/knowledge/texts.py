"""The sentences that users read, by key: ``rules/texts.toml``, which a writer can edit without touching code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from lint_lambda.knowledge import shipped

FILE = "texts.toml"


def say(key: str, **values: object) -> str:
    """The text ``table.key`` with its placeholders filled in. Raises `KeyError` for a text or a value that is missing."""
    name, _, entry = key.partition(".")
    return texts(name)[entry].format_map(values)


@cache
def texts(table: str) -> Mapping[str, str]:
    """The texts of one table of the file."""
    return _tables()[table]


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    return shipped.table(FILE)
