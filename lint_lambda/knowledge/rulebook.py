"""Reads the rules: those that are shipped, or those of a directory of pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lint_lambda.core.plain import made
from lint_lambda.core.record import names_of
from lint_lambda.knowledge import shipped
from lint_lambda.knowledge.location import rules_directory
from lint_lambda.knowledge.rules import Rule, RuleError, Rules

_CODE = names_of(Rule).index("code")


def load_rules(directory: Path | None = None) -> Rules:
    """Every page of `directory` (by default the one shipped with the linter).

    Raises `RuleError` for the first page that is not a rule, or when two pages claim the same.
    """
    return _shipped_rules() if directory is None else _from_pages(directory)


@cache
def _shipped_rules() -> Rules:
    """Read once a process, as nothing changes them while the linter runs."""
    data = shipped.compiled()
    if data is None:
        return _from_pages(rules_directory())
    return Rules.lazily({row[_CODE]: row for row in data.rules}, lambda row: made(Rule, row))


def _from_pages(directory: Path) -> Rules:
    from lint_lambda.knowledge.pages import (
        read_rules,  # with the parser of TOML, which an installed linter seldom needs
    )

    rules = Rules(read_rules(directory))
    try:
        rules.check()
    except ValueError as error:
        raise RuleError(f"{directory}:1: {error}") from error
    return rules
