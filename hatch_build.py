"""Puts what `rules/` holds into a wheel a second time, compiled into one file that is quick to read.

See `lint_lambda/knowledge/shipped.py`. It needs nothing that is not here, and no network.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileRules(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the compiled file to the wheel. An editable install goes without, and reads the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root))
        try:
            from lint_lambda.knowledge.compile import compile_rules
            from lint_lambda.knowledge.shipped import COMPILED
        finally:
            sys.path.remove(str(root))
        self._folder = tempfile.TemporaryDirectory()
        compiled = Path(self._folder.name) / COMPILED
        compiled.write_bytes(compile_rules(root / "rules"))
        build_data["force_include"][str(compiled)] = f"lint_lambda/_rules/{COMPILED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()
