"""What an editor may set, beside the settings of the project itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lint_lambda.core.record import dataclass

SECTION = "lambda-lint"


@dataclass(frozen=True)
class Settings:
    """- `everywhere`: findings are published of every file of the project, not only of those that are open.
    - `configuration`: a configuration file to use instead of the nearest one.
    - `inlay_hints`, `code_lens`: whether these are given."""

    everywhere: bool = True
    configuration: Path | None = None
    inlay_hints: bool = True
    code_lens: bool = True

    @classmethod
    def read(cls, given: object) -> Settings:
        """The settings in what an editor sent; what is not understood keeps its default."""
        table: Mapping[str, Any] = given if isinstance(given, dict) else {}
        inner = table.get(SECTION)
        table = inner if isinstance(inner, dict) else table
        file = table.get("configuration")
        return cls(
            everywhere=table.get("diagnostics") != "open",
            configuration=Path(file) if isinstance(file, str) and file else None,
            inlay_hints=table.get("inlayHints") is not False,
            code_lens=table.get("codeLens") is not False,
        )
