"""Read CDK applications in Python."""

from __future__ import annotations

import re

from lint_lambda.deployment.constructs import Site, functions
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.python_code import Module

_TOKENS = re.compile(rb"\b(?:aws_cdk|aws_solutions_constructs)\b")
_FUNCTION = re.compile(rb"handler|entry|DockerImage")


def read(files: Files) -> Declarations:
    """The functions of every stack that is written in Python."""
    found = Declarations()
    for path in files.python:
        source = files.read(path)
        if not _TOKENS.search(source) or not _FUNCTION.search(source):
            continue
        try:
            module = Module(path, files)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # it is no handler's file, or else it is reported as one that cannot be parsed
        found.functions += functions(Site(path, files), (construct.made for construct in module.constructs()))
    return found
