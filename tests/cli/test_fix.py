"""`--fix`, `--fix-only`, `--diff`, `--unsafe-fixes`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import LOST, Run

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")

FIXED = LOST.replace(
    "    threading.Thread(target=work).start()\n",
    "    thread = threading.Thread(target=work)\n    thread.start()\n    thread.join()\n",
)


def test_unsafe_fixes_are_made_when_they_are_asked_for(project: Path, run: Run) -> None:
    result = run("--fix", "--unsafe-fixes", ".")
    assert result.exit_code == 0, result.output
    assert "Fixed 1 finding in 1 file." in result.stderr
    assert (project / "orders/app.py").read_text() == FIXED
    again = run("--fix", "--unsafe-fixes", ".")
    assert "Nothing fixed.\n" in again.stderr
    assert (project / "orders/app.py").read_text() == FIXED


def test_fix_alone_makes_no_unsafe_fix_and_says_so(project: Path, run: Run) -> None:
    result = run("--fix", ".")
    assert result.exit_code == 1
    assert "1 fixable with `--fix --unsafe-fixes`" in result.output
    assert (project / "orders/app.py").read_text() == LOST


def test_diff_changes_nothing(project: Path, run: Run) -> None:
    result = run("--diff", "--unsafe-fixes", ".")
    assert result.exit_code == 1
    assert "+    thread.join()\n" in result.stdout and "--- a/orders/app.py\n" in result.stdout
    assert (project / "orders/app.py").read_text() == LOST


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    "content",
    [
        LOST.encode(),
        LOST.replace("\n", "\r\n").encode(),
        LOST.rstrip("\n").encode(),
        b"\xef\xbb\xbf" + LOST.encode(),
        b"# -*- coding: latin-1 -*-\n# \xe9\x0c\n" + LOST.encode(),
    ],
    ids=["plain", "CRLF", "no newline at the end", "byte order mark", "latin-1 and a form feed"],
)
def test_the_diff_is_a_patch_that_git_takes(project: Path, run: Run, content: bytes) -> None:
    file = project / "my orders" / "app.py"
    file.parent.mkdir()
    file.write_bytes(content)
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    patch = run("--diff", "--unsafe-fixes", ".").stdout_bytes
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch, cwd=project, check=True)
    applied = file.read_bytes()
    assert applied != content and b"thread.join()" in applied
    assert (project / "orders/app.py").read_text() == FIXED
    file.write_bytes(content)
    run("--fix", "--unsafe-fixes", ".")
    assert file.read_bytes() == applied


def test_a_diff_is_painted_where_somebody_looks(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "orders/app.py"
    file.write_text(LOST.replace("import threading\n", "import threading  # \x1b[5m\n"))
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = run("--diff", "--unsafe-fixes", ".").stdout
    assert "\x1b[1;32m+    thread.join()" in shown
    assert "\x1b[5m" not in shown, "what the code contains does nothing to the terminal"


TIED = """\
import threading
import time

done = threading.Event()


def work():
    done.set()
    time.sleep(1)


def handler(event, context):
    threading.Thread(target=work).start()
    done.wait()
    return 202
"""


def test_who_prefers_to_defer_is_told_why_a_fix_waits(project: Path, run: Run) -> None:
    (project / "pyproject.toml").write_text('[tool.lambda-lint]\nprefer = "defer"\n')
    (project / "orders/app.py").write_text(TIED)
    shown = run("--diff", "--unsafe-fixes", ".")
    assert "+    thread.join()\n" in shown.stdout
    assert 'orders/app.py:13: fixed by waiting, although `prefer` is "defer"' in shown.stderr
    assert "`done` ties it to the surrounding code" in shown.stderr


def test_diff_of_standard_input(project: Path, run: Run) -> None:
    result = run("--diff", "--unsafe-fixes", "-", stdin=LOST)
    assert "+    thread.join()\n" in result.stdout


def test_fix_only_reports_nothing_else(project: Path, run: Run) -> None:
    result = run("--fix-only", ".")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Nothing fixed. 1 finding can be fixed with --unsafe-fixes.\n"


BOTH = LOST.replace("import threading\n", "import threading  # noqa: E401, LAM201\n")
SAFE = LOST.replace("import threading\n", "import threading  # noqa: E401\n")


@pytest.fixture
def both(project: Path) -> Path:
    """A finding whose fix is safe beside one whose fix is not."""
    file = project / "orders/app.py"
    file.write_text(BOTH)
    return file


def test_fix_alone_makes_the_safe_fix_and_counts_the_others(both: Path, run: Run) -> None:
    result = run("--fix", ".")
    assert result.exit_code == 1
    assert "Fixed 1 finding in 1 file. 1 more finding can be fixed with --unsafe-fixes.\n" in result.stderr
    assert "Found 1 finding in 1 file." in result.stdout
    assert "1 fixable with `--fix --unsafe-fixes`" in result.stdout
    assert both.read_text() == SAFE


def test_fix_only_makes_the_safe_fix_and_counts_the_others(both: Path, run: Run) -> None:
    result = run("--fix-only", ".")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Fixed 1 finding in 1 file. 1 more finding can be fixed with --unsafe-fixes.\n"
    assert both.read_text() == SAFE


@pytest.mark.parametrize("where", [["."], ["-"]], ids=["files", "standard input"])
def test_diff_shows_the_safe_fix_and_counts_the_others(both: Path, run: Run, where: list[str]) -> None:
    result = run("--diff", *where, stdin=BOTH)
    assert result.exit_code == 1
    assert "-import threading  # noqa: E401, LAM201\n+import threading  # noqa: E401\n" in result.stdout
    assert result.stderr == "Would fix 1 finding in 1 file. 1 more finding can be fixed with --unsafe-fixes.\n"
    assert both.read_text() == BOTH


def test_safe_and_unsafe_fixes_compose(both: Path, run: Run) -> None:
    result = run("--fix", "--unsafe-fixes", ".")
    assert result.exit_code == 0
    assert "Fixed 2 findings in 1 file.\n" in result.stderr
    assert both.read_text() == FIXED.replace("import threading\n", "import threading  # noqa: E401\n")


def test_diff_of_nothing_to_change_exits_with_0(project: Path, run: Run) -> None:
    result = run("--diff", ".")
    assert (result.exit_code, result.stdout) == (0, "")
    assert run("--diff", "--unsafe-fixes", "--exit-zero", ".").exit_code == 0


@pytest.mark.parametrize("mode", ["--diff", "--fix-only", "--fix"])
def test_what_could_not_be_done_is_told_once(project: Path, run: Run, mode: str) -> None:
    result = run(mode, ".", "--handler", "orders/app.py:absent")
    assert result.exit_code == 2
    assert result.output.count("error: --handler orders/app.py:absent") == 1


@pytest.mark.parametrize(
    "arguments", [["--fix", "--diff"], ["--unsafe-fixes"], ["--fix", "-"], ["--fix-only", "--fix"]], ids=" ".join
)
def test_options_that_do_not_go_together(project: Path, run: Run, arguments: list[str]) -> None:
    assert run(*arguments, stdin=LOST).exit_code == 2


def test_json_holds_the_fix_as_a_code_action(project: Path, run: Run) -> None:
    [file] = json.loads(run("--output-format", "json", ".").stdout)
    action = file["diagnostics"][0]["data"]["fixes"][0]
    assert action["kind"] == "quickfix" and action["applicability"] == "unsafe"
    edits = action["edit"]["changes"][file["uri"]]
    lines = LOST.splitlines(keepends=True)
    for edit in sorted(
        edits, key=lambda e: (e["range"]["start"]["line"], e["range"]["start"]["character"]), reverse=True
    ):
        start, end = edit["range"]["start"], edit["range"]["end"]
        assert start["line"] == end["line"]
        line = lines[start["line"]]
        lines[start["line"]] = line[: start["character"]] + edit["newText"] + line[end["character"] :]
    assert "".join(lines) == FIXED


@needs_links
@pytest.mark.parametrize("way", ["file", "directory"])
def test_a_file_outside_of_the_project_is_not_changed_through_a_link(
    project: Path, run: Run, tmp_path_factory: pytest.TempPathFactory, way: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / "orders/app.py").replace(elsewhere / "app.py")
    if way == "directory":
        (project / "orders").rmdir()
        (project / "orders").symlink_to(elsewhere)
    else:
        (project / "orders/app.py").symlink_to(elsewhere / "app.py")
    result = run("--fix", "--unsafe-fixes", ".")
    assert (elsewhere / "app.py").read_text() == LOST
    assert result.exit_code == 2
    assert f"left alone: {elsewhere / 'app.py'} is outside of the project; run lambda-lint there\n" in result.stderr
    assert "Nothing fixed.\n" in result.stderr


@needs_links
def test_a_file_that_is_reached_twice_is_one_file(project: Path, run: Run) -> None:
    (project / "jobs").symlink_to(project / "orders")
    (project / "users/other.py").symlink_to("../orders/app.py")
    result = run("--fix", "--unsafe-fixes", ".")
    assert (result.exit_code, result.stderr) == (0, "Fixed 1 finding in 1 file.\n")
    assert (project / "orders/app.py").read_text() == FIXED
    assert (project / "users/other.py").is_symlink()


@needs_links
def test_a_file_elsewhere_that_is_reached_twice_is_reported_once(
    project: Path, run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "app.py").write_text(LOST)
    (project / "a").symlink_to(elsewhere)
    (project / "b.py").symlink_to(elsewhere / "app.py")
    lines = run("-q", "--output-format", "concise").stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["b.py", "orders/app.py"]


def test_what_cannot_be_written_is_not_said_to_be_fixed(project: Path, run: Run) -> None:
    (project / "jobs").mkdir()
    (project / "jobs/app.py").write_text(LOST)
    (project / "jobs/twin.py").hardlink_to(project / "jobs/app.py")
    result = run("--fix-only", "--unsafe-fixes", ".")
    assert result.exit_code == 2
    assert "Fixed 1 finding in 1 file.\n" in result.stderr
    assert "error: jobs/app.py: left alone: it has 2 hard links, which would be parted\n" in result.stderr
    assert (project / "jobs/app.py").read_text() == LOST
    assert (project / "orders/app.py").read_text() == FIXED
