"""Read SST's configurations and stacks: functions by the path of their handler, wherever a construct takes one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.deployment.constructs import Site, runtime_of, seconds
from lint_lambda.deployment.files import Files, join, upward
from lint_lambda.deployment.model import Declarations, Declared, Function
from lint_lambda.deployment.readers.cdk_typescript import SUFFIXES
from lint_lambda.deployment.sources import ENDINGS
from lint_lambda.deployment.typescript_program import Program
from lint_lambda.deployment.values import Made, Value, text, texts

_TOKENS = re.compile(rb"\bsst\.aws\.|[\"'](?:sst|sst/constructs|@serverless-stack/resources)[\"']")
_MARKS = ("sst.config.ts", "sst.config.js", "sst.json")
_ELSEWHERE = re.compile(r"sst\.(?!aws\.)\w+\.")
"""What SST makes on another cloud (``sst.cloudflare.Worker``)."""
_TARGET = re.compile(r"[\w./-]+\.[A-Za-z_]\w*")
_CALL = re.compile(rb"handler|[\"'`][\w./-]+\.\w+[\"'`]")
DEEPEST = 6
_NO_HANDLERS = frozenset({"handler", "runtime", "environment", "permissions", "copyFiles", "bind", "link", "timeout"})
"""What describes a function and holds no other's handler."""


def read(files: Files) -> Declarations:
    """The Python functions of every stack. Those in other languages are none of what is checked."""
    found = Declarations()
    seen: set[tuple[str, int, str]] = set()
    for path, made in Program(files, [path for path in files.others if _may_make(files, path)], _CALL).constructs():
        for function in _functions(Site(path, files, "sst"), made):
            key = (path, function.declared.line, function.handler or "")
            if key not in seen:
                seen.add(key)
                found.functions.append(function)
    return found


def _may_make(files: Files, path: str) -> bool:
    """Whether a file may make a function."""
    if not path.endswith(SUFFIXES):
        return False
    source = files.read(path)
    named = path.rpartition("/")[2] in _MARKS
    return ((named or _TOKENS.search(source) is not None) and b"handler" in source) or (named and b".py" in source)


def _functions(site: Site, made: Made) -> Iterator[Function]:
    if _ELSEWHERE.match(made.name):
        return
    for argument in made.arguments:
        for given in _described(argument, 0):
            function = _function(site, made, given)
            if function is not None:
                yield function


def _described(value: Value, depth: int) -> Iterator[dict[str, Value]]:
    """Every mapping in a value that describes a function, and every text that may name its handler."""
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield {"handler": value}
    elif isinstance(value, dict):
        if isinstance(value.get("handler"), str):
            yield value
        for key, inner in value.items():
            if key not in _NO_HANDLERS:
                yield from _described(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _described(inner, depth + 1)


def _function(site: Site, made: Made, given: dict[str, Value]) -> Function | None:
    handler = text(given.get("handler"))
    if handler is None or not _TARGET.fullmatch(handler):
        return None
    home = _home(site)
    runtime = runtime_of(given.get("runtime"))
    source = join(home, handler.rpartition(".")[0])
    is_python = source is not None and site.files.is_file(f"{source}.py")
    if runtime is None and not is_python:
        if source is None or not any(site.files.is_file(f"{source}{ending}") for ending in ENDINGS):
            return None  # another language
        runtime = "nodejs"
    name = next(filter(None, map(text, made.arguments)), handler)
    return Function(
        declared=Declared(site.path, made.line, "sst"),
        names=(name,),
        handler=handler.removeprefix("./"),
        roots=(home,),
        runtime=runtime,
        timeout=seconds(given.get("timeout")),
        environment=texts(given.get("environment")),
    )


def _home(site: Site) -> str:
    """The directory of the configuration, from which handlers are named."""
    above = upward(site.path.rpartition("/")[0])
    return next((d for d in above if any(site.files.is_file(f"{d}/{m}" if d else m) for m in _MARKS)), site.homes[0])
