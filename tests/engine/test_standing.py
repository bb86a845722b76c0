"""A report is given again only where everything that it hangs on is as it was; and then nothing is read and nothing is analysed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lint_lambda.config import Config, load_for
from lint_lambda.core.record import replace
from lint_lambda.engine import Report, Request, check, checking, versions

APP = "import shared\n\n\ndef handler(event, context):\n    shared.work()\n"
SHARED = "import threading\n\n\ndef work():\n    threading.Thread(target=print).start()\n"
TEMPLATE = """Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Runtime: python3.12, CodeUri: .}
"""
LONG_AGO = 1_500_000_000


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    files = {
        "app.py": APP,
        "shared.py": SHARED,
        "unused/other.py": "import json\n",
        "template.yaml": TEMPLATE,
        ".gitignore": "build/\n",
        "lambda-lint.toml": 'ignore = ["LAM101"]\n',
    }
    (root / ".git").mkdir(parents=True)
    for name, text in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
        os.utime(root / name, (LONG_AGO, LONG_AGO))
    return root


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An item for each run that looked at the project."""
    found: list[str] = []
    before = checking.checked

    def checked(request: Request, standing: object) -> Report:
        found.append("looked")
        return before(request, standing)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "checked", checked)
    return found


def run(project: Path, **asked: object) -> Report:
    return check(Request([project], load_for([project]), **asked))  # type: ignore[arg-type]


def said(report: Report) -> object:
    return replace(report, seconds=0.0, text=str)


def test_where_nothing_changed_nothing_is_looked_at_again(project: Path, looked: list[str]) -> None:
    first = run(project, fixes=True)
    second = run(project, fixes=True)
    assert said(first) == said(second)
    assert [each.fixes for each in first.findings] == [each.fixes for each in second.findings] != []
    assert second.text("app.py") == APP
    assert looked == ["looked"]


def add(path: str, text: str) -> Callable[[Path], object]:
    def write(project: Path) -> None:
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")

    return write


def same_size_and_time(project: Path) -> None:
    """What a tool does that keeps times: only the content tells, and the time of the inode that it may not be equal."""
    file = project / "shared.py"
    before = file.stat()
    file.write_text(SHARED.replace(".start()", ".daemon "), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size


def another_inode(project: Path) -> None:
    (project / "new.py").write_text("import threading\n", encoding="utf-8")
    (project / "new.py").replace(project / "shared.py")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a handler": add("app.py", "def handler(event, context):\n    return 1\n"),
    "what it imports": add("shared.py", "def work():\n    pass\n"),
    "with the same size and time": same_size_and_time,
    "by another inode": another_inode,
    "a file that no handler gets to": add("unused/other.py", "import threading\n"),
    "a new file": add("new.py", APP),
    "a new file in a new folder": add("more/app.py", APP),
    "a file is gone": lambda project: (project / "unused/other.py").unlink(),
    "a template": add("template.yaml", TEMPLATE.replace("app.handler", "app.other")),
    "a new template": add("other.yaml", TEMPLATE),
    "what git ignores": add(".gitignore", "unused/\n"),
    "what git ignores in a folder": add("unused/.gitignore", "*.py\n"),
    "what git ignores for this clone": add(".git/info/exclude", "unused/\n"),
    "settings": add("lambda-lint.toml", 'ignore = ["LAM201"]\n'),
    "settings of a folder": add("unused/lambda-lint.toml", 'ignore = ["LAM201"]\n'),
    "a link": lambda project: (project / "link.py").symlink_to(project / "app.py"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_is_looked_at(project: Path, looked: list[str], change: Callable[[Path], object]) -> None:
    run(project)
    change(project)
    found = run(project)
    assert looked == ["looked"] * 2
    assert said(found) == said(check(Request([project], replace(load_for([project]), cache_dir=None))))


def test_a_link_that_leads_elsewhere_is_looked_at(project: Path, looked: list[str], tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (project / "linked").symlink_to(tmp_path / "outside")
    (project / "lost.py").symlink_to(tmp_path / "outside" / "lost.py")
    run(project)
    (tmp_path / "outside" / "lost.py").write_text(APP, encoding="utf-8")
    run(project)
    assert looked == ["looked"] * 2
    (project / "linked").unlink()
    (project / "linked").symlink_to(project / "unused")
    run(project)
    assert looked == ["looked"] * 3


def test_what_was_asked_counts(project: Path, looked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(project)
    run(project, fixes=True)
    run(project, fixable=True)
    check(Request([project / "app.py"], load_for([project])))
    check(Request([project], replace(load_for([project]), select=("LAM2",))))
    monkeypatch.chdir(project)
    run(project)
    assert looked == ["looked"] * 6


def test_the_linter_as_it_is_installed_counts(
    project: Path, looked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(project)
    monkeypatch.setattr("lint_lambda.engine.standing.linter", lambda: f"{versions.linter()} another")
    run(project)
    assert looked == ["looked"] * 2


def test_the_baseline_counts(project: Path, looked: list[str]) -> None:
    add("lambda-lint.toml", 'baseline = "known.json"\n')(project)
    add("known.json", '{"tool": "lambda-lint baseline", "version": 1, "findings": []}')(project)
    [found] = run(project).findings
    entry = {"path": found.location.path, "code": found.code, "fingerprint": found.fingerprint}
    entry |= {"confidence": "high", "message": ""}
    document = {"tool": "lambda-lint baseline", "version": 1, "findings": [entry]}
    add("known.json", json.dumps(document))(project)
    assert not run(project).findings
    assert looked == ["looked"] * 2


def test_other_times_alone_change_nothing(project: Path, looked: list[str]) -> None:
    """A fresh checkout has other times and inodes: then contents are compared, and the times are learnt."""
    run(project)
    for file in [*project.glob("*.py"), project / "template.yaml"]:
        file.write_bytes(file.read_bytes())
    run(project)
    run(project)
    assert looked == ["looked"]


def test_what_could_not_be_read_is_told_again(project: Path, looked: list[str]) -> None:
    (project / "pipe.py").symlink_to("/dev/null")
    first, second = run(project), run(project)
    assert said(first) == said(second)
    (project / "missing").symlink_to("nowhere")
    missing = Request([project / "missing"], load_for([project]))
    assert check(missing).problems == check(missing).problems != ()


@pytest.mark.parametrize("key", ["report", "looks", "began"])
@pytest.mark.parametrize("value", [None, 3, "x", [3], [[3]], {}, [[1, 2, 3, 4, 5, 6, 7, 8]]])
def test_a_crafted_entry_is_as_good_as_none(project: Path, looked: list[str], key: str, value: object) -> None:
    from lint_lambda.cache import Cache
    from lint_lambda.engine.standing import VERSION, Standing

    first = run(project)
    [entry] = (project / ".lambda-lint-cache").rglob("*.report")
    cache = Cache(project / ".lambda-lint-cache", VERSION)
    kept = cache.report(entry.stem)
    assert kept is not None
    assert Standing.of(Request([project], load_for([project]))).report() is not None
    cache.store_report(entry.stem, {**kept, key: value})
    assert said(run(project)) == said(first)
    assert looked == ["looked"] * (1 if (key, value) == ("began", 3) else 2)


def test_without_a_cache_nothing_is_kept(project: Path, looked: list[str]) -> None:
    for _ in range(2):
        check(Request([project], Config(root=project)))
    assert looked == ["looked"] * 2


AUDITED = """
import os, sys
opened = set()
inside = os.path.realpath(sys.argv[1])
cache = os.path.join(inside, ".lambda-lint-cache")
def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(arguments[0]))
        if path.startswith(inside) and not path.startswith(cache):
            opened.add(path)
sys.addaudithook(watch)
from pathlib import Path
from lint_lambda.config import load_for
from lint_lambda.engine import Request, check
from lint_lambda.core import looks
told = []
before = looks.Looks.all
looks.Looks.all = lambda self: told.append(before(self)) or told[0]
root = Path(inside)
check(Request([root], load_for([root]), fixes=True))
print("\\n".join(sorted(opened - {os.path.abspath(look[1]) for look in told[0]})))
"""


def test_all_that_is_opened_counts(project: Path) -> None:
    """Every file that a run opens, and every folder that it lists, is among what its report hangs on."""
    add("vendor/boto-1.dist-info/RECORD", "boto/__init__.py,,\n")(project)
    add("package/pyproject.toml", "[tool.lambda-lint]\n")(project)
    add("Dockerfile", "FROM public.ecr.aws/lambda/python:3.12\n")(project)
    add("main.tf", 'resource "aws_lambda_function" "f" {\n  handler = "app.handler"\n}\n')(project)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", AUDITED, str(project)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=project)
    assert done.stdout.split() == []


def test_nothing_of_the_analysis_is_imported_where_nothing_has_changed(project: Path) -> None:
    command = [sys.executable, "-m", "lint_lambda", "check", "--exit-zero"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    code = """import sys
from lint_lambda.cli import cli
cli(["check", "--exit-zero"], standalone_mode=False)
heavy = ("libcst", "rich", "lint_lambda.engine.run", "lint_lambda.analysis", "lint_lambda.deployment.discovery")
print([name for name in heavy if name in sys.modules], file=sys.stderr)
"""
    again = [sys.executable, "-c", code]
    done = subprocess.run(again, cwd=project, check=True, capture_output=True, text=True)
    assert done.stderr.endswith("[]\n")
