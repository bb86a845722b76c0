"""``lambda-lint cache``: where the cache of a project is and what it takes, and how to be rid of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint_lambda.cli.options import Failure, read_config
from lint_lambda.output.telling import tell

if TYPE_CHECKING:
    from lint_lambda.cache.folder import Folder

_PATH = click.argument("path", required=False, default=".", type=click.Path(exists=True, path_type=Path))


@click.group("cache")
def cache() -> None:
    """Show or empty the cache of a project."""


@cache.command(short_help="Show where the cache is, and how large.")
@_PATH
def info(path: Path) -> None:
    """Show where the cache of the project at PATH is, and what it takes."""
    folder = _folder(path)
    tell(f"cache: {folder.place}")
    try:
        entries = folder.entries()
    except FileNotFoundError:
        tell("It is empty.")
        return
    except OSError as error:
        raise Failure(str(error)) from error
    versions = len({entry.version for entry in entries if not entry.name.endswith(".report")}) or 1  # these are of none
    size = sum(entry.size for entry in entries) / 1_000_000
    tell(f"{len(entries):,} entries of {versions} version{'' if versions == 1 else 's'} take {size:.1f} MB.")


@cache.command(short_help="Empty the cache.")
@_PATH
def clean(path: Path) -> None:
    """Delete the entries of the cache of the project at PATH, and nothing else."""
    folder = _folder(path)
    try:
        size = folder.clean() / 1_000_000
    except FileNotFoundError:
        size = 0.0
    except OSError as error:
        raise Failure(f"nothing was deleted: {error}") from error
    tell(f"Deleted {size:.1f} MB from {folder.place}.")


def _folder(path: Path) -> Folder:
    from lint_lambda.cache.folder import Folder

    config = read_config(path)
    assert config.cache_dir is not None, "settings always name a place"
    return Folder(config.cache_dir, config.root)
