"""Read the functions that an Amplify backend defines by ``defineFunction``: the module that each names, beside the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_lambda.deployment.constructs import seconds
from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.model import Declarations, Declared, Function
from lint_lambda.deployment.readers.cdk_typescript import SUFFIXES
from lint_lambda.deployment.sources import ENDINGS
from lint_lambda.deployment.typescript_program import Program
from lint_lambda.deployment.values import Made, number, text, texts, written

PACKAGE = b"@aws-amplify/backend"
DEFINES = "defineFunction"
_CALL = re.compile(DEFINES.encode())
_ENTRY = "./handler.ts"
"""What is taken where a function names no module."""


def read(files: Files) -> Declarations:
    """The functions of every file that calls ``defineFunction``. Those that are given as a construct are the CDK's."""
    found = Declarations()
    paths = [path for path in files.others if path.endswith(SUFFIXES) and _defines(files.read(path))]
    for path in paths:
        found.functions += _functions(path, files)
    return found


def _defines(source: bytes) -> bool:
    return DEFINES.encode() in source and PACKAGE in source


def _functions(path: str, files: Files) -> Iterator[Function]:
    program = Program(files, [path], _CALL)
    for where, made in program.constructs():
        if made.last != DEFINES or where != path or (made.arguments and not isinstance(made.arguments[0], dict)):
            continue
        yield _function(path, made, files)


def _function(path: str, made: Made, files: Files) -> Function:
    given = made.get("entry")
    entry = _ENTRY if given is None else text(given)
    stem = None if entry is None else join(folder(path), entry)
    places = [stem, *(f"{stem}{ending}" for ending in (*ENDINGS, ".py"))] if stem is not None else []
    place = next((each for each in places if each is not None and files.is_file(each)), None)
    is_python = place is not None and place.endswith(".py")
    name = text(made.get("name")) or folder(path).rpartition("/")[2]
    version = number(made.get("runtime"))
    module = "index" if place is None else place.rpartition("/")[2].rpartition(".")[0]
    return Function(
        declared=Declared(path, made.line, "amplify"),
        names=(name,) if name else (),
        handler=f"{module}.handler",
        roots=(folder(place),) if is_python and place is not None else (),
        entries=() if place is None or is_python else (place,),
        runtime="python" if is_python else "nodejs" if version is None else f"nodejs{version:g}.x",
        timeout=seconds(made.get("timeoutSeconds")),
        environment=texts(made.get("environment")),
        unknown=()
        if place is not None
        else (f"its code is {written(given or _ENTRY)}, which is no file of this project",),
    )
