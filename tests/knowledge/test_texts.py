"""The texts that users read: each is used, and the code that asks for one gives it all its values."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from lint_lambda.frontends import FRONTENDS
from lint_lambda.knowledge import texts
from lint_lambda.knowledge.rules import placeholders
from tests.rules.pages import RULES

PACKAGE = Path(texts.__file__).parent.parent
TABLES = texts._tables()
EVERY = [f"{table}.{key}" for table, entries in TABLES.items() for key in entries]


def asked() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `say` in the package, and its key; what is computed in the key is a `*`."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                keys = node.args[0]
                for each in (keys.body, keys.orelse) if isinstance(keys, ast.IfExp) else (keys,):
                    yield _pattern(each), node


def _pattern(key: ast.expr) -> str:
    if isinstance(key, ast.Constant):
        return str(key.value)
    assert isinstance(key, ast.JoinedStr), ast.unparse(key)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in key.values)


ASKED = list(asked())


def matches(pattern: str) -> list[str]:
    head, star, tail = pattern.partition("*")
    return [key for key in EVERY if key == pattern or (star and key.startswith(head) and key.endswith(tail))]


@pytest.mark.parametrize("pattern", sorted({pattern for pattern, _ in ASKED}))
def test_a_text_that_is_asked_for_is_there_and_gets_its_values(pattern: str) -> None:
    assert matches(pattern), "add it to rules/texts.toml"
    for other, call in ASKED:
        if other == pattern and not any(keyword.arg is None for keyword in call.keywords):
            given = {keyword.arg for keyword in call.keywords}
            for key in matches(pattern):
                assert set(placeholders(TABLES[key.partition(".")[0]][key.partition(".")[2]])) <= given, key


def test_every_text_is_used() -> None:
    used = {key for pattern, _ in ASKED for key in matches(pattern)}
    used |= {f"remedies.{key}" for rule in RULES for key in rule.shared}
    used |= {key for key in EVERY if key.partition(".")[0] == "unquoted"}  # by the reason of a verdict
    assert [key for key in EVERY if key not in used] == []


def test_the_remedies_that_rules_share_are_shared() -> None:
    languages = tuple(f"-{frontend.semantics.language}" for frontend in FRONTENDS)
    general = {key for key in TABLES["remedies"] if not key.endswith(languages)}
    assert {key for rule in RULES for key in rule.shared} == general
    assert {key.rpartition("-")[0] for key in TABLES["remedies"] if key not in general} <= general


@pytest.mark.parametrize("key", EVERY)
def test_a_text_is_tidy(key: str) -> None:
    text = TABLES[key.partition(".")[0]][key.partition(".")[2]]
    assert text == text.strip() and "  " not in text and text.count("`") % 2 == 0
    assert not text.endswith(("..", ":", ";")) and (key.startswith("report.") or not text.endswith("."))
    assert all(name.isidentifier() for _, name, _, _ in string.Formatter().parse(text) if name)
