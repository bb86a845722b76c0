"""What a command line starts: a handler through the runtime client, a web application through a server, or a script.

What is started may be Python or JavaScript; a script of a shell, or of ``package.json``, is followed.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence

from lint_lambda.core.record import dataclass, replace
from lint_lambda.deployment.sources import ENDINGS

_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "granian", "daphne", "waitress-serve", "uwsgi"})
_RUNNERS = frozenset(
    {"exec", "sh", "bash", "env", "nohup", "time", "poetry", "pipenv", "uv", "pdm", "run", "npx", "tini", "dumb-init"}
    | {"opentelemetry-instrument", "ddtrace-run", "newrelic-admin", "run-program", "-c", "-lc", "-e", "aws-lambda-rie"}
    | {"splunk-py-trace", "--"}
)
"""Words before a command that leave it what it is, wherever they are installed."""
_CLIENTS = frozenset({"awslambdaric", "/lambda-entrypoint.sh", "bootstrap", "aws-lambda-ric"})
_ENGINES = frozenset({"node", "nodejs", "tsx", "ts-node", "bun"})
_MANAGERS = frozenset({"npm", "yarn", "pnpm"})
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(\))?")
_HANDLER = re.compile(r"[A-Za-z_][\w./-]*\.[A-Za-z_]\w*")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Started:
    """- `handler`: ``module.function``, for the runtime client. `application`: ``module:name``, for a server; ``module:`` where
    the module itself starts the server, which a file of JavaScript is named as (``server.js:``).
    - `script`: a shell script that says more; `package`: a script of ``package.json`` that does. `directory`: where it is started, if
    the command says so.
    """

    handler: str = ""
    application: str = ""
    script: str = ""
    package: str = ""
    directory: str = ""

    @property
    def is_node(self) -> bool:
        """Whether it is JavaScript that is started."""
        return self.application.endswith(tuple(f"{ending}:" for ending in ENDINGS))


def split(text: str, *, comments: bool = False) -> list[str]:
    """The words of an instruction's argument: JSON, or a shell's line; `comments`: those end it."""
    text = text.strip()
    if text.startswith("["):
        try:
            words = json.loads(text)
        except ValueError:
            words = None  # Docker takes it for a shell's line, too
        if isinstance(words, list):
            return [str(word) for word in words]
    try:
        return shlex.split(text, comments=comments)
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
    if head in _ENGINES:
        return _node(rest)
    if head in _MANAGERS:
        named = [word for word in rest if word != "run" and not word.startswith("-")]
        return Started(package=named[0]) if named else Started()
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
    while words and (words[0].rpartition("/")[2] in _RUNNERS or _ASSIGNMENT.fullmatch(words[0])):
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


def _node(words: Sequence[str]) -> Started:
    """``node [options] server.js``: the file that starts the server, or nothing where none is named."""
    file = next((word for word in words if not word.startswith("-")), "").removeprefix("./").strip("/")
    if not file or re.search(r"[^\w./@-]", file):
        return Started()
    if file.endswith("aws-lambda-ric"):
        return started(["aws-lambda-ric", *words[1:]])
    return Started(application=f"{file if file.endswith(ENDINGS) else f'{file}.js'}:")


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
        given = [(before, word) for before, word in zip(["", *words], words) if _MODULE.fullmatch(word)]
        plain = [word for before, word in given if not before.startswith("-")] or [word for _, word in given]
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
            each = started(split(line, comments=True))
            found = each if each.application or each.handler or each.package else found
    return found if found.directory or not directory else replace(found, directory=directory)


def followed(begun: Started, read: Callable[[str], str]) -> Started:
    """What a command starts in the end, where it starts a script; `read` gives the text of a file, empty for one that is not there."""
    if begun.script:
        begun = in_script(read(begun.script)) or begun
    if begun.package:
        try:
            described = json.loads(read("package.json") or "{}")
        except ValueError:
            return begun
        scripts = described.get("scripts") if isinstance(described, dict) else None
        line = scripts.get(begun.package) if isinstance(scripts, dict) else None
        if isinstance(line, str):
            inner = started(split(line))
            return inner if not inner.package else begun
    return begun
