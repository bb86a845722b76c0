"""A program of a single Python module."""

from __future__ import annotations

from lint_lambda.core import ir
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.frontends.python.lower import lower
from lint_lambda.frontends.python.semantics import PYTHON


class OneFile:
    """The program of the module `text`, in the file `path`."""

    semantics = PYTHON

    def __init__(self, text: str, path: str = "app.py") -> None:
        self.lowered = lower(text.encode(), path)

    def handler(self, name: str = "handler") -> Handler:
        """Its function `name`, as a handler."""
        path = self.lowered.path
        site = next(each.site for each in self.lowered.functions if each.qualname == name)
        return Handler(path, name, Place(path, site), "option", "the test says so")

    def module(self, path: str) -> ir.Module | None:
        return self.lowered if path == self.lowered.path else None

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        return None

    def copy_of(self, path: str) -> str:
        return ""

    def imports(self, path: str) -> set[str]:
        return {path}

    def may_launch(self, path: str) -> bool:
        return True

    def documents(self, importer: str, name: str) -> list[dict[str, object]]:
        return []
