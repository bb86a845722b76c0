"""What a call of an async function does, and what Lambda does with the handler's, is a matter of the language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lint_lambda.analysis.lifetimes import analyse
from lint_lambda.core import ir
from lint_lambda.core.finding import Confidence, Fate
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.semantics import Semantics
from lint_lambda.core.verdict import Verdict
from lint_lambda.knowledge.loader import load_models
from tests.analysis.fake_frontend import EAGER, LAZY, FakeProgram, attr, call, function, handler

ANALYSIS = Path(__file__).parents[2] / "lint_lambda" / "analysis"
CRANE = {
    "library": {"name": "crane", "docs": "https://crane.example"},
    "launch": [
        {"call": "crane.lift", "kind": "thread", "work": "arg:0", "handle": "return", "returns": "crane.Load"},
    ],
    "join": [{"call": "crane.Load.landed", "target": "self"}],
}
MODELS = load_models((CRANE,))
WORK = function("work")


def lift() -> ir.Call:
    return call(attr(ir.Name("crane", MODULE_BODY), "lift"), ir.Func("work"))


def pause() -> ir.Await:
    """A wait for something that nobody knows."""
    return ir.Await(ir.Name("somebody", ir.UNBOUND), 1)


def verdicts(semantics: Semantics, *functions: ir.Function) -> list[Verdict]:
    program = FakeProgram("crane", WORK, *functions, semantics=semantics)
    return analyse(program, [handler(functions[-1])], MODELS)


def main(*body: ir.Stmt, is_async: bool = False) -> ir.Function:
    return function("main", *body, params=("event", "context"), is_async=is_async)


def test_a_lazy_call_that_nothing_awaits_has_not_run() -> None:
    aside = function("aside", ir.Eval(lift()), is_async=True)
    (verdict,) = verdicts(LAZY, aside, main(ir.Eval(call(ir.Name("aside", MODULE_BODY)))))
    assert (verdict.kind, verdict.fate) == ("coroutine", Fate.NEVER_RUNS)


def test_an_eager_call_that_nothing_awaits_has_run_and_what_it_launched_is_pending() -> None:
    aside = function("aside", ir.Eval(lift()), is_async=True)
    (verdict,) = verdicts(EAGER, aside, main(ir.Eval(call(ir.Name("aside", MODULE_BODY)))))
    assert (verdict.kind, verdict.fate, verdict.confidence) == ("thread", Fate.FROZEN, Confidence.HIGH)
    assert verdict.function == "aside"


def test_an_eager_call_is_pending_itself_where_it_waits() -> None:
    aside = function("aside", ir.Eval(pause()), is_async=True)
    (verdict,) = verdicts(EAGER, aside, main(ir.Eval(call(ir.Name("aside", MODULE_BODY)))))
    assert (verdict.kind, verdict.fate) == ("task", Fate.FROZEN)


def test_awaiting_an_eager_call_waits_for_all_that_it_waits_for() -> None:
    load = ir.Name("load", ir.LOCAL)
    aside = function(
        "aside",
        ir.Assign((load,), lift()),
        ir.Eval(pause()),
        ir.Eval(call(attr(load, "landed"))),
        is_async=True,
    )
    awaited = ir.Eval(ir.Await(call(ir.Name("aside", MODULE_BODY)), 2))
    assert verdicts(EAGER, aside, main(awaited, is_async=True)) == []


def test_lambda_awaits_an_eager_handler() -> None:
    assert verdicts(EAGER, main(ir.Eval(pause()), is_async=True)) == []


def test_lambda_does_not_await_a_lazy_handler() -> None:
    (verdict,) = verdicts(LAZY, main(ir.Eval(pause()), is_async=True))
    assert (verdict.kind, verdict.fate) == ("handler", Fate.NEVER_RUNS)


@pytest.mark.parametrize("path", sorted(ANALYSIS.rglob("*.py")), ids=lambda path: path.name)
def test_the_analysis_names_nothing_of_a_language(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    strings = re.findall(r'"([^"\n]*)"', text)
    special = [string for string in strings if re.search(r"__\w+__|^builtins\b|\.py$|^(python|javascript)$", string)]
    assert special == []
