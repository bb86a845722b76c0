"""Read ``rules/kinds.toml``: what is true of each kind of work (`lint_lambda.core.kinds`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from lint_lambda.core.finding import Fate
from lint_lambda.core.kinds import Kind, Kinds
from lint_lambda.core.verdict import Reason
from lint_lambda.knowledge import schema, shipped
from lint_lambda.knowledge.errors import KnowledgeError
from lint_lambda.knowledge.toml import read_toml

FILE = "kinds.toml"


@cache
def load_kinds(directory: Path | None = None) -> Kinds:
    """The kinds of `directory`, by default of the rules shipped with the linter. Raises `KnowledgeError`."""
    if directory is None:
        return read_kinds(shipped.table(FILE), FILE)
    return read_kinds(read_toml(directory / FILE), str(directory / FILE))


def read_kinds(table: Mapping[str, Any], source: str) -> Kinds:
    """The kinds of a table by name. Raises `KnowledgeError`, which calls the table `source`."""
    kinds: dict[str, Kind] = {}
    for name, row in table.items():
        try:
            kinds[name] = schema.read(Kind, {**row, "name": name})
            _check(kinds[name], table)
        except schema.Problem as error:
            raise KnowledgeError(f"{source}: [{name}]: {error}") from error
    return kinds


def _check(kind: Kind, table: Mapping[str, Any]) -> None:
    if (kind.made_by == "analysis") != bool(kind.of) or (kind.of and kind.of not in table):
        raise schema.Problem('`of` names the kind that the analysis makes it of, and goes with `made_by = "analysis"`')
    if kind.reasons and "*" not in kind.reasons:
        raise schema.Problem('`reasons` needs a reason for any other fate: "*"')
    for fate, reason in kind.reasons.items():
        if fate != "*" and fate not in {each.value for each in Fate}:
            raise schema.Problem(f"`reasons` names the fate {fate!r}, which there is not")
        if reason not in get_args(Reason):
            raise schema.Problem(
                f"`reasons` names the reason {reason!r}; {schema.suggestion(reason, get_args(Reason))}"
            )


def kinds_schema() -> dict[str, Any]:
    """The JSON schema of ``rules/kinds.toml``, for editors."""
    row = schema.json_table(Kind, ())
    del row["properties"]["name"]  # it is the heading
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "The kinds of work that lambda-lint knows",
        "type": "object",
        "additionalProperties": row,
    }
