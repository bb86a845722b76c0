"""What a fixture imports: `from probe import reached`; `reached("name")` says that the program came to that point.

A shell says it with `python -m probe name`. Each call appends one line to a file, in one write, so that it is complete or
absent when the sandbox is frozen, whichever process or thread makes it.

Work beside the handler is given an end that does not depend on how fast the machine is: it comes to a probe only when the
handler is seen to wait, be it for this work or for something else. A handler that goes on, however slowly, and a runtime
client that has an answer to send or asks for the next event, are let go first, and the freeze comes before the probe. On
Lambda, where work takes longer than the way from a `return` to the freeze, it is the same.
"""

from __future__ import annotations

import os
import sys
import threading
import time

TYPE_CHECKING = False  # as in `typing`, whose import the function would pay for
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

LOOKS, BETWEEN = 3, 0.003
"""So many looks in a row, so many seconds apart, find the handler at the same place, and asleep: it waits."""
PATIENCE = 20.0
"""Seconds after which work goes on all the same: a handler may also wait without ever sleeping."""


def reached(name: str) -> None:
    """Record that `name` was reached. Without a sandbox around it, do nothing."""
    path = os.environ.get("PROBE_FILE")
    if path is not None:
        if "PROBE_RUNTIME" in os.environ:
            _let_the_handler_go_first(int(os.environ["PROBE_RUNTIME"]), f"{path}.answering")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, f"{name}\n".encode())
        finally:
            os.close(descriptor)


def _let_the_handler_go_first(runtime: int, answering: str) -> None:
    if threading.get_native_id() == runtime:
        return  # this is the handler
    here = os.getpid() == runtime
    place: tuple[int, int] | None = None
    looks, began = 0, time.monotonic()
    while looks < LOOKS and time.monotonic() - began < PATIENCE:
        frame = sys._current_frames().get(threading.main_thread().ident or 0) if here else None
        now = (id(frame), frame.f_lasti) if frame is not None else None
        asleep = _state(runtime) == "S" and not os.path.exists(answering) and not _starts(frame)
        looks = looks + 1 if asleep and now == place else 0
        if os.path.exists(answering):
            began = time.monotonic()  # the freeze comes, however late
        place, frame = now, None  # a frame that is kept keeps what is in it
        time.sleep(BETWEEN)


def _starts(frame: FrameType | None) -> bool:
    """Whether the handler only waits until a thread or a process that it starts has begun, which may take long."""
    starting = {threading.Thread.start.__code__}
    if "subprocess" in sys.modules:
        starting.add(sys.modules["subprocess"].Popen.__init__.__code__)
    while frame is not None:
        if frame.f_code in starting:
            return True
        frame = frame.f_back
    return False


def _state(thread: int) -> str:
    try:
        with open(f"/proc/{thread}/task/{thread}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]
    except OSError:
        return "S"  # it has ended, and waits for nothing any more


def _mark_answers() -> None:
    """Let a file tell, from the answer to the next event, that the runtime client is at work and not the handler."""
    client = sys.modules.get("awslambdaric.lambda_runtime_client")
    if client is None or "PROBE_FILE" not in os.environ or "PROBE_FREE" in os.environ:
        return
    os.environ["PROBE_RUNTIME"] = str(os.getpid())
    answering = os.environ["PROBE_FILE"] + ".answering"

    def marked(method: Callable[..., object], ends: bool) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            os.close(os.open(answering, os.O_WRONLY | os.O_CREAT, 0o600))
            result = method(*arguments, **named)
            if ends:
                os.unlink(answering)
            return result

        return call

    owner = client.LambdaRuntimeClient
    for name in ("post_invocation_result", "post_invocation_error", "wait_next_invocation"):
        setattr(owner, name, marked(getattr(owner, name), name == "wait_next_invocation"))


if __name__ == "__main__":
    reached(sys.argv[1])
else:
    _mark_answers()
