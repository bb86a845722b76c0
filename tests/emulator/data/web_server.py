"""A web server that goes on after its answers, as servers with background tasks do. `/slow` works before the answer."""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WORKED = Path(os.environ["WORKED"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(404 if self.path == "/" else 503 if self.path == "/broken" else 200, self.path.encode())
        if self.path.startswith("/after"):
            time.sleep(0.1)  # still in the same request, whose answer is complete
            WORKED.write_text("after the answer")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = threading.get_ident()  # each connection has its thread
        said = {"path": self.path, "body": body.decode(), "connection": connection, "headers": dict(self.headers)}
        self.answer(201, json.dumps(said).encode(), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))

    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *arguments):
        pass


if "late" in sys.argv:
    time.sleep(0.2)
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
