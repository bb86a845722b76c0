"""The five faults of the in-process async processor, one by one, in the sandbox; and that without them it works."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import Sandbox
from tests.emulator.clock import Clock, noted


@pytest.fixture
def processor(function: Callable[..., Function]) -> Function:
    return function("async_processor.py")


def test_it_works_when_each_invocation_submits_one_task(processor: Function) -> None:
    with Sandbox(processor) as sandbox:
        for name in ("a", "b"):
            outcome = sandbox.invoke({"submit": [name]})
            assert (outcome.kind, outcome.log) == ("response", f"did {name}\n")
        kinds = [event.kind for event in sandbox.timeline]
        answered, ran = kinds.index("response"), kinds.index("freeze")
        assert answered < ran, "the task ran after the response and before the freeze"


def test_1_submitting_nothing_blocks_the_extension_until_the_timeout(processor: Function, clock: Clock) -> None:
    with Sandbox(processor) as sandbox:
        outcome = clock.times_out(sandbox, {}, noted(sandbox, "runtime-ready", 2))
        assert (outcome.kind, outcome.error_type) == ("timeout", "Sandbox.Timedout")
        assert b"Task timed out after" in outcome.payload
        assert _waited_for(sandbox) == ["extension async-processor (Running)"]


def test_2_raising_before_the_submit_does_the_same(processor: Function, clock: Clock) -> None:
    with Sandbox(processor) as sandbox:
        outcome = clock.times_out(sandbox, {"raise": True}, noted(sandbox, "runtime-ready", 2))
        assert outcome.kind == "timeout"
        assert "before the submit" in outcome.log
        assert _waited_for(sandbox) == ["extension async-processor (Running)"]


def test_3_a_task_that_raises_kills_the_worker_and_every_later_invocation_of_the_process(
    processor: Function, clock: Clock
) -> None:
    with Sandbox(processor) as sandbox:

        def crashed() -> bool:
            return "RuntimeError: crash" in sandbox.log.read_text() and noted(sandbox, "runtime-ready", 2)()

        outcome = clock.times_out(sandbox, {"submit": ["crash"]}, crashed)
        assert outcome.kind == "timeout"
        assert "RuntimeError: crash" in outcome.log
        assert sandbox.invoke({"submit": ["a"]}).kind == "response", "only the reset brought the extension back"


def test_4_two_submits_lag_behind_for_ever(processor: Function) -> None:
    with Sandbox(processor) as sandbox:
        assert sandbox.invoke({"submit": ["a1", "a2"]}).log == "did a1\n"
        assert sandbox.invoke({"submit": ["b"]}).log == "did a2\n"
        assert sandbox.invoke({"submit": ["c"]}).log == "did b\n"


def test_5_a_shutdown_loses_what_is_queued(processor: Function) -> None:
    with Sandbox(processor) as sandbox:
        sandbox.invoke({"submit": ["a1", "a2"]})
        sandbox.shutdown()
        assert "did a2" not in sandbox.log.read_text()


def _waited_for(sandbox: Sandbox) -> object:
    return next(event.detail["waiting_for"] for event in sandbox.timeline if event.kind == "timeout")
