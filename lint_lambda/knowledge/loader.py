"""Read the library models, ``rules/libraries/**/*.toml`` and the user's own, into typed objects: `lint_lambda.knowledge.verbs`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any

from lint_lambda.core.kinds import Kinds
from lint_lambda.core.record import dataclass, replace
from lint_lambda.knowledge import schema, shipped
from lint_lambda.knowledge.errors import KnowledgeError
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.models import Languages, Library, Models, Row
from lint_lambda.knowledge.tables import OTHER_TABLES
from lint_lambda.knowledge.verbs import CALL_VERBS

FOLDER = "libraries"

OWN = "[[tool.lambda-lint.library]]"


class ModelError(KnowledgeError):
    """A library model that cannot be used; the message names the file, the row, the key and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the file is about.

    - `name`: the library's name, for people.
    - `docs`: where its documentation is.
    - `package`: its distribution; left out for what comes with the language.
    - `verified`: how the rows were compared with the library itself, and with which version.
    - `language`: the language of the programs that use it, as ``javascript``; the folder of a file that is shipped says it, and
      without one it is Python.
    - `words`: of what comes with the language, words beside the names of its calls of which a file may hold one that launches.
    """

    name: str
    docs: str
    package: str = ""
    verified: str = ""
    language: str = "python"
    words: tuple[str, ...] = ()


def load_models(extra: Sequence[Mapping[str, Any]] = (), file: str = "", kinds: Kinds | None = None) -> Models:
    """Every model of any language, as one: see `load_languages`."""
    return load_languages(extra, file, kinds).together


def load_languages(extra: Sequence[Mapping[str, Any]] = (), file: str = "", kinds: Kinds | None = None) -> Languages:
    """Every model shipped with the linter, and the user's own (``[[tool.lambda-lint.library]]`` of `file`, the same schema).

    What the user says of a call stands in place of what is shipped: a launch for the launches, a wait for the waits.
    `kinds`: those that the user's rows may name, by default those shipped. Raises `ModelError` naming the file and the row that
    is wrong.
    """
    if not extra:
        return _shipped_models()
    kinds = load_kinds() if kinds is None else kinds
    own = [
        read_library(table, f"{file}: {OWN} number {number}".removeprefix(": "), kinds)
        for number, table in enumerate(extra, 1)
    ]
    said = {(row.verb, row.symbol) for library in own for row in library.rows}
    shipped = (
        replace(each, rows=tuple(row for row in each.rows if (row.verb, row.symbol) not in said))
        for each in _shipped_models().libraries
    )
    return Languages((*shipped, *own), kinds)


@cache
def _shipped_models() -> Languages:
    """Read once a process: nothing changes them while the linter runs, and most runs want them more than once."""
    kinds = load_kinds()
    tables = {name.removeprefix(f"{FOLDER}/"): shipped.table(name) for name in shipped.names(FOLDER)}
    if shipped.compiled() is not None:  # what is compiled has been checked
        libraries = [_checked_library(table, source) for source, table in tables.items()]
    else:
        libraries = [read_library(table, source, kinds) for source, table in tables.items()]
    return Languages(
        tuple(replace(each, of_language=not each.package, language=_language(each.source)) for each in libraries), kinds
    )


def _language(source: str) -> str:
    """The language of a file that is shipped: the folder that it is in."""
    return source.partition("/")[0]


def read_library(table: Mapping[str, Any], source: str, kinds: Collection[str]) -> Library:
    """One library from its tables, every row of it checked. Raises `ModelError`, which calls them `source`."""
    header = table.get("library")
    if not isinstance(header, Mapping):
        raise ModelError(f"{source}: the table [library] is missing; add it, with `name` and `docs`")
    try:
        head = schema.read(Header, header)
    except schema.Problem as error:
        raise ModelError(f"{source}: [library]: {error}") from error
    known = {"library", *CALL_VERBS, *OTHER_TABLES}
    for name, rows in table.items():
        if name not in known:
            raise ModelError(f"{source}: [[{name}]] is no table of a library; {schema.suggestion(name, known)}")
        if name != "library" and not (isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows)):
            raise ModelError(f"{source}: `{name}` must be a list of tables: write [[{name}]] above each")
    others: dict[str, Any] = {
        f"{name}s": tuple(
            _built(row, one, f"{source}: {_place(name, number, one)}", kinds)
            for number, entry in enumerate(table.get(name, ()), 1)
            for one in _spread(entry)
        )
        for name, row in OTHER_TABLES.items()
    }
    rows = tuple(_rows(table, source, kinds))
    for row in rows:
        row.model  # noqa: B018 - it is made now, so that what is wrong with it is said now
    return Library(
        name=head.name,
        docs=head.docs,
        source=source,
        rows=rows,
        package=head.package,
        verified=head.verified,
        language=head.language,
        words=head.words,
        **others,
    )


def _checked_library(table: Mapping[str, Any], source: str) -> Library:
    """One library from tables that have been read before."""
    others: dict[str, Any] = {
        f"{name}s": tuple(schema.load(row, one) for entry in table.get(name, ()) for one in _spread(entry))
        for name, row in OTHER_TABLES.items()
    }
    rows = (
        Row(verb, one.get("call") or one.get("type", ""), partial(schema.load, verb, one))
        for name, verb in CALL_VERBS.items()
        for entry in table.get(name, ())
        for one in _spread(entry)
    )
    head = table["library"]
    return Library(
        name=head["name"],
        docs=head["docs"],
        source=source,
        rows=tuple(rows),
        package=head.get("package", ""),
        verified=head.get("verified", ""),
        words=tuple(head.get("words", ())),
        **others,
    )


def _rows(table: Mapping[str, Any], source: str, kinds: Collection[str]) -> Iterator[Row]:
    for name, verb in CALL_VERBS.items():
        for number, entry in enumerate(table.get(name, ()), 1):
            for one in _spread(entry):
                make = partial(_built, verb, one, f"{source}: {_place(name, number, one)}", kinds)
                yield Row(verb, str(one.get("call") or one.get("type", "")), make)


def _spread(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A row may name several calls that mean the same."""
    calls = entry.get("call")
    return [{**entry, "call": call} for call in calls] if isinstance(calls, list) else [entry]


def _place(name: str, number: int, entry: Mapping[str, Any]) -> str:
    """The row as a complaint names it."""
    of = entry.get("call") or entry.get("type") or entry.get("name") or entry.get("path")
    return f"[[{name}]] number {number}" + (f" ({of})" if isinstance(of, str) else "")


def _built(row: type[Any], entry: Mapping[str, Any], place: str, kinds: Collection[str]) -> Any:
    try:
        return schema.read(row, entry, kinds)
    except schema.Problem as error:
        raise ModelError(f"{place}: {error}") from error


def library_schema(kinds: Kinds) -> dict[str, Any]:
    """The JSON schema of a library's file, for editors."""
    tables = {
        **{name: schema.json_table(verb, kinds, many=("call",)) for name, verb in CALL_VERBS.items()},
        **{name: schema.json_table(row, kinds, many=("call",)) for name, row in OTHER_TABLES.items()},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A library model of lambda-lint",
        "type": "object",
        "additionalProperties": False,
        "required": ["library"],
        "properties": {
            "library": schema.json_table(Header, kinds),
            **{name: {"type": "array", "items": table} for name, table in tables.items()},
        },
    }
