"""Fixes that an earlier run has tried are not tried again, unless something that they depend on has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lint_lambda.config import Config, load_config
from lint_lambda.core.finding import Finding
from lint_lambda.engine import Request, check, fixing

APP = """import threading

from jobs import work


def handler(event, context):
    threading.Thread(target=work).start()
    return 1
"""


@pytest.fixture(autouse=True)
def no_report_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of single parts is asked for where the whole report does not stand any more."""
    monkeypatch.setattr("lint_lambda.engine.standing.Standing.report", lambda self: None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    (tmp_path / "jobs.py").write_text("def work():\n    print(1)\n", encoding="utf-8")
    (tmp_path / "lambda-lint.toml").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The findings for which fixes have been tried."""
    found: list[str] = []
    original = fixing._Bench.fixes

    def fixes(bench: fixing._Bench, finding: Finding, *, shortest: bool = True) -> object:
        found.append(finding.code)
        return original(bench, finding, shortest=shortest)

    monkeypatch.setattr(fixing._Bench, "fixes", fixes)
    return found


def run(project: Path, config: Config | None = None, *, fixes: bool = True) -> tuple[Finding, ...]:
    config = load_config(project) if config is None else config
    report = check(Request([project], config, fixes=fixes, fixable=not fixes))
    assert report.problems == ()
    return report.findings


def test_the_second_run_says_the_same_and_tries_nothing(project: Path, tried: list[str]) -> None:
    first = run(project)
    assert tried == ["LAM201"]
    assert first[0].fixes[0].edits
    again = run(project)
    assert tried == ["LAM201"]
    assert again == first
    assert [finding.fixable for finding in again] == [finding.fixable for finding in first]


def test_a_run_that_only_marks_knows_what_was_tried(project: Path, tried: list[str]) -> None:
    with_fixes = run(project)
    marked = run(project, fixes=False)
    assert tried == ["LAM201"]
    assert [(finding.fixable, finding.fixes) for finding in marked] == [(with_fixes[0].fixable, ())]


def test_a_mark_is_not_enough_for_a_run_that_wants_the_fixes(project: Path, tried: list[str]) -> None:
    run(project, fixes=False)
    assert run(project)[0].fixes
    assert tried == ["LAM201", "LAM201"]


@pytest.mark.parametrize(
    "change",
    [
        lambda project: (project / "app.py").write_text(APP + "\n# more\n", encoding="utf-8"),
        lambda project: (project / "jobs.py").write_text("def work():\n    print(2)\n", encoding="utf-8"),
        lambda project: (project / "more.py").touch(),
        lambda project: (project / "template.yaml").write_text("Resources: {}\n", encoding="utf-8"),
        lambda project: (project / "lambda-lint.toml").write_text('prefer = "defer"\n', encoding="utf-8"),
    ],
    ids=["the file", "what it imports", "a new file", "a template", "settings"],
)
def test_what_has_changed_is_tried_again(project: Path, tried: list[str], change: Callable[[Path], object]) -> None:
    run(project)
    change(project)
    assert run(project)[0].fixable
    assert tried == ["LAM201", "LAM201"]


def test_a_damaged_entry_is_as_good_as_none(project: Path, tried: list[str]) -> None:
    first = run(project)
    [entry] = (project / ".lambda-lint-cache").rglob("*.tried")
    entry.write_text("{}", encoding="utf-8")
    assert run(project) == first
    assert tried == ["LAM201", "LAM201"]


def test_without_a_cache_nothing_is_remembered(project: Path, tried: list[str]) -> None:
    for _ in range(2):
        run(project, Config(root=project))
    assert tried == ["LAM201", "LAM201"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_warm_run_needs_no_parser(project: Path, form: str) -> None:
    code = "import sys; from lint_lambda.cli import cli; cli(sys.argv[1:], standalone_mode=False); print('libcst' in sys.modules)"
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", code, "app.py", "--exit-zero", "-q", "--output-format", form]
    environment = {**os.environ, "PYTHONPATH": root}
    said = [
        subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [each.splitlines()[-1] for each in said] == ["True", "False"]
    assert said[0].splitlines()[:-1] == said[1].splitlines()[:-1]
