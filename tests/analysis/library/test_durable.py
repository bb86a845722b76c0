"""durable: the library calls the handler, with what it makes of Lambda's event and context."""

from __future__ import annotations

from lint_lambda.analysis.domain.frame import Args
from lint_lambda.analysis.domain.heap import slot
from lint_lambda.analysis.domain.values import External, Instance
from tests.analysis.library.bench import Bench


def test_the_handler_is_given_what_lambda_passes_and_a_context_of_the_library() -> None:
    durable = {"call": "crane.durable", "decorates": "arg:0", "passes": ["", "crane.Context"]}
    bench = Bench(durable=[durable])
    decorated = bench.machine.call(
        bench.universe.external("crane.durable"), Args([bench.function("told")]), 200, bench.frame
    )
    event = bench.const("event")
    (told,) = bench.machine.call(decorated, Args([event, bench.const("context")]), 201, bench.frame)
    given, context = (bench.holds(told, slot(position)) for position in (0, 1))
    assert given == event
    (made,) = context
    assert isinstance(made, Instance) and isinstance(made.type, External) and made.type.symbol == "crane.Context"
