"""lambda-lint: find work in AWS Lambda handlers that is still running when the handler returns.

The Python interface is what this module exports: `check` and the types of what it takes and gives. Everything else may change in
any version. See docs/api.md.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

__version__ = "0.1.0"

HOMEPAGE = "https://lambda-lint.readthedocs.io/"

_EXPORTED = {
    "BaselineError": "lint_lambda.baseline",
    "Config": "lint_lambda.config",
    "ConfigError": "lint_lambda.config",
    "Confidence": "lint_lambda.core.finding",
    "Edit": "lint_lambda.core.finding",
    "Fate": "lint_lambda.core.finding",
    "Finding": "lint_lambda.core.finding",
    "Fix": "lint_lambda.core.finding",
    "Location": "lint_lambda.core.source",
    "ModelError": "lint_lambda.knowledge.loader",
    "Related": "lint_lambda.core.finding",
    "Report": "lint_lambda.engine",
    "Severity": "lint_lambda.core.finding",
    "Span": "lint_lambda.core.source",
    "load_config": "lint_lambda.config",
}

__all__ = ["__version__", "check", *sorted(_EXPORTED)]  # noqa: PLE0604 - the keys are texts

if TYPE_CHECKING:
    from lint_lambda.baseline import BaselineError as BaselineError
    from lint_lambda.config import Config as Config
    from lint_lambda.config import ConfigError as ConfigError
    from lint_lambda.config import load_config as load_config
    from lint_lambda.core.finding import Confidence as Confidence
    from lint_lambda.core.finding import Edit as Edit
    from lint_lambda.core.finding import Fate as Fate
    from lint_lambda.core.finding import Finding as Finding
    from lint_lambda.core.finding import Fix as Fix
    from lint_lambda.core.finding import Related as Related
    from lint_lambda.core.finding import Severity as Severity
    from lint_lambda.core.source import Location as Location
    from lint_lambda.core.source import Span as Span
    from lint_lambda.engine import Report as Report
    from lint_lambda.knowledge.loader import ModelError as ModelError


def check(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]] = ".",
    config: Config | None = None,
    *,
    fixes: bool = False,
) -> Report:
    """Check the Lambda handlers under `paths`, as ``lambda-lint PATHS`` does. The code is read, never run.

    - `config`: the settings; by default those that apply to the first path (see `load_config`).
    - `fixes`: also find the fixes of each finding, which takes longer.

    Raises `ConfigError` for invalid settings, `ModelError` for an invalid library model in them, `BaselineError` for a baseline
    that cannot be read, and `FileNotFoundError` for a path that does not exist. What could not be analysed is in the report.
    """
    from lint_lambda.config import load_config
    from lint_lambda.engine import Request
    from lint_lambda.engine import check as run

    given = [paths] if isinstance(paths, (str, PathLike)) else paths
    places = [Path(path) for path in given] or [Path()]
    for place in places:
        if not place.exists():
            raise FileNotFoundError(f"{place}: no such file or directory")
    return run(Request(paths=places, config=load_config(places[0]) if config is None else config, fixes=fixes))


def __getattr__(name: str) -> object:
    """Load what is exported when it is asked for, so that the command line starts without it."""
    if name not in _EXPORTED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_EXPORTED[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTED})
