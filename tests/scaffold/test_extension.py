"""The extension that `lambda-lint scaffold extension` writes, in the sandbox: all that the widely copied one gets wrong."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from lint_lambda.emulator.sandbox import Sandbox
from tests.emulator.client import PATIENCE
from tests.emulator.clock import Clock, noted
from tests.scaffold.conftest import Make, after_response, at_once, did, left

TOLD, LONG = 2.5, 2.4
"""Seconds that a function is told it has; seconds of work that it has no time for, unless it is given more."""


def test_work_runs_after_the_response_and_before_the_freeze(function: Make, python: str) -> None:
    with Sandbox(function("extension", python=python)) as sandbox:
        for name in ("a", "b"):
            outcome = sandbox.invoke({"submit": [name], "sleep": [0.2]})
            assert (outcome.kind, did(outcome.log)) == ("response", [name, "0.2 s"])
            assert after_response(sandbox) > 0.2
        [registered] = [event.detail for event in sandbox.timeline if event.kind == "register"]
        assert registered == {"extension": "lambda-defer", "external": False, "events": ["INVOKE"]}


def test_1_submitting_nothing_ends_at_once(function: Make) -> None:
    with Sandbox(function("extension")) as sandbox:
        for _ in range(2):
            assert sandbox.invoke({}).kind == "response"
            assert at_once(sandbox)
        assert did(sandbox.invoke({"submit": ["a"]}).log) == ["a"]


def test_2_a_handler_that_raises_still_ends_and_what_it_deferred_runs(function: Make) -> None:
    with Sandbox(function("extension")) as sandbox:
        outcome = sandbox.invoke({"raise": True})
        assert (outcome.kind, outcome.error_name) == ("error", "ValueError")
        outcome = sandbox.invoke({"submit": ["a"], "raise": True})
        assert (outcome.kind, did(outcome.log)) == ("error", ["a"])
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


def test_an_answer_that_cannot_be_sent_is_an_end_too(function: Make) -> None:
    with Sandbox(function("extension")) as sandbox:
        outcome = sandbox.invoke({"submit": ["a"], "unserialisable": True})
        assert (outcome.error_name, did(outcome.log)) == ("Runtime.MarshalError", ["a"])


@pytest.mark.parametrize(("work", "said"), [("crash", "RuntimeError: crash"), ("leave", "SystemExit: leave")])
def test_3_work_that_raises_is_logged_and_the_rest_runs(function: Make, work: str, said: str) -> None:
    with Sandbox(function("extension")) as sandbox:
        outcome = sandbox.invoke({"submit": [work, "a"]})
        assert (outcome.kind, did(outcome.log)) == ("response", ["a"])
        assert f"deferred work failed: {work}" in outcome.log
        assert said in outcome.log
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


def test_4_several_submits_belong_to_their_own_invocation(function: Make) -> None:
    with Sandbox(function("extension")) as sandbox:
        assert did(sandbox.invoke({"submit": ["a1", "a2", "a3"]}).log) == ["a1", "a2", "a3"]
        assert did(sandbox.invoke({}).log) == []
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


def test_work_may_defer_more_and_may_be_a_coroutine_function(function: Make) -> None:
    with Sandbox(function("extension")) as sandbox:
        assert did(sandbox.invoke({"submit": ["more", "later"]}).log) == ["more", "later", "more+"]


def test_handlers_that_call_each_other_end_once(function: Make) -> None:
    with Sandbox(function("extension", handler="outer")) as sandbox:
        for _ in range(2):
            assert did(sandbox.invoke({"submit": ["inner"]}).log) == ["inner", "outer"]


def test_an_event_that_is_tried_again_waits_for_the_handler_again(
    function: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asynchronous invocations are retried with the same request id."""
    same = uuid.uuid4()
    monkeypatch.setattr(uuid, "uuid4", lambda: same)
    with Sandbox(function("extension")) as sandbox:
        for name in ("first", "second"):
            outcome = sandbox.invoke({"think": 0.1, "submit": [name], "sleep": [0.1], "raise": True})
            assert did(outcome.log) == [name, "0.1 s"]


# Shutdown.


def test_5_what_time_ran_out_for_is_done_when_the_sandbox_is_shut_down(
    function: Make, clock: Clock, python: str
) -> None:
    """Also where the client polls in the main thread, and Python runs no signal handler: on 3.10 and 3.11."""
    clock.tell(TOLD)
    clock.drains()
    with Sandbox(function("extension", python=python)) as sandbox:
        outcome = sandbox.invoke({"sleep": [LONG], "submit": []})
        assert outcome.kind == "response"
        assert did(outcome.log) == []
        sandbox.shutdown()
        assert did(sandbox.log.read_text()) == [f"{LONG} s"]


def test_work_that_never_started_is_done_at_shutdown(function: Make, clock: Clock, python: str) -> None:
    clock.tell(TOLD)
    clock.drains()
    with Sandbox(function("extension", python=python)) as sandbox:
        outcome = sandbox.invoke({"sleep": [LONG, 0.01]})
        assert "(1 running, 1 waiting)" in outcome.log
        sandbox.shutdown()
        assert did(sandbox.log.read_text()) == [f"{LONG} s", "0.01 s"]


def test_a_shutdown_with_nothing_left_ends_the_process_at_once(function: Make, clock: Clock, python: str) -> None:
    clock.drains()
    with Sandbox(function("extension", python=python)) as sandbox:
        sandbox.invoke({"submit": ["a"]})
        sandbox.shutdown()
        at = {event.kind: event.at for event in sandbox.timeline}
        assert at["killed"] - at["shutdown"] < PATIENCE / 4, "long before the SIGKILL"


def test_what_takes_longer_than_lambda_gives_is_lost(function: Make, clock: Clock) -> None:
    clock.tell(1.0)
    with Sandbox(function("extension")) as sandbox:
        sandbox.invoke({"sleep": [600]})
        sandbox.shutdown()
        assert did(sandbox.log.read_text()) == []


def test_a_forked_child_that_is_terminated_is_not_taken_for_a_shutdown(function: Make, python: str) -> None:
    with Sandbox(function("extension", python=python)) as sandbox:
        first = sandbox.invoke({"fork": 20, "submit": ["a", "fork"]})
        assert first.log.count("child ended by SIGTERM") == 21, first.log
        assert did(first.log) == ["a"]
        assert sandbox.invoke({}).payload == first.payload, "the process is the same"


@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_a_child_process_imports_the_module_but_cannot_defer(function: Make, start: str) -> None:
    with Sandbox(function("extension")) as sandbox:
        works = sandbox.invoke({"start": start, "target": "record", "submit": ["a"]})
        assert did(works.log) == ["child", "a"]
        assert "child ended with 0" in works.log
        refused = sandbox.invoke({"start": start, "target": "defer"})
        assert did(refused.log) == []
        assert "while no @deferring handler is running" in refused.log
        assert "child ended with 1" in refused.log


WITH_A_HANDLER_OF_ITS_OWN = """
import signal

def mine(number, frame):
    print("did mine")
    raise SystemExit

signal.signal(signal.SIGTERM, mine)
"""


def test_a_signal_handler_that_was_there_before_runs_after_the_work(function: Make, clock: Clock) -> None:
    clock.tell(TOLD)
    clock.drains()
    made = function("extension", env={"AWS_EXECUTION_ENV": "AWS_Lambda_python3.12"})
    app = made.task_root / "app.py"
    app.write_text(WITH_A_HANDLER_OF_ITS_OWN + app.read_text())
    with Sandbox(made) as sandbox:
        sandbox.invoke({"sleep": [LONG]})
        sandbox.shutdown()
        assert did(sandbox.log.read_text()) == [f"{LONG} s", "mine"]


# Time.


def test_at_the_deadline_work_is_left_for_the_next_invocation_and_the_log_says_so(function: Make, clock: Clock) -> None:
    clock.tell(TOLD)
    with Sandbox(function("extension")) as sandbox:
        outcome = sandbox.invoke({"sleep": [LONG, 0.05]})
        clock.tell(PATIENCE)
        assert outcome.kind == "response", "not a timeout, and no reset"
        assert did(outcome.log) == []
        assert "time is up with deferred work left (1 running, 1 waiting)" in outcome.log
        assert did(sandbox.invoke({"submit": ["next"]}).log) == [f"{LONG} s", "0.05 s", "next"]


def test_work_can_ask_how_much_time_is_left(function: Make) -> None:
    with Sandbox(function("extension")) as sandbox:
        assert PATIENCE / 2 < left(sandbox.invoke({"tell_time": True}).log) <= PATIENCE


def test_a_handler_that_times_out_is_a_timeout_and_the_next_sandbox_works(function: Make, clock: Clock) -> None:
    with Sandbox(function("extension")) as sandbox:
        event = {"submit": ["a"], "hang": True}
        assert clock.times_out(sandbox, event, noted(sandbox, "invoke")).kind == "timeout"
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


# Misuse.


def test_a_handler_without_the_decorator_ends_late_but_ends(function: Make, clock: Clock) -> None:
    clock.tell(1.0)
    with Sandbox(function("extension", handler="undecorated")) as sandbox:
        for _ in range(2):
            outcome = sandbox.invoke({})
            assert outcome.kind == "response"
            assert "ran no @deferring handler" in outcome.log


MISUSE = {
    "no decorator at all": (
        "from lambda_defer import defer\n\ndef handler(event, context):\n    defer(print, 'lost')\n",
        "RuntimeError",
        "decorate the function that Lambda calls",
    ),
    "an import inside the handler": (
        "def handler(event, context):\n    from lambda_defer import defer\n    defer(print, 'lost')\n",
        "RuntimeError",
        "move the import to the top",
    ),
    "a call instead of a function": (
        """
from lambda_defer import defer, deferring

async def work(): pass

@deferring
def handler(event, context):
    defer(work())
""",
        "TypeError",
        "takes the function and its arguments",
    ),
    "after the decorated handler has ended": (
        """
from lambda_defer import defer, deferring

@deferring
def inner(event, context): pass

def handler(event, context):
    inner(event, context)
    defer(print, "lost")
""",
        "RuntimeError",
        "while no @deferring handler is running",
    ),
}


@pytest.mark.parametrize("case", MISUSE)
def test_misuse_fails_where_it_is_made(function: Make, case: str) -> None:
    source, error, said = MISUSE[case]
    with Sandbox(function("extension", source=source)) as sandbox:
        outcome = sandbox.invoke({})
        assert (outcome.kind, outcome.error_name) == ("error", error)
        assert said in outcome.log


def _init_failure(function: Make, **options: Any) -> str:
    with Sandbox(function("extension", **options)) as sandbox:
        assert not sandbox.init()
        return sandbox.log.read_text()


def test_an_async_handler_fails_the_init_phase(function: Make) -> None:
    source = "from lambda_defer import deferring\n\n@deferring\nasync def handler(event, context): pass\n"
    assert "Lambda does not await handlers" in _init_failure(function, source=source)


def test_managed_instances_fail_the_init_phase(function: Make) -> None:
    assert "does not work on Lambda Managed Instances" in _init_failure(function, managed=1)


BREAKS = """
import lambda_defer

@lambda_defer.deferring
def handler(event, context):
    if event.get("break"):
        lambda_defer._state.wait_for_work = None
    return {}
"""


def test_should_the_extension_itself_fail_the_sandbox_is_replaced_at_once(function: Make) -> None:
    with Sandbox(function("extension", source=BREAKS)) as sandbox:
        outcome = sandbox.invoke({"break": True})
        assert (outcome.kind, outcome.error_type) == ("failure", "Extension.ExitError"), "and not a timeout"
        assert "the extension lambda-defer cannot go on" in outcome.log
        assert sandbox.invoke({}).kind == "response"
