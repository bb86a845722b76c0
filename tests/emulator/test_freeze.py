"""The freeze reaches everything, holds while it lasts, and ends with the next event; nothing is left behind, ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lint_lambda.emulator.container import Container, ContainerError
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import Sandbox
from lint_lambda.emulator.supervisor import CGROUPS
from tests.emulator.beats import NAMES, environment, mentioning, soon, written
from tests.emulator.client import PATIENCE

Make = Callable[..., Function]

# A shell that runs the tests in its background has them ignore Ctrl-C.
EMULATOR = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import Sandbox
root, beats, names = sys.argv[1:]
with Sandbox(Function(Path(root), "app.handler", env={"BEATS": beats}, timeout=600)) as sandbox:
    sandbox.invoke({"start": names.split(",")})
    if "thaw" in sys.stdin.readline():
        sandbox._container.thaw()
    print(sandbox._container._process.pid, sandbox.directory, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def runaways(function: Make, tmp_path: Path) -> Function:
    return function("runaways.py", env=environment(tmp_path))


def test_everything_stops_in_the_freeze_and_runs_on_with_the_next_event(runaways: Function, tmp_path: Path) -> None:
    with Sandbox(runaways) as sandbox:
        outcome = sandbox.invoke({"start": NAMES})
        assert outcome.freeze is not None and len(outcome.freeze.processes) >= len(NAMES)
        frozen = written(tmp_path)
        time.sleep(0.1)  # long enough for twenty beats of each
        assert written(tmp_path) == frozen
        pid = int(sandbox.invoke({}).payload)
        assert pid == int(outcome.payload), "the same process goes on"
        thawed = written(tmp_path)
        sandbox._container.thaw()
        assert soon(lambda: all(now > before for now, before in zip(written(tmp_path).values(), thawed.values())))
        sandbox._container.freeze()
    assert not mentioning(str(tmp_path)), "leaving the sandbox ends all of them"


def test_nothing_comes_between_the_poll_and_the_freeze(runaways: Function) -> None:
    with Sandbox(runaways) as sandbox:
        sandbox.invoke({})
        kinds = [event.kind for event in sandbox.timeline]
    assert kinds[-2:] == ["runtime-ready", "freeze"]


def test_what_the_function_stopped_itself_stays_stopped(function: Make) -> None:
    source = (
        "import os, signal, subprocess\n"
        "def handler(event, context):\n"
        "    global child\n"
        "    if event:\n"
        "        child = subprocess.Popen(['sleep', '60'])\n"
        "        os.kill(child.pid, signal.SIGSTOP)\n"
        "        os.waitpid(child.pid, os.WUNTRACED)\n"
        "    return open(f'/proc/{child.pid}/stat').read().split()[2]\n"
    )
    with Sandbox(function(source=source)) as sandbox:
        assert sandbox.invoke({"stop": True}).payload == b'"T"'
        assert sandbox.invoke({}).payload == b'"T"'


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "running"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, "supervisor"])
def test_nothing_is_left_behind(runaways: Function, tmp_path: Path, number: int | str, frozen: bool) -> None:
    """Ctrl-C, a termination, a killed emulator, a killed first process: frozen or running, all processes end."""
    beats = environment(tmp_path)["BEATS"]
    if number == "supervisor" and not any(os.access(base, os.W_OK) for base in CGROUPS):
        pytest.skip("without a cgroup, processes with an empty environment cannot be told from others")
    emulator = subprocess.Popen(
        [sys.executable, "-c", EMULATOR, str(runaways.task_root), beats, ",".join(NAMES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert emulator.stdin is not None and emulator.stdout is not None
        emulator.stdin.write("freeze\n" if frozen else "thaw\n")
        emulator.stdin.flush()
        said, directory = emulator.stdout.readline().split()
        supervisor = int(said)
        assert len(mentioning(beats)) > len(NAMES)
        if number == "supervisor":
            os.kill(supervisor, signal.SIGKILL)
            assert soon(lambda: not Path(f"/proc/{supervisor}/stat").exists() or _is_zombie(supervisor))
            os.kill(emulator.pid, signal.SIGINT)
        else:
            os.kill(emulator.pid, int(number))
        emulator.wait(PATIENCE)
        assert soon(lambda: not mentioning(beats))
        assert soon(lambda: not Path(directory).exists())
    finally:
        emulator.kill()
        emulator.communicate()


def _is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    directory = tmp_path / "sandbox"
    with Container(lambda name, pid, status: None, "MARK=none", directory, max_processes=40) as made:
        yield made


def test_a_fork_bomb_is_bounded_frozen_and_killed(container: Container, tmp_path: Path) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass\n"
    log = tmp_path / "log"
    argv = [sys.executable, "-S", "-c", bomb]
    container.start("bomb", argv, {"MARK": f"bomb-{tmp_path}"}, tmp_path, log)
    assert soon(lambda: len(mentioning(f"bomb-{tmp_path}")) > 20), "it did spread"
    processes = container.freeze()
    assert 20 < len(processes) <= 40
    container.kill()
    assert not mentioning(f"bomb-{tmp_path}")


def test_what_cannot_be_started_is_said(container: Container, tmp_path: Path) -> None:
    with pytest.raises(ContainerError, match="No such file"):
        container.start("nothing", ["/nowhere/program"], {}, tmp_path, tmp_path / "log")
    assert container.freeze() == ()
