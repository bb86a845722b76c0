"""The Runtime API as a runtime client sees it: headers, states, and what is refused."""

from __future__ import annotations

import errno
import json
import socket
from collections.abc import Callable

import pytest

from lint_lambda.emulator.lifecycle import MAX_PAYLOAD, valid_error_type
from tests.emulator.client import PATIENCE, RUNTIME, Background
from tests.emulator.conftest import Api

Make = Callable[..., Api]


def _running(api: Api, request_id: str = "id-1") -> Background:
    """A client that polled and got its event."""
    poll = Background(api.next)
    api.deliver(request_id)
    poll.result()
    return poll


def test_the_event_comes_with_its_headers(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    one.deliver("id-1", b'{"n": 1}')
    answer = poll.result()
    assert (answer.status, answer.body) == (200, b'{"n": 1}')
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["lambda-runtime-aws-request-id"] == "id-1"
    assert answer.headers["lambda-runtime-deadline-ms"] == "1700000000000"
    assert answer.headers["lambda-runtime-invoked-function-arn"] == "arn:f"
    assert answer.headers["lambda-runtime-trace-id"] == "Root=1-0-0;Sampled=0"
    assert "lambda-runtime-client-context" not in answer.headers


def test_a_response_is_accepted_once_and_polling_again_ends_the_invocation(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    invocation = one.deliver()
    poll.result()
    answer = one.respond("id-1", {"ok": True})
    assert (answer.status, answer.json) == (202, {"status": "OK"})
    assert not one.lifecycle.complete(invocation)
    again = Background(one.next)
    assert one.wait(lambda: one.lifecycle.complete(invocation))
    assert (invocation.answer, invocation.error_type) == (b'{"ok": true}', None)
    assert again.answer is None, "the poll waits for the next event"


def test_a_second_response_is_refused_by_the_state(api: Make) -> None:
    one = api()
    _running(one)
    one.respond("id-1", {})
    answer = one.respond("id-1", {})
    assert answer.error == (403, "InvalidStateTransition")
    assert answer.json["errorMessage"] == (
        "State transition from RuntimeResponseSentState to InvocationResponse failed for runtime. "
        "Error: State transition is not allowed"
    )
    assert one.fail("id-1", {}).error == (403, "InvalidStateTransition")


def test_a_wrong_id_is_refused_and_changes_nothing(api: Make) -> None:
    one = api()
    _running(one)
    assert one.respond("another", {}).error == (400, "InvalidRequestID")
    assert one.fail("another", {}).error == (400, "InvalidRequestID")
    assert one.lifecycle.runtime == "Running"
    assert one.respond("id-1", {}).status == 202


def test_polling_again_without_an_answer_hands_out_the_same_event(api: Make) -> None:
    one = api()
    _running(one)
    assert one.next().headers["lambda-runtime-aws-request-id"] == "id-1"


def test_an_error_carries_its_type(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    invocation = one.deliver()
    poll.result()
    said = {"errorMessage": "boom", "errorType": "ValueError"}
    assert one.fail("id-1", said, Lambda_Runtime_Function_Error_Type="Function.Boom").status == 202
    assert invocation.error_type == "Function.Boom"
    assert json.loads(invocation.answer or b"") == said


@pytest.mark.parametrize(
    ("header", "becomes"),
    [
        ("Runtime.ExitError", "Runtime.ExitError"),
        ("Function.Boom", "Function.Boom"),
        ("Function.boom", "Function.Unknown"),
        ("ValueError", "Runtime.Unknown"),
        (None, "Runtime.Unknown"),
    ],
)
def test_error_types_that_aws_does_not_know(header: str | None, becomes: str) -> None:
    assert valid_error_type(header) == becomes


def test_init_error_only_before_the_first_poll(api: Make) -> None:
    one = api()
    said = {"errorMessage": "no module", "errorType": "Runtime.ImportModuleError"}
    path = f"{RUNTIME}/init/error"
    answer = one.call("POST", path, said, Lambda_Runtime_Function_Error_Type="Runtime.ImportModuleError")
    assert answer.status == 202
    assert one.lifecycle.init_error == ("Runtime.ImportModuleError", json.dumps(said).encode())
    assert one.call("POST", path, said).error == (403, "InvalidStateTransition")
    assert one.next().error == (403, "InvalidStateTransition")
    two = api()
    Background(two.next)
    assert two.wait(two.lifecycle.runtime_ready)
    assert two.call("POST", path, said).error == (403, "InvalidStateTransition")


def test_an_oversize_response_is_refused_and_becomes_the_functions_error(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    invocation = one.deliver()
    poll.result()
    assert one.respond("id-1", b"x" * (MAX_PAYLOAD + 1)).error == (413, "RequestEntityTooLarge")
    assert invocation.error_type == "Function.ResponseSizeTooLarge"
    assert one.lifecycle.runtime == "RuntimeResponseSentState"


def test_the_largest_response_is_accepted(api: Make) -> None:
    one = api()
    _running(one)
    assert one.respond("id-1", b"x" * MAX_PAYLOAD).status == 202


def test_a_response_in_chunks(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    invocation = one.deliver()
    poll.result()
    head = f"POST {RUNTIME}/invocation/id-1/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b" 202 " in _raw(one, head.encode() + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert invocation.answer == b"abcde"


def test_a_truncated_response(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    invocation = one.deliver()
    poll.result()
    head = f"POST {RUNTIME}/invocation/id-1/response HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    answer = _raw(one, head.encode() + b"abc")
    assert b" 400 " in answer and b"TruncatedHTTPRequest" in answer
    assert invocation.error_type == "Runtime.TruncatedResponse"


def test_the_response_mode(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    invocation = one.deliver()
    poll.result()
    answer = one.respond("id-1", {}, Lambda_Runtime_Function_Response_Mode="sideways")
    assert answer.error == (400, "InvalidFunctionResponseMode")
    assert invocation.error_type == "Runtime.InvalidResponseModeHeader"
    two = api()
    _running(two)
    assert two.respond("id-1", {}, Lambda_Runtime_Function_Response_Mode="streaming").status == 202


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/2018-06-01/ping", 200),
        ("GET", "/", 404),
        ("GET", "/2018-06-01/runtime/restore/next", 404),
        ("POST", "/2018-06-01/runtime/invocation/next", 405),
        ("BREW", "/2018-06-01/runtime/init/error", 405),
        ("GET", "/2018-06-01/runtime/invocation/a/b/response", 404),
    ],
)
def test_paths_and_methods(api: Make, method: str, path: str, status: int) -> None:
    assert api().call(method, path).status == status


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9.9\r\n\r\n",
        b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /2018-06-01/runtime/init/error HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 1000 + b"\r\n",
    ],
    ids=["tls", "no-path", "version", "negative-length", "bad-chunk", "long-line", "many-headers"],
)
def test_garbage_is_answered_with_a_client_error_and_the_api_lives_on(api: Make, garbage: bytes) -> None:
    one = api()
    first = _raw(one, garbage).split(b"\r\n")[0]
    assert first.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431")), first
    assert one.call("GET", "/2018-06-01/ping").body == b"pong"


def test_a_client_that_goes_away_while_it_waits_does_no_harm(api: Make) -> None:
    one = api()
    host, port = one.address.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(f"GET {RUNTIME}/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert one.wait(one.lifecycle.runtime_ready)
    assert one.call("GET", "/2018-06-01/ping").status == 200


def test_a_waiting_poll_is_dropped_when_the_sandbox_ends(api: Make) -> None:
    one = api()
    poll = Background(one.next)
    assert one.wait(one.lifecycle.runtime_ready)
    one.lifecycle.close()
    assert poll.dropped()


def test_managed_instances_take_several_events_at_a_time(api: Make) -> None:
    one = api(managed=2)
    first, second = Background(one.next), Background(one.next)
    invocations = [one.deliver("a"), one.deliver("b")]
    ids = {poll.result().headers["lambda-runtime-aws-request-id"] for poll in (first, second)}
    assert ids == {"a", "b"}
    assert one.respond("b", {}).status == 202
    assert one.lifecycle.complete(invocations[1]) and not one.lifecycle.complete(invocations[0])
    assert one.respond("b", {}).error == (400, "InvalidRequestID")
    assert one.respond("a", {}).status == 202


def _raw(api: Api, sent: bytes) -> bytes:
    """What is answered to bytes. The server may answer and close before it has read all of them: no more is written then."""
    host, port = api.address.split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        received = b""
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno not in _CLOSED_BY_SERVER:
                raise
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionResetError:
            pass  # it closed with some of our bytes unread; what it had sent before has been received
        return received


_CLOSED_BY_SERVER = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)
