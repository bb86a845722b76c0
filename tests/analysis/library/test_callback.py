"""callback: a call invokes a function that it was given, now or later."""

from __future__ import annotations

from lint_lambda.analysis.domain.heap import Fact
from lint_lambda.analysis.domain.values import Container, Managed, Partial, Provided
from tests.analysis.library.bench import Bench


def rows(**more: object) -> list[dict[str, object]]:
    return [{"call": "crane.each", "work": "arg:0", **more}]


def test_what_is_called_now_gives_the_answer() -> None:
    bench = Bench(callback=rows())
    assert bench.call("crane.each", bench.function("answers")) == bench.const(7)


def test_what_is_called_for_each_gives_a_collection() -> None:
    bench = Bench(callback=rows(moment="each"))
    (made,) = bench.call("crane.each", bench.function("work"))
    assert isinstance(made, Container) and made.kind == "list"


def test_nothing_to_call_is_nothing_done() -> None:
    bench = Bench(callback=rows())
    assert bench.call("crane.each") == ()


def test_a_call_that_is_kept_for_later_is_made_by_calling_what_comes_back() -> None:
    bench = Bench(callback=rows(moment="wraps"))
    (made,) = bench.call("crane.each", bench.function("answers"))
    assert isinstance(made, Partial) and bench.holds(made, Fact.CALLEE) == bench.function("answers")


def test_a_generator_function_becomes_a_context_manager_or_a_default() -> None:
    work = Bench().function("generates")
    for moment, type_ in (("manager", Managed), ("provides", Provided)):
        bench = Bench(callback=rows(moment=moment))
        work = bench.function("generates")
        (made,) = bench.call("crane.each", work)
        assert isinstance(made, type_) and (made.function,) == work


def test_what_is_called_at_the_exit_of_a_stack_is_kept_there() -> None:
    bench = Bench(callback=[{"call": "crane.Stack.callback", "work": "arg:0", "moment": "exit"}])
    stack = bench.made("crane.Stack")
    bench.call("crane.Stack.callback", bench.function("work"), on=stack)
    (partial,) = bench.holds(stack, Fact.AT_EXIT)
    assert bench.machine.held_calls[partial][0] == bench.function("work")[0]
    assert bench.holds(stack, Fact.ENTERED) == ()
