"""A sandbox from init to shutdown: it runs a function under AWS's runtime client and freezes it after each answer.

Phases, limits and what ends them are those of "Understanding the Lambda execution environment lifecycle" and of AWS's
runtime interface emulator (`rapid/handlers.go`, `rapid/shutdown.go`); the freeze, which that emulator leaves out, is ours.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lint_lambda.emulator.container import Container, ContainerError, Process, Starter, fresh
from lint_lambda.emulator.environment import check, extension_environment, function_environment, with_port
from lint_lambda.emulator.extensions_api import extension_routes
from lint_lambda.emulator.function import ACCOUNT, Function
from lint_lambda.emulator.http_server import Server
from lint_lambda.emulator.lifecycle import Invocation, Lifecycle
from lint_lambda.emulator.looks import Looks, merged
from lint_lambda.emulator.node import node_command
from lint_lambda.emulator.runtime_api import runtime_routes
from lint_lambda.emulator.unavailable import Unavailable
from lint_lambda.emulator.web_adapter import NAME as WEB_ADAPTER

FUNCTION_MAIN = Path(__file__).with_name("function_main.py")
SERVE_MAIN = Path(__file__).with_name("serve_main.py")
WEB_ADAPTER_MAIN = Path(__file__).with_name("web_adapter.py")
SHUTDOWN_BUDGET = 2.0
"""Seconds for a shutdown or reset when there are extensions; without any there is none (`resetDefaultTimeoutMs`)."""
RUNTIME_SHARE = 0.3
"""Of that budget, what the runtime gets between SIGTERM and SIGKILL (`runtimeDeadlineShare`)."""


@dataclass(frozen=True)
class Event:
    """Something that happened, `at` seconds after the sandbox began."""

    at: float
    kind: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Freeze:
    """The sandbox at rest. `processes` are all that run in it, `own` the pids of the runtime and of the extensions;
    `snapshot` is what the function's process said of itself just before (None: not asked)."""

    at: float
    processes: tuple[Process, ...]
    own: frozenset[int]
    snapshot: dict[str, Any] | None


@dataclass(frozen=True)
class Outcome:
    """How one invocation ended: `response`, `error` (the function's), `timeout` or `failure` (the process's end).

    `payload` is what the caller gets; `log` what was printed during it; `freeze` is None when the sandbox was reset, or
    does not freeze.
    """

    request_id: str
    kind: str
    payload: bytes
    error_type: str | None
    log: str
    freeze: Freeze | None

    @property
    def error_name(self) -> str | None:
        """The errorType the caller reads in the payload, None for a response.

        The stock Python client names it there only; its header says no more than that there was an error.
        """
        if self.kind == "response":
            return None
        try:
            return str(json.loads(self.payload)["errorType"])
        except (ValueError, KeyError, TypeError):
            return self.error_type


class Sandbox:
    """`with Sandbox(function) as sandbox: sandbox.invoke(event)`. Leaving it kills everything inside at once.

    Raises `Unavailable` when the function's interpreter cannot run it, and `ContainerError` when processes could not be
    controlled. Not for use from several threads, except `invoke` of a managed-instances function. `start` starts its first process.
    """

    def __init__(self, function: Function, start: Starter = fresh) -> None:
        if not Path("/proc/self/stat").exists():
            raise Unavailable("the sandbox needs Linux: it stops and finds processes through /proc")
        check(function)
        self.function = function = with_port(function)
        self.timeline: list[Event] = []
        self.began = time.monotonic()
        self._generation = 0
        self._ready = False
        self._frozen = False
        self._running: dict[str, int] = {}
        self._exits = threading.Condition()
        self._log_read = 0
        self._quiet = False  # while everything is being ended, the end of a process is no news
        self.directory = Path(tempfile.mkdtemp(prefix="lambda-lint-"))
        self.scratch = self.directory / "tmp"
        self.scratch.mkdir()
        self.log = self.directory / "log"
        self.log.touch()
        self._looks = Looks(self.directory / "snapshot")
        Path(f"{self._looks.place}.clients").write_text(json.dumps([dict(one) for one in function.clients]))
        self._asks = function.observe and function.served
        self._ask_at_rest = self._asks
        if self._asks:
            self._looks.open()
        self.lifecycle = self._new_lifecycle()
        metadata = {"functionName": function.name, "functionVersion": "$LATEST", "handler": function.handler}
        self._server = Server(
            runtime_routes(lambda: self.lifecycle) + extension_routes(lambda: self.lifecycle, metadata, ACCOUNT)
        )
        self.api = self._server.address
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="lambda-api", daemon=True).start()
        mark = f"AWS_LAMBDA_RUNTIME_API={self.api}"
        try:
            self._container = Container(self._exited, mark, self.directory, function.max_processes, start)
        except BaseException:
            self._end_of_server()
            raise

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill everything inside, frozen or not, and remove what it left in its /tmp. Safe to call twice."""
        self._quiet = True
        self.lifecycle.close()
        self._container.close()
        self._end_of_server()

    def _end_of_server(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def note(self, kind: str, **detail: Any) -> None:
        if kind == "register" and not detail["external"] and "INVOKE" in detail["events"] and self.function.observe:
            # Before the runtime's first poll: the observer then waits to be asked.
            self._ask_at_rest = True
            self._looks.open()
        self.timeline.append(Event(time.monotonic() - self.began, kind, detail))

    # Init.

    def init(self) -> bool:
        """The init phase, as it happens before an event is there: at most `init_timeout`. False when it failed.

        A failed init leaves nothing running; the next invocation tries again.
        """
        self.note("init-start")
        ready = self._start(time.monotonic() + self.function.init_timeout)
        if not ready:
            self._reset("failure")
        return ready

    def _start(self, deadline: float) -> bool:
        self._generation += 1
        lifecycle = self.lifecycle
        env = extension_environment(self.function, self.api, self.scratch)
        for path in self.function.extensions:
            self._run(f"extension-{path.name}", [str(path)], env)
        if self.function.served:
            self._run(f"extension-{WEB_ADAPTER}", [sys.executable, "-I", "-S", str(WEB_ADAPTER_MAIN)], env)
        if not lifecycle.wait(lifecycle.externals_registered, deadline):
            return self._init_failed("external extensions did not register")
        self._run("runtime", self._command(), function_environment(self.function, self.api, self.scratch))
        if not lifecycle.wait(lifecycle.runtime_ready, deadline):
            return self._init_failed("the runtime did not poll")
        lifecycle.close_registration()
        if not lifecycle.wait(lifecycle.extensions_ready, deadline):
            return self._init_failed("extensions did not poll")
        self._ready = True
        self.note("init-done")
        return True

    def _command(self) -> list[str]:
        if self.function.serve:
            return ["/bin/sh", "-c", self.function.serve]
        snapshot = str(self._looks.place) if self.function.observe else "-"
        if self.function.node:
            return node_command(self.function, snapshot)
        python = shutil.which(self.function.python) or self.function.python
        if self.function.served:
            return [python, str(SERVE_MAIN), snapshot, self.function.application]
        return [python, str(FUNCTION_MAIN), snapshot]

    def _init_failed(self, reason: str) -> bool:
        fatal = self.lifecycle.fatal
        self.note("init-failed", reason=f"{fatal[0]}: {fatal[1]}" if fatal else reason)
        return False

    def _run(self, role: str, argv: list[str], env: dict[str, str]) -> None:
        name = f"{role}-{self._generation}"
        with self._exits:  # its exit may be reported before this returns
            self._running[name] = 0
        root = self.function.deployed or self.function.task_root
        self._running[name] = self._container.start(name, argv, env, root, self.log)

    def _exited(self, name: str, pid: int, status: int) -> None:
        with self._exits:
            self._running.pop(name, None)
            self._exits.notify_all()
        if self._quiet or not name.endswith(f"-{self._generation}"):
            return
        how = f"exit status {status}" if status >= 0 else f"signal: {signal.Signals(-status).name}"
        self.note("exit", process=name.rpartition("-")[0], how=how)
        if name.startswith("runtime-"):
            said = f"Runtime exited with error: {how}" if status else "Runtime exited without providing a reason"
            self.lifecycle.fail("Runtime.ExitError", said)
        else:
            self.lifecycle.fail("Extension.Crash", how)

    # Invoke.

    def invoke(self, event: object, client_context: str = "") -> Outcome:
        """One invocation with `event` (bytes as they are, anything else as JSON), to its freeze, timeout or failure."""
        if not self._ready and self._generation == 0:
            self.init()
        if self._frozen:
            self._container.thaw()
            self._frozen = False
            self.note("thaw")
        # Lambda counts an init that it makes up for as part of the invocation's time. Here it does not: how long Python takes
        # to start depends on what else the machine does, and would decide what becomes of the function.
        again = max(self.function.init_timeout, self.function.timeout)
        ready = self._ready or self._start(time.monotonic() + again)
        deadline = time.monotonic() + self.function.timeout + self.function.leeway
        invocation = Invocation(
            request_id=str(uuid.uuid4()),
            event=event if isinstance(event, bytes) else json.dumps(event).encode(),
            arn=self.function.arn,
            trace_id=f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
            deadline_ms=int((time.time() + self.function.timeout) * 1000),
            client_context=client_context,
        )
        lifecycle = self.lifecycle
        if not ready:
            return self._broken(invocation)
        lifecycle.deliver(invocation)
        if not lifecycle.wait(lambda: lifecycle.complete(invocation), deadline):
            return self._broken(invocation)
        lifecycle.forget(invocation)
        freeze = None if self.function.managed else self._freeze()
        kind = "response" if invocation.error_type is None else "error"
        assert invocation.answer is not None
        return Outcome(invocation.request_id, kind, invocation.answer, invocation.error_type, self._read_log(), freeze)

    def of_the_server(self) -> frozenset[str]:
        """What a web server that has just started has of its own, before any request: keys as in `pending.py`."""
        snapshot = self._looks.read() if self._asks and self._ready and self._looks.ask() else None
        if snapshot is None or "failed" in snapshot:
            return frozenset()
        return frozenset(f"{kind[:-1]} {one['number']}" for kind in ("threads", "tasks") for one in snapshot[kind])

    def look(self) -> Freeze:
        """What is alive where nothing is frozen, as a freeze would find it; processes are stopped for the moment of it.

        Of an observed function; not while an invocation is under way. Raises ContainerError when one of the function's workers
        does not answer.
        """
        said = self._looks.ask_workers(self.function.managed)
        if said is None:
            raise ContainerError(
                "the function's process does not say what is alive in it\n"
                "help: an extension module that never lets go of the interpreter holds it up"
            )
        processes = self._container.freeze()
        self._container.thaw()
        self.note("look", processes=len(processes))
        own = frozenset({*self._running.values(), *(one["pid"] for one in said)})
        return Freeze(self.timeline[-1].at, processes, own, merged(said))

    def _stop(self) -> None:
        """Stop the processes that were started, at once. Theirs, and what got away, are for the container to find.

        Where an extension in the function's process has worked on after the runtime's poll, it is looked only now what is alive.
        """
        if self._ask_at_rest:
            self._looks.ask()
        for pid in filter(None, list(self._running.values())):
            try:
                os.kill(pid, signal.SIGSTOP)
            except ProcessLookupError:
                pass  # it has just ended, which is reported

    def _freeze(self) -> Freeze:
        polled = time.monotonic()
        processes = self._container.freeze()
        self._frozen = True
        self.note("freeze", processes=len(processes), took=time.monotonic() - polled)
        return Freeze(self.timeline[-1].at, processes, frozenset(self._running.values()), self._looks.read())

    def _broken(self, invocation: Invocation) -> Outcome:
        """The invocation did not come to its end: a timeout, or the end of a process. The sandbox is reset."""
        lifecycle = self.lifecycle
        if lifecycle.init_error is not None:
            kind, (error_type, payload) = "failure", lifecycle.init_error
        elif lifecycle.fatal is not None:
            kind, (error_type, message) = "failure", lifecycle.fatal
            payload = _error(invocation, error_type, message)
            if invocation.answer is not None and invocation.error_type is not None:
                payload = invocation.answer  # the runtime client said why it ends
        else:
            kind, error_type = "timeout", "Sandbox.Timedout"
            payload = _error(invocation, error_type, f"Task timed out after {self.function.timeout:.2f} seconds")
            self.note("timeout", waiting_for=lifecycle.waiting_for())
        lifecycle.forget(invocation)
        self._reset("timeout" if kind == "timeout" else "failure")
        return Outcome(invocation.request_id, kind, payload, error_type, self._read_log(), None)

    def _read_log(self) -> str:
        with self._exits, self.log.open("rb") as file:  # several invocations of a Managed Instance may end at a time
            file.seek(self._log_read)
            text = file.read()
            self._log_read += len(text)
        return text.decode("utf-8", "replace")

    # The end.

    def _new_lifecycle(self) -> Lifecycle:
        external = [path.name for path in self.function.extensions] + [WEB_ADAPTER] * self.function.served
        return Lifecycle(external, self.note, self.function.managed, self._stop)

    def _reset(self, reason: str) -> None:
        """End this generation; the next invocation begins with an init of its own. /tmp stays as it is."""
        self.shutdown(reason)
        self.lifecycle = self._new_lifecycle()

    def renew(self) -> None:
        """A new sandbox in the place of this one, as for a cold start: nothing of it is left, its /tmp neither."""
        self._reset("spindown")
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(exist_ok=True)
        self.init()

    def shutdown(self, reason: str = "spindown") -> None:
        """The shutdown phase. Without any extension: SIGKILL. With one, also an internal one: SIGTERM to the runtime's
        process group, 30% of two seconds, SIGKILL; SHUTDOWN to the external extensions that asked for it, until the two
        seconds are over; SIGKILL."""
        self._quiet = True
        self.note("shutdown", reason=reason)
        start = time.monotonic()
        if self.lifecycle.extensions:
            if self._frozen:
                self._container.thaw()
            runtime = f"runtime-{self._generation}"
            self._container.signal(runtime, signal.SIGTERM)
            self._await_exits([runtime], start + SHUTDOWN_BUDGET * RUNTIME_SHARE)
            self._container.signal(runtime, signal.SIGKILL)
            told = self.lifecycle.announce_shutdown(reason, int((time.time() + SHUTDOWN_BUDGET) * 1000))
            self._await_exits([f"extension-{name}-{self._generation}" for name in told], start + SHUTDOWN_BUDGET)
        self._container.kill()
        self.lifecycle.close()
        self._frozen = self._ready = self._quiet = False
        self._ask_at_rest = self._asks
        self._looks.forget(keep_open=self._asks)
        self.note("killed")

    def _await_exits(self, names: list[str], deadline: float) -> None:
        with self._exits:
            while self._running.keys() & names and time.monotonic() < deadline:
                self._exits.wait(deadline - time.monotonic())


def _error(invocation: Invocation, error_type: str, message: str) -> bytes:
    said = f"RequestId: {invocation.request_id} Error: {message}"
    return json.dumps({"errorType": error_type, "errorMessage": said}).encode()
