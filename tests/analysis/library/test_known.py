"""known: what a call answers on Lambda."""

from __future__ import annotations

import pytest

from tests.analysis.library.bench import Bench


def test_the_answer_is_a_constant() -> None:
    bench = Bench(known=[{"call": "crane.on_lambda", "truth": True}, {"call": "crane.where", "value": "lambda"}])
    assert bench.call("crane.on_lambda") == bench.const(True)
    assert bench.call("crane.where") == bench.const("lambda")


@pytest.mark.parametrize(
    ("kind", "name", "answer"),
    [
        ("coroutine function", "later", True),
        ("coroutine function", "work", False),
        ("generator function", "generates", True),
        ("generator function", "later", False),
    ],
)
def test_a_question_about_a_function_is_answered_by_what_it_is(kind: str, name: str, answer: bool) -> None:
    bench = Bench(known=[{"call": "crane.asks", "asks": "arg:0", "kind": kind}])
    assert bench.call("crane.asks", bench.function(name)) == bench.const(answer)


def test_of_what_nobody_knows_there_is_no_answer() -> None:
    bench = Bench(known=[{"call": "crane.asks", "asks": "arg:0", "kind": "coroutine function"}])
    assert bench.call("crane.asks", bench.universe.unknown) == ()
    assert bench.call("crane.asks", bench.function("later") + bench.function("work")) == ()
