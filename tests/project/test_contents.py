"""Bytes are read once a run, whatever happens to the files meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lint_lambda.project import contents
from lint_lambda.project.contents import Contents, Disk, digest


def test_a_file_stays_as_it_was_when_it_was_first_read(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(b"before")
    held = Contents(Disk(tmp_path))
    assert held.read("app.py") == b"before"
    (tmp_path / "app.py").write_bytes(b"after")
    assert (held.read("app.py"), held.digest("app.py")) == (b"before", digest(b"before"))
    (tmp_path / "app.py").unlink()
    assert held.read("app.py") == b"before"
    assert held.disk.problems == []


def test_what_is_laid_over_changes_nothing_below(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(b"disk")
    held = Contents(Disk(tmp_path))
    edited = held.overlaid({"app.py": b"edited", "new.py": b""})
    assert [edited.read("app.py"), edited.read("new.py"), held.read("app.py")] == [b"edited", b"", b"disk"]
    assert edited.digest("app.py") == digest(b"edited")
    assert edited.overlaid({"new.py": b"more"}).read("app.py") == b"edited"


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "KEPT", 10)


@pytest.mark.usefixtures("little")
def test_what_is_not_kept_is_read_again(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode() * 6)
    held = Disk(tmp_path)
    assert [held.read(name) for name in "abcab"] == [b"aaaaaa", b"bbbbbb", b"cccccc", b"aaaaaa", b"bbbbbb"]
    assert held.problems == []


@pytest.mark.usefixtures("little")
def test_what_is_not_kept_must_not_have_changed(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(name.encode() * 6)
    held = Disk(tmp_path)
    held.read("a")
    held.read("b")
    (tmp_path / "a").write_bytes(b"other!")
    assert [held.read("a"), held.read("b"), held.read("a")] == [b"", b"bbbbbb", b""]
    assert held.problems == ["a: was changed while it was checked; run lambda-lint again"]


@pytest.mark.usefixtures("little")
def test_what_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a" * 8)
    held = Disk(tmp_path)
    for name in ("gone", "a", "no\0name", "a", "gone", "no\0name"):
        held.read(name)
    assert held.problems == [
        "gone: cannot be read: No such file or directory",
        "no\0name: cannot be read: embedded null byte",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "app.py")
    held = Disk(tmp_path)
    assert held.read("app.py") == b""
    assert held.problems == ["app.py: cannot be read: not a regular file"]
