"""Reports of findings: a module for each format, with ``render(findings, context)`` and what its output begins with."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, cast

from lint_lambda.core.finding import Finding
from lint_lambda.output.context import Context


class Format(Protocol):
    """What the module of a format has.

    `STARTS` matches the beginning of every report in this format that is not empty: only such files are overwritten.
    """

    STARTS: str

    @staticmethod
    def render(findings: Sequence[Finding], context: Context) -> str: ...


def load(name: str) -> Format:
    """The format of that name. Its module is loaded when it is used, so that a run needs no other."""
    return cast(Format, importlib.import_module(f"lint_lambda.output.{name}"))
