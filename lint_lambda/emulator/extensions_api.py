"""The Extensions API, version 2020-01-01, and the stubs that stand where log and telemetry subscriptions would.

Source: "Using the Lambda Extensions API" and the handlers of AWS's runtime interface emulator.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from lint_lambda.emulator.http_server import ACCEPTED, Request, Response, Routes, route
from lint_lambda.emulator.lifecycle import Lifecycle, Refused

VERSION = "/2020-01-01"
IDENTIFIER = "Lambda-Extension-Identifier"
ERROR_TYPE = "Lambda-Extension-Function-Error-Type"


def extension_routes(lifecycle: Callable[[], Lifecycle], metadata: dict[str, str], account: str) -> Routes:
    """`metadata` (functionName, functionVersion, handler) is what a registration is answered with;
    `account` is added for an extension that asks for the feature `accountId`."""

    def register(request: Request) -> Response:
        name = request.headers.get("Lambda-Extension-Name")
        if not name:
            raise Refused(403, "Extension.InvalidExtensionName", "Empty extension name")
        extension = lifecycle().register(name, _events(request.body))
        features = [one.strip() for one in request.headers.get("Lambda-Extension-Accept-Feature", "").split(",")]
        answer = {**({"accountId": account} if "accountId" in features else {}), **metadata}
        return Response.json(200, answer, {IDENTIFIER: extension.id})

    def next_event(request: Request) -> Response:
        event = lifecycle().extension_next(request.headers.get(IDENTIFIER))
        return Response.json(200, event, {"Lambda-Extension-Event-Identifier": str(uuid.uuid4())})

    def error(state: str) -> Callable[[Request], Response]:
        def handle(request: Request) -> Response:
            lifecycle().extension_error(request.headers.get(IDENTIFIER), request.headers.get(ERROR_TYPE), state)
            return ACCEPTED

        return handle

    def stub(service: str) -> Callable[[Request], Response]:
        said = {"errorMessage": f"{service} API is not supported", "errorType": f"{service}.NotSupported"}
        return lambda request: Response.json(202, said)

    return [
        route("POST", f"{VERSION}/extension/register", register),
        route("GET", f"{VERSION}/extension/event/next", next_event),
        route("POST", f"{VERSION}/extension/init/error", error("InitError")),
        route("POST", f"{VERSION}/extension/exit/error", error("ExitError")),
        route("PUT", "/2020-08-15/logs", stub("Logs")),
        route("PUT", "/2022-07-01/telemetry", stub("Telemetry")),
    ]


def _events(body: bytes) -> list[str]:
    try:
        request: Any = json.loads(body)
    except ValueError as error:
        raise Refused(403, "InvalidRequestFormat", str(error)) from error
    events = request.get("events") if isinstance(request, dict) else None
    if not isinstance(request, dict) or not (events is None or isinstance(events, list)):
        raise Refused(403, "InvalidRequestFormat", 'a JSON object with "events" is expected')
    if not all(isinstance(event, str) for event in events or ()):
        raise Refused(403, "InvalidRequestFormat", '"events" holds strings')
    if request.get("configurationKeys"):
        deprecated = "configurationKeys are deprecated; use environment variables instead"
        raise Refused(403, "InvalidRequestFormat", deprecated)
    return list(events or ())
