"""The second sandbox: stops a process when it has answered, and looks which marks its work has made by then.

It knows nothing of threads, tasks or children. Each program writes a line into the file LEDGER where a piece of its work is
done, and says how many pieces an event starts. What is missing when the process stops has outlived the response.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

CLIENT = Path(__file__).with_name("client.py")
PATIENCE = 60.0
"""Seconds for an answer; no program needs more than two."""


def left_over(program: Path, pieces: int, events: Sequence[object], scratch: Path) -> bool | None:
    """Whether work is missing at the stop after any of the events; None when the program did not answer."""
    ledger = scratch / f"{program.stem}.ledger"
    ledger.write_bytes(b"")
    events_in, events_out = os.pipe()
    answers_in, answers_out = os.pipe()
    child = subprocess.Popen(
        [sys.executable, str(CLIENT), program.stem, str(program.parent), str(events_in), str(answers_out)],
        pass_fds=(events_in, answers_out),
        env={**os.environ, "LEDGER": str(ledger)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(events_in), os.close(answers_out)
    try:
        missing = False
        for number, event in enumerate(events, 1):
            os.killpg(child.pid, signal.SIGCONT)
            os.write(events_out, json.dumps(event).encode() + b"\n")
            if not _answered(answers_in):
                return None
            os.killpg(child.pid, signal.SIGSTOP)
            missing = missing or ledger.read_bytes().count(b"\n") < pieces * number
            time.sleep(0.05)  # frozen
        return missing
    finally:
        os.close(events_out), os.close(answers_in)
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _answered(pipe: int) -> bool:
    """Whether a line has come; not when the other end is closed or nothing comes."""
    text = b""
    while not text.endswith(b"\n"):
        if not select.select([pipe], [], [], PATIENCE)[0]:
            return False
        part = os.read(pipe, 4096)
        if not part:
            return False
        text += part
    return True
