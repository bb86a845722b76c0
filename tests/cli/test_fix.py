"""`--fix`, `--fix-only`, `--diff`, `--unsafe-fixes`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import LOST, Run

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
    assert "Fixed 0 findings in 0 files." in again.stderr
    assert (project / "orders/app.py").read_text() == FIXED


def test_fix_alone_makes_no_unsafe_fix_and_says_so(project: Path, run: Run) -> None:
    result = run("--fix", ".")
    assert result.exit_code == 1
    assert "1 of them can be fixed with --unsafe-fixes" in result.output
    assert (project / "orders/app.py").read_text() == LOST


def test_diff_changes_nothing(project: Path, run: Run) -> None:
    result = run("--diff", "--unsafe-fixes", ".")
    assert result.exit_code == 1
    assert "+    thread.join()\n" in result.stdout and "--- orders/app.py\n" in result.stdout
    assert (project / "orders/app.py").read_text() == LOST


def test_diff_of_standard_input(project: Path, run: Run) -> None:
    result = run("--diff", "--unsafe-fixes", "-", stdin=LOST)
    assert "+    thread.join()\n" in result.stdout


def test_fix_only_reports_nothing_else(project: Path, run: Run) -> None:
    result = run("--fix-only", ".")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Fixed 0 findings in 0 files.\n"


@pytest.mark.parametrize(
    "arguments", [["--fix", "--diff"], ["--unsafe-fixes"], ["--fix", "-"], ["--fix-only", "--fix"]], ids=" ".join
)
def test_options_that_do_not_go_together(project: Path, run: Run, arguments: list[str]) -> None:
    assert run(*arguments, stdin=LOST).exit_code == 2


def test_json_holds_the_fix_as_a_code_action(project: Path, run: Run) -> None:
    [file] = json.loads(run("--output-format", "json", ".").stdout)
    [action] = file["diagnostics"][0]["data"]["fixes"]
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
