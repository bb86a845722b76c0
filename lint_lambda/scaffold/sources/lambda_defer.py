"""Run work after the response of an AWS Lambda handler, before the sandbox is frozen: `defer(fn, *args, **kwargs)`.

    from lambda_defer import defer, deferring

    @deferring                                  # above every other decorator, on the function Lambda calls
    def handler(event, context):
        defer(send_receipt, event["order"])     # runs when the handler has returned; the caller does not wait for it
        return {"statusCode": 202}

How. A Lambda sandbox is frozen when the runtime *and every extension* ask for the next event. On import this module
registers an internal extension, which asks only when what the handler deferred has been done. `deferring` tells it that
the handler has ended, however it ended.

What holds
- Nothing deferred, a lot deferred, a handler that raises: each invocation ends when its own work has been done.
- Work runs one piece after another, in order, in a thread. What it raises is logged, and the next piece runs. Work may
  defer more work. A coroutine function is run with `asyncio.run`.
- Work is paid for, and counts against the function's timeout. `remaining_seconds()` says how much of it is left. At
  `KEEP_BACK` seconds before the timeout the sandbox is let go, with an error in the log: work that has not ended then is
  frozen, and goes on with the next invocation, if there is one. (A timeout would report the invocation as failed.)
- The next event waits until the work is done: other requests meanwhile get sandboxes of their own.
- When the sandbox is shut down, Lambda sends SIGTERM and kills the process some 300 to 600 ms later. What was left frozen
  gets that time. A runtime client that waits for events in the main thread (Python 3.10 and 3.11) would run no signal
  handler, so the signal is also read from a pipe, in a thread. If something else takes the pipe over
  (`signal.set_wakeup_fd`; uvloop does), those two versions lose what was left; later ones do not.
- It is in memory. Work is lost when the process is killed, crashes or runs out of memory. Work that must not be lost goes
  to a queue before the response: SQS, EventBridge, an asynchronous invocation, Step Functions.

Where it works: the managed Python runtimes, and container images with AWS's runtime client. Not on Lambda Managed
Instances, which refuse extensions like this one: the import fails there and says so. One of the ten extensions a function
may have is this one. What SnapStart does to a registered internal extension has not been tried.

Testing. Outside Lambda (no AWS_LAMBDA_RUNTIME_API) there is no extension: what the handler defers has been done when it
returns, and what it raised is in the log.

    def test_a_receipt_is_sent(caplog):
        handler({"order": 7}, None)
        assert sent == [7]
        assert not caplog.records
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import http.client
import inspect
import json
import logging
import math
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["defer", "deferring", "remaining_seconds"]

KEEP_BACK = 0.3
"""Seconds before the function's timeout at which the sandbox is let go, whatever is still to be done."""
DRAIN = 2.0
"""Seconds to wait for what is left after SIGTERM. Lambda's SIGKILL comes first."""
NAME = "lambda-defer"

_MANAGED = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "lambda-managed-instances"


def _api() -> str:
    """Where Lambda's interfaces are (host:port); empty outside Lambda."""
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None and multiprocessing.current_process().name != "MainProcess" and not _MANAGED:
        return ""  # a process that the function has started imports the function's modules: it is no extension
    return os.environ.get("AWS_LAMBDA_RUNTIME_API", "")


_API = _api()
_log = logging.getLogger(__name__)
_Function = TypeVar("_Function", bound=Callable[..., Any])


def defer(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """Call `fn(*args, **kwargs)` when the handler has ended.

    Raises TypeError when `fn` is not callable, RuntimeError when no `@deferring` handler is running: nothing would ever
    call it then.
    """
    if not callable(fn):
        raise _not_a_function(fn)
    work = functools.partial(contextvars.copy_context().run, fn, *args, **kwargs)
    with _state.changed:
        if _state.depth:
            _state.held.append(work)
        elif _state.working:
            _state.ready.append(work)
        else:
            raise RuntimeError(
                "defer() was called while no @deferring handler is running, so nothing would run the work: "
                "decorate the function that Lambda calls with @lambda_defer.deferring, above its other decorators"
            )


def _not_a_function(given: object) -> TypeError:
    if inspect.iscoroutine(given):
        given.close()  # or Python would also complain that it was never awaited
    return TypeError(f"defer() takes the function and its arguments, as in defer(send, 1), not {given!r}")


def deferring(handler: _Function) -> _Function:
    """Decorate the function that Lambda calls: what it defers is released when it has ended, also when it raises.

    Raises TypeError for an `async` function, which Lambda would not run.
    """
    if inspect.iscoroutinefunction(handler):
        raise TypeError(f"{handler.__qualname__} is async: Lambda does not await handlers; call asyncio.run in it")

    @functools.wraps(handler)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        context = kwargs.get("context", args[-1] if args else None)
        _state.enter(getattr(context, "aws_request_id", ""))
        try:
            return handler(*args, **kwargs)
        finally:
            _state.leave()

    _state.decorated = True
    return wrapper  # type: ignore[return-value]


def remaining_seconds() -> float:
    """Seconds until the sandbox is let go, finished or not; infinite outside Lambda."""
    return _state.deadline - KEEP_BACK - time.time()


class _State:
    """What has been deferred, and how far the invocation has come. `changed` guards all of it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.decorated = False
        self.depth = 0  # of @deferring handlers that call each other
        self.entered = self.ended = ""  # request ids: the last handler that began, that ended
        self.deadline = math.inf  # of the invocation, in seconds since the epoch
        self.held: deque[Callable[[], Any]] = deque()  # deferred by the handler that is still running
        self.ready: deque[Callable[[], Any]] = deque()  # to be done
        self.working = False
        self.open = not _API  # whether a piece of work may be started
        self.stopping = False

    def enter(self, request_id: str) -> None:
        with self.changed:
            self.depth += 1
            if self.depth == 1:
                self.entered = request_id
                self.changed.notify_all()

    def leave(self) -> None:
        with self.changed:
            self.depth -= 1
            if self.depth:
                return
            self.ended = self.entered
            self.release()
        if not _API:
            while self.ready:
                self.work_once()

    def release(self) -> None:
        self.ready.extend(self.held)
        self.held.clear()
        self.changed.notify_all()

    def idle(self) -> bool:
        return not self.ready and not self.working

    def may_work(self) -> bool:
        return bool(self.ready) and (self.open or self.stopping)

    def work_once(self) -> None:
        """Wait for a piece of work and do it. Whatever it raises, the next one can be done."""
        with self.changed:
            self.changed.wait_for(self.may_work)
            work = self.ready.popleft()
            self.working = True
        try:
            result = work()
            if inspect.iscoroutine(result):
                asyncio.run(result)
        except BaseException:  # noqa: BLE001 also SystemExit: it would end this thread, and every later invocation with it
            _log.exception("deferred work failed: %s", _name(work))
        finally:
            with self.changed:
                self.working = False
                self.changed.notify_all()

    def see_through(self, request_id: str, deadline: float) -> None:
        """Return when the handler of this invocation has ended and its work is done, or when time is up."""
        with self.changed:
            self.deadline = deadline
            if self.decorated:  # or else defer() refuses, and there is nothing to wait for
                self.wait_for_handler(request_id)
                self.wait_for_work()
            self.entered = self.ended = ""  # an event that is tried again comes with the same id

    def wait_for_handler(self, request_id: str) -> None:
        self.changed.wait_for(lambda: self.entered == request_id, max(0.0, remaining_seconds()))
        if self.entered == request_id:
            # No limit here: if the handler does not end in time, that is the function's timeout, and nothing to hide.
            self.changed.wait_for(lambda: self.ended == request_id)
        else:
            _log.error("request %s ran no @deferring handler: decorate the function that Lambda calls", request_id)

    def wait_for_work(self) -> None:
        self.open = True
        self.changed.notify_all()
        if not self.changed.wait_for(self.idle, max(0.0, remaining_seconds())):
            _log.error(
                "time is up with deferred work left (%d running, %d waiting): it goes on with the next invocation, "
                "or is lost. Raise the function's timeout, or hand this work to a queue",
                self.working,
                len(self.ready),
            )
        self.open = False

    def drain(self) -> None:
        """The process is about to be killed: do what there is, whatever the time."""
        with self.changed:
            self.stopping = True
            self.release()
            if not self.changed.wait_for(self.idle, DRAIN):
                _log.error("the sandbox shuts down with deferred work left; it is lost")


def _name(work: Callable[[], Any]) -> str:
    fn = work.args[0] if isinstance(work, functools.partial) else work
    return getattr(fn, "__qualname__", repr(fn))


# The extension.


def _call(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> tuple[http.client.HTTPResponse, str]:
    """One call of the Extensions API, version 2020-01-01. Waits as long as it takes."""
    connection = http.client.HTTPConnection(_API)
    connection.request(method, f"/2020-01-01/extension/{path}", body, headers)
    answer = connection.getresponse()
    said = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer, said


def _register() -> str:
    """Register for INVOKE only: an internal extension that asks for SHUTDOWN is refused. Returns its identifier."""
    if _MANAGED:
        raise RuntimeError(
            "lambda_defer does not work on Lambda Managed Instances: they refuse internal extensions. "
            "Do the work before the response, or hand it to a queue"
        )
    name, events = {"Lambda-Extension-Name": NAME}, {"events": ["INVOKE"]}
    answer, said = _call("POST", "register", name, json.dumps(events).encode())
    if "Extension.RegistrationClosed" in said:
        raise RuntimeError(
            "lambda_defer was imported while an invocation was running; extensions must register before the first one: "
            "move the import to the top of the module that holds the handler"
        )
    identifier = answer.getheader("Lambda-Extension-Identifier")
    if answer.status != 200 or not identifier:
        raise RuntimeError(f"Lambda refused to register the extension {NAME!r}: {answer.status} {said}")
    return identifier


def _serve(identifier: str) -> None:
    """Ask for the next event whenever everything has been done. The sandbox is frozen in `event/next`."""
    headers = {"Lambda-Extension-Identifier": identifier}
    try:
        while True:
            answer, said = _call("GET", "event/next", headers)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} {said}")
            event = json.loads(said)
            _state.see_through(event["requestId"], event["deadlineMs"] / 1000)
    except Exception:  # noqa: BLE001 whatever it is, it ends this thread
        # Without this thread every invocation would time out. Lambda replaces the sandbox when an extension gives up.
        _log.exception("the extension %s cannot go on", NAME)
        _call("POST", "exit/error", {**headers, "Lambda-Extension-Function-Error-Type": "Extension.Failed"})


def _work() -> None:
    while True:
        _state.work_once()


# Shutdown.


def _watch_sigterm() -> None:
    """On SIGTERM do what is left, then end the process or leave that to the handler that was there before."""
    before = signal.getsignal(signal.SIGTERM)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    drained = threading.Event()

    def watch() -> None:
        while signal.SIGTERM not in os.read(reading, 64):
            pass  # some other signal
        _state.drain()
        drained.set()
        if before == signal.SIG_DFL:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)

    def on_sigterm(number: int, frame: Any) -> None:
        os.write(writing, bytes([signal.SIGTERM]))  # the thread may know already; not if the pipe was taken over
        drained.wait(DRAIN)
        if callable(before):
            before(number, frame)

    def hold() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # or a child could write to our pipe before `forget`

    def resume() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def forget() -> None:
        """A forked child has none of the threads, so it can defer nothing, and its signals are none of ours."""
        vars(_state).update(vars(_State()))
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, before)
        resume()

    signal.signal(signal.SIGTERM, on_sigterm)
    # Python runs signal handlers in the main thread only, but writes the signal's number here at once.
    other = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    if other != -1:
        signal.set_wakeup_fd(other)
    os.register_at_fork(before=hold, after_in_parent=resume, after_in_child=forget)
    threading.Thread(
        target=watch, daemon=True
    ).start()  # lambda-lint: ignore[LAM204] it waits for the end of the sandbox


_state = _State()
if _API:
    _identifier = _register()
    # The sandbox is not frozen before `_serve` asks for the next event, which it does when `_work` has done everything.
    threading.Thread(target=_work, daemon=True).start()  # lambda-lint: ignore[LAM204] see above
    threading.Thread(target=_serve, args=(_identifier,), daemon=True).start()  # lambda-lint: ignore[LAM204] see above
    if threading.current_thread() is threading.main_thread():
        _watch_sigterm()
    else:
        _log.warning("lambda_defer was not imported in the main thread: what a shutdown leaves is lost")
