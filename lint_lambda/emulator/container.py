"""The emulator's end of the conversation with a sandbox's first process (`supervisor.py`)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Protocol, cast

from lint_lambda.emulator.supervisor import cgroups

SUPERVISOR = "import sys; sys.path.append(sys.argv.pop(1)); import supervisor; supervisor.main()"
"""The program of the first process. Imported it is compiled once; as a script it would be for every sandbox."""
BETWEEN_LOOKS = 0.2
"""Seconds that a reply may take before it is looked whether the first process was stopped."""
MAX_PROCESSES = 1024
"""Processes and threads a function may have. Source: Lambda quotas, "Execution processes/threads"."""


class ContainerError(Exception):
    """The sandbox's first process could not do as it was told, or has ended. The message says why and what to do."""


_ENDED = (
    "the sandbox's first process has ended: the function killed its parent, or every process of yours\n"
    "help: do not signal `os.getppid()`, nor every process, in the function"
)
_STOPPED = (
    "the function stopped the sandbox's first process, its parent, so that nothing could be frozen\n"
    "help: do not signal `os.getppid()` in the function"
)


@dataclass(frozen=True)
class Process:
    """One process as it stood in a freeze. `started` is in clock ticks since boot, as in proc(5); `restless`: it could not be
    stopped; `waiting`: it stands in a read of a pipe."""

    pid: int
    parent: int
    threads: int
    started: int
    argv: tuple[str, ...]
    restless: bool = False
    waiting: bool = False


class FirstProcess(Protocol):
    """A sandbox's first process as the emulator sees it: what `subprocess.Popen` has of it."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> BinaryIO: ...
    @property
    def stdout(self) -> BinaryIO: ...
    def send_signal(self, number: int) -> None: ...
    def wait(self, timeout: float) -> int: ...


Starter = Callable[[int, Path], FirstProcess]
"""Starts a first process, given how many processes there may be in its sandbox, and the sandbox's own directory."""


def fresh(max_processes: int, directory: Path) -> FirstProcess:
    """A first process in an interpreter of its own."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", SUPERVISOR, str(Path(__file__).parent), str(max_processes), str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Not the one of this process itself: another thread may be changing that (pytest does, at each test), and the
        # system then finds half an array where it looks for the environment, and refuses to run the program.
        env={name: value for name in ("LD_LIBRARY_PATH", "PATH") if (value := os.environ.get(name))},
        start_new_session=True,  # a Ctrl-C in the terminal must reach the emulator only, which then ends this
    )
    return cast("FirstProcess", process)


class Container:
    """Processes that can be frozen as one. Leaving it (`with`) kills them all and waits until they have gone.

    `exited(name, pid, status)` is called from a thread of its own when a started process ends; `status` is its exit
    code, negative when a signal ended it. `mark` is a string of the environment of all processes inside and of no other:
    by it they are found should the first process be killed itself. `directory` is removed in the end. `start` starts the
    first process.
    """

    def __init__(
        self,
        exited: Callable[[str, int, int], None],
        mark: str,
        directory: Path,
        max_processes: int = MAX_PROCESSES,
        start: Starter = fresh,
    ) -> None:
        self._exited = exited
        self._mark = mark.encode()
        self._talking = threading.Lock()
        self._replies: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._process = start(max_processes, directory)
        self._reader = threading.Thread(target=self._listen, name="container-events", daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        for line in self._process.stdout:
            message = json.loads(line)
            if "exit" in message:
                self._exited(message["exit"], message["pid"], message["status"])
            else:
                self._replies.put(message)
        self._replies.put(None)

    def _ask(self, action: str, **arguments: object) -> dict[str, Any]:
        with self._talking:
            try:
                self._process.stdin.write(json.dumps({"do": action, **arguments}).encode() + b"\n")
                self._process.stdin.flush()
            except (BrokenPipeError, ValueError) as error:
                raise ContainerError(_ENDED) from error
            reply = self._reply()
        if reply is None:
            raise ContainerError(_ENDED)
        if "error" in reply:
            raise ContainerError(reply["error"])
        return reply

    def _reply(self) -> dict[str, Any] | None:
        """The next reply, None when there will be none. A first process that was stopped is continued, and that is an error."""
        stopped = False
        while True:
            try:
                reply = self._replies.get(timeout=BETWEEN_LOOKS)
            except Empty:
                if self._continued():
                    stopped = True
                continue
            if stopped:
                raise ContainerError(_STOPPED)
            return reply

    def _continued(self) -> bool:
        """Continue the first process where it is stopped; whether it was."""
        state = _read(Path(f"/proc/{self._process.pid}/stat")).rpartition(b")")[2].split()[:1]
        if state not in ([b"T"], [b"t"]):
            return False
        self._process.send_signal(signal.SIGCONT)
        return True

    def start(self, name: str, argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> int:
        """Start `argv` (an absolute path first) in its own session; output is appended to `log`. Returns its pid."""
        reply = self._ask("start", name=name, argv=list(argv), env=dict(env), cwd=str(cwd), log=str(log))
        return int(reply["pid"])

    def freeze(self) -> tuple[Process, ...]:
        """Stop every process; returns when all their threads are at rest, or will not come to it, with what is there."""
        reply = self._ask("freeze")
        return tuple(
            Process(pid, parent, threads, start, tuple(argv), pid in reply["restless"], pid in reply["waiting"])
            for pid, parent, threads, start, argv in reply["processes"]
        )

    def thaw(self) -> None:
        """Continue what `freeze` stopped."""
        self._ask("thaw")

    def signal(self, name: str, number: int) -> None:
        """Signal the process group of the process started as `name`; nothing happens when it has ended."""
        self._ask("signal", name=name, signal=number)

    def kill(self) -> None:
        """Kill everything inside, at once, frozen or not; the container can be used again."""
        self._ask("kill")

    def close(self) -> None:
        """Kill everything and end the first process. Safe to call twice."""
        if not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                pass  # the first process has gone, with a command unread
        while (status := self._ended()) is None:
            self._continued()
        if status != 0:
            self._sweep()
        self._reader.join()
        self._process.stdout.close()

    def _ended(self) -> int | None:
        try:
            return self._process.wait(BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            return None

    def _sweep(self) -> None:
        """Kill what is in the sandbox's cgroup or carries the mark: the last resort, when the first process could not.

        Without permission to make a cgroup, a process that also wiped its environment is out of reach here.
        """
        groups = [Path(path) for path in cgroups(self._process.pid)]
        while inside := self._marked() | {
            int(pid) for group in groups for pid in _read(group / "cgroup.procs").split()
        }:
            for pid in inside:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass  # it has just ended
            time.sleep(0.001)
        for group in groups:
            if group.is_dir():
                group.rmdir()

    def _marked(self) -> set[int]:
        pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return {pid for pid in pids if self._mark in _read(Path(f"/proc/{pid}/environ"))}

    def __enter__(self) -> Container:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return b""  # ended in the meantime, or somebody else's
