"""What the bytes of a file say is told once, and again only for other content."""

from __future__ import annotations

import hashlib

import pytest

from lint_lambda.deployment.facts import APPLICATION, HANDLER, PARSED, RUNTIME, Facts
from lint_lambda.knowledge.loader import load_models

MODELS = load_models()


class Files:
    def __init__(self, **sources: str) -> None:
        self.sources = {f"{name}.py": source.encode() for name, source in sources.items()}
        self.read_paths: list[str] = []

    def read(self, path: str) -> bytes:
        self.read_paths.append(path)
        return self.sources[path]

    def digest(self, path: str) -> str:
        return hashlib.sha256(self.sources[path]).hexdigest()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def handler(event, context): pass\n", {HANDLER, PARSED}),
        ("class C:\n    def handler(event, context): pass\n", set()),
        ("def handler(event, context): print 1\n", {HANDLER}),
        ("if x:\n    def handler(): pass\n    s = '''\ndef f(event, context): pass\n'''\n", {HANDLER, PARSED}),
        ("s = '''\ndef f(event, context): pass\n'''\n", {PARSED}),
        ("from fastapi import FastAPI\n", {APPLICATION}),
        ("get('/2018-06-01/runtime/invocation/next')\n", {RUNTIME}),
        ("fastapi_like = 1\n", set()),
    ],
)
def test_each_fact_has_its_letter(source: str, said: set[str]) -> None:
    assert set(Facts(Files(app=source).read, MODELS).of("app.py")) == said


def test_what_is_known_by_its_content_is_not_read() -> None:
    files = Files(a="def handler(event, context): pass\n", b="x = 1\n")
    first = Facts(files.read, MODELS, known={}, digest=files.digest)
    told = {path: first.of(path) for path in files.sources}
    kept = first.to_keep()
    assert kept is not None and len(kept) == 2
    files.read_paths.clear()
    second = Facts(files.read, MODELS, known=kept, digest=files.digest)
    assert {path: second.of(path) for path in files.sources} == told
    assert files.read_paths == []
    assert second.to_keep() is None


def test_other_content_has_other_facts() -> None:
    files = Files(a="x = 1\n", b="x = 1\n")
    facts = Facts(files.read, MODELS, known={}, digest=files.digest)
    assert facts.of("a.py") == facts.of("b.py") == ""
    changed = Files(a="def handler(event, context): pass\n", b="x = 1\n")
    other = facts.overlaid({"a.py"}, changed.read, changed.digest)
    assert (HANDLER in other.of("a.py"), other.of("b.py")) == (True, "")
    assert changed.read_paths == ["a.py"]
    assert facts.of("a.py") == ""
