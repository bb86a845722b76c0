"""Names of things in the analysed program."""

from __future__ import annotations

from typing import NamedTuple

Symbol = str
"""A dotted name in a library or the language, such as ``threading.Thread.start`` or ``builtins.list``."""

MODULE_BODY = "<module>"
"""The qualified name of a module's top-level code."""


class FunctionId(NamedTuple):
    """A function of the analysed project: the file it stands in and its qualified name there.

    Files, not module names, identify modules: a repository of Lambda functions holds many an ``app.py``.
    """

    path: str
    qualname: str

    def __str__(self) -> str:
        return f"{self.path}:{self.qualname}"
