"""Makes the environments that tests of libraries run in: what is locked is installed, and nothing is resolved."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.libraries.locks import Lock, key, pins

MISSING = "not-installed.json"
"""The file in an environment that says what could not be installed there, each with the reason."""
_UV = (sys.executable, "-m", "uv", "--quiet", "--no-progress", "pip")


class CannotBeMade(Exception):
    """There is no environment to run anything in; the message says why."""


@dataclass(frozen=True)
class Environment:
    """`missing`: libraries that could not be installed, each with the reason."""

    python: Path
    missing: dict[str, str]


def make(lock: Lock, directory: Path) -> Environment:
    """An environment with just what is locked; one that is there is changed into it. Raises `CannotBeMade`."""
    python = directory / "bin" / "python"
    if not python.exists():
        if directory.exists() and any(directory.iterdir()):
            raise CannotBeMade(f"{directory} holds something else; name a directory that is empty or not there")
        _run([sys.executable, "-m", "venv", "--without-pip", str(directory)])
    into = ["--python", str(python)]
    refused: dict[str, str] = {}
    if _refusal(["sync", *into, str(lock.file)]):
        versions = [f"{name}=={version}" for name, version in pins(lock).items()]
        refused = _install(into, versions)
    needed = {name: reason for name, reason in refused.items() if name not in lock.wanted}
    missing = {name: reason for name, reason in refused.items() if name in lock.wanted}
    if needed:
        print(f"not installed, though libraries need it: {', '.join(f'{name}: {why}' for name, why in needed.items())}")
    (directory / MISSING).write_text(json.dumps(missing), encoding="utf-8")
    return Environment(python, missing)


def missing(requirements: Sequence[str]) -> str:
    """Why this environment, whose Python runs, lacks one of them; empty when it lacks none."""
    file = Path(sys.prefix) / MISSING
    reasons = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return next((f"{each}: {reasons[key(each)]}" for each in requirements if key(each) in reasons), "")


def _run(command: Sequence[str]) -> None:
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise CannotBeMade(f"{' '.join(command)}: {made.stdout}{made.stderr}")


def _install(into: Sequence[str], versions: Sequence[str]) -> dict[str, str]:
    """Install what can be, all at once or, where that fails, by halves: what cannot, by name, each with the reason."""
    refusal = _refusal(["install", *into, "--no-deps", *versions])
    if not refusal:
        return {}
    if len(versions) == 1:
        return {versions[0].partition("==")[0]: refusal}
    half = len(versions) // 2
    return _install(into, versions[:half]) | _install(into, versions[half:])


def _refusal(arguments: Sequence[str]) -> str:
    """The reason why uv refuses, on one line; empty when it does not."""
    done = subprocess.run([*_UV, *arguments], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else " ".join((done.stderr or done.stdout or "uv says nothing").split())
