"""The whole test command: ``python -m tests``. Every job runs, whatever the others say; the status is 1 if one failed.

    python -m tests                     everything but what needs libraries that few have installed
    python -m tests --cov               also which branches the tests take; it takes longer
    python -m tests -p no:xdist         other arguments are pytest's; without xdist the tests run in one process
    python -m tests --libraries         what the models say of libraries, in environments (.venv-libraries) with the versions
                                        that tests/libraries/locks has: what they have, what their calls send and wait for,
                                        and what becomes of the work in the fixtures and twins that use them. That a library
                                        cannot be installed is told, and is no failure; nor is what passes when it is run
                                        once more by itself, as it hangs on the timing of code that is not ours

The jobs run side by side. The tests run under a hash seed that nobody chose, so that no verdict hangs on the order of a
set; it is printed, and `PYTHONHASHSEED=… python -m tests` repeats it.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

SANDBOX = "tests/oracle"
"""The dynamic half of the fixtures. It mostly sleeps, and one process runs many sandboxes at a time; two of xdist's run one each."""

ABOUT_LIBRARIES = (
    "tests/libraries/test_symbols.py",
    "tests/libraries/test_against_sinks.py",
    "tests/libraries/test_loop_bound.py",
)

NO_FOREIGN_PLUGINS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Several of the libraries bring plugins of pytest, which import what others among them cannot stand."""

Step = tuple[str, list[str]]
"""A name, and the arguments for Python."""

STATIC: tuple[Step, ...] = (
    ("lint", ["-m", "ruff", "check", "--quiet", "."]),
    ("format", ["-m", "ruff", "format", "--check", "--quiet", "."]),
    ("types", ["-m", "mypy"]),
    ("imports", ["-c", "from importlinter.cli import lint_imports_command as main; main()"]),
)
MENDS = {
    "lint": "python -m ruff check --fix .",
    "format": "python -m ruff format .",
}
"""Commands that mend what a step complains about."""


@dataclass
class Job:
    """Steps that run one after the other. With `live`, they print as they go; otherwise each prints when it has ended.

    `again`: they are pytest's, and what fails is run once more by itself: only what fails twice is a failure, and the rest is told.
    """

    steps: Sequence[Step]
    environment: dict[str, str]
    live: bool = False
    python: str = sys.executable
    again: bool = False

    def run(self, failed: list[str]) -> None:
        for name, arguments in self.steps:
            began = time.monotonic()
            if self.live:
                print(f"--- {name}", flush=True)
            with _output(self.live) as output:
                status = self._run(arguments, output)
                if status and self.again:
                    status = self._run([*arguments, "--last-failed", "--last-failed-no-failures", "none"], output)
                    if not status:
                        print(f"--- {name}: what had failed passes when it is run again by itself", flush=True)
                printed = "" if output is None else _read(output)
            took = f"after {time.monotonic() - began:.0f} s"
            if status:
                failed.append(name)
                mend = f"; mend it with: {MENDS[name]}" if name in MENDS else ""
                print(f"{'' if self.live else f'--- {name}'}\n{printed}--- {name} failed {took}{mend}", flush=True)
            elif not self.live:
                last = printed.rstrip().rpartition("\n")[2]
                print(f"\n--- {name}: done {took}{f': {last}' if last else ''}", flush=True)

    def _run(self, arguments: Sequence[str], output: int | None) -> int:
        command = [self.python, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=False, stdout=output, stderr=output
        ).returncode


@contextmanager
def _output(live: bool) -> Iterator[int | None]:
    if live:
        yield None
        return
    with tempfile.TemporaryFile() as file:
        yield file.fileno()


def _read(descriptor: int) -> str:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        return file.read().decode("utf-8", "replace")


def seeded() -> dict[str, str]:
    """The environment of the tests, with a hash seed: that of this process's environment, or any.

    Bytecode is written: hundreds of processes load the linter, and each would compile all of it anew.
    """
    given = os.environ.get("PYTHONHASHSEED", "random")
    seed = str(random.randrange(2**32)) if given == "random" else given
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONHASHSEED": seed}


def _workers(number: int, arguments: Sequence[str], environment: dict[str, str]) -> list[str]:
    """The option for so many processes of pytest-xdist, unless it is switched off."""
    said = " ".join([*arguments, environment.get("PYTEST_ADDOPTS", "")])
    return [] if "no:xdist" in said else ["-n", str(number)]


def library_jobs(arguments: Sequence[str], environment: dict[str, str], name: str, python: str) -> list[Job]:
    """What is run in the environment of the lock of that name."""
    alone = {**environment, **NO_FOREIGN_PLUGINS}
    pytest = ["-m", "pytest", "-q", "-rfE", "--environment", name]
    remembers = f"cache_dir=.pytest_cache/{name}"  # what has failed; each job in a place of its own
    sandbox = (
        f"sandbox with libraries, {name}",
        [*pytest, "-o", f"{remembers}-sandbox", *arguments, f"{SANDBOX}/test_oracle.py"],
    )
    workers = _workers(2, arguments, environment)
    plugin = ["-p", "xdist.plugin"] if workers else []
    others = (
        f"libraries, {name}",
        [*pytest, "-o", remembers, *plugin, *workers, *arguments, *ABOUT_LIBRARIES],
    )
    return [
        Job([sandbox], alone, python=python, again=True),
        Job([others], alone, live=True, python=python, again=True),
    ]


def jobs(arguments: Sequence[str], environment: dict[str, str]) -> list[Job]:
    """What runs side by side. `arguments` are for pytest, but for ours."""
    coverage = ["--cov", "--cov-report", "term:skip-covered"] if "--cov" in arguments else []
    given = [argument for argument in arguments if argument != "--cov"]
    workers = _workers(2, given, environment)
    return [
        Job(STATIC, dict(os.environ)),
        Job([("sandbox", ["-m", "pytest", "-q", *given, SANDBOX])], environment),
        Job([("tests", ["-m", "pytest", *workers, f"--ignore={SANDBOX}", *coverage, *given])], environment, live=True),
    ]


def main() -> int:
    arguments = sys.argv[1:]
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    environment = seeded()
    again = f"PYTHONHASHSEED={environment['PYTHONHASHSEED']} python -m tests {' '.join(arguments)}".rstrip()
    print(f"--- hash seed {environment['PYTHONHASHSEED']}", flush=True)
    failed: list[str] = []
    if "--libraries" in arguments:
        arguments.remove("--libraries")
        _with_libraries(arguments, environment, failed)
    else:
        _run(jobs(arguments, environment), failed)
    if failed:
        print(f"FAILED: {', '.join(sorted(failed))}; again: {again}", file=sys.stderr)
    return 1 if failed else 0


def _run(beside: Sequence[Job], failed: list[str]) -> None:
    """Run jobs side by side."""
    running = [threading.Thread(target=job.run, args=(failed,)) for job in beside]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def _with_libraries(arguments: Sequence[str], environment: dict[str, str], failed: list[str]) -> None:
    """Run what needs libraries, each test in the environment that is locked for it, and tell what cannot be tried for want of one."""
    from tests.libraries.environment import CannotBeMade, make
    from tests.libraries.locks import locks

    for lock in locks():
        began = time.monotonic()
        try:
            made = make(lock, ROOT / ".venv-libraries" / lock.name)
        except CannotBeMade as error:
            failed.append(f"environment {lock.name}")
            print(f"--- the libraries of {lock.file.name} were not tried: {error}", file=sys.stderr)
            continue
        print(f"--- libraries of {lock.file.name}: installed after {time.monotonic() - began:.0f} s", flush=True)
        for name, reason in made.missing.items():
            print(f"not installed, so not tried: {name}: {reason}")
        _run(library_jobs(arguments, environment, lock.name, str(made.python)), failed)


if __name__ == "__main__":
    sys.exit(main())
