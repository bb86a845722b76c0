"""A report goes to a new file or over an earlier report, and never over anything else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lint_lambda.cli import cli
from lint_lambda.output.destination import NotWritten, check_destination, write_report
from lint_lambda.settings import OUTPUT_FORMATS

LOST = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n"
CLEAN = "def handler(event, context):\n    return event\n"

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    Path("app.py").write_text(LOST, encoding="utf-8")
    return lambda *options: CliRunner().invoke(cli, ["--isolated", "--no-cache", "app.py", *options])


@pytest.mark.parametrize("form", OUTPUT_FORMATS)
@pytest.mark.parametrize("before", [LOST, CLEAN], ids=["found", "clean"])
def test_a_report_replaces_an_earlier_one_of_any_format(lint: Callable[..., Result], form: str, before: str) -> None:
    Path("app.py").write_text(before, encoding="utf-8")
    lint("--output-file", "report", "--output-format", form)
    Path("app.py").write_text(LOST, encoding="utf-8")
    done = lint("--output-file", "report", "--output-format", "concise")
    assert done.exit_code == 1, done.output
    assert Path("report").read_text(encoding="utf-8").startswith("app.py:5:5: LAM201 ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("app.py", LOST),
        ("pyproject.toml", "[tool.lambda-lint]\n"),
        ("package.json", '{"name": "lambda-lint-demo"}'),
        ("data.json", "[1]"),
        ("page.html", "<!DOCTYPE html>\n<html><head><title>mine</title></head></html>"),
        ("notes.txt", "LAM201 is to be looked at\n"),
        ("empty.bin", "\0"),
    ],
)
def test_nothing_else_is_overwritten(lint: Callable[..., Result], name: str, text: str) -> None:
    Path(name).write_text(text, encoding="utf-8")
    done = lint("--output-file", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{name} exists and is not a lambda-lint report; name another file, or delete it first" in done.stderr
    assert Path(name).read_text(encoding="utf-8") == text


def test_a_folder_is_no_file_and_a_missing_one_is_not_made(lint: Callable[..., Result], tmp_path: Path) -> None:
    assert "is a folder; name a file in it" in lint("--output-file", str(tmp_path)).stderr
    assert "there is no folder out; create it first" in lint("--output-file", "out/report").stderr
    assert not Path("out").exists()


@needs_links
@pytest.mark.parametrize("target", ["report.old", "missing"])
def test_a_link_is_neither_followed_nor_replaced(lint: Callable[..., Result], target: str) -> None:
    Path("report.old").write_text("", encoding="utf-8")
    Path("report").symlink_to(target)
    done = lint("--output-file", "report")
    assert done.exit_code == 2
    assert "report is a link to " in done.stderr
    assert Path("report").readlink() == Path(target)
    assert sorted(path.name for path in Path().iterdir()) == ["app.py", "report", "report.old"]


def test_an_earlier_report_keeps_its_mode(tmp_path: Path) -> None:
    report = tmp_path / "report"
    write_report(report, "[]\n")
    report.chmod(0o640)
    write_report(report, "")
    assert stat.S_IMODE(report.stat().st_mode) == 0o640
    assert report.read_text(encoding="utf-8") == ""


@pytest.mark.skipif(os.name != "posix", reason="no /dev")
def test_pipes_and_devices_are_written_to(tmp_path: Path) -> None:
    write_report(Path(os.devnull), "gone")
    program = (
        "import pathlib, lint_lambda.output.destination as d; d.write_report(pathlib.Path('/dev/stdout'), 'report')"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"report"
    with (tmp_path / "kept").open("w+b") as file:
        file.write(b"before, ")
        file.flush()
        subprocess.run([sys.executable, "-c", program], stdout=file, check=True)
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "before, report"


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report"
    write_report(report, "[]\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotWritten, match="No space left on device"):
        write_report(report, "more")
    assert report.read_text(encoding="utf-8") == "[]\n"
    assert list(tmp_path.iterdir()) == [report]
    check_destination(report)
