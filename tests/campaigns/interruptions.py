"""The campaign that stops the program at random moments: nothing may be half written, and it ends as it was told to."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.campaigns.running import FIXTURES, project

SIGNALS = {signal.SIGKILL: -signal.SIGKILL, signal.SIGINT: 130, signal.SIGTERM: 143}
"""By signal: the exit status that it leads to."""
_TEMPORARY = re.compile(r"\.app\.py\.[0-9a-f]{8}")
FILES = 4
STOPS = 5


def interruptions(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """Runs that fix files are stopped: each file is as it was or as it is fixed, nothing lies beside it, and the next run is whole."""
    counts: Counter[str] = Counter()
    chosen = [file for file in sorted(FIXTURES.rglob("*.py")) if file.with_suffix(".fixed.py").is_file()]
    while True:
        root = place / "project"
        before = _project(root, rng.sample(chosen, FILES))
        took = _whole_run(root)
        after = _contents(root)
        for _ in range(STOPS):
            shutil.rmtree(root)
            _project(root, [], before)
            sent = rng.choice(list(SIGNALS))
            said, status = _stopped(root, sent, rng.uniform(0, took * 1.05))
            counts["checked"] += 1
            killed = sent is signal.SIGKILL
            for wrong in _wrong(_contents(root, killed=killed), before, after, said, status, sent):
                counts["half done"] += 1
                print(f"half done: {sent.name}: {wrong}", file=sys.stderr)
            _whole_run(root)  # with the cache that the stopped run left
            if _contents(root, killed=killed) != after:
                counts["differences"] += 1
                print(f"differences: after {sent.name} another run fixes something else", file=sys.stderr)
            yield counts


def _project(root: Path, files: list[Path], contents: dict[str, bytes] | None = None) -> dict[str, bytes]:
    contents = contents or {f"f{number}/app.py": file.read_bytes() for number, file in enumerate(files)}
    for path, content in contents.items():
        project(root / Path(path).parent, content)
    (root / ".git").mkdir(exist_ok=True)
    return contents


def _contents(root: Path, *, killed: bool = False) -> dict[str, bytes]:
    """Every file but those of the cache, and what nobody can tidy up who is killed: a new file that has not taken the old one's name."""
    files = (file for file in root.rglob("*") if file.is_file() and ".lambda-lint-cache" not in file.parts)
    files = (file for file in files if not killed or _TEMPORARY.fullmatch(file.name) is None)
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in files}


def _command(root: Path) -> list[str]:
    options = ["--isolated", "--fix", "--unsafe-fixes", "--output-format", "concise"]
    return [sys.executable, "-m", "lint_lambda", *options, str(root)]


def _whole_run(root: Path) -> float:
    """The seconds that a run takes from when it begins on."""
    with _started(root) as process:
        began = time.monotonic()
        process.communicate()
    return time.monotonic() - began


def _started(root: Path) -> subprocess.Popen[str]:
    """A run that has begun: until it catches SIGTERM it is Python that starts, which a signal ends as it ends any Python."""
    process = subprocess.Popen(
        _command(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
    )
    while process.poll() is None and not _catches(process.pid, signal.SIGTERM):
        time.sleep(0.001)
    return process


def _catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal; see proc(5). True where the system does not tell."""
    try:
        said = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    caught = next(line.split()[1] for line in said.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def _stopped(root: Path, sent: signal.Signals, after: float) -> tuple[str, int]:
    """What a run that is sent a signal says aside, and its exit status."""
    with _started(root) as process:
        time.sleep(after)
        process.send_signal(sent)
        _, said = process.communicate()
    return said, process.returncode


def _wrong(
    now: dict[str, bytes],
    before: dict[str, bytes],
    after: dict[str, bytes],
    said: str,
    status: int,
    sent: signal.Signals,
) -> Iterator[str]:
    for path, content in now.items():
        if content not in (before.get(path), after.get(path)):
            yield f"{path} is neither as it was nor as it is fixed" if path in before else f"{path} was left behind"
    yield from (f"{path} is gone" for path in before.keys() - now.keys())
    if status not in (SIGNALS[sent], 0, 1):
        yield f"it ended with {status}"
    if "Traceback" in said or "bug in lambda-lint" in said:
        yield f"it said: {said}"
