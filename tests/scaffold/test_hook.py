"""The hook that `lambda-lint scaffold hook` writes, in the sandbox: under AWS's client, put in by the import or by the wrapper,
and as a custom runtime."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import Sandbox
from tests.emulator.client import PATIENCE
from tests.emulator.clock import Clock, noted
from tests.scaffold.conftest import Make, after_response, at_once, did, left

WRAPPED = '#!/bin/sh\n[ "$1" = -c ] && exec {python} "$@"\nexec {root}/lambda_after_response.py {python} -X utf8 "$@"\n'
"""What the managed runtime's own start script does with AWS_LAMBDA_EXEC_WRAPPER. (The emulator asks `-c` for the version.)"""
CUSTOM = '#!/bin/sh\n[ "$1" = -c ] && exec {python} "$@"\nexec {root}/bootstrap\n'
"""What a custom runtime is started by."""


@pytest.fixture(params=["import", "wrapper", "custom"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hooked(function: Make, tmp_path: Path, way: str) -> Callable[..., Function]:
    def make(python: str = sys.executable, **options: Any) -> Function:
        made = function("hook", python=python, **options)
        if way == "import":
            return made
        directory = tmp_path / "bin"
        directory.mkdir()
        start = directory / "start"
        start.write_text((WRAPPED if way == "wrapper" else CUSTOM).format(python=python, root=made.task_root))
        start.chmod(0o755)
        (directory / "python3").write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        (directory / "python3").chmod(0o755)
        return function("hook", python=str(start), **options)

    return make


def test_work_runs_after_the_response_and_before_the_freeze(hooked: Make, python: str) -> None:
    with Sandbox(hooked(python)) as sandbox:
        for name in ("a", "b"):
            outcome = sandbox.invoke({"submit": [name], "wait": [f"{name}2"], "sleep": [0.2]})
            assert (outcome.kind, did(outcome.log)) == ("response", [name, f"{name}2", "0.2 s"])
            assert after_response(sandbox) > 0.2
            assert 500 * PATIENCE < json.loads(outcome.payload)["left"] <= 1000 * PATIENCE
        assert not [event for event in sandbox.timeline if event.kind in ("register", "exit", "fatal")]


def test_1_submitting_nothing_ends_at_once(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        for _ in range(2):
            assert sandbox.invoke({}).kind == "response"
            assert at_once(sandbox)
        assert did(sandbox.invoke({"submit": ["a"]}).log) == ["a"]


def test_2_a_handler_that_raises_still_ends_and_what_it_handed_over_runs(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        outcome = sandbox.invoke({"raise": True})
        assert (outcome.kind, outcome.error_name) == ("error", "ValueError")
        outcome = sandbox.invoke({"submit": ["a"], "raise": True})
        assert (outcome.kind, did(outcome.log)) == ("error", ["a"])
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


def test_an_answer_that_cannot_be_sent_is_an_error_too(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        outcome = sandbox.invoke({"submit": ["a"], "unserialisable": True})
        assert (outcome.kind, did(outcome.log)) == ("error", ["a"])


@pytest.mark.parametrize(("work", "said"), [("crash", "RuntimeError: crash"), ("leave", "SystemExit: leave")])
def test_3_work_that_raises_is_logged_and_the_rest_runs(hooked: Make, work: str, said: str) -> None:
    with Sandbox(hooked()) as sandbox:
        outcome = sandbox.invoke({"submit": [work, "a"]})
        assert (outcome.kind, did(outcome.log)) == ("response", ["a"])
        assert f"work after the response failed: {work}" in outcome.log
        assert said in outcome.log
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


def test_4_several_submits_belong_to_their_own_invocation(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        assert did(sandbox.invoke({"submit": ["a1", "a2"], "wait": ["a3"]}).log) == ["a1", "a2", "a3"]
        assert did(sandbox.invoke({}).log) == []
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


def test_work_may_add_more_and_may_be_a_coroutine_function(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        assert did(sandbox.invoke({"submit": ["more", "later"]}).log) == ["more", "later", "more+"]


def test_5_a_shutdown_finds_everything_done(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        sandbox.invoke({"submit": ["a1", "a2"]})
        sandbox.shutdown()
        assert did(sandbox.log.read_text()) == ["a1", "a2"]


# Time.


def test_a_coroutine_is_cancelled_before_the_timeout(hooked: Make, clock: Clock) -> None:
    clock.tell(2.0)
    with Sandbox(hooked()) as sandbox:
        outcome = sandbox.invoke({"wait_for": [600]})
        assert (outcome.kind, did(outcome.log)) == ("response", ["cancel"])
        assert "TimeoutError" in outcome.log


def test_work_that_could_not_be_started_in_time_is_left_and_the_log_says_so(hooked: Make, clock: Clock) -> None:
    clock.tell(2.5)
    with Sandbox(hooked()) as sandbox:
        outcome = sandbox.invoke({"sleep": [2.4, 0.01]})
        clock.tell(PATIENCE)
        assert (outcome.kind, did(outcome.log)) == ("response", ["2.4 s"])
        assert "time is up with work left after the response (1)" in outcome.log
        assert did(sandbox.invoke({"submit": ["next"]}).log) == ["0.01 s", "next"]


def test_a_function_that_does_not_end_is_a_timeout_and_the_next_sandbox_works(hooked: Make, clock: Clock) -> None:
    with Sandbox(hooked()) as sandbox:
        outcome = clock.times_out(sandbox, {"sleep": [600]}, noted(sandbox, "response"))
        assert outcome.kind == "timeout"
        assert "response" in [event.kind for event in sandbox.timeline], "it had been sent all the same"
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


def test_work_can_ask_how_much_time_is_left(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        assert PATIENCE / 2 < left(sandbox.invoke({"tell_time": True}).log) <= PATIENCE


def test_a_handler_that_times_out_is_a_timeout_and_the_next_sandbox_works(hooked: Make, clock: Clock) -> None:
    with Sandbox(hooked()) as sandbox:
        event = {"submit": ["a"], "hang": True}
        assert clock.times_out(sandbox, event, noted(sandbox, "invoke")).kind == "timeout"
        assert did(sandbox.invoke({"submit": ["b"]}).log) == ["b"]


# Misuse.


def test_a_task_is_refused_where_it_is_handed_over(hooked: Make) -> None:
    with Sandbox(hooked()) as sandbox:
        outcome = sandbox.invoke({"task": True})
        assert outcome.error_name == "TypeError"
        assert "wait_until() takes the coroutine" in outcome.log


@pytest.mark.parametrize("way", ["import"])
def test_an_import_inside_the_handler_is_refused_the_first_time(function: Make, way: str) -> None:
    source = (
        "def handler(event, context):\n    from lambda_after_response import after_response\n"
        "    after_response(print, 'did it')\n"
    )
    with Sandbox(function("hook", source=source)) as sandbox:
        outcome = sandbox.invoke({})
        assert outcome.error_name == "RuntimeError"
        assert "at the top of the handler's module" in outcome.log


@pytest.mark.parametrize("way", ["import", "wrapper"])
def test_a_client_that_cannot_be_hooked_fails_the_init_phase(hooked: Make, tmp_path: Path, way: str) -> None:
    other = tmp_path / "other" / "awslambdaric"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    (other / "lambda_runtime_client.py").write_text("class LambdaRuntimeClient: pass\n")
    (other / "__main__.py").write_text("from awslambdaric import lambda_runtime_client\ndef main(args): import app\n")
    with Sandbox(hooked(import_paths=(tmp_path / "other",))) as sandbox:
        assert not sandbox.init()
        assert "does not know this runtime client" in sandbox.log.read_text()


@pytest.mark.parametrize("way", ["custom"])
def test_a_handler_that_cannot_be_loaded_fails_the_init_phase(hooked: Make, way: str) -> None:
    with Sandbox(hooked(source="raise OSError('no')")) as sandbox:
        assert not sandbox.init()
        assert sandbox.lifecycle.init_error is None, "reset"
        [error] = [event.detail for event in sandbox.timeline if event.kind == "init-error"]
        assert error == {"error_type": "Function.Error"}
        assert "OSError: no" in sandbox.log.read_text()


@pytest.mark.parametrize("way", ["import"])
def test_on_managed_instances_work_runs_after_the_response(hooked: Make, way: str) -> None:
    with Sandbox(hooked(managed=1)) as sandbox:
        assert sandbox.invoke({"submit": ["a"]}).kind == "response"
        assert sandbox.invoke({"submit": []}).kind == "response", "the only worker had done `a` before it polled"
        assert did(sandbox.log.read_text()) == ["a"]
