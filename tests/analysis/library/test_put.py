"""put: a call stores values in a container."""

from __future__ import annotations

from tests.analysis.library.bench import Bench


def test_the_container_holds_it_from_then_on() -> None:
    bench = Bench(put=[{"call": "crane.Basket.add", "value": "arg:0", "into": "self"}])
    basket, load = bench.container("list"), bench.made("crane.Load")
    bench.call("crane.Basket.add", (load,), on=basket)
    assert bench.heap.held(basket) == (load,)


def test_nothing_given_is_nothing_stored() -> None:
    bench = Bench(put=[{"call": "crane.Basket.add", "value": "arg:0", "into": "self"}])
    basket = bench.container("list")
    bench.call("crane.Basket.add", on=basket)
    assert bench.heap.elements(basket) == []


def test_all_elements_of_another_may_be_stored() -> None:
    bench = Bench(put=[{"call": "crane.Basket.extend", "value": "arg:0[*]", "into": "self"}])
    basket, load = bench.container("list"), bench.made("crane.Load")
    bench.call("crane.Basket.extend", (bench.container("list", load),), on=basket)
    assert {obj.base for obj in bench.heap.held(basket)} == {load}
