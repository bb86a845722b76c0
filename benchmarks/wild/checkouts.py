"""Checkouts of the judged repositories, at the judged commits."""

from __future__ import annotations

import subprocess  # git is what has the repositories
from pathlib import Path

from benchmarks.wild.judged import Repository

HOST = "https://github.com"


def fetch(repository: Repository, checkout: Path, host: str = HOST) -> None:
    """Clone the one commit, without history. A folder that is there is left as it is."""
    if checkout.exists():
        return
    checkout.mkdir(parents=True)
    _git(checkout, "init", "--quiet")
    _git(checkout, "fetch", "--quiet", "--depth", "1", f"{host}/{repository.name}", repository.commit)
    _git(checkout, "checkout", "--quiet", "FETCH_HEAD")


def at_commit(repository: Repository, checkout: Path) -> bool:
    """Whether the folder is the text that was judged. A copy without git's own folder is taken to be."""
    return not (checkout / ".git").exists() or _git(checkout, "rev-parse", "HEAD") == repository.commit


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # our own words
