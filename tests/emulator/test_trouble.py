"""What went wrong is said first, and a function that did not run has proved nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lint_lambda.emulator.document import as_json
from lint_lambda.emulator.function import Function
from lint_lambda.emulator.prove import prove
from lint_lambda.emulator.text import as_text
from lint_lambda.emulator.trouble import headline
from lint_lambda.prove_command import prove as command

Make = Callable[..., Function]

CASES = {
    "an import fails": ("import nosuchmodule\n", "the function did not start: Runtime.ImportModuleError: "),
    "the syntax is wrong": (
        "def handler(event, context)\n",
        "the function did not start: Runtime.UserCodeSyntaxError: ",
    ),
    "there is no handler": (
        "def other(event, context): pass\n",
        "the function did not start: Runtime.HandlerNotFound: ",
    ),
    "the module raises": ("raise LookupError('x')\n", "the function did not start: LookupError: x"),
    "the module ends the process": ("import os\nos._exit(3)\n", "the function did not start: Runtime.ExitError: "),
    "the handler raises": (
        "def handler(event, context):\n    raise ValueError('{x}')\n",
        "the handler raised ValueError in invocations 1 and 2: {x} (File ",
    ),
    "the handler calls itself for ever": (  # its traceback comes in a header of 80 kB
        "def again(): again()\ndef handler(event, context): again()\n",
        "the handler raised RecursionError in invocations 1 and 2: maximum recursion depth exceeded (File ",
    ),
    "the answer is too large": (
        "def handler(event, context): return 'x' * 7_000_000\n",
        "the answer of invocations 1 and 2 is larger than the 6 MB that Lambda takes",
    ),
    "an exception that is no Exception": (
        "def handler(event, context): raise KeyboardInterrupt\n",
        "the function's process ended in invocations 1 and 2, before it answered: signal: SIGINT (KeyboardInterrupt)",
    ),
    "the answer is no JSON": (
        "def handler(event, context): return object()\n",
        "the answer of invocations 1 and 2 could not be turned into JSON: ",
    ),
    "the handler takes too long": (
        "import time\ndef handler(event, context): time.sleep(60)\n",
        "invocations 1 and 2 timed out after 0.5 s: the handler did not return",
    ),
    "the handler ends its process": (
        "import os\ndef handler(event, context): os._exit(3)\n",
        "the function's process ended in invocations 1 and 2, before it answered: exit status 3",
    ),
    "the handler kills its process": (
        "import os, signal\ndef handler(event, context): os.kill(os.getpid(), signal.SIGKILL)\n",
        "the function's process was killed in invocations 1 and 2 (SIGKILL)",
    ),
    "the handler stops the sandbox": (
        "import os, signal\ndef handler(event, context): os.kill(os.getppid(), signal.SIGSTOP)\n",
        "invocation 1 could not be watched: the function stopped the sandbox's first process",
    ),
    "the handler ends the sandbox": (
        "import os, signal\ndef handler(event, context): os.kill(os.getppid(), signal.SIGKILL)\n",
        "invocation 1 could not be watched: the sandbox's first process has ended",
    ),
    "an extension does not poll again": (
        "import http.client, json, os, threading\n"
        "api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])\n"
        "api.request('POST', '/2020-01-01/extension/register', json.dumps({'events': ['INVOKE']}), "
        "{'Lambda-Extension-Name': 'lazy'})\n"
        "said = api.getresponse(); said.read()\n"
        "head = {'Lambda-Extension-Identifier': said.getheader('Lambda-Extension-Identifier')}\n"
        "def once():\n"
        "    api.request('GET', '/2020-01-01/extension/event/next', headers=head)\n"
        "    api.getresponse().read()\n"
        "    threading.Event().wait()\n"
        "threading.Thread(target=once, daemon=True).start()\n"
        "def handler(event, context): pass\n",
        "invocations 1 and 2 timed out after 0.5 s: extension lazy did not ask for the next event",
    ),
}


@pytest.mark.parametrize(("source", "said"), CASES.values(), ids=CASES)
def test_what_went_wrong_is_said_first_and_nothing_is_judged(function: Make, source: str, said: str) -> None:
    story = prove(
        function(source=source, observe=True, timeout=0.5 if "0.5" in said or "60" in source else 30), [{}, {}], []
    )
    assert headline(story.troubles[0]).startswith(said)
    assert not story.judged and story.left == []
    assert as_text(story).startswith(f"failed: {said}")
    assert as_text(story).endswith("could not be judged: see the first lines")
    first = as_json(story)["troubles"][0]
    assert (first["fatal"], first["help"] != "") == (True, True)


def test_work_that_an_error_leaves_behind_is_shown_and_does_not_count(function: Make) -> None:
    source = (
        "import threading, time\n"
        "def handler(event, context):\n"
        "    threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    raise ValueError\n"
    )
    story = prove(function(source=source, observe=True), [{}], [])
    assert [item.work.kind for item in story.lost] == ["thread"]
    assert story.left == [] and not story.judged


def test_work_left_by_an_answered_invocation_counts_whatever_comes_after(function: Make) -> None:
    source = (
        "import threading, time\n"
        "def handler(event, context):\n"
        "    threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    return 1 / event['by']\n"
    )
    story = prove(function(source=source, observe=True), [{"by": 1}, {"by": 0}], [])
    assert story.judged and len(story.left) == 1
    assert headline(story.troubles[0]).startswith("the handler raised ZeroDivisionError in invocation 2")


def test_an_answer_that_reports_an_error_is_noted(function: Make) -> None:
    source = "def handler(event, context): return {'statusCode': 502, 'body': 'upstream'}\n"
    story = prove(function(source=source, observe=True), [{}], [])
    assert [(headline(one), one.fatal) for one in story.troubles] == [
        ("status 502 was the answer to invocation 1: upstream", False)
    ]
    assert story.judged


def test_a_child_in_the_middle_of_vfork_can_be_frozen(function: Make) -> None:
    """Its parent cannot be stopped, as the kernel holds it until the child runs another program."""
    child = (
        "import os, sys; "
        "os.posix_spawn('/bin/true', ['true'], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)])"
    )
    source = (
        "import os, subprocess, sys, tempfile, time\n"
        "def handler(event, context):\n"
        "    pipe = tempfile.mkdtemp() + '/pipe'\n"
        "    os.mkfifo(pipe)\n"
        f'    child = subprocess.Popen([sys.executable, "-c", "{child}", pipe])\n'
        "    while open(f'/proc/{child.pid}/stat').read().rpartition(')')[2].split()[0] != 'D':\n"
        "        time.sleep(0.01)\n"
    )
    story = prove(function(source=source, observe=True, timeout=30), [{}], [])
    assert story.troubles == []
    assert {item.work.kind for item in story.left} == {"process"}


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("def handler(event, context): return 1\n", 0),
        ("import threading, time\ndef handler(e, c): threading.Thread(target=time.sleep, args=(60,)).start()\n", 1),
        ("import nosuchmodule\n", 2),
    ],
)
def test_the_exit_status(tmp_path: Path, source: str, status: int) -> None:
    (tmp_path / "app.py").write_text(source)
    assert CliRunner().invoke(command, [f"{tmp_path / 'app.py'}:handler"]).exit_code == status


def test_an_object_that_cannot_be_looked_at_is_no_failure_of_the_function(function: Make) -> None:
    source = (
        "import queue, threading\n"
        "class Odd(queue.Queue):\n"
        "    def qsize(self): raise RuntimeError('not now')\n"
        "Odd.__module__ = 'queue'\n"
        "class Proxy:\n"
        "    @property\n"
        "    def __dict__(self): raise LookupError('nothing behind it')\n"
        "def wait(odd, proxy): threading.Event().wait()\n"
        "def handler(event, context):\n"
        "    threading.Thread(target=wait, args=(Odd() if event else None, Proxy()), daemon=True).start()\n"
        "    return 1\n"
    )
    made = function(source=source, observe=True)
    assert prove(made, [None], []).troubles == []
    story = prove(made, [1], [])
    assert [step.outcome.kind for step in story.steps] == ["response"]
    assert headline(story.troubles[0]) == (
        "what was alive after invocation 1 could not be looked at: RuntimeError: not now"
    )
    assert not story.judged


def test_many_alike_are_told_once(function: Make) -> None:
    source = (
        "import threading, time\ndef handler(event, context):\n"
        "    for _ in range(40): threading.Thread(target=time.sleep, args=(60,)).start()\n    print('line\\n' * 200)\n"
    )
    told = as_text(prove(function(source=source, observe=True), [{}], []))
    assert told.count("pending") == 1 and " and 39 more like it" in told
    assert "... 140 lines are not shown ..." in told
