"""The warm process that sandboxes come from: the emulator's end of `warm_main.py`."""

from __future__ import annotations

import array
import atexit
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

MAIN = Path(__file__).with_name("warm_main.py")


class Forked:
    """A process that the warm one has forked, as `Popen` would show it."""

    def __init__(self, pid: int, stdin: BinaryIO, stdout: BinaryIO, ended: int) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._ended = ended
        self._status: int | None = None

    def send_signal(self, number: int) -> None:
        if self._status is None:
            os.kill(self.pid, number)

    def wait(self, timeout: float) -> int:
        """How it has ended. Raises TimeoutExpired."""
        if self._status is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(MAIN), timeout)
            with os.fdopen(self._ended, "rb") as told:
                self._status = array.array("i", told.read() or b"\xff" * 4)[0]  # nothing: the warm process has gone
        return self._status


class Warm:
    """One warm process. For use from several threads."""

    def __init__(self) -> None:
        self._asking, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._one_at_a_time = threading.Lock()
        kept = {
            name: value for name in ("LD_LIBRARY_PATH", "PATH", "PYTHONHASHSEED") if (value := os.environ.get(name))
        }
        alike = {"LANG": "en_US.UTF-8", "TZ": ":UTC", "PYTHONDONTWRITEBYTECODE": "1"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(MAIN)], stdin=theirs.fileno(), env={**kept, **alike}, start_new_session=True
            )

    def start(self, max_processes: int, directory: Path) -> Forked:
        """A first process for a sandbox."""
        commands, stdin = os.pipe()
        stdout, replies = os.pipe()
        ended, tells = os.pipe()
        with self._one_at_a_time:
            socket.send_fds(self._asking, [f"{max_processes} {directory}".encode()], [commands, replies, tells])
            pid = int(self._asking.recv(64))
        for theirs in (commands, replies, tells):
            os.close(theirs)
        return Forked(pid, os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"), ended)

    def close(self) -> None:
        """End it; sandboxes that came from it go on."""
        self._asking.close()
        self._process.wait()


_made: list[Warm] = []
_making = threading.Lock()


def warm() -> Warm:
    """The warm process of this one. For use from several threads."""
    with _making:
        if not _made:
            _made.append(Warm())
            atexit.register(_made[0].close)
    return _made[0]
