"""A client of the Runtime and Extensions APIs, as plain as a test needs it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

RUNTIME, EXTENSION = "/2018-06-01/runtime", "/2020-01-01/extension"
PATIENCE = 120.0
"""Seconds after which something that should happen at once is given up: a limit, so that a test fails instead of hanging."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str]:
        """(status, errorType) of a refusal."""
        return self.status, self.json["errorType"]


class Client:
    """Calls on `address` (host:port); every call has a connection of its own."""

    def __init__(self, address: str) -> None:
        self.address = address

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.address, timeout=PATIENCE)
        try:
            connection.request(method, path, data, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return Answer(
                response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
            )
        finally:
            connection.close()

    def next(self) -> Answer:
        return self.call("GET", f"{RUNTIME}/invocation/next")

    def respond(self, request_id: str, body: object = None, **headers: str) -> Answer:
        return self.call("POST", f"{RUNTIME}/invocation/{request_id}/response", body, **headers)

    def fail(self, request_id: str, body: object = None, **headers: str) -> Answer:
        return self.call("POST", f"{RUNTIME}/invocation/{request_id}/error", body, **headers)

    def register(self, name: str, events: object, **headers: str) -> Answer:
        body = {"events": events}
        return self.call("POST", f"{EXTENSION}/register", body, Lambda_Extension_Name=name, **headers)

    def next_event(self, identifier: str) -> Answer:
        return self.call("GET", f"{EXTENSION}/event/next", Lambda_Extension_Identifier=identifier)


class Background:
    """A call that waits for its answer, in a thread."""

    def __init__(self, call: Callable[[], Answer]) -> None:
        self.answer: Answer | None = None
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call: Callable[[], Answer]) -> None:
        try:
            self.answer = call()
        except (OSError, http.client.HTTPException) as error:
            self.failure = error

    def result(self) -> Answer:
        self._thread.join(PATIENCE)
        assert self.answer is not None, self.failure or "no answer"
        return self.answer

    def dropped(self) -> bool:
        """Whether its connection ended without an answer."""
        self._thread.join(PATIENCE)
        return self.answer is None and self.failure is not None
