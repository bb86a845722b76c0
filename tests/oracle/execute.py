"""Runs one fixture in the sandbox and says which probes were reached in which invocation.

Probes are read while everything is frozen, so a probe belongs to the invocation whose freeze it came before; no clock is
asked. After the last freeze the sandbox is killed at once.

Unless its function is a server, a fixture can be run under the observer of `prove`, whose story is kept with the result.

On Lambda Managed Instances nothing is frozen: there a probe belongs to the last invocation that was made before it came, and
the next one is made, or the sandbox killed, when all probes that shall be done have come, or after a second's time.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from lint_lambda.emulator.container import fresh
from lint_lambda.emulator.environment import python_version
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.node import build, default_node, node_version
from lint_lambda.emulator.prove import Run
from lint_lambda.emulator.sandbox import Outcome, Sandbox
from lint_lambda.emulator.story import Story
from lint_lambda.emulator.unavailable import Unavailable
from tests.oracle.fixture import PATIENCE, BadFixture, Fixture, Invocation
from tests.oracle.foretold import foretold
from tests.oracle.warm import warm
from tests.oracle.web_event import http_event

SUPPLY = Path(__file__).with_name("supply")
NODE_LIBRARIES = Path(__file__).parents[2] / ".node-libraries"
"""Where the packages are that Node fixtures require, if they are installed: `python -m tests.oracle.node_libraries`."""
GRACE = 1.0
"""Seconds until the next event, or the end, where nothing is frozen in between and something must not come: it cannot."""
MORE = 5
"""Events that are sent again, at most, until what is said to be late has come."""
TIMED_OUT = "Sandbox.Timedout"


@dataclass(frozen=True)
class Observed:
    """One invocation: the probes reached before its freeze, in order and as often as they were, and how it ended."""

    reached: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True)
class Result:
    fixture: Fixture
    observed: tuple[Observed, ...]
    story: Story | None = None

    @property
    def disagreements(self) -> list[str]:
        """What the sandbox contradicts in the `# oracle:` lines, one sentence each; empty when they hold."""
        found = []
        for index, (said, seen) in enumerate(zip(self.fixture.invocations, self.observed)):
            where = f"invocation {index + 1}"
            later = [name for one in self.observed[index + 1 :] for name in one.reached]
            earlier_late = {name for one in self.fixture.invocations[:index] for name in one.late}
            for name in said.done:
                if name not in seen.reached:
                    found.append(f"{where}: done={name}, but it was reached {'late' if name in later else 'never'}")
            for name in said.late:
                if name in seen.reached and name not in said.done:
                    found.append(f"{where}: late={name}, but it was reached before the freeze")
                elif name not in later:
                    found.append(f"{where}: late={name}, but it was never reached")
            for name in said.lost:
                if name in seen.reached and name not in said.done and name not in earlier_late:
                    found.append(f"{where}: lost={name}, but it was reached before the freeze")
            for name in dict.fromkeys(seen.reached):
                if name not in said.done + said.late + said.lost and name not in earlier_late:
                    found.append(f"{where}: {name} was reached, which nothing says")
            error = seen.outcome.error_name
            if error != said.errors:
                found.append(f"{where}: ended with {error or 'a response'}, not {said.errors or 'a response'}")
        return found + self._late_arrivals()

    def _late_arrivals(self) -> list[str]:
        """Probes said to be lost that arrived in a later invocation after all."""
        found = []
        for index, said in enumerate(self.fixture.invocations):
            for name in said.lost:
                for later in range(index + 1, len(self.fixture.invocations)):
                    due = int(name in self.fixture.invocations[later].done)
                    due += any(name in one.late for one in self.fixture.invocations[:later])
                    if self.observed[later].reached.count(name) > due:
                        found.append(f"invocation {index + 1}: lost={name}, but invocation {later + 1} reached it")
        return found

    @property
    def loses(self) -> bool:
        """Whether work was observed to be lost or late: a probe announced by the fixture was not reached in time."""
        return any(
            name not in seen.reached
            for said, seen in zip(self.fixture.invocations, self.observed)
            for name in (*said.done, *said.late, *said.lost)
        )

    @property
    def repeats(self) -> bool:
        """Whether a probe was reached in more than one invocation."""
        reached = [name for seen in self.observed for name in dict.fromkeys(seen.reached)]
        return len(reached) > len(set(reached))

    @property
    def loses_unsaid(self) -> bool:
        """Whether work was lost or late in an invocation that did not fail: there the caller takes it for done."""
        return any(
            name not in seen.reached
            for said, seen in zip(self.fixture.invocations, self.observed)
            for name in (*said.done, *said.late, *said.lost)
            if said.errors is None
        )

    @property
    def log(self) -> str:
        return "".join(one.outcome.log for one in self.observed)


@cache
def _distributions(python: str) -> dict[str, tuple[int, ...]]:
    """The normalised names of everything installed for an interpreter, and the versions."""
    listing = "import importlib.metadata as m; print('\\n'.join(f'{d.metadata[\"Name\"]} {d.version}' for d in m.distributions()))"
    answer = subprocess.run([python, "-c", listing], capture_output=True, check=True, text=True)
    found = (line.rpartition(" ") for line in answer.stdout.splitlines())
    return {_normal(name): _numbers(version) for name, _, version in found}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def unmet(fixture: Fixture, python: str = sys.executable) -> str | None:
    """The first of its requirements that `python` does not meet. Raises Unavailable when it runs no functions at all."""
    if fixture.is_node:
        return unmet_by_node(fixture)
    for requirement in fixture.requires:
        match = re.fullmatch(r"([\w.-]+?)\s*(?:(>=|<)\s*([\d.]+))?", requirement)
        if match is None:
            raise BadFixture(f"{fixture.path}:1: `# requires:` takes NAME, NAME>=VERSION or NAME<VERSION")
        have = python_version(python) if match[1] == "python" else _distributions(python).get(_normal(match[1]))
        if have is None or (match[2] == ">=" and have < _numbers(match[3])):
            return requirement
        if match[2] == "<" and have >= _numbers(match[3]):
            return requirement
    return None


def unmet_by_node(fixture: Fixture) -> str | None:
    """The same for a Node function: `node>=22`, or `npm:NAME`, a package in `NODE_LIBRARIES`; Node itself, where there is none."""
    try:
        version = node_version(default_node())
    except Unavailable:
        return "node, of which there is none"
    for requirement in fixture.requires:
        match = re.fullmatch(r"node>=(\d+)|npm:(\S+)", requirement)
        if match is None:
            raise BadFixture(f"{fixture.path}:1: `// requires:` takes node>=VERSION or npm:PACKAGE")
        if match[1] and version < int(match[1]):
            return requirement
        if match[2] and not (NODE_LIBRARIES / "node_modules" / _package(match[2])).is_dir():
            return requirement
    return None


def _package(requirement: str) -> str:
    """`eventemitter2` of `eventemitter2@6`, `@nestjs/core` of `@nestjs/core@11`."""
    return requirement[:1] + requirement[1:].partition("@")[0]


@dataclass(frozen=True)
class Prepared:
    """A fixture ready to run: the function, an event for each invocation, and the file that its probes write to."""

    function: Function
    events: tuple[object, ...]
    probes: Path

    def reached(self) -> list[str]:
        """The probes reached so far, in order."""
        return self.probes.read_text().splitlines() if self.probes.exists() else []


@contextmanager
def prepared(fixture: Fixture, python: str = sys.executable, observe: bool = False) -> Iterator[Prepared]:
    """A copy of the fixture as a task root of its own, removed in the end."""
    with tempfile.TemporaryDirectory(prefix="fixture-") as directory:
        here = Path(directory).resolve()
        root = here / "task"
        if fixture.root is not None:
            shutil.copytree(fixture.root, root, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            root.mkdir()
            shutil.copy(fixture.path, root / fixture.app)
        if fixture.is_node:
            yield _prepared_for_node(fixture, here, observe)
            return
        fixture.write_scaffold(root)
        handlers = [said.handler if "." in said.handler else f"app.{said.handler}" for said in fixture.invocations]
        events: list[object] = [said.event for said in fixture.invocations]
        env = {"PROBE_FILE": str(here / "probes")}
        if _works_after_the_answer(fixture):
            env["PROBE_FREE"] = "1"
        handler = handlers[0]
        if len(set(handlers)) > 1:
            env["FIXTURE_MODULES"] = ",".join(sorted({handler.rpartition(".")[0] for handler in handlers}))
            events = [{"handler": handler, "event": event} for handler, event in zip(handlers, events)]
            handler = "several.handler"
        function = Function(
            task_root=root,
            handler=handler,
            python=python,
            timeout=fixture.timeout if fixture.times_out else fixture.patience,
            init_timeout=PATIENCE,
            env=env,
            import_paths=(SUPPLY,),
            observe=observe,
            managed=1 if fixture.managed else 0,
        )
        if fixture.serve:
            function = replace(function, serve=fixture.serve)
            events = [http_event(**event) for event in events if isinstance(event, dict)]
        yield Prepared(function, tuple(events), here / "probes")


def _prepared_for_node(fixture: Fixture, here: Path, observe: bool) -> Prepared:
    root = here / "task"
    modules = root / "node_modules"
    shutil.copytree(SUPPLY / "node", modules, dirs_exist_ok=True)
    for requirement in fixture.requires:
        if requirement.startswith("npm:"):
            name = _package(requirement.removeprefix("npm:"))
            (modules / name).parent.mkdir(exist_ok=True)
            (modules / name).symlink_to(NODE_LIBRARIES / "node_modules" / name)
    if any(requirement.startswith("npm:") for requirement in fixture.requires):
        (modules / ".bin").symlink_to(NODE_LIBRARIES / "node_modules" / ".bin")
    function = Function(
        task_root=root,
        handler=f"app.{fixture.invocations[0].handler}",
        node=default_node(),
        runtime=fixture.runtime,
        timeout=fixture.timeout if fixture.times_out else fixture.patience,
        init_timeout=PATIENCE,
        env={"PROBE_FILE": str(here / "probes")},
        observe=observe,
    )
    if fixture.path.suffix == ".ts":
        build(root / fixture.app, root, here / "built", default_node())
        function = replace(function, deployed=here / "built")
    return Prepared(function, tuple(said.event for said in fixture.invocations), here / "probes")


def execute(fixture: Fixture, python: str = sys.executable, observe: bool = False) -> Result:
    """Run its invocations, in order, in one sandbox; with `observe`, and where it can be, as `prove` does.

    Raises what the sandbox raises.
    """
    observed, read = [], 0
    with prepared(fixture, python, observe and not fixture.serve) as case, _running(case.function) as run:
        sandbox = run.sandbox if isinstance(run, Run) else run

        def invoke(event: object, said: Invocation) -> None:
            nonlocal read
            timeout = fixture.timeout if said.errors == TIMED_OUT else fixture.patience
            leeway = 0.0 if said.errors == TIMED_OUT else PATIENCE  # whoever waits until shortly before it may be late
            sandbox.function = replace(sandbox.function, timeout=timeout, leeway=leeway)
            outcome = run.invoke(event).outcome if isinstance(run, Run) else run.invoke(event)
            if fixture.managed:
                _give_time(case, read, said)
            reached = case.reached()
            observed.append(Observed(tuple(reached[read:]), outcome))
            read = len(reached)

        for said, event in zip(fixture.invocations, case.events):
            invoke(event, said)
        for _ in range(MORE):
            if not _still_to_come(fixture, observed):
                break
            invoke(event, said)
        if isinstance(run, Run):
            run.judge(foretold(fixture, case.function.task_root))
    return Result(fixture, tuple(observed), run.story if isinstance(run, Run) else None)


def _running(function: Function) -> Run | Sandbox:
    start = warm().start if function.python == sys.executable else fresh
    return Run(function, start=start) if function.observe else Sandbox(function, start)


def _still_to_come(fixture: Fixture, observed: Sequence[Observed]) -> bool:
    """Whether something that is said to be late has not come. How long an invocation lasts depends on the machine."""
    return any(
        name not in (reached for later in observed[index + 1 :] for reached in later.reached)
        for index, said in enumerate(fixture.invocations)
        for name in said.late
    )


def _works_after_the_answer(fixture: Fixture) -> bool:
    """Whether work is done between an answer and a freeze, by an extension or a hook, or where nothing is frozen."""
    if fixture.scaffold or fixture.serve or fixture.managed:
        return True
    return any("Lambda-Extension-" in file.read_text(encoding="utf-8", errors="replace") for file in fixture.files)


def _give_time(case: Prepared, read: int, said: Invocation) -> None:
    """Let what is still at work go on, where nothing freezes it. What must not come is waited for in vain for all the time."""
    deadline = time.monotonic() + (GRACE if said.late or said.lost else PATIENCE)
    while time.monotonic() < deadline and (said.late or said.lost or not set(said.done) <= set(case.reached()[read:])):
        time.sleep(0.02)
