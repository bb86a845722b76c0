"""Read CDK applications in Python."""

from __future__ import annotations

import re

from lint_lambda.deployment.constructs import is_test, read_program
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.python_program import Program
from lint_lambda.deployment.readers.signs import is_cdk

_FUNCTION = re.compile(rb"handler|entry|DockerImage")


def read(files: Files) -> Declarations:
    """The functions of every stack that is written in Python."""
    found = Declarations()
    paths = [path for path in files.python if not is_test(path) and is_cdk(files.read(path))]
    if not any(_FUNCTION.search(files.read(path)) for path in paths):
        return found
    program = Program(files, paths)
    read_program(files, program, found)
    return found
