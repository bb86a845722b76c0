"""A web server behind the web adapter: events become requests, and the freeze comes after the answer's last byte."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import Sandbox
from lint_lambda.emulator.web_adapter import statuses
from tests.emulator.beats import soon
from tests.emulator.client import PATIENCE
from tests.emulator.clock import Clock
from tests.oracle.web_event import http_event

Serve = Callable[..., Function]


@pytest.fixture
def serve(function: Callable[..., Function], tmp_path: Path) -> Serve:
    def make(arguments: str = "", **env: str) -> Function:
        command = f"{sys.executable} -S app.py {arguments}"
        return function("web_server.py", serve=command, env={"WORKED": str(tmp_path / "worked"), **env})

    return make


def _answer(sandbox: Sandbox, event: object) -> Any:
    outcome = sandbox.invoke(event)
    assert outcome.kind == "response", outcome
    return json.loads(outcome.payload)


def test_work_after_the_answer_is_frozen_and_runs_on_with_the_next_event(serve: Serve, tmp_path: Path) -> None:
    with Sandbox(serve()) as sandbox:
        assert _answer(sandbox, http_event("/after"))["body"] == "/after"
        time.sleep(0.3)
        assert not (tmp_path / "worked").exists()
        assert [event.kind for event in sandbox.timeline][-4:] == ["invoke", "response", "runtime-ready", "freeze"]
        sandbox._container.thaw()
        assert soon(lambda: (tmp_path / "worked").exists() and bool((tmp_path / "worked").read_text()))
        assert (tmp_path / "worked").read_text() == "after the answer"
        sandbox._container.freeze()


def test_an_event_of_an_http_api_becomes_a_request(serve: Serve) -> None:
    event = http_event("/jobs", "POST", query={"a": "1 2"}, body={"n": 1})
    event["cookies"] = ["x=1", "y=2"]
    with Sandbox(serve()) as sandbox:
        first, second = _answer(sandbox, event), _answer(sandbox, event)
    assert (first["statusCode"], first["cookies"], first["isBase64Encoded"]) == (201, ["a=1", "b=2"], False)
    said = json.loads(first["body"])
    assert (said["path"], said["body"]) == ("/jobs?a=1+2", '{"n": 1}')
    headers = {name.lower(): value for name, value in said["headers"].items()}
    assert headers["cookie"] == "x=1; y=2" and headers["content-type"] == "application/json"
    assert json.loads(headers["x-amzn-request-context"])["http"]["path"] == "/jobs"
    assert json.loads(headers["x-amzn-lambda-context"])["invoked_function_arn"].startswith("arn:aws:lambda:")
    assert said["connection"] == json.loads(second["body"])["connection"], "the connection is kept"


def test_other_events(serve: Serve) -> None:
    rest = {
        "httpMethod": "POST",
        "path": "/stage/jobs",
        "multiValueQueryStringParameters": {"a": ["1", "2"]},
        "multiValueHeaders": {"X-One": ["1"]},
        "body": "aGk=",
        "isBase64Encoded": True,
    }
    with Sandbox(serve(AWS_LWA_REMOVE_BASE_PATH="/stage")) as sandbox:
        answer, passed = _answer(sandbox, rest), _answer(sandbox, {"Records": []})
    said = json.loads(answer["body"])
    assert (said["path"], said["body"], said["headers"]["X-One"]) == ("/jobs?a=1&a=2", "hi", "1")
    assert answer["multiValueHeaders"]["set-cookie"] == ["a=1", "b=2"]
    assert (json.loads(passed["body"])["path"], json.loads(passed["body"])["body"]) == ("/events", '{"Records": []}')


def test_it_waits_until_the_server_is_ready(serve: Serve) -> None:
    with Sandbox(serve("late")) as sandbox:
        assert sandbox.init()
        assert _answer(sandbox, http_event("/x"))["statusCode"] == 200
    assert sandbox.timeline[-1].kind == "freeze"
    ready = next(event.at for event in sandbox.timeline if event.kind == "runtime-ready")
    assert ready > 0.2


def test_a_server_that_is_never_healthy_fails_the_init(serve: Serve, clock: Clock) -> None:
    function = serve(AWS_LWA_READINESS_CHECK_HEALTHY_STATUS="200-399")  # `/` is answered with 404
    with Sandbox(function) as sandbox:
        answers: list[bool] = []
        init = threading.Thread(target=lambda: answers.append(sandbox.init()))
        init.start()
        assert soon(lambda: len(sandbox._running) == 2), "the server and the adapter run"
        clock.strike(sandbox)
        init.join(PATIENCE)
        assert answers == [False]
    assert any(event.detail.get("reason") == "the runtime did not poll" for event in sandbox.timeline)


@pytest.mark.parametrize(
    "env",
    [
        {"AWS_LWA_READINESS_CHECK_PATH": "/ready", "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": "200"},
        {"AWS_LWA_READINESS_CHECK_PROTOCOL": "tcp", "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS": "200"},
        {"AWS_LWA_ASYNC_INIT": "true"},
    ],
    ids=["path", "tcp", "async"],
)
def test_ways_to_be_ready(serve: Serve, env: dict[str, str]) -> None:
    with Sandbox(serve(**env)) as sandbox:
        assert sandbox.init()
        assert _answer(sandbox, http_event("/x"))["statusCode"] == 200


def test_statuses_that_are_errors(serve: Serve) -> None:
    with Sandbox(serve(AWS_LWA_ERROR_STATUS_CODES="500-599")) as sandbox:
        outcome = sandbox.invoke(http_event("/broken"))
        assert (outcome.kind, outcome.error_name) == ("error", "Unhealthy")
        assert sandbox.invoke(http_event("/x")).kind == "response"


def test_the_end_of_the_server_is_the_end_of_the_runtime(serve: Serve) -> None:
    with Sandbox(serve(PORT="none")) as sandbox:
        outcome = sandbox.invoke(http_event("/x"))
    assert (outcome.kind, outcome.freeze) == ("failure", None)


def test_statuses_are_numbers_and_ranges() -> None:
    assert statuses("200, 301-303,404") == {200, 301, 302, 303, 404}
    with pytest.raises(ValueError, match="invalid literal"):
        statuses("ok")
