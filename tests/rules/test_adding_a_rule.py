"""A rule is added by one page and one fixture: the steps that CONTRIBUTING gives, taken with a rule of our own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.analysis.lifetimes import analyse
from lint_lambda.core.finding import Finding
from lint_lambda.core.kinds import Kinds
from lint_lambda.core.source import Location
from lint_lambda.frontends.python.lower import locate
from lint_lambda.knowledge.kinds import load_kinds
from lint_lambda.knowledge.loader import ModelError, load_models
from lint_lambda.knowledge.pages import read_page
from lint_lambda.knowledge.rulebook import load_rules
from lint_lambda.knowledge.rules import RuleError, Rules
from lint_lambda.reporting.selection import findings
from tests.analysis.one_file import OneFile
from tests.oracle import fixture
from tests.rules.pages import ROOT

KIND = """
[fiber]
noun = "fiber"
plural = "fibers"
observed = ["thread"]
"""

PAGE = """\
+++
code = "LAM299"
name = "orphan-fiber"
since = "0.2.0"
severity = "error"
kinds = ["fiber"]
fates = ["frozen", "unknown"]
message = "fiber `{label}` is {fate} when {handlers} returns: {why}"
help = [
  ["`{handle}.wait()` before {exit}", "keep the fiber, and wait for it before {exit}"],
]
shared = ["other-function"]
fixture = "fibers/a_fiber_is_dropped.py"
+++

## What it does
Finds fibers.
## Why it matters on Lambda
They are frozen.
## Example
None.
## Use instead
Wait.
## Fix safety
There is no edit for this.
## When it stays quiet
It is waited for.
"""

FIXTURE = '''\
"""A fiber is spawned and dropped."""
# static-only: there is no such library
import fibers


def work():
    print("working")


def handler(event, context):
    fiber = fibers.spawn(work)  # expect: LAM299 fate=frozen confidence=high
    waited_for = fibers.spawn(work)
    waited_for.wait()
    return {"statusCode": 202}
'''

LIBRARY: dict[str, Any] = {
    "library": {"name": "fibers", "docs": "https://example.org/fibers"},
    "type": [{"name": "fibers.Fiber"}],
    "launch": [
        {"call": "fibers.spawn", "kind": "fiber", "work": "arg:0", "handle": "return", "returns": "fibers.Fiber"}
    ],
    "join": [{"call": "fibers.Fiber.wait", "target": "self"}],
}


def lint(text: str, rules: Rules, kinds: Kinds) -> list[Finding]:
    spans = locate(text.encode(), "app.py")
    program = OneFile(text)
    verdicts = analyse(program, [program.handler()], load_models([LIBRARY], kinds=kinds))
    return findings(
        verdicts,
        rules,
        lambda each: Location(each.path, spans[each.site]),
        {"app.py": text}.__getitem__,
        program.module,
    )


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The rules, with our kind among the kinds."""
    directory = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", directory)
    with (directory / "kinds.toml").open("a", encoding="utf-8") as file:
        file.write(KIND)
    return directory


@pytest.fixture
def rules_with_ours(directory: Path) -> Rules:
    (directory / "LAM299-orphan-fiber.md").write_text(PAGE, encoding="utf-8")
    return load_rules(directory)


def test_one_page_and_one_fixture_are_enough(tmp_path: Path, directory: Path, rules_with_ours: Rules) -> None:
    path = tmp_path / "a_fiber_is_dropped.py"
    path.write_text(FIXTURE, encoding="utf-8")
    expected = [
        (mark.line, mark.code, mark.fate, mark.confidence) for mark in fixture.read(path).marks if mark.kind == "expect"
    ]
    findings = lint(FIXTURE, rules_with_ours, load_kinds(directory))
    assert [
        (finding.location.span.line, finding.code, finding.fate and finding.fate.value, finding.confidence.label)
        for finding in findings
    ] == expected
    assert findings[0].message == "fiber `work` is frozen when `handler` returns: nothing waits for it"
    assert findings[0].help[0] == "`fiber.wait()` before the `return` on line 14"


def test_without_the_page_the_missing_rule_is_named(directory: Path) -> None:
    with pytest.raises(LookupError, match="no rule claims a launch of kind 'fiber' with fate 'frozen'"):
        lint(FIXTURE, load_rules(), load_kinds(directory))


def test_without_the_row_of_kinds_the_model_and_the_page_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"\(fibers.spawn\): `kind` must be a kind of rules/kinds.toml, not 'fiber'"):
        load_models([LIBRARY])
    page = tmp_path / "LAM299-orphan-fiber.md"
    page.write_text(PAGE, encoding="utf-8")
    with pytest.raises(RuleError, match=r"md:6: unknown kind `fiber` in `kinds`; add it to kinds.toml"):
        read_page(page, load_kinds())


def test_the_page_is_what_the_rule_command_prints(rules_with_ours: Rules) -> None:
    rule = rules_with_ours["LAM299"]
    assert PAGE.endswith(rule.page)
    assert rule.summary == "Finds fibers."
