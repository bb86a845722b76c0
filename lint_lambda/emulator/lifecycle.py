"""Who has polled, answered and registered: the states of the runtime and of the extensions, behind one lock.

State names, transitions, error types and messages are those of AWS's runtime interface emulator (its `core/states.go`,
`core/registrations.go`, `rapi/handler/*.go`). The Runtime API and the Extensions API call the methods of the first half
from the threads that serve requests; the sandbox calls those of the second half and waits for what it needs.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

MAX_EXTENSIONS = 10
MAX_PAYLOAD = 6 * 1024 * 1024 + 100
"""Bytes of an event or a response: 6 MiB + 100."""

NOT_ALLOWED = "State transition is not allowed"


class Refused(Exception):
    """An API call that is answered with an error: HTTP status, error type, message."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error_type, self.message = status, error_type, message


class Closed(Exception):
    """The sandbox ended while a call was waiting for the next event: its connection is simply dropped."""


@dataclass
class Invocation:
    """One event on its way through the function; `deadline_ms` is in milliseconds since the epoch."""

    request_id: str
    event: bytes
    arn: str
    trace_id: str
    deadline_ms: int
    client_context: str = ""
    answer: bytes | None = None
    error_type: str | None = None


@dataclass
class Extension:
    name: str
    external: bool
    state: str = "Started"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    events: frozenset[str] = frozenset()
    inbox: deque[dict[str, object]] = field(default_factory=deque)
    error_type: str | None = None


def valid_error_type(header: str | None) -> str:
    """The error type AWS makes of what a runtime says in `Lambda-Runtime-Function-Error-Type`."""
    given = header or ""
    if re.search(r"(Runtime|Function)\.[A-Z][a-zA-Z]+", given):
        return given
    return "Function.Unknown" if given.startswith("Function.") else "Runtime.Unknown"


class Lifecycle:
    """One generation of a sandbox, from init to reset or shutdown.

    `managed` is 0 for the ordinary mode, or the number of runtime workers under Lambda Managed Instances: there any
    worker may poll at any time and nothing waits for the poll after an answer.
    `note(kind, **detail)` is told of everything that happens, in order; it is called with the lock held. So is `rest()`, by
    the poll with which an invocation is complete: what is to be frozen has to stop when that arrives, and not when somebody
    who waits for it gets the processor.
    """

    def __init__(
        self,
        external: Iterable[str],
        note: Callable[..., None],
        managed: int = 0,
        rest: Callable[[], None] = lambda: None,
    ) -> None:
        self.changed = threading.Condition()
        self.managed = managed
        self.runtime = "Started"
        self.extensions: dict[str, Extension] = {}
        for name in external:
            extension = Extension(name, external=True)
            self.extensions[extension.id] = extension
        self.registration_open = True
        self.closed = False
        self.fatal: tuple[str, str] | None = None  # (error type, message) of the first fatal error
        self.init_error: tuple[str, bytes] | None = None  # what the runtime posted to /init/error
        self.current: Invocation | None = None
        self._queue: deque[Invocation] = deque()
        self._in_flight: dict[str, Invocation] = {}
        self._note = note
        self._rest = rest

    # What the runtime calls.

    def runtime_next(self) -> Invocation:
        """The runtime polls: it is ready, and waits for an event. Raises Refused, Closed."""
        with self.changed:
            if self.managed:
                if self.runtime == "Started":
                    self._runtime_moves("Ready")
            elif self.runtime == "Running" and self.current is not None:
                return self.current  # polling again without an answer hands out the same event again
            elif self.runtime in ("Started", "Ready", "RuntimeResponseSentState"):
                if self.runtime != "Ready":
                    self._runtime_moves("Ready")
                    self._stop_when_complete()
                    self._note("runtime-ready")
            else:
                raise self._runtime_refusal("Ready")
            while not self._queue:
                if self.closed:
                    raise Closed
                self.changed.wait()
            invocation = self._queue.popleft()
            self._in_flight[invocation.request_id] = invocation
            self.current = invocation
            self._runtime_moves("Running")
            self._note("invoke", request_id=invocation.request_id)
            return invocation

    def answering(self, request_id: str, state: str) -> Invocation:
        """An answer to `request_id` begins to arrive. `state` is InvocationResponse or InvocationErrorResponse.

        The id is looked at before the state, so that a wrong id changes nothing.
        """
        with self.changed:
            invocation = self._in_flight.get(request_id)
            if invocation is None:
                raise Refused(400, "InvalidRequestID", "Invalid request ID")
            if not self.managed:
                if self.runtime != "Running":
                    raise self._runtime_refusal(state)
                self._runtime_moves(state)
            elif invocation.answer is not None:
                raise Refused(400, "InvalidRequestID", "Invalid request ID")
            return invocation

    def answered(self, invocation: Invocation, answer: bytes, error_type: str | None) -> None:
        """The whole answer is here. `error_type` is None for a response."""
        with self.changed:
            invocation.answer, invocation.error_type = answer, error_type
            if self.managed:
                del self._in_flight[invocation.request_id]
            else:
                self._runtime_moves("RuntimeResponseSentState")
            if error_type is None:
                self._note("response", size=len(answer))
            else:
                self._note("error", error_type=error_type)
            self.changed.notify_all()

    def runtime_init_error(self, error_type: str, body: bytes) -> None:
        with self.changed:
            if self.runtime != "Started":
                raise self._runtime_refusal("InitError")
            self._runtime_moves("InitError")
            self.init_error = (error_type, body)
            self._note("init-error", error_type=error_type)

    def _runtime_moves(self, state: str) -> None:
        self.runtime = state
        self.changed.notify_all()

    def _runtime_refusal(self, wanted: str) -> Refused:
        message = f"State transition from {self.runtime} to {wanted} failed for runtime. Error: {NOT_ALLOWED}"
        return Refused(403, "InvalidStateTransition", message)

    # What the extensions call.

    def register(self, name: str, events: list[str]) -> Extension:
        """Raises Refused: with AWS's error types, and for an internal extension that asks for SHUTDOWN, whole."""
        with self.changed:
            same = next((one for one in self.extensions.values() if one.name == name), None)
            external = same is not None and same.external
            for event in events:
                self._validate(event, external)
            if not external:
                if self.managed and events:
                    refusal = "No events allowed for internal extensions"
                    raise Refused(403, "Extension.InvalidEventType", refusal)
                if not self.registration_open:
                    raise Refused(403, "Extension.RegistrationClosed", "Extension registration closed already")
                if len(self.extensions) >= MAX_EXTENSIONS:
                    raise Refused(403, "Extension.TooManyExtensions", f"Extension limit ({MAX_EXTENSIONS}) reached")
                if same is not None:
                    raise Refused(403, "Extension.InvalidExtensionState", "Extension with this name already registered")
                extension = Extension(name, external=False)
                self.extensions[extension.id] = extension
            else:
                assert same is not None
                extension = same
                if extension.state != "Started":
                    raise self._extension_refusal(extension, "Registered")
            extension.events = frozenset(events)
            extension.state = "Registered"
            self._note("register", extension=name, external=external, events=sorted(events))
            self.changed.notify_all()
            return extension

    def _validate(self, event: str, external: bool) -> None:
        if self.managed and not external:
            return  # refused as a whole by the caller, whatever the events are
        if event == "SHUTDOWN" and not external:
            message = f"{event}: ShutdownEventNotSupportedForInternalExtension"
            raise Refused(403, "Extension.InvalidEventType", message)
        if event not in (("SHUTDOWN",) if self.managed else ("INVOKE", "SHUTDOWN")):
            raise Refused(403, "Extension.InvalidEventType", f"{event}: ErrorInvalidEventType")

    def extension_next(self, identifier: str | None) -> dict[str, object]:
        """An extension polls and waits for its next event. Raises Refused, Closed."""
        with self.changed:
            extension = self._known(identifier, "Unknown extension {}")
            if extension.state not in ("Registered", "Running"):
                raise self._extension_refusal(extension, "Ready")
            extension.state = "Ready"
            self._stop_when_complete()
            self._note("extension-ready", extension=extension.name)
            self.changed.notify_all()
            while not extension.inbox:
                if self.closed:
                    raise Closed
                self.changed.wait()
            if extension.state != "Ready":
                raise self._extension_refusal(extension, "Ready")
            extension.state = "Running"
            return extension.inbox.popleft()

    def extension_error(self, identifier: str | None, error_type: str | None, state: str) -> None:
        """`/init/error` (`state` = InitError) or `/exit/error` (ExitError). Raises Refused."""
        with self.changed:
            extension = self._known(identifier, "Unknown Lambda-Extension-Identifier")
            if not error_type:
                missing = "Lambda-Extension-Function-Error-Type not found"
                raise Refused(403, "Extension.MissingHeader", missing)
            allowed = {"InitError": ("Registered",), "ExitError": ("Registered", "Ready", "Running")}[state]
            if extension.state == state:
                return  # said before: only the first error counts
            if extension.state not in allowed:
                raise self._extension_refusal(extension, "Exited" if state == "ExitError" else state)
            extension.state, extension.error_type = state, error_type
            self._fail(f"Extension.{state}", f"{extension.name}: {error_type}")

    def _known(self, identifier: str | None, unknown: str) -> Extension:
        if not identifier:
            missing = "Missing Lambda-Extension-Identifier header"
            raise Refused(403, "Extension.MissingExtensionIdentifier", missing)
        try:
            parsed = str(uuid.UUID(identifier))
        except ValueError as error:
            invalid = "Invalid Lambda-Extension-Identifier"
            raise Refused(403, "Extension.InvalidExtensionIdentifier", invalid) from error
        if parsed not in self.extensions:
            raise Refused(403, "Extension.UnknownExtensionIdentifier", unknown.format(parsed))
        return self.extensions[parsed]

    def _extension_refusal(self, extension: Extension, wanted: str) -> Refused:
        message = (
            f"State transition from {extension.state} to {wanted} failed for extension {extension.id}. "
            f"Error: {NOT_ALLOWED}"
        )
        return Refused(403, "Extension.InvalidExtensionState", message)

    # What the sandbox calls.

    def _fail(self, error_type: str, message: str) -> None:
        if self.fatal is None:
            self.fatal = (error_type, message)
            self._note("fatal", error_type=error_type, message=message)
        self.changed.notify_all()

    def fail(self, error_type: str, message: str) -> None:
        """Something that ends this generation happened. Only the first such thing counts."""
        with self.changed:
            self._fail(error_type, message)

    def wait(self, until: Callable[[], bool], deadline: float) -> bool:
        """Wait for `until()` (called with the lock held), a fatal error, or `deadline`. True when it came true."""
        with self.changed:
            while not until():
                left = deadline - time.monotonic()
                if self.fatal is not None or left <= 0:
                    return False
                self.changed.wait(left)
            return True

    def externals_registered(self) -> bool:
        return all(one.state != "Started" for one in self.extensions.values())

    def runtime_ready(self) -> bool:
        return self.runtime not in ("Started", "InitError")

    def close_registration(self) -> None:
        """The runtime has polled for the first time: nobody may register any more."""
        with self.changed:
            self.registration_open = False

    def extensions_ready(self) -> bool:
        return all(one.state == "Ready" for one in self.extensions.values())

    def deliver(self, invocation: Invocation) -> None:
        """Hand the event to the runtime and to every extension that subscribed to INVOKE."""
        with self.changed:
            for extension in self._subscribed("INVOKE"):
                extension.inbox.append(
                    {
                        "eventType": "INVOKE",
                        "deadlineMs": invocation.deadline_ms,
                        "requestId": invocation.request_id,
                        "invokedFunctionArn": invocation.arn,
                        "tracing": {"type": "X-Amzn-Trace-Id", "value": invocation.trace_id},
                    }
                )
            self._queue.append(invocation)
            self.changed.notify_all()

    def complete(self, invocation: Invocation) -> bool:
        """Whether the invoke phase is over: answered, and everybody concerned has polled again."""
        if self.managed:
            return invocation.answer is not None
        ready = self.runtime == "Ready" and invocation.answer is not None
        return ready and all(one.state == "Ready" and not one.inbox for one in self._subscribed("INVOKE"))

    def _stop_when_complete(self) -> None:
        if self.current is not None and not self.managed and self.complete(self.current):
            self._rest()

    def forget(self, invocation: Invocation) -> None:
        """The invocation is over: an answer to its id is from now on an answer to nothing."""
        with self.changed:
            self._in_flight.pop(invocation.request_id, None)
            if self.current is invocation:
                self.current = None

    def announce_shutdown(self, reason: str, deadline_ms: int) -> list[str]:
        """Send SHUTDOWN to the external extensions that asked for it; their names."""
        with self.changed:
            told = [one for one in self._subscribed("SHUTDOWN") if one.external]
            for extension in told:
                extension.inbox.append({"eventType": "SHUTDOWN", "deadlineMs": deadline_ms, "shutdownReason": reason})
            self.changed.notify_all()
            return [one.name for one in told]

    def close(self) -> None:
        """End every waiting call."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def waiting_for(self) -> list[str]:
        """Who keeps the current phase from ending, for the message of a timeout."""
        names = [] if self.runtime == "Ready" else [f"the runtime ({self.runtime})"]
        relevant = self._subscribed("INVOKE") if self.current is not None else list(self.extensions.values())
        return names + [f"extension {one.name} ({one.state})" for one in relevant if one.state != "Ready"]

    def _subscribed(self, event: str) -> list[Extension]:
        return [one for one in self.extensions.values() if event in one.events]
