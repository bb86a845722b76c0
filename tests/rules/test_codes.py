"""The pages are the only list of codes: whatever else names codes names the same ones."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.oracle.fixture import every
from tests.rules.pages import ROOT, RULES

CODES = set(RULES.codes)


def codes_in(path: str) -> set[str]:
    """The codes in a file, those inside a range such as LAM101–LAM105 included."""
    text = (ROOT / path).read_text(encoding="utf-8")
    found = set(re.findall(r"LAM\d{3}", text))
    for first, last in re.findall(r"(LAM\d{3})[–-](LAM\d{3})", text):
        found |= {code for code in CODES if first <= code <= last}
    return found


def test_the_fixtures_expect_every_code_and_no_other() -> None:
    expected = {mark.code for fixture in every() for mark in fixture.expected}
    assert not CODES - expected, f"tests/fixtures: write a fixture that expects {sorted(CODES - expected)}"
    assert not expected - CODES, f"tests/fixtures: no page under rules/ has {sorted(expected - CODES)}"


def test_no_fixture_mark_names_a_code_without_a_page() -> None:
    assert {mark.code for fixture in every() for mark in fixture.marks} <= CODES


def test_the_changelog_names_every_code_and_no_other() -> None:
    named = codes_in("CHANGELOG.md")
    assert not CODES - named, f"CHANGELOG.md: name {sorted(CODES - named)}"
    assert not named - CODES, f"CHANGELOG.md: no page under rules/ has {sorted(named - CODES)}"


def test_the_table_in_the_docs_is_what_its_command_prints() -> None:
    command = [sys.executable, str(ROOT / "docs" / "rules_index.py")]
    printed = subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == printed, "docs/rules.md is out of date: run `python docs/rules_index.py > docs/rules.md`"
    assert codes_in("docs/rules.md") == CODES


def test_pages_refer_only_to_codes_that_have_a_page() -> None:
    for rule in RULES:
        assert set(re.findall(r"LAM\d{3}", rule.page)) <= CODES, rule.code
