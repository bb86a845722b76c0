"""A skeleton is written whole or not at all, is what the linter can read, and is not left unwritten."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.loader import read_library
from lint_lambda.knowledge.pages import read_page
from lint_lambda.knowledge.toml import read_toml
from tests.new.__main__ import ROOT, Refused, library, node_library, rule
from tests.oracle import fixture


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """As much of the repository as is looked at."""
    folders = (
        "rules/libraries/python",
        "tests/fixtures/libraries",
        "rules/libraries/javascript",
        "tests/fixtures/javascript/libraries",
    )
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "rules" / "kinds.toml").write_text((ROOT / "rules" / "kinds.toml").read_text())
    (tmp_path / "rules" / "LAM201-orphan-thread.md").touch()
    (tmp_path / "CHANGELOG.md").write_text("Drops LAM206.\n")
    return tmp_path


def test_the_skeleton_of_a_rule_can_be_read(root: Path) -> None:
    written, steps = rule("orphan-quark", "", root)
    assert all(path.exists() for path in written)
    kinds = load_kinds(root / "rules")
    assert kinds["quark"].noun == "quark"
    page = read_page(root / "rules" / "LAM207-orphan-quark.md", kinds)
    assert (page.code, set(page.kinds)) == ("LAM207", {"quark"})
    model = root / "rules" / "libraries" / "python" / "quarks.toml"
    assert [row.symbol for row in read_library(read_toml(model), "quarks", kinds).rows] == [
        "quarks.spawn",
        "quarks.Handle.wait",
    ]
    lost, kept = sorted((root / "tests" / "fixtures" / "libraries").iterdir())
    assert [mark.code for mark in fixture.read(lost).expected] == ["LAM207"]
    assert fixture.read(kept).expected == ()
    assert any("kinds.toml" in step for step in steps) and any("rules_index" in step for step in steps)


def test_the_skeleton_of_a_library_can_be_read(root: Path) -> None:
    library("crane", root)
    model = root / "rules" / "libraries" / "python" / "crane.toml"
    assert read_library(read_toml(model), "crane", load_kinds()).package == "crane"
    kept, lost = sorted((root / "tests" / "fixtures" / "libraries").iterdir())
    assert fixture.read(lost).claims_loss and not fixture.read(kept).claims_loss


def test_the_skeleton_of_a_library_of_javascript_can_be_read(root: Path) -> None:
    node_library("@shop/crane", root)
    model = root / "rules" / "libraries" / "javascript" / "shop_crane.toml"
    assert read_library(read_toml(model), "shop_crane", load_kinds()).package == "@shop/crane"
    kept, lost = sorted((root / "tests" / "fixtures" / "javascript" / "libraries").iterdir())
    assert fixture.read(lost).claims_loss and not fixture.read(kept).claims_loss
    with pytest.raises(Refused, match="as its package is"):
        node_library("Crane", root)


def test_a_name_or_a_code_that_cannot_be_is_refused_with_what_can(root: Path) -> None:
    with pytest.raises(Refused, match="joined by hyphens"):
        rule("Strand", "", root)
    with pytest.raises(Refused, match="LAM206 is taken, or was once; the next one free is LAM207"):
        rule("orphan-quark", "LAM206", root)
    with pytest.raises(Refused, match="three digits"):
        rule("orphan-quark", "LAMB1", root)
    with pytest.raises(Refused, match="thread is a kind of work already"):
        rule("lost-thread", "", root)
    with pytest.raises(Refused, match="as it is imported"):
        library("Not-A-Module", root)


def test_nothing_is_overwritten_and_nothing_written_by_halves(root: Path) -> None:
    there = root / "tests" / "fixtures" / "libraries" / "crane_record_is_flushed.py"
    there.write_text("mine")
    with pytest.raises(Refused, match="is there already"):
        library("crane", root)
    assert there.read_text() == "mine"
    assert not (root / "rules" / "libraries" / "python" / "crane.toml").exists()


def test_no_skeleton_is_left_unwritten() -> None:
    places = [*(ROOT / "rules").rglob("*.*"), *(ROOT / "tests" / "fixtures").rglob("*.[jp][sy]")]
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in places
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\bTODO:", line)
    ]
    assert not left, f"write what is marked TODO: in {left}"
