"""Read CDK applications in TypeScript and JavaScript."""

from __future__ import annotations

import re

from lint_lambda.deployment.constructs import Site, functions, without_doubles
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Declarations
from lint_lambda.deployment.typescript import Module

SUFFIXES = (".ts", ".js", ".mts", ".mjs", ".cts", ".cjs")
_TOKENS = re.compile(rb"aws-cdk-lib|@aws-cdk/|@aws-solutions-constructs/")
_FUNCTION = re.compile(rb"handler|entry|DockerImage|PythonFunction")


def read(files: Files) -> Declarations:
    """The functions of every stack that is written in TypeScript or JavaScript."""
    found = Declarations()
    modules: dict[str, Module] = {}
    for path in files.others:
        if not path.endswith(SUFFIXES):
            continue
        source = files.read(path)
        if _TOKENS.search(source) and _FUNCTION.search(source):
            found.functions += without_doubles(
                functions(Site(path, files), Module(path, files, 0, modules).constructs())
            )
    return found
