"""Write the one file that a wheel carries for `lint_lambda.knowledge.shipped`: everything in `rules/`, read and checked."""

from __future__ import annotations

from pathlib import Path

from lint_lambda.core.plain import plain
from lint_lambda.knowledge.kinds import read_kinds
from lint_lambda.knowledge.loader import read_library
from lint_lambda.knowledge.pages import read_rules
from lint_lambda.knowledge.shipped import digest, joined
from lint_lambda.knowledge.toml import read_toml


def compile_rules(directory: Path) -> bytes:
    """The sources in `directory` as one file of JSON. Raises `KnowledgeError` for what is wrong in them."""
    tables = {path.relative_to(directory).as_posix(): read_toml(path) for path in sorted(directory.rglob("*.toml"))}
    kinds = read_kinds(tables["kinds.toml"], "kinds.toml")
    for name, table in tables.items():
        if name.startswith("libraries/"):
            read_library(table, name, kinds)
    rules = [plain(rule) for rule in read_rules(directory)]
    return joined(digest(directory), tables, rules)
