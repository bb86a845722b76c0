"""More unknown never means more silence: where a constant of a fixture is replaced by a value nobody knows, what is found is still
found, perhaps with less confidence.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lint_lambda.analysis.lifetimes import analyse
from lint_lambda.knowledge.loader import load_models
from lint_lambda.knowledge.models import Models
from tests.analysis.one_file import OneFile

FIXTURES = Path(__file__).parent.parent / "fixtures"
AREAS = (
    "asyncio",
    "containers",
    "executors",
    "flow",
    "functions",
    "joins",
    "libraries",
    "logging",
    "objects",
    "threads",
)
WIDENED = '_nobody["knows"]'
"""A name that nothing binds: the linter knows nothing of it."""


@cache
def models() -> Models:
    return load_models()


@cache
def losing() -> tuple[Path, ...]:
    """The fixtures of one file in which something is to be found."""
    files = (path for area in AREAS for path in sorted((FIXTURES / area).glob("*.py")))
    return tuple(path for path in files if "# expect:" in path.read_text(encoding="utf-8"))


def found(text: str) -> Counter[str]:
    """How many verdicts there are of each kind."""
    program = OneFile(text)
    functions = {function.qualname for function in program.lowered.functions}
    named = dict.fromkeys(re.findall(r"^# lambda: handler=(\w+)", text, re.MULTILINE) or ["handler"])
    handlers = [program.handler(name) for name in named if name in functions]
    return Counter(verdict.kind for verdict in analyse(program, handlers, models()))


def constants(text: str) -> list[ast.Constant]:
    """The constants that may be widened, in order."""
    return [
        node
        for above in ast.walk(ast.parse(text))
        for node in ast.iter_child_nodes(above)
        if isinstance(node, ast.Constant) and _is_widened(node, above)
    ]


def _is_widened(node: ast.Constant, above: ast.AST) -> bool:
    """Numbers, truths and None anywhere; texts where they are values that something is compared with.

    Other texts are names: of attributes and classes, of shells and what they run.
    """
    if node.lineno != node.end_lineno:
        return False
    if isinstance(node.value, str):
        return isinstance(above, (ast.Compare, ast.Return, ast.IfExp, ast.BoolOp))
    return not isinstance(above, (ast.Expr, ast.FormattedValue, ast.MatchSingleton, ast.MatchValue, ast.UnaryOp))


def widened(text: str, node: ast.Constant) -> str:
    lines = text.split("\n")
    line = lines[node.lineno - 1].encode()
    lines[node.lineno - 1] = (line[: node.col_offset] + WIDENED.encode() + line[node.end_col_offset :]).decode()
    return "\n".join(lines)


def silenced(text: str, node: ast.Constant) -> Counter[str]:
    """What is no longer found. Of what one object takes, one verdict stands for all."""
    before, after = found(text), found(widened(text, node))
    lost = before - after
    return Counter({kind: count for kind, count in lost.items() if not (models().kinds[kind].once and after[kind])})


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_value_that_is_not_known_hides_nothing(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(losing()), "fixture")
    text = path.read_text(encoding="utf-8")
    try:
        there = constants(text)
    except SyntaxError:
        there = []  # written for a later version of Python than this one
    assume(there)
    node = data.draw(st.sampled_from(there), "constant")
    gone = silenced(text, node)
    assert not gone, f"{path.name}:{node.lineno}: without {node.value!r} no longer found: {dict(gone)}"


BRANCHES = {
    "a comparison": 'if CHOICE == "mail":',
    "an order": "if CHOICE > 3:",
    "a truth": "if CHOICE:",
    "no truth": "if not CHOICE:",
    "nothing": "if CHOICE is None:",
    "not nothing": "if CHOICE is not None:",
    "membership": 'if CHOICE in ("mail", "sms"):',
    "no membership": 'if CHOICE not in ("mail", "sms"):',
    "a class": "if isinstance(CHOICE, str):",
    "the same class": "if type(CHOICE) == str:",
    "either": 'if CHOICE == "mail" or CHOICE == "sms":',
    "both": 'if CHOICE and CHOICE != "sms":',
    "a length": "if len(CHOICE) > 0:",
    "a text": 'if CHOICE.lower() == "mail":',
    "a beginning": 'if CHOICE.startswith("m"):',
    "a number": "if int(CHOICE) > 0:",
}
WAYS = {
    "itself": "event['w']",
    "or a default": "event.get('w') or {}",
    "with a default": "event.get('w', '')",
    "a conditional": "event['w'] if event else None",
    "the default first": "'' if not event else event['w']",
    "of a filled dict": "{**event}.get('w', 0)",
    "of a copied dict": "dict(event).get('w', False)",
    "of a dict with it": "{'w': None, **event}['w']",
    "and": "event and event['w']",
    "a tuple's element": "(event['w'], None)[0]",
    "a setdefault": "event.setdefault('w', None)",
    "an attribute": "context.w",
    "a walrus": "(w := event.get('w', None))",
    "the first of some": "next(iter(event['w']), None)",
    "the largest": "max(event['w'], default=0)",
    "a text of it": "f\"{event['w']}\"",
    "one of a table": "{'a': 'mail', 'b': 7}.get(event['w'])",
    "one of a list": "[None, 7, 'mail'][event['w']]",
    "a popped one": "dict(event).pop('w', None)",
}
PROGRAM = """
import threading

def work():
    pass

def handler(event, context):
    CHOICE = VALUE
    BRANCH
        threading.Thread(target=work).start()
    return {"statusCode": 200}
"""


def programs() -> Iterator[tuple[str, str]]:
    for branch, condition in BRANCHES.items():
        for way, value in WAYS.items():
            yield f"{way}: {branch}", PROGRAM.replace("VALUE", value).replace("BRANCH", condition)


@pytest.mark.parametrize(("name", "text"), [*programs()], ids=[name for name, _ in programs()])
def test_a_branch_that_an_event_may_take_is_followed(name: str, text: str) -> None:
    program = OneFile(text)
    assert analyse(program, [program.handler()], models()), "the branch is taken for dead"
