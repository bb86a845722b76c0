"""provide: a call says what a framework gives for a token."""

from __future__ import annotations

from typing import Any

from lint_lambda.analysis.domain.heap import slot
from lint_lambda.analysis.domain.values import Container
from tests.analysis.library.bench import Bench

PROVIDE: list[dict[str, Any]] = [
    {
        "call": "crane.module",
        "providers": "arg:0[*]",
        "into": "global:crane.kept",
        "makers": "make",
        "values": "value",
    }
]
INJECT: list[dict[str, Any]] = [{"call": "crane.inject", "token": "arg:0", "of": "global:crane.kept"}]


def provider(bench: Bench, **named: Any) -> Container:
    made = bench.container("dict")
    for name, value in named.items():
        bench.heap.store(made, slot(name), value)
    return made


def test_a_value_is_given_for_its_token() -> None:
    bench = Bench(provide=PROVIDE, inject=INJECT)
    load = bench.made("crane.Load")
    given = bench.container("list", provider(bench, provide=bench.const("LOAD"), value=(load,)))
    bench.call("crane.module", (given,))
    assert bench.call("crane.inject", bench.const("LOAD")) == (load,)
    assert bench.call("crane.inject", bench.const("OTHER")) == ()
