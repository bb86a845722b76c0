"""Where nothing has changed nothing is analysed again, and nothing that is said differs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from lint_lambda.analysis.lifetimes import Analysis
from lint_lambda.config import Config
from lint_lambda.core.record import replace
from lint_lambda.core.verdict import Handler
from lint_lambda.engine import Report, Request, check

HANDLER = "from shared.work import later\n\n\ndef handler(event, context):\n    later(event)\n"
WORK = """\
import threading
import queue


def later(event):
    threading.Thread(target=print).start()
    done = queue.Queue()
    threading.Thread(target=done.put, args=(1,)).start()
    done.get(timeout=1)
    threading.Timer(5, print).start()  # lambda-lint: ignore[LAM202] it may be lost
    return 1  # lambda-lint: ignore[LAM301] nothing is wrong here
"""
OTHER = "import threading\n\n\ndef handler(event, context):\n    threading.Thread(target=print).start()\n"


@pytest.fixture(autouse=True)
def no_report_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept of single parts is asked for where the whole report does not stand any more."""
    monkeypatch.setattr("lint_lambda.engine.standing.Standing.report", lambda self: None)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in (("orders/app.py", HANDLER), ("shared/work.py", WORK), ("users/app.py", OTHER)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The handlers that are analysed, in order."""
    found: list[str] = []
    real = Analysis.handler

    def handler(self: Analysis, handler: Handler) -> None:
        found.append(handler.path)
        real(self, handler)

    monkeypatch.setattr(Analysis, "handler", handler)
    return found


def run(root: Path, **settings: Any) -> Report:
    config = replace(Config(root=root, cache_dir=root / ".cache"), **settings)
    return check(Request([root], config))


def shown(report: Report) -> tuple[Any, ...]:
    return (report.findings, report.problems, report.warnings, report.files, report.handlers, report.skipped)


def test_a_second_run_analyses_nothing_and_says_the_same(project: Path, followed: list[str]) -> None:
    first = run(project)
    assert sorted(followed) == ["orders/app.py", "users/app.py"]
    codes = {finding.code for finding in first.findings}
    assert {"LAM201", "LAM901"} <= codes and "LAM202" not in codes
    followed.clear()
    assert shown(run(project)) == shown(first) == shown(run(project, cache_dir=project / ".cache"))
    assert followed == []


def test_settings_that_only_choose_what_is_shown_need_no_analysis(project: Path, followed: list[str]) -> None:
    run(project)
    followed.clear()
    assert {finding.code for finding in run(project, ignore=("LAM2",)).findings} == {"LAM901"}
    assert followed == []


@pytest.mark.parametrize("changed", ["orders/app.py", "shared/work.py"])
def test_a_change_is_followed_where_it_is_loaded(project: Path, followed: list[str], changed: str) -> None:
    run(project)
    followed.clear()
    file = project / changed
    file.write_text(f"# moved\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    cold = run(project, cache_dir=None)
    followed.clear()
    assert shown(run(project)) == shown(cold)
    assert followed == ["orders/app.py"]
    file.write_text(file.read_text(encoding="utf-8").removeprefix("# moved\n"), encoding="utf-8")
    followed.clear()
    run(project)
    assert followed == []  # it is as it was


def test_a_file_that_takes_the_place_of_another_is_seen(project: Path, followed: list[str]) -> None:
    run(project)
    followed.clear()
    (project / "orders/shared").mkdir()
    (project / "orders/shared/work.py").write_text("def later(event):\n    pass\n", encoding="utf-8")
    assert {finding.location.path for finding in run(project).findings if finding.handlers} == {"users/app.py"}
    assert followed == []  # no launch is in reach any more


def test_models_of_the_users_own_count(project: Path, followed: list[str]) -> None:
    run(project)
    followed.clear()
    own = {
        "library": {"name": "own", "docs": "https://own.example/"},
        "join": [{"call": "own.wait", "target": "arg:0"}],
    }
    run(project, library=(own,))
    assert sorted(followed) == ["orders/app.py", "users/app.py"]


def test_what_went_wrong_is_found_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(self: Analysis, handler: Handler) -> None:
        raise KeyError("odd")

    with monkeypatch.context() as patch:
        patch.setattr(Analysis, "handler", breaks)
        assert len(run(project).problems) == len(run(project).problems) == 2
    assert run(project).problems == ()
    (project / "shared/work.py").write_text(f"{WORK}def broken(:\n", encoding="utf-8")
    assert [shown(run(project)) for _ in range(2)] == [shown(run(project, cache_dir=None))] * 2


@pytest.mark.parametrize("damage", ["foreign", "shape", "fate", "nothing"])
def test_an_entry_that_cannot_be_of_this_process_is_not_believed(
    project: Path, followed: list[str], damage: str
) -> None:
    first = run(project)
    for file in (project / ".cache").rglob("*.verdicts"):
        kept = json.loads(file.read_text(encoding="utf-8").partition("\n")[2])
        for verdict in kept["verdicts"]:
            if damage == "foreign":
                verdict["launch"] = ["../../etc/passwd", 1]
            elif damage == "shape":
                verdict["path"] = 3
            elif damage == "fate":
                verdict["fate"] = "ODD"
        text = json.dumps({} if damage == "nothing" else kept)
        file.write_text(f"{hashlib.sha256(text.encode()).hexdigest()[:16]}\n{text}", encoding="utf-8")
    followed.clear()
    assert shown(run(project)) == shown(first)
    assert sorted(followed) == ["orders/app.py", "users/app.py"]
