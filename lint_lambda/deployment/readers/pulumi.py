"""Read Pulumi programs in Python, TypeScript and JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lint_lambda.deployment import typescript_program
from lint_lambda.deployment.constructs import Site, functions, is_test, read_program
from lint_lambda.deployment.documents import DocumentError, Table, load
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.intrinsics import Evaluation
from lint_lambda.deployment.model import Declarations, Function, Trouble
from lint_lambda.deployment.python_program import Program
from lint_lambda.deployment.readers.cdk_typescript import SUFFIXES
from lint_lambda.deployment.readers.signs import is_pulumi
from lint_lambda.deployment.values import Made, Value, table

_PROJECT = re.compile(r"(?:.*/)?(?:Pulumi|Main)\.ya?ml")
_VARIABLE = re.compile(r"\$\{(\w+)\}")
DEEPEST = 5
_TYPESCRIPT = re.compile(rb"@pulumi/(?:aws|awsx|aws-native)\b")


def read(files: Files) -> Declarations:
    """The functions of every program."""
    found = Declarations()
    paths = [path for path in files.python if not is_test(path) and is_pulumi(files.read(path))]
    read_program(files, Program(files, paths), found, "pulumi")
    paths = [path for path in files.others if path.endswith(SUFFIXES) and not is_test(path)]
    paths = [path for path in paths if _TYPESCRIPT.search(files.read(path))]
    read_program(files, typescript_program.Program(files, paths), found, "pulumi")
    for path in files.others:
        if _PROJECT.fullmatch(path) and b"lambda" in files.read(path):
            found.functions += _written_in_yaml(path, files, found)
    return found


def _written_in_yaml(path: str, files: Files, found: Declarations) -> Iterator[Function]:
    """The functions of a program that the project file itself holds."""
    try:
        documents = load(path, files.read(path))
    except DocumentError as error:
        found.troubles.append(Trouble(path, error.line or 0, str(error)))
        return
    for document in documents:
        document = document if isinstance(document, Table) else Table(1)
        resources, plain = document.table("resources"), Evaluation(Table(1))
        known = {**_defaults(plain.value(document.get("config"))), **table(plain.value(document.get("variables")))}
        for name, node in resources.items():
            kind = node.text("type") if isinstance(node, Table) else None
            if isinstance(node, Table) and re.fullmatch(r"aws(?:-native)?:lambda(?:/function)?:Function", kind or ""):
                given = table(_filled_in(plain.value(node.table("properties")), known))
                made = Made("Function", (name,), {**given, "code": _asset(given.get("code"))}, resources.line_of(name))
                yield from functions(Site(path, files, "pulumi"), [made])


def _defaults(config: Value) -> dict[str, Value]:
    """What the program's settings are where nobody gives others."""
    return {
        name: given.get("default", given.get("value")) if isinstance(given, dict) else given
        for name, given in table(config).items()
    }


def _filled_in(value: Value, known: Mapping[str, Value], depth: int = 0) -> Value:
    """A value with the program's variables put in (``${name}``)."""
    if depth > DEEPEST:
        return value
    if isinstance(value, dict):
        return {key: _filled_in(inner, known, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled_in(inner, known, depth + 1) for inner in value]
    if not isinstance(value, str):
        return value
    whole = _VARIABLE.fullmatch(value)
    if whole is not None and whole[1] in known:
        return _filled_in(known[whole[1]], known, depth + 1)

    def spelled(match: re.Match[str]) -> str:
        found = _filled_in(known.get(match[1]), known, depth + 1)
        return str(found) if isinstance(found, (str, int, float)) else match[0]

    return _VARIABLE.sub(spelled, value)[:10_000]


def _asset(value: Value) -> Value:
    """``fn::fileArchive: ./src``, as a call in another language has it."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(name, inner)] = value.items()
    kind = name.rpartition("::")[2]
    given = {key: _asset(each) for key, each in inner.items()} if isinstance(inner, dict) else inner
    return Made(kind[:1].upper() + kind[1:], (given,), {}, 1)
