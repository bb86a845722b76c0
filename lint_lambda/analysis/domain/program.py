"""What the analysis needs of the project it analyses; the engine provides it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from lint_lambda.core import ir
from lint_lambda.core.names import Symbol
from lint_lambda.core.semantics import Semantics


class Program(Protocol):
    """The project's modules, lowered on demand. `semantics`: what their language means."""

    semantics: Semantics

    def module(self, path: str) -> ir.Module | None:
        """The module in this file; None when it cannot be read or parsed (the engine has reported that)."""

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The file that an import statement in the file `importer` would load.

        A path that ends in ``/`` is a folder without a file of its own; None is what is not in the project (a library).
        """

    def copy_of(self, path: str) -> Symbol:
        """The library module that this file is a copy of: its code is known, and not looked into. Empty for all others."""

    def imports(self, path: str) -> Collection[str]:
        """`path`, and every file of the project that it imports in the end."""

    def may_launch(self, path: str) -> bool:
        """Whether this file, or any that it imports, mentions anything that can launch."""

    def documents(self, importer: str, name: str) -> list[dict[str, object]]:
        """The tables in the INI, JSON and YAML files of this name, or of any where it is empty, that the file `importer` may read."""
