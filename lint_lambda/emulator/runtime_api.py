"""The Runtime API, version 2018-06-01: what a runtime client polls and answers to.

Source: "Using the Lambda runtime API for custom runtimes" and the handlers of AWS's runtime interface emulator.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from lint_lambda.emulator.http_server import ACCEPTED, Request, Response, Routes, route
from lint_lambda.emulator.lifecycle import MAX_PAYLOAD, Invocation, Lifecycle, Refused, valid_error_type

VERSION = "/2018-06-01"
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
RESPONSE_MODE = "Lambda-Runtime-Function-Response-Mode"


def runtime_routes(lifecycle: Callable[[], Lifecycle]) -> Routes:
    """The routes, over the sandbox's present generation."""

    def ping(request: Request) -> Response:
        return Response(200, b"pong")

    def next_invocation(request: Request) -> Response:
        invocation = lifecycle().runtime_next()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
            "Lambda-Runtime-Client-Context": invocation.client_context,
            "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
        }
        present = {name: value for name, value in headers.items() if value}
        return Response(200, invocation.event, {**present, "Content-Type": "application/json"})

    def response(request: Request) -> Response:
        present = lifecycle()
        invocation = present.answering(request.arguments["id"], "InvocationResponse")
        mode = request.headers.get(RESPONSE_MODE)
        if mode and mode != "streaming":
            present.answered(invocation, b"", "Runtime.InvalidResponseModeHeader")
            raise Refused(400, "InvalidFunctionResponseMode", "Invalid function response mode")
        if request.truncated:
            present.answered(invocation, request.body, "Runtime.TruncatedResponse")
            raise Refused(400, "TruncatedHTTPRequest", "HTTP request detected as truncated")
        if request.size > MAX_PAYLOAD:
            present.answered(invocation, _too_large(invocation, request.size), "Function.ResponseSizeTooLarge")
            exceeded = f"Exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."
            raise Refused(413, "RequestEntityTooLarge", exceeded)
        failed = request.trailers.get(ERROR_TYPE.lower())
        if failed is not None:  # a stream that ends with an error says so behind its body
            said = base64.b64decode(request.trailers.get(ERROR_BODY.lower(), ""))
            present.answered(invocation, said, valid_error_type(failed))
        else:
            present.answered(invocation, request.body, None)
        return ACCEPTED

    def error(request: Request) -> Response:
        present = lifecycle()
        invocation = present.answering(request.arguments["id"], "InvocationErrorResponse")
        present.answered(invocation, request.body, valid_error_type(request.headers.get(ERROR_TYPE)))
        return ACCEPTED

    def init_error(request: Request) -> Response:
        lifecycle().runtime_init_error(valid_error_type(request.headers.get(ERROR_TYPE)), request.body)
        return ACCEPTED

    return [
        route("GET", f"{VERSION}/ping", ping),
        route("GET", f"{VERSION}/runtime/invocation/next", next_invocation),
        route("POST", f"{VERSION}/runtime/invocation/{{id}}/response", response),
        route("POST", f"{VERSION}/runtime/invocation/{{id}}/error", error),
        route("POST", f"{VERSION}/runtime/init/error", init_error),
    ]


def _too_large(invocation: Invocation, size: int) -> bytes:
    message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."
    said = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
    return Response.json(200, said).body
