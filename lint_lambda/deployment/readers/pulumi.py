"""Read Pulumi programs in Python, TypeScript and JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.deployment import typescript_program
from lint_lambda.deployment.constructs import Site, functions, is_test, read_program
from lint_lambda.deployment.documents import DocumentError, Table, load
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.intrinsics import Evaluation
from lint_lambda.deployment.model import Declarations, Function, Trouble
from lint_lambda.deployment.python_program import Program
from lint_lambda.deployment.readers.cdk_typescript import SUFFIXES
from lint_lambda.deployment.readers.signs import PULUMI
from lint_lambda.deployment.values import Made, Value, table

_PROJECT = re.compile(r"(?:.*/)?(?:Pulumi|Main)\.ya?ml")
_TYPESCRIPT = re.compile(rb"@pulumi/(?:aws|awsx|aws-native)\b")


def read(files: Files) -> Declarations:
    """The functions of every program."""
    found = Declarations()
    paths = [path for path in files.python if not is_test(path) and PULUMI.search(files.read(path))]
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
        resources = document.table("resources") if isinstance(document, Table) else Table(1)
        for name, node in resources.items():
            kind = node.text("type") if isinstance(node, Table) else None
            if isinstance(node, Table) and re.fullmatch(r"aws(?:-native)?:lambda(?:/function)?:Function", kind or ""):
                given = table(Evaluation(Table(1)).value(node.table("properties")))
                made = Made("Function", (name,), {**given, "code": _asset(given.get("code"))}, resources.line_of(name))
                yield from functions(Site(path, files, "pulumi"), [made])


def _asset(value: Value) -> Value:
    """``fn::fileArchive: ./src``, as a call in another language has it."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    [(name, inner)] = value.items()
    kind = name.rpartition("::")[2]
    given = {key: _asset(each) for key, each in inner.items()} if isinstance(inner, dict) else inner
    return Made(kind[:1].upper() + kind[1:], (given,), {}, 1)
