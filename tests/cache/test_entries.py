"""The cache changes how long a run takes, never what it says."""

from __future__ import annotations

import dataclasses
import json
import random
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from lint_lambda.cache import BadEntry, Cache
from lint_lambda.cache.lowered import decode, encode
from lint_lambda.core import ir, walk
from lint_lambda.core.source import Span
from lint_lambda.frontends.python.lower import locate, lower

SOURCES = sorted((Path(__file__).parents[2] / "lint_lambda").rglob("*.py"))
BREAK = list(walk.FIELDS).index(ir.Break)
DIGEST, OTHER = "a" * 64, "b" * 64
SOURCE = b"import threading\ndef handler(event, context):\n    return [x for x in event if x > 1.5 and x != 'caf\\u00e9 \xc3\xa9']\n"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_module_comes_back_as_it_was(file: Path) -> None:
    module = lower(file.read_bytes(), "app.py")
    assert decode(encode(module)) == module


@pytest.mark.parametrize("wrong", [3, "x", None, 1.5, True, [-1], [-1, 3], [-1, [-1, "x"]], [BREAK]], ids=str)
def test_no_part_of_a_module_is_of_another_type(wrong: object) -> None:
    """Whatever somebody else puts in the place of a part, what is read has the types that it says."""
    data = json.loads(encode(lower(SOURCE, "app.py")))
    refused = 0
    for part, position in list(_parts(data)):
        before, part[position] = part[position], wrong
        try:
            assert _is_typed(decode(json.dumps(data)))
        except BadEntry:
            refused += 1
        part[position] = before
    assert refused > 20
    assert decode(json.dumps(data)) == lower(SOURCE, "app.py")


def _parts(data: list[Any]) -> Iterator[tuple[list[Any], int]]:
    for position, part in enumerate(data):
        if position:
            yield data, position
        if isinstance(part, list):
            yield from _parts(part)


def _is_typed(module: ir.Module) -> bool:
    return all(
        _fits(getattr(node, name), type_)
        for node in walk.nodes(module)
        for name, type_ in get_type_hints(type(node)).items()
    )


def _fits(value: object, type_: Any) -> bool:
    origin, given = get_origin(type_), get_args(type_)
    if origin in (Union, types.UnionType):
        return any(_fits(value, each) for each in given)
    if origin is Literal:
        return value in given
    if origin is not tuple:
        return type(value) is type_
    each = [given[0]] * len(value) if isinstance(value, tuple) and given[-1] is ... else given
    return isinstance(value, tuple) and len(value) == len(each) and all(map(_fits, value, each))


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
