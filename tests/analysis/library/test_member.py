"""member: a call makes a function that reaches into what it is called on."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.values import Reacher
from tests.analysis.library.bench import Bench


@pytest.mark.parametrize("reaches", ["attribute", "item", "method"])
def test_it_makes_a_function_that_knows_what_it_reaches(reaches: str) -> None:
    bench = Bench(member=[{"call": "crane.reach", "reaches": reaches, "names": "arg:0"}])
    (made,) = bench.call("crane.reach", bench.const("job"))
    assert isinstance(made, Reacher)
    assert made.reaches == reaches
