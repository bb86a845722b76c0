"""The process that stands between Lambda and a web server, as AWS's Lambda Web Adapter does.

Run as `python -I -S web_adapter.py` as the external extension `lambda-adapter`. It waits until the server is ready, polls the
Runtime API, makes an HTTP request of each event, and answers with the HTTP answer as soon as it has all of it. Then it polls
again, and everything is frozen: whatever the server still does after the last byte of an answer is caught by that.

Source: github.com/awslabs/aws-lambda-web-adapter, `src/lib.rs`. Left out are compression and streamed answers, which change
nothing about what follows an answer, and `AWS_LWA_AUTHORIZATION_SOURCE`. Standard library only.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import threading
import time
from urllib.parse import urlencode

TYPE_CHECKING = False  # as in `typing`, whose import would be paid for at every start
if TYPE_CHECKING:
    from typing import Any

NAME = "lambda-adapter"
BETWEEN_CHECKS = 0.01
"""Seconds between two looks whether the server is ready."""
ASYNC_INIT = 9.8
"""Seconds after which `AWS_LWA_ASYNC_INIT` stops waiting for the server; it is waited for again at the first event."""
IDLE = 4.0
"""Seconds after which a connection that was not used is not used again."""


def setting(name: str, default: str = "", old: str = "") -> str:
    """`AWS_LWA_<name>`, or what it was called before, or `default`."""
    return os.environ.get(f"AWS_LWA_{name}", os.environ.get(old or name, default))


def statuses(given: str) -> set[int]:
    """HTTP statuses of a text such as `200-299,404`. Raises ValueError."""
    found: set[int] = set()
    for part in filter(None, (part.strip() for part in given.split(","))):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


class Unhealthy(Exception):
    """The server answered with one of `AWS_LWA_ERROR_STATUS_CODES`."""


class Adapter:
    def __init__(self) -> None:
        self.host = setting("HOST", "127.0.0.1")
        self.port = int(setting("PORT", "8080"))
        self.check_port = int(setting("READINESS_CHECK_PORT", str(self.port)))
        self.check_path = setting("READINESS_CHECK_PATH", "/")
        self.check_tcp = setting("READINESS_CHECK_PROTOCOL", "HTTP").upper() == "TCP"
        self.healthy = statuses(setting("READINESS_CHECK_HEALTHY_STATUS", "100-499"))
        self.failing = statuses(setting("ERROR_STATUS_CODES"))
        self.base_path = setting("REMOVE_BASE_PATH")
        self.pass_through = setting("PASS_THROUGH_PATH", "/events")
        self.async_init = setting("ASYNC_INIT", "false") == "true"
        self.ready = False
        self.server: http.client.HTTPConnection | None = None
        self.used = 0.0
        self.api = os.environ["AWS_LAMBDA_RUNTIME_API"]

    def serve(self) -> None:
        """Everything, for ever: the sandbox ends it."""
        threading.Thread(target=self.be_an_extension, daemon=True).start()
        self.ready = self.wait_for_server(ASYNC_INIT if self.async_init else None)
        while True:
            headers, event = self.call("GET", "/2018-06-01/runtime/invocation/next")
            request_id = headers["Lambda-Runtime-Aws-Request-Id"]
            try:
                answer, kind = self.answer(json.loads(event), headers), "response"
            except (OSError, http.client.HTTPException, Unhealthy) as error:
                answer, kind = {"errorType": type(error).__name__, "errorMessage": str(error)}, "error"
            self.call("POST", f"/2018-06-01/runtime/invocation/{request_id}/{kind}", json.dumps(answer).encode())

    # Lambda's side.

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[Any, bytes]:
        """Headers and body of an answer of Lambda's APIs."""
        connection = http.client.HTTPConnection(self.api)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.headers, answer.read()
        finally:
            connection.close()

    def be_an_extension(self) -> None:
        """Register, for no events, and wait: without it Lambda would not start this program."""
        said, _ = self.call(
            "POST", "/2020-01-01/extension/register", b'{"events": []}', {"Lambda-Extension-Name": NAME}
        )
        identifier = {"Lambda-Extension-Identifier": said["Lambda-Extension-Identifier"]}
        try:
            self.call("GET", "/2020-01-01/extension/event/next", headers=identifier)
        except (OSError, http.client.HTTPException):
            pass  # the sandbox has ended

    # The server's side.

    def wait_for_server(self, seconds: float | None) -> bool:
        """Whether it became ready within `seconds`; None waits for as long as it takes."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.is_ready():
            if deadline is not None and time.monotonic() > deadline:
                return False
            time.sleep(BETWEEN_CHECKS)
        return True

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.check_port)
        try:
            if self.check_tcp:
                connection.connect()
                return True
            connection.request("GET", self.check_path)
            return connection.getresponse().status in self.healthy
        except (OSError, http.client.HTTPException):
            return False  # nobody listens yet, or it is not ready to talk
        finally:
            connection.close()

    def answer(self, event: Any, lambda_headers: Any) -> dict[str, Any]:
        """The answer to an event, in the shape that its sender expects."""
        if self.async_init and not self.ready:
            self.ready = self.wait_for_server(None)
        method, path, query, headers, body = self.request_of(event)
        context = event.get("requestContext", {}) if isinstance(event, dict) else {}
        headers["x-amzn-request-context"] = json.dumps(context)
        headers["x-amzn-lambda-context"] = json.dumps(
            {
                "request_id": lambda_headers["Lambda-Runtime-Aws-Request-Id"],
                "deadline": int(lambda_headers["Lambda-Runtime-Deadline-Ms"]),
                "invoked_function_arn": lambda_headers["Lambda-Runtime-Invoked-Function-Arn"],
                "xray_trace_id": lambda_headers["Lambda-Runtime-Trace-Id"],
            }
        )
        answer, content = self.request(method, f"{path}?{query}" if query else path, body, headers)
        if answer.status in self.failing:
            raise Unhealthy(json.dumps({"statusCode": answer.status, "body": content.decode("utf-8", "replace")}))
        return response_of(event, answer, content)

    def request_of(self, event: Any) -> tuple[str, str, str, dict[str, str], bytes]:
        """Method, path, query, headers and body that an event of API Gateway, a function URL or a load balancer stands for.

        Any other event is posted as it is to `AWS_LWA_PASS_THROUGH_PATH`.
        """
        http_part = event.get("requestContext", {}).get("http") if isinstance(event, dict) else None
        if http_part is not None:
            method, path, query = http_part["method"], event["rawPath"], event.get("rawQueryString", "")
            headers = dict(event.get("headers") or {})
            if event.get("cookies"):
                headers["cookie"] = "; ".join(event["cookies"])
        elif isinstance(event, dict) and "httpMethod" in event:
            method, path = event["httpMethod"], event["path"]
            several = event.get("multiValueQueryStringParameters")
            query = urlencode(several or event.get("queryStringParameters") or {}, doseq=True)
            headers = {name: ", ".join(values) for name, values in (event.get("multiValueHeaders") or {}).items()}
            headers = {**(event.get("headers") or {}), **headers}
        else:
            json_type = {"content-type": "application/json"}
            return "POST", self.pass_through, "", json_type, json.dumps(event).encode()
        if self.base_path and path.startswith(self.base_path):
            path = path[len(self.base_path) :] or "/"
        said = event.get("body") or ""
        return method, path, query, headers, base64.b64decode(said) if event.get("isBase64Encoded") else said.encode()

    def request(
        self, method: str, target: str, body: bytes, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """One request, on the connection of the last one where that is fresh: the server must not see it close, for what is
        still at work for the last request may watch over it. A kept connection that was closed meanwhile is replaced once."""
        if self.server is not None and time.monotonic() - self.used > IDLE:
            self.server.close()
            self.server = None
        headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        kept = self.server
        if kept is not None:
            try:
                kept.request(method, target, body, headers)
                return self.received(kept)
            except (ConnectionError, http.client.RemoteDisconnected):
                kept.close()
        self.server = http.client.HTTPConnection(self.host, self.port)
        self.server.request(method, target, body, headers)
        return self.received(self.server)

    def received(self, connection: http.client.HTTPConnection) -> tuple[http.client.HTTPResponse, bytes]:
        answer = connection.getresponse()
        content = answer.read()  # all of it: only then is there something to answer with
        self.used = time.monotonic()
        return answer, content


def response_of(event: Any, answer: http.client.HTTPResponse, content: bytes) -> dict[str, Any]:
    """What Lambda is answered with. A body that is not text goes as base64, as the adapter's HTTP library decides."""
    kind = answer.headers.get("Content-Type", "")
    is_text = kind.startswith("text/") or any(word in kind for word in ("json", "xml", "javascript", "urlencoded"))
    plain = is_text or not content
    body = content.decode("utf-8", "replace") if plain else base64.b64encode(content).decode()
    said: dict[str, Any] = {"statusCode": answer.status, "body": body, "isBase64Encoded": not plain}
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers.items():
        if name.lower() != "transfer-encoding":
            headers.setdefault(name.lower(), []).append(value)
    if isinstance(event, dict) and "httpMethod" in event:
        return {**said, "multiValueHeaders": headers}
    cookies = headers.pop("set-cookie", [])
    joined = {name: ", ".join(values) for name, values in headers.items()}
    return {**said, "headers": joined, "cookies": cookies}


if __name__ == "__main__":
    Adapter().serve()
