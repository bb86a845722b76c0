"""What a command line starts: a handler through the runtime client, a web application through a server, or a script."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

from lint_lambda.core.record import dataclass

_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress-serve", "uwsgi"})
_RUNNERS = frozenset(
    {"exec", "sh", "bash", "/bin/sh", "/bin/bash", "env", "nohup", "time", "poetry", "pipenv", "uv", "pdm", "run"}
    | {"opentelemetry-instrument", "ddtrace-run", "newrelic-admin", "run-program", "-c", "-lc", "-e", "aws-lambda-rie"}
    | {"/usr/local/bin/aws-lambda-rie", "/usr/bin/aws-lambda-rie", "splunk-py-trace", "--"}
)
"""Words before a command that leave it what it is."""
_CLIENTS = frozenset({"awslambdaric", "/lambda-entrypoint.sh", "bootstrap"})
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(\))?")
_HANDLER = re.compile(r"[A-Za-z_][\w./-]*\.[A-Za-z_]\w*")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Started:
    """- `handler`: ``module.function``, for the runtime client. `application`: ``module:name``, for a server; ``module:`` where
    the module itself starts the server.
    - `script`: a shell script that says more. `directory`: where it is started, if the command says so.
    """

    handler: str = ""
    application: str = ""
    script: str = ""
    directory: str = ""


def split(text: str) -> list[str]:
    """The words of an instruction's argument: JSON, or a shell's line."""
    text = text.strip()
    if text.startswith("["):
        try:
            words = json.loads(text)
        except ValueError:
            words = None  # Docker takes it for a shell's line, too
        if isinstance(words, list):
            return [str(word) for word in words]
    try:
        return shlex.split(text, comments=False)
    except ValueError:
        return text.split()


def started(words: Sequence[str]) -> Started:
    """What a command starts; nothing where that cannot be told."""
    words = _plain([word for word in words if word])
    if not words:
        return Started()
    head = words[0].rpartition("/")[2] if words[0] not in _CLIENTS else words[0]
    rest = words[1:]
    if re.fullmatch(r"python[\d.]*", head):
        rest = [word for word in rest if word not in ("-u", "-O", "-B")]
        if rest[:1] == ["-m"] and len(rest) > 1:
            return started(rest[1:]) if rest[1] in _SERVERS | _CLIENTS | {"flask", "fastapi"} else _module(rest[1])
        return _script(rest[0]) if rest else Started()
    if head in _CLIENTS:
        return Started(handler=next((word for word in rest if _HANDLER.fullmatch(word)), ""))
    if head in _SERVERS:
        return _server(rest)
    if head in ("fastapi", "flask"):
        return _framework(rest)
    if head.endswith(".sh"):
        return Started(script=words[0])
    if len(words) == 1 and _HANDLER.fullmatch(head) and not head.endswith((".py", ".sh")):
        return Started(handler=words[0])
    return Started()


def _plain(words: list[str]) -> list[str]:
    """The words without what only leads to the command."""
    if len(words) == 1 and re.search(r"\s", words[0]):
        words = split(words[0].splitlines()[-1])
    for joint in ("&&", ";", "||"):
        while joint in words:
            words = words[words.index(joint) + 1 :]
    while words and (words[0] in _RUNNERS or _ASSIGNMENT.fullmatch(words[0])):
        words = words[1:]
        if len(words) == 1 and re.search(r"\s", words[0]):
            return _plain(words)
    return words


def _module(name: str) -> Started:
    return Started(application=f"{name}:") if re.fullmatch(r"[A-Za-z_][\w.]*", name) else Started()


def _script(path: str) -> Started:
    if not path.endswith(".py"):
        return Started()
    module = path.removeprefix("./").removesuffix(".py").strip("/").replace("/", ".")
    return Started(application=f"{module}:")


def _server(words: Sequence[str]) -> Started:
    directory = ""
    for option in ("--app-dir", "--chdir"):
        for number, word in enumerate(words):
            if word == option and number + 1 < len(words):
                directory = words[number + 1]
            elif word.startswith(f"{option}="):
                directory = word.partition("=")[2]
    target = next((word for word in reversed(words) if _TARGET.fullmatch(word)), "")
    if not target:
        # gunicorn takes a module alone for `module:application`
        plain = [word for word in words if re.fullmatch(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", word)]
        target = f"{plain[-1]}:" if plain else ""
    return Started(application=target.removesuffix("()"), directory=directory)


def _framework(words: Sequence[str]) -> Started:
    files = [word for word in words if word.endswith(".py")]
    if files:
        return _script(files[0])
    for option in ("--app", "-A"):
        if option in words and words.index(option) + 1 < len(words):
            name = words[words.index(option) + 1]
            return Started(application=name if ":" in name else f"{name}:")
    return Started(application="app:")


def in_script(text: str) -> Started:
    """What a shell script starts in the end."""
    directory = ""
    found = Started()
    for line in text.replace("\\\n", " ").splitlines():
        line = line.strip()
        if line.startswith("cd "):
            directory = [*split(line), "", ""][1]
        elif line and not line.startswith("#"):
            each = started(split(line))
            found = each if each.application or each.handler else found
    if found.directory or not directory:
        return found
    return Started(found.handler, found.application, found.script, directory)
