"""Read Pulumi programs in Python, TypeScript and JavaScript."""

from __future__ import annotations

import re

from lint_lambda.deployment import typescript_program
from lint_lambda.deployment.constructs import all_functions, is_test
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.python_program import Program
from lint_lambda.deployment.readers.cdk_typescript import SUFFIXES

_PYTHON = re.compile(rb"\bpulumi_aws(?:_native)?\b")
_TYPESCRIPT = re.compile(rb"@pulumi/(?:aws|awsx|aws-native)\b")


def read(files: Files) -> Declarations:
    """The functions of every program."""
    found = Declarations()
    paths = [path for path in files.python if not is_test(path) and _PYTHON.search(files.read(path))]
    found.functions += all_functions(files, Program(files, paths).constructs(), "pulumi")
    paths = [path for path in files.others if path.endswith(SUFFIXES) and not is_test(path)]
    paths = [path for path in paths if _TYPESCRIPT.search(files.read(path))]
    found.functions += all_functions(files, typescript_program.Program(files, paths).constructs(), "pulumi")
    return found
