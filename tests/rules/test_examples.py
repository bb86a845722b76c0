"""The linter finds in each page's example what the example says, and nothing in what the page says to use instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_lambda.config import load_config
from lint_lambda.core.finding import Finding
from lint_lambda.engine import Request, check
from lint_lambda.knowledge.rules import Rule
from tests.rules.pages import RULES, Block, programs, scripts

every_rule = pytest.mark.parametrize("rule", list(RULES), ids=lambda rule: rule.code)


def lint(directory: Path, block: Block, configuration: str) -> list[Finding]:
    directory.mkdir()
    if block.language == "javascript":
        (directory / "app.js").write_text(block.text, encoding="utf-8")
        (directory / "template.yaml").write_text(configuration or "{}\n", encoding="utf-8")
        configuration = ""
    else:
        (directory / "app.py").write_text(block.text, encoding="utf-8")
    (directory / "pyproject.toml").write_text(configuration or "[tool.lambda-lint]\n", encoding="utf-8")
    report = check(Request(paths=(directory,), config=load_config(directory)))
    assert not report.problems
    return list(report.findings)


@every_rule
def test_the_example_is_found_as_it_says(tmp_path: Path, rule: Rule) -> None:
    for number, (block, configuration) in enumerate([*programs(rule, "Example"), *scripts(rule, "Example")]):
        findings = lint(tmp_path / str(number), block, configuration)
        found = [
            (finding.location.span.line, finding.code, finding.fate.value if finding.fate else "")
            for finding in findings
        ]
        # A mark stands where the finding does: in the code, or in the configuration.
        marks = block.marks or Block("toml", configuration).marks
        assert found == marks
        assert {code for _, code, _ in marks} == {rule.code}


@every_rule
def test_what_to_use_instead_is_clean(tmp_path: Path, rule: Rule) -> None:
    for number, (block, configuration) in enumerate([*programs(rule, "Use instead"), *scripts(rule, "Use instead")]):
        assert not block.marks
        assert [finding.message for finding in lint(tmp_path / str(number), block, configuration)] == []
