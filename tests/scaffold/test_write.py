"""`lambda-lint scaffold`: what it writes, where, and what it refuses."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from lint_lambda.scaffold import CUSTOM_RUNTIME, EXTENSION, HOOK, SOURCES
from tests.scaffold.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["extension"], EXTENSION),
        (["hook"], HOOK),
        (["hook", "--custom-runtime"], (*HOOK, *CUSTOM_RUNTIME)),
    ],
)
def test_the_sources_are_written_as_they_are(run: Run, tmp_path: Path, arguments: list[str], names: list[str]) -> None:
    target = tmp_path / "src" / "app"
    done = run("scaffold", *arguments, "--into", target)
    assert done.exit_code == 0
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {
        name: (SOURCES / name).read_bytes() for name in names
    }
    for name in names:
        assert f"wrote {target / name}\n" in done.stdout
        executable = stat.S_IMODE((target / name).stat().st_mode) == 0o755
        assert executable == (name in (*HOOK, *CUSTOM_RUNTIME)), "Lambda executes a wrapper and a bootstrap"


def test_without_a_directory_it_is_the_current_one(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("scaffold", "extension").stdout.startswith("wrote lambda_defer.py\n\nNow, ")
    assert (tmp_path / "lambda_defer.py").is_file()


def test_what_is_printed_next_is_what_the_module_has(run: Run, tmp_path: Path) -> None:
    for kind, names in (("extension", EXTENSION), ("hook", HOOK)):
        said = run("scaffold", kind, "--into", tmp_path).stdout
        [line] = [line.strip() for line in said.splitlines() if " import " in line]
        assert line in (SOURCES / names[0]).read_text(), "the module's own first example"


def test_a_file_that_differs_is_not_overwritten_and_then_nothing_is_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bootstrap").write_text("mine")
    done = run("scaffold", "hook", "--custom-runtime", "--into", tmp_path)
    assert done.exit_code == 2
    assert f"{tmp_path / 'bootstrap'} exists and has other contents" in done.stderr
    assert "--force" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bootstrap"]
    assert (tmp_path / "bootstrap").read_text() == "mine"
    assert run("scaffold", "hook", "--custom-runtime", "--into", tmp_path, "--force").exit_code == 0
    assert (tmp_path / "bootstrap").read_bytes() == (SOURCES / "bootstrap").read_bytes()


def test_writing_twice_changes_nothing(run: Run, tmp_path: Path) -> None:
    run("scaffold", "extension", "--into", tmp_path)
    before = (tmp_path / "lambda_defer.py").stat()
    assert run("scaffold", "extension", "--into", tmp_path).exit_code == 0
    after = (tmp_path / "lambda_defer.py").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lambda_defer.py").write_text("old")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    done = run("scaffold", "extension", "--into", tmp_path, "--force")
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["lambda_defer.py"]
    assert (tmp_path / "lambda_defer.py").read_text() == "old"


def test_a_file_where_the_directory_should_be_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("scaffold", "hook", "--into", tmp_path / "file").exit_code == 2
    done = run("scaffold", "hook", "--into", tmp_path / "file" / "below")
    assert done.exit_code == 2
    assert "Not a directory" in done.stderr


def test_help_says_what_each_is_for(run: Run) -> None:
    said = run("scaffold", "--help").stdout
    assert "extension" in said
    assert "hook" in said
    assert "defer(fn, ...)" in run("scaffold", "extension", "-h").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
@pytest.mark.parametrize("target", ["mine", "missing"])
def test_a_link_in_the_way_stays(run: Run, tmp_path: Path, target: str) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "lambda_defer.py").symlink_to(target)
    assert "exists and has other contents" in run("scaffold", "extension", "--into", tmp_path).stderr
    forced = run("scaffold", "extension", "--into", tmp_path, "--force")
    assert (forced.exit_code, "not a regular file" in forced.stderr) == (2, True)
    assert (tmp_path / "lambda_defer.py").readlink() == Path(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lambda_defer.py", "mine"]
    assert (tmp_path / "mine").read_text() == "mine"
