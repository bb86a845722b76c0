"""passthrough: a call returns, or collects, what it was given."""

from __future__ import annotations

import pytest

from lint_lambda.analysis.domain.values import Container, Dispatcher, Identity, Memoised, Memoiser
from tests.analysis.library.bench import Bench


def test_what_is_given_comes_back() -> None:
    bench = Bench(passthrough=[{"call": "crane.shield", "returns": "arg:0"}])
    handle = bench.made("crane.Load")
    assert bench.call("crane.shield", (handle,)) == (handle,)


@pytest.mark.parametrize("kind", ["list", "set"])
def test_what_is_given_is_collected(kind: str) -> None:
    bench = Bench(passthrough=[{"call": "crane.all", "returns": "arg:*", "collects": kind}])
    first, second = bench.made("crane.Load"), bench.made("crane.Load")
    (made,) = bench.call("crane.all", (first,), (second,))
    assert isinstance(made, Container) and made.kind == kind
    assert set(bench.heap.held(made)) == {first, second}


def test_a_decorator_gives_the_function_back() -> None:
    bench = Bench(passthrough=[{"call": "crane.traced", "decorator": True}])
    work = bench.function("work")
    assert bench.call("crane.traced", work) == work


def test_a_decorator_with_settings_gives_what_will_give_it_back() -> None:
    bench = Bench(passthrough=[{"call": "crane.traced", "decorator": True, "parameterised": True}])
    (made,) = bench.call("crane.traced", bench.const("orders"))
    assert isinstance(made, Identity)


def test_a_function_that_is_memoised_is_another() -> None:
    bench = Bench(passthrough=[{"call": "crane.cached", "decorator": True, "memoises": True}])
    work = bench.function("work")
    (made,) = bench.call("crane.cached", work)
    assert isinstance(made, Memoised) and (made.function,) == work
    (later,) = bench.call("crane.cached", bench.const(10))
    assert isinstance(later, Memoiser)


def test_a_function_that_dispatches_stands_for_those_registered_with_it() -> None:
    bench = Bench(passthrough=[{"call": "crane.generic", "dispatches": True}])
    work = bench.function("work")
    (made,) = bench.call("crane.generic", work)
    assert isinstance(made, Dispatcher) and (made.function,) == work
