"""``lambda-lint config``: every setting of a run, and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from lint_lambda.cli.options import configure, project_options
from lint_lambda.config import Config, written_at
from lint_lambda.core.finding import Confidence
from lint_lambda.output.telling import tell
from lint_lambda.settings import KEYS, ByPath

_OPTIONS = {
    "handlers": "handlers",
    "extend-exclude": "exclude",
    "respect-gitignore": "respect_gitignore",
    "cache-dir": "no_cache",
}
"""By setting: the parameter of the option that overrides it."""


@click.command("config", short_help="Show the settings and where each comes from.")
@project_options
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the settings.",
)
def settings(**options: Any) -> None:
    """Show the settings that apply to PATHS and where each comes from."""
    chosen, _, _ = configure(**options)
    rows = [(key, value_of(chosen, key), _origin(chosen, key, options)) for key in sorted(KEYS)]
    if options["output_format"] == "json":
        listed = {key: {"value": value, "from": origin} for key, value, origin in rows}
        file = str(chosen.file) if chosen.file is not None else None
        tell(json.dumps({"project": str(chosen.root), "file": file, "settings": listed}, indent=2, ensure_ascii=False))
        return
    tell(f"project: {chosen.root}")
    tell(f"configuration: {chosen.file or 'none'}")
    tell()
    for key, value, origin in rows:
        tell(f"{key} = {_toml(value)}  # {origin}")


def _origin(chosen: Config, key: str, options: dict[str, Any]) -> str:
    given = options.get(_OPTIONS.get(key, ""))
    places = [
        place for place in (written_at(chosen, key), "command line" if given not in (None, False, ()) else "") if place
    ]
    return ", ".join(places) or "default"


def value_of(chosen: Config, key: str) -> Any:
    """The value as TOML and JSON have it."""
    value = getattr(chosen, key.replace("-", "_"))
    if key == "handlers":
        value = (*chosen.handlers, *chosen.option_handlers)
    if isinstance(value, ByPath):
        return dict(value.patterns) if value.patterns else value.default
    if isinstance(value, Confidence):
        return value.label
    if isinstance(value, Path):
        return value.relative_to(chosen.root).as_posix() if value.is_relative_to(chosen.root) else str(value)
    if value is None:
        return ""
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return {str(key): _plain(each) for key, each in value.items()} if hasattr(value, "items") else value


def _toml(value: Any) -> str:
    """A value in TOML, whose strings, lists and truth values of these kinds are written as JSON's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
