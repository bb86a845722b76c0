"""listen: a call registers a function that is called at each event of a name."""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import ANY_ELEMENT, slot
from lint_lambda.analysis.domain.values import Listener
from tests.analysis.library.bench import Bench

LISTEN = [{"call": "crane.Bell.on", "emitter": "self", "event": "arg:0", "work": "arg:1"}]


def test_the_emitter_keeps_it_under_the_name() -> None:
    bench = Bench(type=[{"name": "crane.Bell"}], listen=LISTEN)
    bell = bench.made("crane.Bell")
    bench.call("crane.Bell.on", bench.universe.const("rings"), bench.function("work"), on=bell)
    (kept,) = bench.heap.load(bell, slot("rings"))
    assert isinstance(kept, Listener)
    assert (kept.function,) == bench.function("work")


def test_a_name_that_is_not_known_may_be_any() -> None:
    bench = Bench(type=[{"name": "crane.Bell"}], listen=LISTEN)
    bell = bench.made("crane.Bell")
    bench.call("crane.Bell.on", bench.universe.unknown, bench.function("work"), on=bell)
    assert bench.heap.load(bell, ANY_ELEMENT)
