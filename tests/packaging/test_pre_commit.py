"""The hook, run by the real pre-commit from a git checkout of this repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit needs git")

LOST = """\
import threading


def work():
    print("done")


def handler(event, context):
    threading.Thread(target=work).start()
    return {"statusCode": 200}
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Nobody's git or pre-commit settings but ours."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    person = {
        f"GIT_{role}_{what}": "someone@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    return {
        **env,
        **person,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
    }


def commit(directory: Path, env: dict[str, str]) -> str:
    """Make `directory` a repository with everything in it committed; the commit's hash."""
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "All of it"]):
        subprocess.run(["git", *arguments], cwd=directory, env=env, check=True)
    head = ["git", "rev-parse", "HEAD"]
    return subprocess.run(head, cwd=directory, env=env, check=True, capture_output=True, text=True).stdout.strip()


TEMPLATE = (
    "Resources:\n  A:\n    Type: AWS::Serverless::Function\n"
    "    Properties: {Handler: jobs.nightly, Runtime: python3.12}\n"
)


@pytest.fixture
def hooks(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A project that uses both hooks of this checkout, one by one."""
    checkout, project = tmp_path / "checkout", tmp_path / "project"
    left_out = (
        ".git",
        ".venv*",
        ".*_cache",
        "__pycache__",
        ".lambda-lint-cache",
        ".hypothesis",
        "tests",
        "docs",
        "build",
    )
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(*left_out))
    revision = commit(checkout, environment)
    project.mkdir()
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {checkout.as_uri()}\n    rev: {revision}\n    hooks:\n      - id: lambda-lint\n"
        "      - id: lambda-lint-fix\n        args: [--unsafe-fixes]\n        stages: [manual]\n"
    )
    return project


def test_the_hooks_report_and_fix_what_the_changed_files_lose(hooks: Path, environment: dict[str, str]) -> None:
    helper = LOST.replace("def handler(event, context):", "def start():").replace(
        '    return {"statusCode": 200}\n', ""
    )
    files = {
        "app.py": "import helper\n\n\ndef handler(event, context):\n    helper.start()\n    return {}\n",
        "helper.py": helper,
        "other.py": LOST,
        "template.yaml": TEMPLATE,
        "jobs.py": LOST.replace("def handler", "def nightly"),
    }
    for name, text in files.items():
        (hooks / name).write_text(text)
    commit(hooks, environment)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", *arguments]
        return subprocess.run(command, cwd=hooks, env=environment, capture_output=True, text=True, check=False)

    every = run("--all-files")
    assert every.returncode == 1, every.stdout + every.stderr
    assert all(f"{name}:9:5" in every.stdout for name in ("helper.py", "other.py", "jobs.py"))
    # Of a few files: what leads through them, wherever it starts; a template stands for the handlers that it names.
    for given, expected in (("helper.py", "helper.py"), ("template.yaml", "jobs.py")):
        some = run("--files", given)
        assert some.returncode == 1, some.stdout + some.stderr
        assert f"{expected}:9:5" in some.stdout and some.stdout.count("error[") == 1, some.stdout
    fixed = run("lambda-lint-fix", "--hook-stage", "manual", "--files", "other.py", "app.py")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "thread.join()" in (hooks / "other.py").read_text()
    assert (hooks / "helper.py").read_text() == helper  # it was not given
