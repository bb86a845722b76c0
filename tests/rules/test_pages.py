"""Every page is a page: headings, fixture, examples that are Python and need nothing but Python."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from lint_lambda.knowledge.loader import load_languages
from lint_lambda.knowledge.pages import HEADINGS
from lint_lambda.knowledge.rules import Rule
from tests.oracle import fixture as fixtures
from tests.rules.pages import FIXTURES, ROOT, RULES, blocks, programs

every_rule = pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.code)


@every_rule
def test_the_headings_stand_in_their_order(rule: Rule) -> None:
    outside_fences = re.sub(r"^```.*?^```$", "", rule.page, flags=re.MULTILINE | re.DOTALL)
    assert tuple(re.findall(r"^## (.*)$", outside_fences, re.MULTILINE)) == HEADINGS


@every_rule
def test_the_fixture_expects_the_code(rule: Rule) -> None:
    path = FIXTURES / rule.fixture
    found = next(fixtures.discover(path))
    assert rule.code in {mark.code for mark in found.expected}, f"{rule.fixture} does not expect {rule.code}"


@every_rule
def test_there_is_an_example_and_a_remedy(rule: Rule) -> None:
    for heading in ("Example", "Use instead"):
        languages = {block.language for block in blocks(rule, heading)}
        assert languages & {"python", "javascript", "typescript"}


ABOUT_LIBRARIES = {"LAM107", "LAM402", "LAM404"}
"""Rules that are about what frameworks and adapters do: no example of theirs could do without one."""


@every_rule
def test_the_examples_need_only_the_standard_library(rule: Rule) -> None:
    if rule.code in ABOUT_LIBRARIES:
        return
    for heading in ("Example", "Use instead"):
        for block, _ in programs(rule, heading):
            if (rule.code, heading) == ("LAM900", "Example"):
                with pytest.raises(SyntaxError):
                    ast.parse(block.text)
                continue
            for node in ast.walk(ast.parse(block.text)):
                imported = []
                if isinstance(node, ast.Import):
                    imported = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    imported = [node.module or ""]
                others = {name.split(".")[0] for name in imported} - sys.stdlib_module_names
                assert not others, (
                    f"{rule.file_name}, {heading}: it imports {sorted(others)}; do without, or add {rule.code} to "
                    f"ABOUT_LIBRARIES in tests/rules/test_pages.py if the rule is about what libraries do"
                )


@every_rule
def test_a_page_about_launches_gives_a_way_out_that_always_applies(rule: Rule) -> None:
    if not rule.kinds:
        return
    always = {"label", "library", "handler", "exit", "in_sync", "in_async"}
    last = rule.help[0][-1]
    assert not last.reasons and not last.fates
    assert set(re.findall(r"\{(\w+)\}", last.text)) <= always


def test_neither_rules_nor_analysis_name_a_library() -> None:
    models = load_languages().of("python")  # of the others, many are called by everyday words
    names = [type_.name for library in models.libraries for type_ in library.types]
    names += [getattr(model, "call", "") for library in models.libraries for model in library.models]
    libraries = {name.split(".")[0] for name in names} - sys.stdlib_module_names - NO_LIBRARY
    assert "asyncio" in {name.split(".")[0] for name in names}
    pages = [path for path in (ROOT / "rules").glob("*.md") if path.name.partition("-")[0] not in ABOUT_LIBRARIES]
    for path in [*pages, *(ROOT / "lint_lambda" / "analysis").glob("*.py")]:
        named = libraries & set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        advice = "say it without, or add the code to ABOUT_LIBRARIES in tests/rules/test_pages.py"
        assert not named, f"{path.name} names {sorted(named)}: {advice}"


NO_LIBRARY = {"", "thread"}
"""First words of symbols that are none: a model without a call, and the module that Python 2 had."""
