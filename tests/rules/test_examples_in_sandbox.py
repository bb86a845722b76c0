"""What the pages claim is true: an example loses its work in a sandbox that freezes, what to use instead does it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lint_lambda.knowledge.rules import Rule
from tests.oracle.execute import execute
from tests.oracle.fixture import read
from tests.rules.pages import RULES, Block, python_blocks

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
    "LAM104": "errors=Runtime.MarshalError",
    "LAM602": "errors=Sandbox.Timedout",
    "LAM603": "errors=Sandbox.Timedout",
}
"""How the invocation ends where not with a response."""

THIRD_PARTY = {"serverless_wsgi", "flask"}

EXAMPLES = [(rule, block) for rule in RULES if rule.kinds for block in python_blocks(rule, "Example")]
REMEDIES = [(rule, block) for rule in RULES if rule.kinds for block in python_blocks(rule, "Use instead")]


def names(cases: list[tuple[Rule, Block]]) -> list[str]:
    return [f"{rule.code}-{index}" for index, (rule, _) in enumerate(cases)]


def disagreements(directory: Path, block: Block, oracle: str) -> list[str]:
    """What the sandbox contradicts in `oracle`, where the probe `work` is wherever the block prints something.

    Skips an example of a library that is not installed.
    """
    for name in THIRD_PARTY & set(block.text.split()):
        pytest.importorskip(name)
    header = f'"""An example."""\n# lambda: event={json.dumps(EVENT)}\n# oracle: {oracle}\n'
    path = directory / "example.py"
    path.write_text(header + block.text.replace("print(", "__import__('probe').reached('work') or print("), "utf-8")
    return execute(read(path)).disagreements


@pytest.mark.parametrize(("rule", "block"), EXAMPLES, ids=names(EXAMPLES))
def test_the_example_loses_its_work(tmp_path: Path, rule: Rule, block: Block) -> None:
    assert "print(" in block.text
    assert disagreements(tmp_path, block, f"lost=work {ANSWERS.get(rule.code, '')}") == []


@pytest.mark.parametrize(("rule", "block"), REMEDIES, ids=names(REMEDIES))
def test_the_remedy_does_the_work(tmp_path: Path, rule: Rule, block: Block) -> None:
    assert "print(" in block.text
    given_up = ".cancel()" in block.text
    assert disagreements(tmp_path, block, "lost=work" if given_up else "done=work") == []
