"""Campaigns over texts that nobody wrote for the linter: every file of packages, and programs made from Python's grammar."""

from __future__ import annotations

import importlib
import importlib.util
import random
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.campaigns.running import EVERY_FUNCTION, Unavailable, Worker, count, project

PACKAGES = Path(__file__).parent / ".packages"
"""Where the packages of `most_used.txt` are installed, with ``pip install --no-deps --target``."""
BATCH = 20


def packages(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """Files of the packages most used, or of what is installed here; every function in them is taken for a handler."""
    root = PACKAGES if PACKAGES.is_dir() else Path(sysconfig.get_path("purelib"))
    files = [file for file in sorted(root.rglob("*.py")) if "lib2to3" not in file.parts]
    counts: Counter[str] = Counter()
    with Worker() as worker:
        for file in rng.sample(files, len(files)):
            source = file.read_bytes()
            project(place, source)
            count(worker.ask(root=str(place), handlers=EVERY_FUNCTION), source, counts, str(file))
            yield counts


def grammar(place: Path, rng: random.Random) -> Iterator[Counter[str]]:
    """Programs that hypothesmith makes from Python's grammar, with a handler that drops a thread at their end."""
    if importlib.util.find_spec("hypothesmith") is None:
        raise Unavailable(
            "hypothesmith is not installed here; `pip install hypothesmith` into an environment of its own"
        )
    counts: Counter[str] = Counter()
    with Worker() as worker:
        while True:
            for text in _made(rng):
                source = (text + HANDLER).encode()
                project(place, source)
                count(worker.ask(root=str(place), handlers=EVERY_FUNCTION), source, counts, repr(text))
                yield counts


HANDLER = """
import threading
def handler(event, context):
    threading.Thread(target=print).start()
"""


def _made(rng: random.Random) -> list[str]:
    """A few programs: syntax trees that are written out, and texts of the grammar."""
    import hypothesis

    smith: Any = importlib.import_module("hypothesmith")
    found: list[str] = []
    either = smith.from_node() | smith.from_grammar()

    @hypothesis.seed(rng.getrandbits(32))
    @hypothesis.settings(
        max_examples=BATCH, database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
    )
    @hypothesis.given(either)
    def keep(text: str) -> None:
        found.append(text)

    keep()
    return found
