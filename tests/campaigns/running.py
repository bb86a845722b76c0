"""Ask a worker, and count what comes of it: crashes, hangs, defects, and syntax errors that are none."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import warnings
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

FIXTURES = Path(__file__).parents[1] / "fixtures"
EVERY_FUNCTION = "*:*"
HANG = 300.0
"""Seconds after which nobody expects an answer any more."""

NEVER = ("crashes", "hangs", "defects", "wrong LAM900", "differences", "wrong fates", "half done")
"""Counts that must be 0."""


class Unavailable(Exception):
    """Why a campaign cannot be run here."""


class Worker:
    """One worker process, started anew after it has died."""

    def __init__(self, seed: str = "0") -> None:
        self._seed = seed
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def ask(self, **asked: str) -> dict[str, Any] | str:
        """The answer; or ``crashes`` or ``hangs``."""
        process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            line = self._answers.get(timeout=HANG)
        except BrokenPipeError:
            line = ""
        except queue.Empty:
            self._end()
            return "hangs"
        if not line:
            self._end()
            return "crashes"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> subprocess.Popen[str]:
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": self._seed},
        )
        answers = self._answers = queue.Queue()

        def read() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                answers.put(line)
            answers.put("")

        self._reader = threading.Thread(target=read, daemon=True)
        self._reader.start()
        return process

    def _end(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            self._reader.join()  # it sees the end of what was said
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()


def count(answer: dict[str, Any] | str, source: bytes, counts: Counter[str], about: str) -> None:
    """Add to `counts` what an answer about one file says; what must never be is told on the way."""
    counts["checked"] += 1
    if isinstance(answer, str):
        wrong = answer
    elif any("bug in lambda-lint" in problem for problem in answer["problems"]):
        wrong = "defects"
    elif any(finding[0] == "LAM900" for finding in answer["findings"]) and is_python(source):
        wrong = "wrong LAM900"
    else:
        counts["findings"] += len(answer["findings"])
        counts["not analysed"] += bool(answer["limits"])
        return
    counts[wrong] += 1
    print(f"{wrong}: {about}: {answer}", file=sys.stderr)


def is_python(source: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "app.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def project(root: Path, source: bytes) -> Path:
    """A project of one file; the file's name is returned."""
    root.mkdir(parents=True, exist_ok=True)
    (root / ".git").mkdir(exist_ok=True)
    file = root / "app.py"
    file.write_bytes(source)
    return file
