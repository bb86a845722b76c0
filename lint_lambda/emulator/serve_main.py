"""The first Python file of a web server's process: a web application on $PORT, behind the web adapter.

Run as `python serve_main.py SNAPSHOT MODULE:NAME`. An ASGI application is served by uvicorn, which must be installed for the
function's interpreter; a WSGI application by a threading server of the standard library. With a SNAPSHOT file (instead of `-`) the
observer is there, and looks when the sandbox asks, which it does when the adapter has polled.
"""

import importlib
import inspect
import os
import sys

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from typing import Any


def main() -> None:
    here, snapshot, told = sys.path.pop(0), sys.argv.pop(1), sys.argv.pop(1)
    root = os.environ["LAMBDA_TASK_ROOT"]
    if snapshot != "-":
        from importlib.util import module_from_spec, spec_from_file_location

        inside = os.path.join(here, "inside")
        name = "_lambda_lint_inside"
        spec = spec_from_file_location(name, os.path.join(inside, "__init__.py"), submodule_search_locations=[inside])
        assert spec is not None and spec.loader is not None
        sys.modules[name] = observer = module_from_spec(spec)
        spec.loader.exec_module(observer)
        observer.install(snapshot, [root], "server")()
    sys.path[:0] = [root, "/opt/python"]
    module, _, name = told.partition(":")
    application: Any = importlib.import_module(module.replace("/", "."))
    for part in name.split("."):
        application = getattr(application, part)
    _serve(application, int(os.environ["PORT"]))


def _serve(application: "Any", port: int) -> None:
    call = application if inspect.isfunction(application) else getattr(application, "__call__", None)  # noqa: B004
    if inspect.iscoroutinefunction(call):
        uvicorn = importlib.import_module("uvicorn")
        uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning")
        return
    import socketserver
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Server(socketserver.ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Handler(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """The timeline is the log."""

    make_server("127.0.0.1", port, application, Server, Handler).serve_forever()


if __name__ == "__main__":
    main()
