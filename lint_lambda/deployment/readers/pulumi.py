"""Read Pulumi programs in Python, TypeScript and JavaScript."""

from __future__ import annotations

import re

from lint_lambda.deployment import typescript
from lint_lambda.deployment.constructs import Site, functions, without_doubles
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.python_program import Program
from lint_lambda.deployment.readers.cdk_typescript import SUFFIXES

_PYTHON = re.compile(rb"\bpulumi_aws(?:_native)?\b")
_TYPESCRIPT = re.compile(rb"@pulumi/(?:aws|awsx|aws-native)\b")


def read(files: Files) -> Declarations:
    """The functions of every program."""
    found = Declarations()
    modules: dict[str, typescript.Module] = {}
    program = Program(files, [path for path in files.python if _PYTHON.search(files.read(path))])
    for path, made in program.constructs():
        found.functions += functions(Site(path, files, "pulumi"), [made])
    found.functions = without_doubles(found.functions)
    for path in files.others:
        if path.endswith(SUFFIXES) and _TYPESCRIPT.search(source := files.read(path)) and b"handler" in source:
            constructs = typescript.Module(path, files, 0, modules).constructs()
            found.functions += without_doubles(functions(Site(path, files, "pulumi"), constructs))
    return found
