"""Something on loopback for client libraries to send to: it takes whatever comes over HTTP, says 200, and remembers it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_ANSWER = b"{}"


class Sink:
    """`with Sink() as sink`: `url` is where it listens; `arrived()` gives what has come since it was last asked."""

    def __init__(self) -> None:
        self._arrived: list[str] = []
        arrived = self._arrived

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def take(self) -> None:
                if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                    while size := int(self.rfile.readline().partition(b";")[0] or b"0", 16):
                        self.rfile.read(size + 2)
                    self.rfile.readline()
                else:
                    self.rfile.read(int(self.headers.get("Content-Length", 0)))
                arrived.append(f"{self.command} {self.path}")
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(_ANSWER)))
                self.end_headers()
                self.wfile.write(_ANSWER)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = take  # noqa: N815 the base class names them

            def log_message(self, *_: object) -> None:
                """The report says what has arrived."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that was killed while it was sending is what this is for."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sink", daemon=True).start()

    def arrived(self) -> tuple[str, ...]:
        count = len(self._arrived)
        taken, self._arrived[:count] = tuple(self._arrived[:count]), []
        return taken

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
