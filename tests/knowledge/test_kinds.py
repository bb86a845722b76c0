"""The table of kinds: complete, checked, and the only one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.core.finding import Fate
from lint_lambda.knowledge.errors import KnowledgeError
from lint_lambda.knowledge.kinds import load_kinds, read_kinds

PACKAGE = Path(__file__).parents[2] / "lint_lambda"
KINDS = load_kinds()
ISLANDS = ("emulator", "scaffold")
"""What shares no code with the linter, and has words of its own."""

ALSO_WORDS = {"function", "coroutine", "client", "event", "handler", "extension", "process"}
"""Kinds whose names mean other things as well."""


def lists(path: Path) -> Iterator[tuple[int, set[str]]]:
    """The displays of strings in a file: sets, lists, tuples, and tables unless they hold functions, by line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Set, ast.List, ast.Tuple)):
            found = node.elts
        elif isinstance(node, ast.Dict) and not all(isinstance(value, ast.Name) for value in node.values):
            found = [key for key in node.keys if key is not None]
        else:
            continue
        yield (
            node.lineno,
            {each.value for each in found if isinstance(each, ast.Constant) and isinstance(each.value, str)},
        )


def test_no_list_of_kinds_is_anywhere_else() -> None:
    """Who dispatches by kind to functions may name kinds; who wants to know something of a kind asks the table."""
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {', '.join(sorted(words))}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in ISLANDS
        for line, words in lists(path)
        if len(words & KINDS.keys()) >= 2 and words & KINDS.keys() - ALSO_WORDS
    ]
    assert not found, "ask rules/kinds.toml instead"


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_that_nothing_runs_or_that_registers_has_its_reasons(kind: Any) -> None:
    if kind.registers:
        assert kind.reasons
    for fate in Fate:
        assert not kind.reasons or kind.reason(fate.value)


def test_conduct_is_nothing_that_can_be_left_over() -> None:
    for kind in KINDS.values():
        if kind.made_by == "conduct":
            assert not kind.observed
            assert not kind.deferrable


ROW = {"noun": "fiber", "plural": "fibers"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"noun": "fiber"}, "`plural` is missing; add it: what it calls several."),
        ({**ROW, "lop": "never"}, "`lop` is not a key here; did you mean `loop`?"),
        ({**ROW, "loop": "sometimes"}, "`loop` must be one of always, never, inherits, not 'sometimes'"),
        ({**ROW, "handle": ["fiber"]}, "`handle` must be a list of 2"),
        ({**ROW, "of": "thread"}, "`of` names the kind that the analysis makes it of"),
        ({**ROW, "of": "fibre", "made_by": "analysis"}, "`of` names the kind that the analysis makes it of"),
        ({**ROW, "reasons": {"frozen": "never-joined"}}, "`reasons` needs a reason for any other fate"),
        ({**ROW, "reasons": {"*": "never-joind"}}, "did you mean `never-joined`?"),
        ({**ROW, "reasons": {"*": "never-joined", "lost": "escaped"}}, "`reasons` names the fate 'lost'"),
    ],
)
def test_a_wrong_kind_is_refused_with_its_place_and_a_remedy(row: dict[str, Any], said: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        read_kinds({"fiber": row}, "kinds.toml")
    assert str(caught.value).startswith("kinds.toml: [fiber]: ")
    assert said in str(caught.value)
