"""Read CDK applications in TypeScript and JavaScript."""

from __future__ import annotations

import re

from lint_lambda.deployment.constructs import is_test, read_program
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.typescript_program import Program

SUFFIXES = (".ts", ".js", ".mts", ".mjs", ".cts", ".cjs")
_TOKENS = re.compile(rb"aws-cdk-lib|@aws-cdk/|@aws-solutions-constructs/")
_FUNCTION = re.compile(rb"handler|entry|DockerImage|PythonFunction")


def read(files: Files) -> Declarations:
    """The functions of every stack that is written in TypeScript or JavaScript."""
    found = Declarations()
    paths = [
        path
        for path in files.others
        if path.endswith(SUFFIXES) and not is_test(path) and _TOKENS.search(files.read(path))
    ]
    if not any(_FUNCTION.search(files.read(path)) for path in paths):
        return found
    read_program(files, Program(files, paths), found)
    return found
