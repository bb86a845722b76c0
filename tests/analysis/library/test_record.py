"""record: a call makes a class whose instances hold what they are constructed with."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.values import Record
from tests.analysis.library.bench import Bench


@pytest.mark.parametrize("written", ["text", "list", "pairs"])
def test_its_fields_are_named_in_any_of_the_usual_ways(written: str) -> None:
    bench = Bench(record=[{"call": "crane.record", "fields": "arg:1"}])
    job, order = bench.const("job")[0], bench.const("order")[0]
    fields = {
        "text": bench.const("job, order"),
        "list": (bench.container("list", job, order),),
        "pairs": (bench.container("list", bench.container("tuple", job), bench.container("tuple", order)),),
    }[written]
    (made,) = bench.call("crane.record", bench.const("Job"), fields)
    assert isinstance(made, Record) and made.fields == ("job", "order")
