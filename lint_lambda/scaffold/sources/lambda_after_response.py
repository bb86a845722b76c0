#!/usr/bin/env python3
"""Run work after the response of an AWS Lambda handler, before the next event is asked for.

    from lambda_after_response import after_response, wait_until

    def handler(event, context):
        after_response(send_receipt, event["order"])    # a function and its arguments
        wait_until(audit(event))                        # or a coroutine
        return {"statusCode": 202}

How. A Lambda sandbox is frozen when the runtime asks for the next event, not when it answers. What is done between the
two runs unfrozen, and nobody waits for it. It is the point of Bref's `afterInvoke`, and has the contract of Vercel's
`waitUntil`. Nothing in AWS's documentation promises that the runtime client keeps the method that is wrapped here
(`wait_next_invocation`; looked at in awslambdaric 2.0 to 4.2): if it goes, the import fails and says so.

Set-up, one of
- Managed Python runtime, or an image with AWS's runtime client: import this module at the top of the handler's module.
  That is all; the import puts the hook in.
- The same, with the hook in place before any of the function's own code: make this file executable and set
  AWS_LAMBDA_EXEC_WRAPPER=/var/task/lambda_after_response.py. A client that cannot be hooked then fails the init phase.
- Custom runtime: `bootstrap` starts this file, which is then the runtime itself. (`lambda-lint scaffold hook
  --custom-runtime` writes both; they belong into the task root, with a `python3` on PATH.)

What holds
- Work runs in order, in the main thread, after the response or the error has been sent. What it raises is logged, and
  the next piece runs. Work may add more work.
- Work is paid for, and counts against the function's timeout. `remaining_seconds()` says how much of it is left. A
  coroutine is cancelled `KEEP_BACK` seconds before the timeout; a function cannot be interrupted: if it goes on, the
  invocation is reported as timed out (the response has been sent all the same) and the sandbox is replaced. Work that could
  not be started in time is left, with an error in the log, for after the next response, if there is one.
- The next event waits until the work is done: other requests meanwhile get sandboxes of their own.
- When a sandbox is shut down it has nothing left to do, except what time ran out for.
- It is in memory. Work is lost when the process is killed, crashes or runs out of memory. Work that must not be lost goes
  to a queue before the response: SQS, EventBridge, an asynchronous invocation, Step Functions.

Where nothing would run the work (another platform, a local server), the two functions raise RuntimeError.

Testing. `invocation()` does what Lambda does: on leaving it, what the handler handed over is done.

    def test_a_receipt_is_sent(caplog):
        with invocation():
            handler({"order": 7}, None)
        assert sent == [7]
        assert not caplog.records
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import http.client
import importlib
import inspect
import json
import logging
import math
import os
import runpy
import sys
import time
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["after_response", "invocation", "remaining_seconds", "wait_until"]

KEEP_BACK = 0.3
"""Seconds before the function's timeout after which no more work is started, and coroutines are cancelled."""

_log = logging.getLogger(__name__)


def after_response(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """Call `fn(*args, **kwargs)` when the response has been sent. A coroutine function is run with `asyncio.run`.

    Raises TypeError when `fn` is not callable, RuntimeError when nothing here would call it.
    """
    if not callable(fn):
        raise _not_a_function(fn)
    _state.add(functools.partial(contextvars.copy_context().run, fn, *args, **kwargs))


def _not_a_function(given: object) -> TypeError:
    if inspect.iscoroutine(given):
        given.close()  # or Python would also complain that it was never awaited
    return TypeError(
        f"after_response() takes a function and its arguments, not {given!r}; wait_until() takes coroutines"
    )


def wait_until(awaitable: Awaitable[Any]) -> None:
    """Await `awaitable` when the response has been sent, in an event loop of its own.

    Raises TypeError for what cannot be awaited, and for a task or future: it belongs to a loop that has ended by then
    (`asyncio.run` cancels it). Raises RuntimeError when nothing here would await it.
    """
    if asyncio.isfuture(awaitable):
        raise TypeError(
            "wait_until() takes the coroutine: write wait_until(work()), not wait_until(create_task(work()))"
        )
    if not inspect.isawaitable(awaitable):
        raise TypeError(f"wait_until() takes a coroutine, not {awaitable!r}; after_response() takes functions")

    async def wait() -> None:
        await awaitable

    try:
        _state.add(functools.partial(contextvars.copy_context().run, wait))
    except RuntimeError:
        if inspect.iscoroutine(awaitable):
            awaitable.close()
        raise


def remaining_seconds() -> float:
    """Seconds until no more work is started; infinite where no deadline is known."""
    return _state.deadline - KEEP_BACK - time.time()


@contextmanager
def invocation(deadline: float = math.inf) -> Iterator[None]:
    """One invocation: on leaving, also by an exception, what was handed over is done. `deadline`: seconds since the epoch."""
    _state.begin(deadline)
    try:
        yield
    finally:
        _state.finish()


class _State:
    def __init__(self) -> None:
        self.running = False
        self.deadline = math.inf
        self.pending: deque[Callable[[], Any]] = deque()

    def add(self, work: Callable[[], Any]) -> None:
        if not self.running:
            raise RuntimeError(
                "nothing here runs work after the response. On Lambda, import lambda_after_response at the top of the "
                "handler's module, and call it while the handler runs; in a test, use `with invocation():`"
            )
        self.pending.append(work)

    def begin(self, deadline: float) -> None:
        self.running, self.deadline = True, deadline

    def finish(self) -> None:
        """Do what was handed over. Whatever a piece of work raises, the next one is done."""
        while self.pending and remaining_seconds() > 0:
            work = self.pending.popleft()
            try:
                result = work()
                if inspect.iscoroutine(result):
                    asyncio.run(_in_time(result))
            except BaseException:  # noqa: BLE001 also SystemExit: it would end the runtime
                _log.exception("work after the response failed: %s", getattr(_function(work), "__qualname__", work))
        if self.pending:
            _log.error(
                "time is up with work left after the response (%d): it is done after the next one, or lost. "
                "Raise the function's timeout, or hand this work to a queue",
                len(self.pending),
            )
        self.running = False


async def _in_time(awaitable: Awaitable[Any]) -> None:
    left = remaining_seconds()
    await asyncio.wait_for(awaitable, None if left == math.inf else left)


def _function(work: Callable[[], Any]) -> Any:
    return work.args[0] if isinstance(work, functools.partial) else work


# The hook in AWS's runtime client.


def install() -> None:
    """Put the hook before each poll of AWS's runtime client. Raises RuntimeError when the client cannot be hooked."""
    client = importlib.import_module("awslambdaric.lambda_runtime_client")
    # On Lambda Managed Instances another class polls: there nothing freezes, and the hook only defers.
    names = [name for name in ("LambdaRuntimeClient", "LambdaMultiConcurrentRuntimeClient") if hasattr(client, name)]
    if not names or not all(hasattr(getattr(client, name), "wait_next_invocation") for name in names):
        raise RuntimeError(
            "lambda_after_response does not know this runtime client: it has no wait_next_invocation. Use the custom "
            "runtime (see the top of lambda_after_response.py), or the extension: lambda-lint scaffold extension"
        )
    for name in names:
        _hook(getattr(client, name))


def _hook(client: Any) -> None:
    poll = client.wait_next_invocation

    @functools.wraps(poll)
    def wait_next_invocation(self: Any) -> Any:
        _state.finish()
        request = poll(self)
        _state.begin(int(request.deadline_time_in_ms or 0) / 1000 or math.inf)
        return request

    client.wait_next_invocation = wait_next_invocation


# The custom runtime.


class _Context:
    """The context object of the managed Python runtime, without the identity that only mobile applications have."""

    def __init__(self, headers: http.client.HTTPMessage) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn", "")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME", "")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")
        self.deadline = int(headers["Lambda-Runtime-Deadline-Ms"]) / 1000
        self.client_context = json.loads(headers.get("Lambda-Runtime-Client-Context", "null"))

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.time()) * 1000))


def _call(method: str, path: str, body: object = None) -> tuple[http.client.HTTPMessage, bytes]:
    """One call of the Runtime API, version 2018-06-01. Waits as long as it takes. Logs what is refused."""
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    error = {"Lambda-Runtime-Function-Error-Type": "Function.Error"} if path.endswith("/error") else {}
    sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection.request(method, f"/2018-06-01/runtime/{path}", sent, error)
    answer = connection.getresponse()
    received = answer.read()
    connection.close()
    if answer.status >= 400:
        _log.error("%s %s: %d %s", method, path, answer.status, received.decode("utf-8", "replace"))
        if method == "GET":
            raise RuntimeError("there are no more events for this process")
    return answer.headers, received


def _error(error: BaseException) -> dict[str, Any]:
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def _serve() -> None:
    """The runtime: poll, call the handler, answer, do what was handed over; for ever."""
    logging.basicConfig(format="[%(levelname)s] %(message)s")
    try:
        sys.path.insert(0, os.environ.get("LAMBDA_TASK_ROOT", "."))
        module, _, name = os.environ["_HANDLER"].rpartition(".")
        handler = getattr(importlib.import_module(module.replace("/", ".")), name)
    except Exception as error:  # noqa: BLE001 it is somebody's code
        _log.exception("the handler could not be loaded")
        _call("POST", "init/error", _error(error))
        sys.exit(1)
    while True:
        headers, event = _call("GET", "invocation/next")
        context = _Context(headers)
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        with invocation(context.deadline):
            try:
                answer = json.dumps(handler(json.loads(event), context)).encode()
            except Exception as error:  # noqa: BLE001 it is somebody's code
                _log.exception("the handler raised")
                _call("POST", f"invocation/{context.aws_request_id}/error", _error(error))
            else:
                _call("POST", f"invocation/{context.aws_request_id}/response", answer)


def _main(argv: list[str]) -> None:
    """Without arguments the custom runtime; with the command line of the managed one (see AWS_LAMBDA_EXEC_WRAPPER) that."""
    if not argv:
        _serve()
    elif not argv[0].endswith(".py"):
        # An interpreter, its options, its script. The same again, with this file put before the script.
        script = next(place for place, argument in enumerate(argv) if argument.endswith(".py"))
        os.execvp(argv[0], [*argv[:script], __file__, *argv[script:]])  # noqa: S606 that is what a wrapper does
    else:
        sys.argv[:] = argv
        sys.path[0] = str(Path(argv[0]).parent)  # what Python itself would have put there
        install()
        runpy.run_path(argv[0], run_name="__main__")


_state = _State()
if __name__ == "__main__":
    # The handler imports this file by its name: run that module, so that there is one of it.
    importlib.import_module("lambda_after_response")._main(sys.argv[1:])
elif "awslambdaric.lambda_runtime_client" in sys.modules:
    install()
