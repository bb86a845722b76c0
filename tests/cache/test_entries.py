"""The cache changes how long a run takes, never what it says."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path

import pytest

from lint_lambda.cache import BadEntry, Cache
from lint_lambda.cache.lowered import decode, encode
from lint_lambda.core.source import Span
from lint_lambda.frontends.python.lower import locate, lower

SOURCES = sorted((Path(__file__).parents[2] / "lint_lambda").rglob("*.py"))
DIGEST, OTHER = "a" * 64, "b" * 64
SOURCE = b"import threading\ndef handler(event, context):\n    return [x for x in event if x > 1.5 and x != 'caf\\u00e9 \xc3\xa9']\n"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_module_comes_back_as_it_was(file: Path) -> None:
    module = lower(file.read_bytes(), "app.py")
    assert decode(encode(module)) == module


def test_entries_are_found_by_content_and_version(tmp_path: Path) -> None:
    module, spans = lower(SOURCE, "app.py"), locate(SOURCE, "app.py")
    cache = Cache(tmp_path / "c", "1")
    assert (cache.module(DIGEST, "app.py"), cache.spans(DIGEST)) == (None, None)
    cache.store_module(DIGEST, module)
    cache.store_spans(DIGEST, spans)
    assert Cache(tmp_path / "c", "1").module(DIGEST, "other.py") == dataclasses.replace(module, path="other.py")
    assert Cache(tmp_path / "c", "1").spans(DIGEST) == spans
    assert Cache(tmp_path / "c", "2").module(DIGEST, "app.py") is None
    assert Cache(tmp_path / "c", "1").module(OTHER, "app.py") is None


def test_the_directory_says_what_it_is_and_is_never_committed(tmp_path: Path) -> None:
    Cache(tmp_path / "c", "1").store_spans(DIGEST, ())
    assert (tmp_path / "c/.gitignore").read_text(encoding="utf-8") == "*\n"
    tag = (tmp_path / "c/CACHEDIR.TAG").read_text(encoding="utf-8")
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_another_version_keeps_its_entries(tmp_path: Path) -> None:
    Cache(tmp_path / "c", "1").store_spans(DIGEST, ())
    other = Cache(tmp_path / "c", "2")
    other.store_spans(DIGEST, ())
    other.prune()
    assert Cache(tmp_path / "c", "1").spans(DIGEST) == ()


def test_above_a_size_other_versions_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Cache(tmp_path / "c", "1").store_spans(DIGEST, (Span(1, 0, 1, 4),) * 1000)
    (own := Cache(tmp_path / "c", "2")).store_spans(DIGEST, (Span(1, 0, 1, 4),) * 1000)
    monkeypatch.setattr("lint_lambda.cache.LARGEST", 5000)
    own.prune()
    assert Cache(tmp_path / "c", "1").spans(DIGEST) is None
    assert Cache(tmp_path / "c", "2").spans(DIGEST) is not None  # what a run has used stays, however much it is


def test_damaged_entries_are_as_good_as_none(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", "1")
    cache.store_module(DIGEST, lower(SOURCE, "app.py"))
    (entry,) = (tmp_path / "c").rglob(f"{DIGEST}.module")
    whole = entry.read_bytes()
    rng = random.Random(7)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        entry.write_bytes(damaged[: rng.randrange(len(whole))] if rng.random() < 0.3 else damaged)
        assert cache.module(DIGEST, "app.py") is None
    cache.store_module(DIGEST, lower(SOURCE, "app.py"))
    assert entry.read_bytes() == whole


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "[99]", "[1]", '"x"', "[-1, 2]", '[{"a": 1}]', "[null, 2]", "[" * 100_000]
)
def test_what_is_no_module_is_refused(text: str) -> None:
    with pytest.raises(BadEntry):
        decode(text)


def test_entries_hold_data_only(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", "1")
    cache.store_module(DIGEST, lower(SOURCE, "app.py"))
    (entry,) = (tmp_path / "c").rglob(f"{DIGEST}.module")
    assert json.loads(entry.read_text(encoding="utf-8").partition("\n")[2])


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = Cache(tmp_path / "file", "1")
    cache.store_spans(DIGEST, ())
    assert cache.refusal.startswith("nothing is kept for the next run: ")
    assert cache.spans(DIGEST) is None


def test_no_directory_means_no_cache() -> None:
    cache = Cache(None, "1")
    cache.store_module(DIGEST, lower(SOURCE, "app.py"))
    cache.prune()
    assert (cache.module(DIGEST, "app.py"), cache.trouble) == (None, "")


def test_what_whole_runs_no_longer_use_is_dropped(tmp_path: Path) -> None:
    old = Cache(tmp_path / "c", "1")
    for number in range(150):
        old.store_spans(f"{number:064x}", ())
    new = Cache(tmp_path / "c", "1")
    new.store_spans(OTHER, ())
    new.prune()
    assert [entry.name for entry in (tmp_path / "c").rglob("*.spans")] == [f"{OTHER}.spans"]
