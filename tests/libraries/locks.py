"""Which versions of libraries the tests are run with: one lock for each of a few environments.

    python -m tests.libraries.locks               lock what is wanted now; what is locked keeps its version where it can
    python -m tests.libraries.locks --upgrade     lock the newest versions that go together

What is wanted is what the models and the runnable fixtures name, and `locks/locks.toml` says in which environment. The locks are
for Python 3.11 on Linux. Whatever is not as new as it could be alone is told: that a resolver goes back by years is seldom meant.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lint_lambda.knowledge.loader import load_languages
from tests.libraries import clients_events, clients_services, clients_telemetry
from tests.oracle.fixture import every

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).with_name("locks")
PYTHON = "3.11"
"""The version of Python that the locks are for: that of CI."""
FOR_THE_TESTS = ("pytest>=8.2", "pytest-xdist>=3.6", "hypothesis>=6.100")
"""What the tests that need libraries need beside the project."""
AGAIN = "python -m tests.libraries.locks"
_WANTED = "# for: "


@dataclass(frozen=True)
class Lock:
    """The versions in one environment; `wanted` are the requirements that tests name."""

    name: str
    wanted: frozenset[str]
    at_least: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}.txt"

    def covers(self, requirements: Iterable[str]) -> bool:
        return {key(each) for each in requirements} <= self.wanted


def key(requirement: str) -> str:
    """What tells requirements apart: the name, and an upper bound. The newest version is meant to meet any lower bound."""
    name, operator, version = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?\s*(<?)(.*)", requirement).groups()  # type: ignore[union-attr]
    normal = re.sub(r"[-_.]+", "-", name).lower()
    return f"{normal}<{version}" if operator else normal


def named(requirements: Iterable[str]) -> frozenset[str]:
    """The libraries that a test needs together: its requirements but those of Python itself."""
    return frozenset(key(each) for each in requirements if key(each).partition("<")[0] != "python")


@cache
def needs() -> frozenset[frozenset[str]]:
    """What models, runnable fixtures and clients name, each with what it is used together with."""
    found = {named([library.package]) for library in load_languages().of("python").libraries if library.package}
    for module in (clients_events, clients_services, clients_telemetry):
        found |= {named(client.package.split()) for client in module.CLIENTS}
    for fixture in every():
        if not fixture.is_node and fixture.static_only is None and named(fixture.requires):
            found.add(named(fixture.requires))
    return frozenset(found)


@cache
def locks() -> tuple[Lock, ...]:
    """In the order in which they are asked for a library. Beside what a lock is for, it has what that is used together with."""
    said: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "locks.toml").read_text(encoding="utf-8"))
    apart = {key(each) for one in said.values() for each in one.get("for", ())}
    found = []
    for name, one in said.items():
        own = {key(each) for each in one.get("for", ())}
        some = [need for need in needs() if (need & own if own else not need & apart)]
        found.append(Lock(name, frozenset().union(*some), tuple(one.get("at_least", ()))))
    return tuple(found)


def lock_for(requirements: Iterable[str]) -> Lock | None:
    """The lock of the environment that a test with these requirements runs in; None when no lock has them all."""
    wanted = named(requirements)
    return next((lock for lock in locks() if wanted and lock.covers(wanted)), None)


def pins(lock: Lock) -> dict[str, str]:
    """Everything that is locked, by its normal name."""
    lines = lock.file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==", 1) for line in lines if line and not line.startswith("#"))


def locked_for(lock: Lock) -> frozenset[str]:
    """What was wanted when the lock was made."""
    lines = lock.file.read_text(encoding="utf-8").splitlines()
    return frozenset(line.removeprefix(_WANTED) for line in lines if line.startswith(_WANTED))


def of_the_project() -> list[str]:
    """What every environment needs to run tests at all."""
    project = _project()
    return [*project["dependencies"], *project["optional-dependencies"]["prove"], *FOR_THE_TESTS]


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project


def asked(lock: Lock) -> list[str]:
    """What a resolver is asked for. The versions that libraries were seen with are asked for where nothing else is said."""
    seen = {key(each): each for each in _project()["optional-dependencies"]["libraries"]} if not _apart(lock) else {}
    seen |= {key(each): each for each in lock.at_least}
    return [*of_the_project(), *(seen.get(each, each) for each in sorted(lock.wanted))]


def _apart(lock: Lock) -> bool:
    return lock is not locks()[0]


def _compiled(wanted: Sequence[str], *options: str) -> str:
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "-",
        "--python-version",
        PYTHON,
        "--no-header",
        "--no-annotate",
    ]
    return subprocess.run(
        [*command, "--quiet", *options], input="\n".join(wanted), text=True, check=True, stdout=subprocess.PIPE
    ).stdout


def write(lock: Lock, *options: str) -> None:
    """Make the lock anew. What it is for stands in it, so that a test sees when it is not what is wanted any more."""
    _compiled(asked(lock), "--output-file", str(lock.file), *options)
    versions = [line for line in lock.file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    said = [f"# Made by `{AGAIN}` for Python {PYTHON} on Linux.", *(f"{_WANTED}{each}" for each in sorted(lock.wanted))]
    lock.file.write_text("\n".join([*said, *versions]) + "\n", encoding="utf-8")


def behind(lock: Lock) -> Iterator[str]:
    """The libraries that are locked at an older version than they could have alone."""
    alone = _compiled([each for each in sorted(lock.wanted) if "<" not in each], "--no-deps")
    for line in alone.splitlines():
        name, _, newest = line.partition("==")
        if pins(lock)[name] != newest:
            yield f"{name} {pins(lock)[name]}, the newest is {newest}"


def main() -> int:
    parser = argparse.ArgumentParser(AGAIN, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upgrade", action="store_const", const=("--upgrade",), default=(), help="to the newest")
    options = parser.parse_args()
    for lock in locks():
        write(lock, *options.upgrade)
        print(f"{lock.file.relative_to(ROOT)}: {len(pins(lock))} packages")
        for line in behind(lock):
            print(f"    {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
