"""Files are read without waiting, and written in one step, keeping what they had besides their contents."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from lint_lambda.core.files import NotRegular, kind, put, read_regular

posix = pytest.mark.skipif(os.name != "posix", reason="pipes, links and modes")
rooted = pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() != 0, reason="only root gives files away")


@posix
def test_pipes_devices_and_directories_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(NotRegular):
            read_regular(path, 10)


@posix
def test_a_link_is_followed_only_if_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", 4) == b"cont"
    with pytest.raises(NotRegular):
        read_regular(tmp_path / "link", 4, follow=False)


@posix
def test_kinds(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    names = ["file", "dangling", "pipe", ".", "a\0b"]
    assert [kind(tmp_path / name) for name in names] == ["file", "missing", "other", "directory", "missing"]


@posix
def test_mode_and_attributes_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    file.chmod(0o751)
    if hasattr(os, "setxattr"):
        try:
            os.setxattr(file, "user.kept", b"yes")
        except OSError:
            pytest.skip("this file system has no attributes")
    put(file, b"new")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o751)
    if sys.platform == "linux":
        assert os.getxattr(file, "user.kept") == b"yes"


@posix
@rooted
def test_the_owner_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    os.chown(file, 12345, 54321)
    put(file, b"new")
    assert (file.stat().st_uid, file.stat().st_gid, file.read_bytes()) == (12345, 54321, b"new")


@posix
def test_what_could_not_be_kept_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, twin = tmp_path / "file", tmp_path / "twin"
    file.write_bytes(b"old")
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(NotRegular):
        put(tmp_path / "link", b"new")
    twin.hardlink_to(file)
    with pytest.raises(OSError, match="2 hard links"):
        put(file, b"new")
    twin.unlink()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="write-protected"):
        put(file, b"new")
    assert file.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


@posix
def test_a_new_file_gets_the_mode_that_new_files_get(tmp_path: Path) -> None:
    put(tmp_path / "made", b"new")
    (tmp_path / "usual").touch()
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "usual").stat().st_mode
    put(tmp_path / "run", b"new", 0o755)
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o755
