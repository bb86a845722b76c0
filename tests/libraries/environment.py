"""Environments with every library that the models and fixtures speak of, as far as it can be installed here.

Libraries are installed a handful at a time, with what is there already held in place, so that none breaks another. Those that
the others exclude are given an environment of their own. What cannot be installed there either is told with the reason, and so is
what there was no time for.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from lint_lambda.knowledge.loader import load_languages
from tests.oracle.fixture import discover

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
TOGETHER = 16
"""Libraries that are installed by one call of pip; by halves when that fails."""
PATIENCE = 180.0
"""Seconds after which a call of pip is given up: a resolver may look for a way for ever. For one library it is half as much."""
FOR_THE_FIRST = 0.75
"""The part of the time that is for the first environment."""
FOR_THE_TESTS = ("pytest>=8.2", "pytest-xdist>=3.6", "hypothesis>=6.100")
"""What the tests that need libraries need beside the project."""
FOR_THE_PROJECT = 600.0
"""Seconds after which the project itself is given up: without it there is nothing to try."""
APART = ("aioboto3", "async-durable-execution")
"""Libraries that want older versions of what others want new. Beside those, pip would try every version that they ever had."""
NO_TIME = "there was no time left to install it"


class CannotBeMade(Exception):
    """There is no environment to run anything in; the message says why."""


@dataclass(frozen=True)
class Environment:
    """`missing`: requirements that could not be installed, each with the reason."""

    python: Path
    missing: dict[str, str]


def requirements() -> list[str]:
    """What to install, by name once each: the extra `libraries` with its versions, then what models and fixtures name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    given = list(project["project"]["optional-dependencies"]["libraries"])
    given += sorted(library.package for library in load_languages().of("python").libraries if library.package)
    asked = {
        each for fixture in discover(ROOT / "tests" / "fixtures") if not fixture.is_node for each in fixture.requires
    }
    given += sorted(each for each in asked if not each.startswith("python"))
    found: dict[str, str] = {}
    for each in given:
        found.setdefault(each if "<" in each else _normal(each), each)
    return list(found.values())


def _normal(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=! \[]", requirement)[0]).lower()


def all_of_them(directory: Path, seconds: float = float("inf")) -> list[Environment]:
    """Environments that have all libraries between them: in `directory`, or beside it. What the last does not have could not be installed.

    After so many seconds nothing more is installed; most of them are for the first. Raises `CannotBeMade`.
    """
    began = time.monotonic()
    wanted = requirements()
    apart = [each for each in wanted if _normal(each) in APART]
    first = make(directory, [each for each in wanted if each not in apart], began + FOR_THE_FIRST * seconds)
    late = {one: reason for one, reason in first.missing.items() if reason == NO_TIME}
    again = [*apart, *(one for one in first.missing if one not in late)]
    try:
        second = make(directory.with_name(f"{directory.name}-2"), again, began + seconds)
    except CannotBeMade as error:
        return [Environment(first.python, {**first.missing, **dict.fromkeys(apart, str(error))})]
    return [first, Environment(second.python, {**second.missing, **late})]


def make(directory: Path, wanted: Sequence[str], until: float = float("inf")) -> Environment:
    """An environment in `directory`; one that is there is gone on with. Raises `CannotBeMade`."""
    python = directory / "bin" / "python"
    if not python.exists():
        if directory.exists() and any(directory.iterdir()):
            raise CannotBeMade(f"{directory} holds something else; name a directory that is empty or not there")
        made = subprocess.run(
            [sys.executable, "-m", "venv", "--without-pip", str(directory)], capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            raise CannotBeMade(f"{directory}: {made.stdout}{made.stderr}")
    refusal = _install(python, ["-e", f"{ROOT}[prove]", *FOR_THE_TESTS], (), FOR_THE_PROJECT)
    if refusal:
        raise CannotBeMade(f"the project itself cannot be installed in {directory}: {refusal}")
    missing: dict[str, str] = {}
    for start in range(0, len(wanted), TOGETHER):
        some = list(wanted[start : start + TOGETHER])
        print(f"--- libraries {start + 1} to {start + len(some)} of {len(wanted)}", flush=True)
        missing |= _refused(python, some, until)
    return Environment(python, missing)


def _refused(python: Path, some: list[str], until: float) -> dict[str, str]:
    """Install `some`, all at once or, where that fails, by halves: what cannot be installed, each with the reason."""
    left = until - time.monotonic()
    if left <= 0:
        return dict.fromkeys(some, NO_TIME)
    refusal = _install(python, some, _installed(python), min(left, PATIENCE if len(some) > 1 else PATIENCE / 2))
    if not refusal or len(some) == 1:
        return dict.fromkeys(some, refusal) if refusal else {}
    half = len(some) // 2
    return _refused(python, some[:half], until) | _refused(python, some[half:], until)


def _installed(python: Path) -> list[str]:
    """What is installed, as requirements of just these versions."""
    listing = "import importlib.metadata as m; print(*(f'{d.name}=={d.version}' for d in m.distributions()), sep='\\n')"
    listed = subprocess.run([str(python), "-c", listing], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if not line.startswith("lambda-lint==")]


def _install(python: Path, wanted: Sequence[str], held: Iterable[str], patience: float) -> str:
    """Install; the reason why it cannot be done, empty when it is. Bytecode is left to whoever imports the modules."""
    command = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as constraints:
        constraints.write("\n".join(held))
        constraints.flush()
        try:
            done = subprocess.run(
                [*command, "--no-compile", "--no-input", "--prefer-binary", "-c", constraints.name, *wanted],
                capture_output=True,
                text=True,
                check=False,
                timeout=patience,
            )
        except subprocess.TimeoutExpired:
            return f"pip found no way to install it within {patience:.0f} s"
    return "" if done.returncode == 0 else _reason(done.stdout + done.stderr)


def _reason(printed: str) -> str:
    """What of pip's output says most: what a conflict is caused by, or the first error."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if line.startswith("The conflict is caused by:"):
            causes = takewhile(lambda cause: " depends on " in cause or "requested" in cause, lines[number + 1 :])
            return "; ".join(causes)
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["pip says nothing"])[0]


def main() -> int:
    try:
        *_, last = all_of_them(Path(sys.argv[1]).resolve())
    except CannotBeMade as error:
        print(error, file=sys.stderr)
        return 2
    for requirement, reason in last.missing.items():
        print(f"not installed: {requirement}: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
