"""A project of a few texts, and what its deployment says."""

from __future__ import annotations

from lint_lambda.deployment import Deployment
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Function


def deployment(files: dict[str, str]) -> Deployment:
    python = [path for path in files if path.endswith(".py")]
    others = [path for path in files if path not in python]
    return Deployment(Files(python, others, lambda path: files[path].encode()))


def only(files: dict[str, str]) -> Function:
    """The one function that is declared."""
    [function] = deployment(files).functions
    return function


def places(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """Of each function that is found: its name, its file and the name in it."""
    return [(function.name, place.path, place.name) for function, place in deployment(files).located]


def reasons(files: dict[str, str]) -> list[str]:
    """Of each function that is not found: why."""
    return [lost.why for _, lost in deployment(files).lost]
