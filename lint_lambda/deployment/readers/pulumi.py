"""Read Pulumi programs in Python, TypeScript and JavaScript."""

from __future__ import annotations

import re

from lint_lambda.deployment import python_code, typescript
from lint_lambda.deployment.constructs import Site, functions
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.readers.cdk_typescript import SUFFIXES

_PYTHON = re.compile(rb"\bpulumi_aws(?:_native)?\b")
_TYPESCRIPT = re.compile(rb"@pulumi/(?:aws|awsx|aws-native)\b")


def read(files: Files) -> Declarations:
    """The functions of every program."""
    found = Declarations()
    modules: dict[str, typescript.Module] = {}
    for path in files.python:
        source = files.read(path)
        if _PYTHON.search(source) and b"handler" in source:
            try:
                module = python_code.Module(path, files)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue  # it is no handler's file, or else it is reported as one that cannot be parsed
            found.functions += functions(Site(path, files, "pulumi"), (each.made for each in module.constructs()))
    for path in files.others:
        if path.endswith(SUFFIXES) and _TYPESCRIPT.search(source := files.read(path)) and b"handler" in source:
            constructs = typescript.Module(path, files, 0, modules).constructs()
            found.functions += functions(Site(path, files, "pulumi"), constructs)
    return found
