"""What went wrong in a run, in words, with what to do: a function that did not run has proved nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lint_lambda.emulator.environment import python_version
from lint_lambda.emulator.story import Step, Story, Trouble, numbers

OUT_OF_HAND = "Sandbox.Lost"
"""The error type of an invocation during which the sandbox could not be controlled any more."""
_CALLED_ITSELF = "awslambdaric/bootstrap.py"
"""Where an exception stands that the call of the handler raised, before any of its code ran."""
_ANSWERED_BADLY = 400
_HEADER = "an event that the function takes: `--event`, `--sample-event` or `--request`"


def troubles(story: Story) -> list[Trouble]:
    """Everything that went wrong, the gravest first, alike ones together."""
    found: list[Trouble] = []
    for step in story.steps:
        for one in _of(story, step):
            same = next(
                (at for at, other in enumerate(found) if (other.kind, other.what) == (one.kind, one.what)), None
            )
            if same is None:
                found.append(one)
            else:
                before = found[same]
                found[same] = Trouble(one.kind, before.invocations + one.invocations, one.what, one.help, one.fatal)
    return sorted(found, key=lambda one: not one.fatal)


def headline(trouble: Trouble) -> str:
    """`the function did not start: …`, `invocation 1 timed out: …`."""
    return trouble.what.format(who=numbers(trouble.invocations) if trouble.invocations else "")


def _of(story: Story, step: Step) -> Iterator[Trouble]:
    outcome = step.outcome
    called = any(event.kind == "invoke" for event in step.events)
    said = _payload(outcome.payload)
    if outcome.kind == "error":
        yield _error(step, said)
    elif outcome.error_type == OUT_OF_HAND:
        message, _, help_ = str(said.get("errorMessage", "")).partition("\nhelp: ")
        yield Trouble("sandbox", (step.number,), f"{{who}} could not be watched: {_plain(message)}", help_)
    elif not called and outcome.kind in ("failure", "timeout"):
        yield _no_start(story, step, said)
    elif outcome.kind == "timeout":
        yield _timeout(story, step)
    elif outcome.kind == "failure":
        yield _crash(step, said, bool(story.function.node))
    elif outcome.kind == "response":
        yield from _answer(step, said)
    unseen = (outcome.freeze.snapshot or {}).get("failed") if outcome.freeze is not None else None
    if unseen:
        yield Trouble(
            "sandbox",
            (step.number,),
            f"what was alive after {{who}} could not be looked at: {_plain(unseen.strip().splitlines()[-1])}",
            "an object of the function's raised when it was looked at; please report it",
        )
    restless = [process for process in outcome.freeze.processes if process.restless] if outcome.freeze else []
    if restless:
        names = ", ".join(f"`{' '.join(process.argv) or process.pid}`" for process in restless)
        yield Trouble(
            "restless",
            (step.number,),
            f"{len(restless)} process{'es' if len(restless) > 1 else ''} could not be stopped after {{who}}: {_plain(names)}",
            "what they did then would have been frozen on Lambda; run it again where the machine is less busy",
            fatal=False,
        )


def _error(step: Step, said: dict[str, Any]) -> Trouble:
    kind, message = str(said.get("errorType", step.outcome.error_type)), str(said.get("errorMessage", ""))
    if kind == "Runtime.MarshalError":
        what = f"the answer of {{who}} could not be turned into JSON: {_plain(message.partition(': ')[2] or message)}"
        return Trouble(
            "error", (step.number,), what, "return what `json.dumps` takes; an async handler returns a coroutine"
        )
    if kind.startswith(("Runtime.", "Function.")):
        return Trouble("error", (step.number,), f"{{who}} ended with {kind}: {_plain(message)}", "see what was printed")
    where = _where(said)
    refused = kind == "TypeError" and _CALLED_ITSELF in where
    return Trouble(
        "error",
        (step.number,),
        f"the handler raised {kind} in {{who}}: {_plain(message)}{where}",
        "it does not take an event and a context; where it is a web application, say what calls it: `--adapter`"
        if refused
        else f"it may have ended before the launch; give {_HEADER}, or correct the handler",
    )


def _where(said: dict[str, Any]) -> str:
    """The innermost place of the traceback."""
    trace = said.get("stackTrace")
    if not isinstance(trace, list) or not trace:
        return ""
    lines = [str(one).strip().partition("\n")[0] for one in trace]
    line = next((one for one in reversed(lines) if not one.startswith("[")), "")  # no "[Previous line repeated …]"
    return f" ({_plain(line)})" if line else ""


_HELP_AT_INIT = {
    "Runtime.ImportModuleError": "install what the function imports for its interpreter ({python}; `--python` names another), "
    "or name the directory that is deployed with `--root`",
    "Runtime.HandlerNotFound": "name a function of the module, as in path/to/app.py:handler",
    "Runtime.UserCodeSyntaxError": "correct the syntax, or run the function with another Python ({python} is Python "
    "{version}; `--python` names another)",
    "Runtime.MalformedHandlerName": "name a function of the module, as in path/to/app.py:handler",
}

_HELP_AT_INIT_OF_NODE = {
    "Runtime.ImportModuleError": "install what the function imports (`npm install`), or name the directory that is deployed "
    "with `--root`",
    "Runtime.HandlerNotFound": "name a function that the module exports, as in path/to/app.js:handler",
    "Runtime.UserCodeSyntaxError": "correct the syntax, or run it with another Node.js ({node}; `--node` names another)",
    "Runtime.MalformedHandlerName": "name a function that the module exports, as in path/to/app.js:handler",
    "Runtime.CallbackHandlerDeprecated": "make the handler `async`, without a third parameter, or deploy it as nodejs22.x",
}


def _no_start(story: Story, step: Step, said: dict[str, Any]) -> Trouble:
    function = story.function
    if step.outcome.kind == "timeout":
        seconds = max(function.init_timeout, function.timeout)
        return Trouble(
            "init",
            (),
            f"the function did not start: its init phase did not end within {seconds:g} s",
            "a server, an extension that never polls, or slow imports; see what was printed, or raise `--timeout`",
        )
    kind = str(said.get("errorType", step.outcome.error_type))
    message = str(said.get("errorMessage", "")).removeprefix("RequestId: ")
    message = message.partition(" Error: ")[2] or message
    help_ = _HELP_AT_INIT.get(kind, "an import of the function raised or ended the process; see what was printed")
    if function.node:
        help_ = _HELP_AT_INIT_OF_NODE.get(
            kind, "loading the function raised or ended the process; see what was printed"
        )
        help_ = help_.format(node=function.node)
    else:
        version = ".".join(map(str, python_version(function.python)))
        help_ = help_.format(python=function.python, version=version)
    return Trouble("init", (), f"the function did not start: {kind}: {_plain(message)}", help_)


def _timeout(story: Story, step: Step) -> Trouble:
    waiting: list[str] = next(
        (event.detail["waiting_for"] for event in reversed(step.events) if event.kind == "timeout"), []
    )
    answered = any(event.kind in ("response", "error") for event in step.events)
    extensions = [name.partition(" (")[0] for name in waiting if name.startswith("extension ")]
    seconds = f"{story.function.timeout:g} s"
    if extensions:
        what = f"{{who}} timed out after {seconds}: {', '.join(extensions)} did not ask for the next event"
        help_ = "an extension has to poll again after every event, whatever the handler did (`lambda-lint rule LAM602`)"
    elif answered:
        what = (
            f"{{who}} timed out after {seconds}: the handler answered, but the runtime did not ask for the next event"
        )
        help_ = "something in the function holds up its main thread after the answer"
    else:
        what = f"{{who}} timed out after {seconds}: the handler did not return"
        help_ = f"raise `--timeout`, or give {_HEADER}"
    return Trouble("timeout", (step.number,), what, help_)


def _crash(step: Step, said: dict[str, Any], node: bool) -> Trouble:
    how = next((str(event.detail["how"]) for event in step.events if event.kind == "exit"), "")
    errors = [event.detail.get("error_type") for event in step.events if event.kind == "error"]
    if "Function.ResponseSizeTooLarge" in errors:
        return Trouble(
            "crash",
            (step.number,),
            "the answer of {who} is larger than the 6 MB that Lambda takes",
            "return less, or write it to S3 and return where it is",
        )
    message = str(said.get("errorMessage", "")).partition(" Error: ")[2]
    if "SIGKILL" in how:
        return Trouble(
            "crash",
            (step.number,),
            "the function's process was killed in {who} (SIGKILL)",
            "it killed itself, or the system ran out of memory",
        )
    if errors and step.outcome.kind == "failure" and said.get("errorType"):
        return Trouble(
            "crash",
            (step.number,),
            f"{_plain(str(said['errorType']))} ended the function's process in {{who}}: {_plain(str(said.get('errorMessage', '')))}",
            _HELP_OF_NODE_CRASH if node else _HELP_OF_CRASH,
        )
    when = "after" if any(event.kind == "response" for event in step.events) else "before"
    raised = _last_raised(step.outcome.log)
    return Trouble(
        "crash",
        (step.number,),
        f"the function's process ended in {{who}}, {when} it answered: {_plain(how or message)}"
        f"{f' ({_plain(raised)})' if raised else ''}",
        _HELP_OF_NODE_CRASH if node else _HELP_OF_CRASH,
    )


_HELP_OF_CRASH = (
    "the handler must return; `os._exit`, `sys.exit`, `os.execv`, an exception that is no `Exception` and a crash of native "
    "code end the process"
)
_HELP_OF_NODE_CRASH = "the handler must answer; `process.exit`, an error that nothing catches and a rejection that nothing handles end the process"


def _last_raised(log: str) -> str:
    """The last line of the last traceback of Python's in a log: the exception, and what it says."""
    last = (
        log.rpartition("Traceback (most recent call last):")[2] if "Traceback (most recent call last):" in log else ""
    )
    return next((line.strip() for line in last.splitlines() if line.strip() and not line.startswith(" ")), "")[:200]


def _answer(step: Step, said: dict[str, Any]) -> Iterator[Trouble]:
    """An answer that says that something failed: no obstacle, but it may be the end of another path than the one meant."""
    status = said.get("statusCode")
    if not isinstance(status, int) or status < _ANSWERED_BADLY:
        return
    body = str(said.get("body") or "")[:120]
    yield Trouble(
        "answer",
        (step.number,),
        f"status {status} was the answer to {{who}}: {_plain(body)}",
        f"it may have ended before the launch; give {_HEADER}",
        fatal=False,
    )


def _payload(payload: bytes) -> dict[str, Any]:
    try:
        said = json.loads(payload)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _plain(text: str) -> str:
    """As a literal part of a format string."""
    return " ".join(text.split()).replace("{", "{{").replace("}", "}}")
