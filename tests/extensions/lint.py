"""Lint a few files given as texts."""

from __future__ import annotations

from pathlib import Path

from lint_lambda.config import load_config
from lint_lambda.engine import Request, check


def codes(directory: Path, **files: str) -> set[tuple[str, int, str]]:
    """Path, line (from 1) and code of every finding in `files`, named without their ``.py``."""
    for name, text in files.items():
        (directory / f"{name}.py").write_text(text, encoding="utf-8")
    report = check(Request([directory], load_config(directory)))
    assert report.problems == ()
    return {(found.location.path, found.location.span.line, found.code) for found in report.findings}
