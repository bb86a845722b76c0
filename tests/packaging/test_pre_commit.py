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


def test_the_hook_fails_a_commit_that_loses_work_and_passes_one_that_waits(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    checkout, project = tmp_path / "checkout", tmp_path / "project"
    shutil.copytree(
        ROOT,
        checkout,
        ignore=shutil.ignore_patterns(
            ".git", ".venv*", ".*_cache", "__pycache__", ".lambda-lint-cache", ".hypothesis", "tests"
        ),
    )
    revision = commit(checkout, environment)
    project.mkdir()
    (project / "app.py").write_text(LOST)
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {checkout.as_uri()}\n    rev: {revision}\n    hooks:\n      - id: lambda-lint\n"
    )
    commit(project, environment)
    run = [sys.executable, "-m", "pre_commit", "run", "--all-files"]

    lost = subprocess.run(run, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert lost.returncode == 1, lost.stdout + lost.stderr
    assert "LAM201" in lost.stdout
    assert "app.py:9:5" in lost.stdout

    (project / "app.py").write_text(LOST.replace("threading.Thread(target=work).start()", "work()"))
    waits = subprocess.run(run, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert waits.returncode == 0, waits.stdout + waits.stderr
    assert "Passed" in waits.stdout
