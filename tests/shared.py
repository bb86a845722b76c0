"""What the tests of a run share, whichever of pytest-xdist's processes they are in: what costs much and is the same for all.

The folder is made by ``tests/conftest.py`` and removed when the run ends. Lowered modules lie in the linter's own cache, by the
digest of their source; answers by a name that says what they are the answer to.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.cache import Cache
from lint_lambda.config import Config, load_config

FOLDER = "LAMBDA_LINT_TESTS_SHARED"
"""The environment variable that names the folder."""


def configured(folder: Path) -> Config:
    """The settings in `folder`, with the shared cache of lowered modules; without any where nothing is shared."""
    shared = os.environ.get(FOLDER)
    return replace(load_config(folder), cache_dir=Path(shared) / "cache" if shared else None)


@contextmanager
def sharing() -> Iterator[None]:
    """Within it a run keeps what others can use, the lowered modules, and drops nothing that it has not used itself.

    What it concludes hangs on its folder, and nobody asks for that again; encoding it took a third of the time of a small check.
    """
    with pytest.MonkeyPatch.context() as patch:
        for own in ("store_facts", "store_report", "store_tried", "store_verdicts"):
            patch.setattr(Cache, own, lambda cache, key, value: None)
        patch.setattr(Cache, "prune", lambda cache: None)
        yield


def once(question: str, answer: Callable[[], Any]) -> Any:
    """The answer, which is JSON, to what `question` names; asked by the first process that wants it.

    Two that want it at the same time may both ask; the answers are the same.
    """
    place = Path(os.environ[FOLDER]) / "answers" / f"{question}.json"
    try:
        return json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        given = answer()
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(given, file)
    Path(temporary).replace(place)  # at once: another process sees all of it or nothing
    return json.loads(json.dumps(given))
