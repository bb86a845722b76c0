"""Read Zappa's settings: the application of each stage, and the functions that events call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lint_lambda.core.record import replace
from lint_lambda.core.toml import parse
from lint_lambda.deployment.documents import DocumentError, Table, load
from lint_lambda.deployment.files import Files, folder
from lint_lambda.deployment.intrinsics import Evaluation
from lint_lambda.deployment.model import Declarations, Declared, Function, Trouble
from lint_lambda.deployment.values import Value, items, number, table, text, texts

_SETTINGS = re.compile(r"(?:.*/)?zappa_settings\.(?:json|ya?ml|toml)")


def read(files: Files) -> Declarations:
    """The application and the functions of each stage; one that several stages share is one."""
    found = Declarations()
    for path in files.others:
        if not _SETTINGS.fullmatch(path):
            continue
        seen: set[tuple[object, ...]] = set()
        for function in _functions(path, files, found):
            key = (function.application, function.handler)
            if key not in seen:
                seen.add(key)
                found.functions.append(function)
    return found


def _functions(path: str, files: Files, found: Declarations) -> Iterator[Function]:
    stages, lines = _stages(path, files, found)
    for name, given in stages.items():
        parent = table(stages.get(text(table(given).get("extends")) or ""))
        yield from _of_stage(path, files, name, {**parent, **table(given)}, lines.get(name, 1))


def _stages(path: str, files: Files, found: Declarations) -> tuple[dict[str, Value], dict[str, int]]:
    if path.endswith(".toml"):
        try:
            whole: dict[str, Any] = parse(files.text(path))
        except ValueError as error:
            found.troubles.append(Trouble(path, 0, f"not valid TOML: {error}"))
            return {}, {}
        return whole, {}
    try:
        documents = load(path, files.read(path))
    except DocumentError as error:
        found.troubles.append(Trouble(path, error.line or 0, str(error)))
        return {}, {}
    document = documents[0] if documents and isinstance(documents[0], Table) else Table(1)
    return table(Evaluation(Table(1)).value(document)), document.lines


def _of_stage(path: str, files: Files, name: str, given: dict[str, Value], line: int) -> Iterator[Function]:
    plain = Function(
        declared=Declared(path, line, "zappa"),
        names=tuple(
            filter(None, (text(given.get("project_name")), f"{text(given.get('project_name')) or 'zappa'}-{name}"))
        ),
        roots=(folder(path),),
        runtime=text(given.get("runtime")),
        timeout=number(given.get("timeout_seconds")),
        environment=texts(
            {**table(given.get("environment_variables")), **table(given.get("aws_environment_variables"))}
        ),
        adapter="zappa",
    )
    application = text(given.get("app_function"))
    if application is not None and "." in application:
        module, _, attribute = application.rpartition(".")
        yield replace(plain, application=f"{module}:{attribute}")
    settings = text(given.get("django_settings"))
    if application is None and settings is not None:
        yield from _of_django(plain, settings, files)
    handler = text(given.get("lambda_handler"))
    if handler is not None:
        yield replace(plain, handler=handler, adapter="")
    for event in items(given.get("events")):
        for called in (table(event).get("function"), *items(table(event).get("functions"))):
            function = text(called)
            if function is not None and "." in function:
                yield replace(plain, names=(function,), handler=function, adapter="")


def _of_django(plain: Function, settings: str, files: Files) -> Iterator[Function]:
    """Django's application: Zappa makes it of the settings, as ``wsgi.py`` beside them does."""
    package = settings.rpartition(".")[0]
    while package:
        module = "/".join(part for part in (*plain.roots, *package.split("."), "wsgi.py") if part)
        if files.is_file(module):
            yield replace(plain, application=f"{package}.wsgi:application")
            return
        package = package.rpartition(".")[0]
