"""inject: a call stands for what a framework gives for a token."""

from __future__ import annotations

from lint_lambda.analysis.domain.values import Instance
from tests.analysis.library.bench import Bench
from tests.analysis.library.test_provide import INJECT, PROVIDE, provider


def test_a_function_makes_what_is_given() -> None:
    bench = Bench(provide=PROVIDE, inject=INJECT, type=[{"name": "crane.Load", "made_by": ["crane.load"]}])
    maker = bench.universe.external("crane.load")
    bench.call(
        "crane.module",
        (bench.container("list", provider(bench, provide=bench.const("LOAD"), make=maker)),),
    )
    (given,) = bench.call("crane.inject", bench.const("LOAD"))
    assert isinstance(given, Instance)
