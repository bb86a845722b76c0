"""What the pages claim is true: an example loses its work in a sandbox that freezes, what to use instead does it."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from lint_lambda.knowledge.rules import Rule
from tests.oracle.execute import execute, unmet
from tests.oracle.fixture import read
from tests.rules.pages import RULES, Block, programs, scripts

EVENT = {
    "commit": "c0ffee",
    "email": "ann@example.org",
    "headers": {},
    "httpMethod": "GET",
    "job": "j1",
    "message": "tea",
    "order": 7,
    "path": "/home",
    "prices": [1, 2],
    "requestContext": {},
    "row": [1],
    "update_id": 4,
    "updates": [4],
    "user": "ann",
    "users": ["ann"],
}
"""An event that every example can handle."""

ANSWERS = {
    "LAM106": "errors=RuntimeError",
    "LAM104": "errors=Runtime.MarshalError",
    "LAM602": "errors=Sandbox.Timedout",
    "LAM603": "errors=Sandbox.Timedout",
}
"""How the invocation ends where not with a response."""

NODE_ANSWERS = {"LAM110": "errors=Runtime.CallbackHandlerDeprecated"}
"""The same in JavaScript."""

WARM = {"LAM106"}
"""Rules about what goes wrong only in a later invocation than the first."""

IN_FIXTURES = {"LAM404"}
"""Rules whose examples need a service that calls the function anew. Their fixtures bring one, in ``tests/fixtures/libraries/aws_durable_execution_*``."""

Case = tuple[Rule, Block, str]
"""A rule, a program of its page, and the configuration that stands before the program."""


def _runs(rule: Rule) -> bool:
    return bool(rule.kinds) and rule.code not in IN_FIXTURES


EXAMPLES: list[Case] = [(rule, *program) for rule in RULES if _runs(rule) for program in programs(rule, "Example")]
REMEDIES: list[Case] = [(rule, *program) for rule in RULES if _runs(rule) for program in programs(rule, "Use instead")]
NODE: list[tuple[Rule, Block, str, str]] = [
    (rule, *script, fate)
    for heading, fate in (("Example", "lost"), ("Use instead", "done"))
    for rule in RULES
    for script in scripts(rule, heading)
]
"""The same in JavaScript, with the template, and what becomes of the work."""


def _imported(block: Block) -> set[str]:
    """The top-level names that a program imports."""
    nodes = list(ast.walk(ast.parse(block.text)))
    direct = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {
        name.partition(".")[0]
        for name in direct | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    }


def names(cases: list[Case]) -> list[str]:
    return [f"{rule.code}-{index}" for index, (rule, _, _) in enumerate(cases)]


def disagreements(directory: Path, block: Block, configuration: str, oracle: str, warm: bool) -> list[str]:
    """What the sandbox contradicts in `oracle`, where the probe `work` is wherever the block prints something.

    `warm`: that is said of the second invocation; the first does its work.

    Of the configuration it follows where the function runs.

    Skips an example of a library that is not installed.
    """
    for name in sorted(_imported(block) - sys.stdlib_module_names):
        pytest.importorskip(name)
    target = re.search("^target = .*$", configuration, re.MULTILINE)
    settings = f"# config: {target[0]}\n" if target else ""
    oracles = [*(["done=work"] if warm else []), oracle]
    invocations = "".join(f"# lambda: event={json.dumps(EVENT)}\n# oracle: {each}\n" for each in oracles)
    header = f'"""An example."""\n{settings}{invocations}'
    path = directory / "example.py"
    path.write_text(header + block.text.replace("print(", "__import__('probe').reached('work') or print("), "utf-8")
    return execute(read(path)).disagreements


@pytest.mark.parametrize(
    ("rule", "block", "template", "fate"),
    NODE,
    ids=[f"{rule.code}-{fate}-{number}" for number, (rule, _, _, fate) in enumerate(NODE)],
)
def test_what_is_said_in_javascript_is_so(tmp_path: Path, rule: Rule, block: Block, template: str, fate: str) -> None:
    packages = [name for name in re.findall(r"require\(\"([^\"]+)", block.text) if not name.startswith("node:")]
    if packages:
        pytest.skip(f"it needs {packages[0]}")
    runtime = re.search(r"Runtime: (\w+\.x)", template)
    said = f"// runtime: {runtime[1]}\n" if runtime else ""
    said += f"// lambda: event={json.dumps(EVENT)}\n// oracle: {fate}=work"
    said += f" {NODE_ANSWERS[rule.code]}" if fate == "lost" and rule.code in NODE_ANSWERS else ""
    path = tmp_path / "example.js"
    text = block.text.replace("console.log(", "require('probe').reached('work') || console.log(")
    path.write_text(f"// An example.\n{said}\n{text}", "utf-8")
    fixture = read(path)
    if unmet(fixture) is not None:
        pytest.skip(f"it requires {unmet(fixture)}")
    assert "console.log(" in block.text
    assert execute(fixture).disagreements == []


@pytest.mark.parametrize(("rule", "block", "configuration"), EXAMPLES, ids=names(EXAMPLES))
def test_the_example_loses_its_work(tmp_path: Path, rule: Rule, block: Block, configuration: str) -> None:
    assert "print(" in block.text
    lost = f"lost=work {ANSWERS.get(rule.code, '')}"
    assert disagreements(tmp_path, block, configuration, lost, rule.code in WARM) == []


@pytest.mark.parametrize(("rule", "block", "configuration"), REMEDIES, ids=names(REMEDIES))
def test_the_remedy_does_the_work(tmp_path: Path, rule: Rule, block: Block, configuration: str) -> None:
    assert "print(" in block.text
    given_up = ".cancel()" in block.text
    done = "lost=work" if given_up else "done=work"
    assert disagreements(tmp_path, block, configuration, done, rule.code in WARM) == []
