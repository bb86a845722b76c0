"""Phases and what ends them: init, invocation, timeout, reset, shutdown, as the function's code lives through them."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lint_lambda.emulator.container import FirstProcess
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.sandbox import RUNTIME_SHARE, SHUTDOWN_BUDGET, Outcome, Sandbox
from lint_lambda.emulator.unavailable import Unavailable
from tests.emulator.beats import soon
from tests.emulator.client import PATIENCE
from tests.emulator.clock import Clock, noted, starting
from tests.emulator.conftest import interpreters

Make = Callable[..., Function]


def _kinds(sandbox: Sandbox) -> list[str]:
    return [event.kind for event in sandbox.timeline]


def _message(outcome: Outcome) -> str:
    return str(json.loads(outcome.payload)["errorMessage"])


@pytest.mark.parametrize("python", interpreters())
def test_a_function_sees_lambdas_environment(function: Make, python: str) -> None:
    source = (
        "import os, sys\n"
        "def handler(event, context):\n"
        "    return {'env': dict(os.environ), 'cwd': os.getcwd(), 'path': sys.path[0], 'event': event,\n"
        "            'session': os.getsid(0) == os.getpid(), 'name': context.function_name,\n"
        "            'left': context.get_remaining_time_in_millis(), 'version': sys.version_info[:2]}\n"
    )
    made = function(source=source, python=python, name="orders", memory_mb=256, env={"TABLE": "t"})
    with Sandbox(made) as sandbox:
        outcome = sandbox.invoke({"n": 1})
        seen = json.loads(outcome.payload)
        env = seen["env"]
        assert env["AWS_EXECUTION_ENV"] == "AWS_Lambda_python{}.{}".format(*seen["version"])
        assert env["AWS_LAMBDA_RUNTIME_API"] == sandbox.api
    assert env["_HANDLER"] == "app.handler"
    assert env["LAMBDA_TASK_ROOT"] == seen["cwd"] == seen["path"] == str(made.task_root)
    assert (env["AWS_LAMBDA_FUNCTION_NAME"], env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]) == ("orders", "256")
    assert (env["TABLE"], env["TZ"], env["AWS_LAMBDA_INITIALIZATION_TYPE"]) == ("t", ":UTC", "on-demand")
    assert seen["session"] and seen["name"] == "orders" and seen["event"] == {"n": 1}
    assert 500 * PATIENCE < seen["left"] <= 1000 * PATIENCE


def test_nothing_of_the_callers_environment_gets_in(function: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    with Sandbox(function(source="import os\ndef handler(e, c): return dict(os.environ)\n")) as sandbox:
        env = json.loads(sandbox.invoke({}).payload)
    assert "AWS_PROFILE" not in env and "HOME" not in env
    assert env["AWS_SECRET_ACCESS_KEY"] == "sandbox"


def test_phases_in_order(function: Make) -> None:
    with Sandbox(function(source="def handler(e, c): return e\n")) as sandbox:
        sandbox.invoke(1)
        sandbox.invoke(2)
    assert _kinds(sandbox) == [
        *("init-start", "runtime-ready", "init-done"),
        *("invoke", "response", "runtime-ready", "freeze"),
        *("thaw", "invoke", "response", "runtime-ready", "freeze"),
    ]


def test_tmp_lasts_as_long_as_the_sandbox_also_through_a_reset(function: Make) -> None:
    source = (
        "import os, tempfile, pathlib\n"
        "def handler(event, context):\n"
        "    file = pathlib.Path(tempfile.gettempdir(), 'kept')\n"
        "    file.write_text(file.read_text() + event if file.exists() else event)\n"
        "    return os._exit(1) if event == 'x' else file.read_text()\n"
    )
    with Sandbox(function(source=source)) as sandbox:
        sandbox.invoke("a")
        assert sandbox.invoke("b").payload == b'"ab"'
        assert sandbox.invoke("x").kind == "failure"
        assert sandbox.invoke("c").payload == b'"abxc"'
        directory = sandbox.directory
        assert directory.exists()
    assert not directory.exists()


def test_the_project_is_not_written_to(function: Make) -> None:
    made = function(source="import helper\ndef handler(e, c): return helper.__name__\n")
    (made.task_root / "helper.py").write_text("")
    with Sandbox(made) as sandbox:
        assert sandbox.invoke({}).payload == b'"helper"'
    assert sorted(path.name for path in made.task_root.iterdir()) == ["app.py", "helper.py"]


def test_an_exception_is_an_error_and_the_process_goes_on(function: Make) -> None:
    source = "import os\ndef handler(e, c):\n    if e: raise KeyError('k')\n    return os.getpid()\n"
    with Sandbox(function(source=source)) as sandbox:
        pid = sandbox.invoke(0).payload
        outcome = sandbox.invoke(1)
        assert (outcome.kind, outcome.error_name, _message(outcome)) == ("error", "KeyError", "'k'")
        assert outcome.freeze is not None
        assert sandbox.invoke(0).payload == pid


def test_a_timeout_ends_the_process_and_the_next_event_finds_a_new_one(function: Make, clock: Clock) -> None:
    source = "import os, time\ndef handler(e, c):\n    time.sleep(e)\n    return os.getpid()\n"
    with Sandbox(function(source=source)) as sandbox:
        first = sandbox.invoke(0)
        outcome = clock.times_out(sandbox, 600, noted(sandbox, "invoke", 2))
        assert (outcome.kind, outcome.error_name, outcome.freeze) == ("timeout", "Sandbox.Timedout", None)
        assert _message(outcome).endswith(f"Error: Task timed out after {PATIENCE:.2f} seconds")
        third = sandbox.invoke(0)
        assert third.kind == "response" and third.payload != first.payload
        assert _kinds(sandbox).count("init-done") == 2


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("os._exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit(4)", "Runtime exited with error: exit status 4"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: SIGKILL"),
    ],
)
def test_the_end_of_the_process(function: Make, statement: str, message: str) -> None:
    source = f"import os, sys\ndef handler(e, c):\n    if e: {statement}\n    return 'alive'\n"
    with Sandbox(function(source=source)) as sandbox:
        outcome = sandbox.invoke(1)
        assert (outcome.kind, outcome.error_name) == ("failure", "Runtime.ExitError")
        assert _message(outcome).endswith(message)
        assert sandbox.invoke(0).payload == b'"alive"'


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import nowhere\n", "Runtime.ImportModuleError"),
        ("def handler(e, c\n", "Runtime.UserCodeSyntaxError"),
        ("other = 1\n", "Runtime.HandlerNotFound"),
        ("raise ValueError('at import')\n", "ValueError"),
        ("import os; os._exit(1)\n", "Runtime.ExitError"),
    ],
)
def test_a_failing_init_is_tried_again_with_the_event_and_then_answered(
    function: Make, source: str, error: str
) -> None:
    with Sandbox(function(source=source)) as sandbox:
        assert not sandbox.init()
        outcome = sandbox.invoke({})
    assert (outcome.kind, outcome.error_name) == ("failure", error)
    assert _kinds(sandbox).count("init-failed") == 2


def test_a_slow_init_goes_on_within_the_invocation(function: Make, clock: Clock) -> None:
    source = (
        "import os, pathlib, time\n"
        "first = not pathlib.Path(os.environ['TMPDIR'], 'seen').exists()\n"
        "pathlib.Path(os.environ['TMPDIR'], 'seen').touch()\n"
        "if first: time.sleep(600)\n"
        "def handler(e, c): return 'ready'\n"
    )
    with Sandbox(function(source=source)) as sandbox:
        outcome = clock.times_out(sandbox, {}, (sandbox.scratch / "seen").exists)
    assert outcome.payload == b'"ready"'
    assert _kinds(sandbox)[:2] == ["init-start", "init-failed"]


def test_a_hanging_init_is_a_timeout(function: Make, clock: Clock) -> None:
    with Sandbox(function(source="import time; time.sleep(600)\n")) as sandbox:
        outcome = clock.times_out(sandbox, {}, starting(sandbox, 1), starting(sandbox, 2))
    assert outcome.kind == "timeout"


def test_an_oversize_response(function: Make) -> None:
    source = "def handler(e, c): return 'x' * (e << 20)\n"
    with Sandbox(function(source=source)) as sandbox:
        assert sandbox.invoke(5).kind == "response"
        outcome = sandbox.invoke(7)
        assert outcome.error_type in ("Function.ResponseSizeTooLarge", "Runtime.ExitError"), outcome
        assert sandbox.invoke(1).kind == "response"


_SIGTERM = """
import http.client, json, os, signal, threading
if {extension}:
    def call(method, path, body=None, **headers):
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        connection.request(method, "/2020-01-01/extension/" + path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.getheader("Lambda-Extension-Identifier")
    name = call("POST", "register", json.dumps({{"events": []}}), **{{"Lambda-Extension-Name": "inner"}})
    threading.Thread(target=call, args=("GET", "event/next"), daemon=True,
                     kwargs={{"Lambda-Extension-Identifier": name}}).start()
def drain(number, frame):
    print("drained")
    os._exit(0)
if {handled}:
    signal.signal(signal.SIGTERM, drain)
def handler(e, c): return 1
"""


@pytest.mark.parametrize(
    ("extension", "handled", "polls_from", "drained", "at_once"),
    [
        (False, True, "python3.12", False, True),
        (True, False, "python3.12", False, True),
        (True, True, "python3.12", True, True),
        (True, True, "python3.11", False, False),
    ],
    ids=["no-extension-sigkill", "default-action", "thread-polling", "main-thread-polling"],
)
def test_sigterm_at_shutdown(
    function: Make, clock: Clock, extension: bool, handled: bool, polls_from: str, drained: bool, at_once: bool
) -> None:
    if at_once:
        clock.drains()
    source = _SIGTERM.format(extension=extension, handled=handled)
    made = function(source=source, env={"AWS_EXECUTION_ENV": f"AWS_Lambda_{polls_from}"})
    with Sandbox(made) as sandbox:
        assert sandbox.invoke({}).kind == "response"
        began = time.monotonic()
        sandbox.shutdown()
        took = time.monotonic() - began
        assert ("drained" in sandbox.log.read_text()) == drained
    share = SHUTDOWN_BUDGET * RUNTIME_SHARE
    assert took < 30 * share if at_once else took >= share, "at once is long before the SIGKILL"


_EXTERNAL = """#!{python}
import http.client, json, os, sys
def call(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, "/2020-01-01/extension/" + path, body, headers)
    answer = connection.getresponse()
    return answer.getheader("Lambda-Extension-Identifier"), json.loads(answer.read())
events = {{"events": ["INVOKE", "SHUTDOWN"]}}
name, _ = call("POST", "register", json.dumps(events), **{{"Lambda-Extension-Name": "collector"}})
while True:
    _, event = call("GET", "event/next", **{{"Lambda-Extension-Identifier": name}})
    print("collector", event["eventType"], event.get("shutdownReason", ""), "_HANDLER" in os.environ, flush=True)
    if event["eventType"] == "SHUTDOWN" or {crashes}:
        sys.exit({crashes} and 7)
"""


def _external(directory: Path, crashes: bool = False) -> Path:
    import sys

    path = directory / "collector"
    path.write_text(_EXTERNAL.format(python=sys.executable, crashes=crashes))
    path.chmod(0o755)
    return path


def test_an_external_extension_lives_through_all_phases(function: Make, tmp_path: Path) -> None:
    made = function(source="def handler(e, c): return e\n", extensions=(_external(tmp_path),))
    with Sandbox(made) as sandbox:
        outcome = sandbox.invoke(1)
        assert (outcome.kind, outcome.log) == ("response", "collector INVOKE  False\n")
        assert outcome.freeze is not None and len(outcome.freeze.processes) == 2
        sandbox.shutdown()
        assert sandbox.log.read_text().endswith("collector SHUTDOWN spindown False\n")


def test_a_timeout_is_the_shutdown_reason(function: Make, clock: Clock, tmp_path: Path) -> None:
    clock.drains()
    source = "import time\ndef handler(e, c): time.sleep(600)\n"
    with Sandbox(function(source=source, extensions=(_external(tmp_path),))) as sandbox:
        assert clock.times_out(sandbox, 1, noted(sandbox, "invoke")).kind == "timeout"
        assert "collector SHUTDOWN timeout False\n" in sandbox.log.read_text()


def test_a_crashing_extension_fails_the_invocation(function: Make, tmp_path: Path) -> None:
    source = "import time\ndef handler(e, c): time.sleep(600)\n"
    with Sandbox(function(source=source, extensions=(_external(tmp_path, crashes=True),))) as sandbox:
        outcome = sandbox.invoke(1)
    assert (outcome.kind, outcome.error_name) == ("failure", "Extension.Crash")


def test_an_extension_that_registers_and_never_polls_hangs_init(function: Make, clock: Clock) -> None:
    source = (
        "import http.client, os\n"
        "connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])\n"
        "connection.request('POST', '/2020-01-01/extension/register', '{\"events\": [\"INVOKE\"]}',\n"
        "                   {'Lambda-Extension-Name': 'mute'})\n"
        "connection.getresponse().read()\n"
        "def handler(e, c): return 1\n"
    )
    with Sandbox(function(source=source)) as sandbox:
        twice = (noted(sandbox, "runtime-ready", times) for times in (1, 2))
        assert clock.times_out(sandbox, 1, *twice).kind == "timeout"
    said = [event.detail["waiting_for"] for event in sandbox.timeline if event.kind == "timeout"]
    assert said == [["extension mute (Registered)"]]


def test_managed_instances_do_not_freeze(function: Make, tmp_path: Path) -> None:
    source = (
        "import threading, time\n"
        "def beat():\n"
        "    while True:\n"
        f"        open({str(tmp_path / 'beat')!r}, 'a').write('.'); time.sleep(0.005)\n"
        "def handler(e, c): threading.Thread(target=beat, daemon=True).start()\n"
    )
    with Sandbox(function(source=source, managed=2)) as sandbox:
        outcome = sandbox.invoke({})
        assert (outcome.kind, outcome.freeze) == ("response", None)
        assert soon((tmp_path / "beat").exists)
        before = (tmp_path / "beat").stat().st_size
        assert soon(lambda: (tmp_path / "beat").stat().st_size > before)
        assert len(sandbox._container.freeze()) == 3, "a parent and its two workers"


def test_an_interpreter_without_the_runtime_client_is_refused_with_help(function: Make, tmp_path: Path) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho '[[3, 12], false]'\n")
    fake.chmod(0o755)
    with pytest.raises(Unavailable, match="-m pip install awslambdaric"):
        Sandbox(function(source="", python=str(fake)))
    with pytest.raises(Unavailable, match="not a Python that runs"):
        Sandbox(function(source="", python="/nowhere/python"))


def test_a_sandbox_that_cannot_begin_leaves_nothing_behind(
    function: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(max_processes: int, directory: Path) -> FirstProcess:
        assert directory.is_dir()
        raise OSError("no more processes")

    made = function(source="")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = list(tmp_path.iterdir())
    with pytest.raises(OSError, match="no more processes"):
        Sandbox(made, refused)
    assert list(tmp_path.iterdir()) == before
