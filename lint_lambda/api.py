"""The function behind `lint_lambda.check`."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path

from lint_lambda import engine
from lint_lambda.config import Config, load_for
from lint_lambda.engine import Report, Request


def check(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]] = ".",
    config: Config | None = None,
    *,
    fixes: bool = False,
) -> Report:
    """Check the Lambda handlers under `paths`, as ``lambda-lint PATHS`` does. The code is read, never run.

    - `config`: the settings; by default those that apply to the paths, as on the command line.
    - `fixes`: also find the fixes of each finding, which takes longer.

    Raises `ConfigError` for invalid settings, `ModelError` for an invalid library model in them, `BaselineError` for a baseline
    that cannot be read, and `FileNotFoundError` for a path that does not exist. What could not be analysed is in the report.
    """
    given = [paths] if isinstance(paths, (str, PathLike)) else paths
    places = [Path(path) for path in given] or [Path()]
    for place in places:
        if not place.exists():
            raise FileNotFoundError(f"{place}: no such file or directory")
    return engine.check(Request(paths=places, config=load_for(places) if config is None else config, fixes=fixes))
