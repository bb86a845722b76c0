"""The analysis stays a machine of parts: flat, whole, short, and in no language of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ANALYSIS = Path(__file__).parents[2] / "lint_lambda" / "analysis"
MODULES = sorted(ANALYSIS.rglob("*.py"))
LONGEST_FUNCTION = 60
"""Lines; complexity is ruff's to count (C901)."""

A_CLASS_OF_VALUES = "Obj"
WITHOUT_PARTS = frozenset({"NamedTuple", "Protocol", "Enum", "IntEnum", "Exception", "Generic"})
"""Bases that bring no behaviour of ours."""


def named(path: Path) -> str:
    return path.relative_to(ANALYSIS).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_class_inherits_but_values(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).partition("[")[0].rpartition(".")[2] for base in node.bases}
            assert bases <= {A_CLASS_OF_VALUES, *WITHOUT_PARTS}, f"{node.name} is made of another class: let it own one"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_part_is_left_to_another(path: Path) -> None:
    assert not [node for node in nodes(path) if isinstance(node, ast.Name) and node.id == "NotImplementedError"]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_functions_are_short(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno is not None
            lines = node.end_lineno - node.lineno + 1
            assert lines <= LONGEST_FUNCTION, f"{node.name} has {lines} lines: give its parts names"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_text_names_a_part_of_a_language(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.fullmatch(r"__\w+__|super|this|prototype|builtins\..*", node.value), (
                f"line {node.lineno} says {node.value!r}: ask the semantics of the language"
            )
