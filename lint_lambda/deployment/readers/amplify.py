"""What AWS Amplify does with the templates it writes: the code that they take from a bucket stands in ``src`` beside them."""

from __future__ import annotations

from lint_lambda.deployment.files import Files, folder

TEMPLATE = "-cloudformation-template.json"


def code(path: str, files: Files) -> str | None:
    """The folder of the code of a function's template; None for any other template."""
    beside = f"{folder(path)}/src" if folder(path) else "src"
    return beside if path.endswith(TEMPLATE) and files.is_directory(beside) else None
