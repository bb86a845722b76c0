"""A small HTTP/1.1 server on loopback that answers as the one in Lambda does.

Requests arrive whole as `Request`, handlers return a `Response`. What is malformed is answered as Go's net/http, on which
AWS's server stands, answers it; a call that waits for an event holds its thread and its connection.
"""

from __future__ import annotations

import io
import json
import re
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lint_lambda.emulator.lifecycle import MAX_PAYLOAD, Closed, Refused

BODY_LIMIT = 4 * MAX_PAYLOAD
"""Bytes of a body that are kept. A longer one is read to its end, so that it can be refused, but not stored."""
HEAD_LIMIT = 1 << 20
"""Bytes of all headers that are accepted, as by Go's server. A runtime client sends long tracebacks in one."""
LINE_LIMIT = 1 << 15
"""Bytes of one header that is kept. A longer one is read and left out: nothing here asks for one."""


@dataclass(frozen=True)
class Request:
    """`headers` are looked up whatever their case; `arguments` are the named groups of the route; `truncated`: the client went away before the body ended;
    `size` is the body's full length, also of a body too long to be kept; `trailers` are what followed a body in chunks, in lower case."""

    headers: Message
    body: bytes
    arguments: Mapping[str, str]
    size: int
    truncated: bool
    trailers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, status: int, content: object, headers: Mapping[str, str] | None = None) -> Response:
        body = json.dumps(content).encode() + b"\n"
        return cls(status, body, {"Content-Type": "application/json", **(headers or {})})


ACCEPTED = Response.json(202, {"status": "OK"})

Handler = Callable[[Request], Response]
Routes = list[tuple[str, "re.Pattern[str]", Handler]]


def route(method: str, path: str, handler: Handler) -> tuple[str, re.Pattern[str], Handler]:
    """`path` may hold `{name}` for one segment."""
    return method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + r"\Z"), handler


class _Truncated(Exception):
    def __init__(self, read: bytes) -> None:
        super().__init__(read)
        self.read = read


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True  # the client was killed or gave up, which clients in a sandbox do

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # every method comes here: which of them a path knows is for the routes to say
            return self._serve
        raise AttributeError(name)

    def parse_request(self) -> bool:
        """The head of a request, from a copy without its overlong lines, which the base class would refuse."""
        connection, read, kept = self.rfile, 0, b""
        while True:
            line = connection.readline(HEAD_LIMIT + 1 - read)
            read += len(line)
            if read > HEAD_LIMIT:
                self.requestline = self.command = ""
                self.send_error(431)
                return False
            kept += line if len(line) <= LINE_LIMIT else b""
            if line in (b"\r\n", b"\n", b""):
                break
        self.rfile = io.BytesIO(kept)
        try:
            return super().parse_request()
        finally:
            self.rfile = connection

    def _serve(self) -> None:
        path = self.path.partition("?")[0]
        matching = [
            (method, found, handler) for method, form, handler in self.server.routes if (found := form.match(path))
        ]
        handlers = [(found, handler) for method, found, handler in matching if method == self.command]
        self.trailers: dict[str, str] = {}
        try:
            body, size = self._read_body()
            truncated = False
        except _Truncated as error:
            body, size, truncated = error.read, len(error.read), True
        except ValueError:
            self.send_error(400)
            return
        if not matching:
            response = Response(404, b"404 page not found\n", {"Content-Type": "text/plain; charset=utf-8"})
        elif not handlers:
            response = Response(405)
        else:
            found, handler = handlers[0]
            response = self._answer(
                handler, Request(self.headers, body, found.groupdict(), size, truncated, self.trailers)
            )
        self._send(response)

    def _answer(self, handler: Handler, request: Request) -> Response:
        try:
            return handler(request)
        except Refused as refusal:
            said = {"errorMessage": refusal.message, "errorType": refusal.error_type}
            return Response.json(refusal.status, said)
        except Closed:
            self.close_connection = True
            raise ConnectionAbortedError("the sandbox has ended") from None

    def _read_body(self) -> tuple[bytes, int]:
        """The body and its full size. Raises _Truncated, and ValueError for lengths that are none."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        given = self.headers.get("Content-Length")
        if given is None:
            return b"", 0
        if not given.isdigit():
            raise ValueError(given)
        kept = self._read_exactly(int(given), b"")
        return kept, int(given)

    def _read_chunks(self) -> tuple[bytes, int]:
        kept, size = b"", 0
        while True:
            line = self.rfile.readline(1024)
            if not line.endswith(b"\n"):
                raise _Truncated(kept)
            length = int(line.partition(b";")[0], 16)
            if length == 0:
                while trailer := self.rfile.readline(65536).decode("latin-1").strip():
                    name, _, value = trailer.partition(":")
                    self.trailers[name.strip().lower()] = value.strip()
                return kept, size
            kept, size = self._read_exactly(length, kept), size + length
            if self.rfile.read(2) != b"\r\n":
                raise _Truncated(kept)

    def _read_exactly(self, length: int, kept: bytes) -> bytes:
        """`kept` with the next `length` bytes, as far as the limit allows."""
        parts, held = [kept], len(kept)
        while length:
            part = self.rfile.read(min(length, 1 << 20))
            if not part:
                raise _Truncated(b"".join(parts))
            length -= len(part)
            if held < BODY_LIMIT:
                parts.append(part)
                held += len(part)
        return b"".join(parts)

    def _send(self, response: Response) -> None:
        headers = {"Content-Length": str(len(response.body)), **response.headers}
        if self.close_connection:
            headers["Connection"] = "close"
        head = f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.wfile.write(head.encode("latin-1") + b"\r\n" + response.body)  # one segment: no delayed-ack pause

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.close_connection = True
        if code in (414, 501, 505):
            code = 400
        said = f"{code} {HTTPStatus(code).phrase}"
        if not hasattr(self, "request_version") or self.request_version == "HTTP/0.9":
            self.request_version = "HTTP/1.1"
        self._send(Response(code, said.encode(), {"Content-Type": "text/plain; charset=utf-8"}))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        pass  # the timeline is the log


class Server(ThreadingHTTPServer):
    """Serves `routes` on a free port of 127.0.0.1 until closed. `address` is host:port."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, routes: Routes) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.routes = routes

    def server_bind(self) -> None:
        socket.socket.bind(self.socket, self.server_address)  # the base class would look a host name up
        self.server_address = self.socket.getsockname()

    @property
    def address(self) -> str:
        host, port = self.socket.getsockname()
        return f"{host}:{port}"

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]
