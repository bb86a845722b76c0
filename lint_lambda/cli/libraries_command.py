"""``lambda-lint libraries``: the supported libraries, and what each of their calls means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lint_lambda.cli import completion, suggesting
from lint_lambda.cli.options import Failure, near
from lint_lambda.output.telling import tell

if TYPE_CHECKING:
    from lint_lambda.knowledge.models import Library


@click.command(short_help="List the supported libraries, or describe one.")
@click.argument("name", required=False, shell_complete=completion.libraries)
@click.option(
    "--suggest",
    is_flag=True,
    help="List the packages that the project in the current directory imports and no model covers, and whose installed copy "
    "starts threads, tasks or exit hooks, with models to begin with. They are read, never imported.",
)
def libraries(name: str | None, suggest: bool) -> None:
    """List the libraries lambda-lint understands, or describe one (by name, package or module)."""
    if suggest:
        if name is not None:
            raise click.UsageError("--suggest takes no NAME")
        suggesting.suggest(Path.cwd())
        return
    from lint_lambda.knowledge.describe import calls_of, listed
    from lint_lambda.knowledge.loader import load_models

    known = listed(load_models())
    if name is None:
        width = max(len(library.name) for library in known)
        for library in known:
            tell(f"{library.name:{width}}  {library.package}".rstrip())
        return
    chosen = [library for library in known if name.lower() in _names(library)]
    if not chosen:
        names = [library.name for library in known] + [library.package for library in known if library.package]
        raise Failure(f"unknown library {name}{near(name, names, 'lambda-lint libraries')}")
    for library in sorted(
        chosen, key=lambda library: name.lower() not in (library.name.lower(), library.package.lower())
    ):
        tell(f"{library.name}: {library.docs}")
        if library.verified:
            tell(f"verified: {library.verified}")
        for verb, calls in calls_of(library).items():
            tell(f"{verb}:")
            for call in calls:
                tell(f"  {call}")


def _names(library: Library) -> set[str]:
    """What a person may call it: its name, its package, its TOML file, the first word of its calls."""
    modules = {call.call.partition(".")[0] for call in library.models}
    stem = library.source.rpartition("/")[2].removesuffix(".toml")
    return {text.lower() for text in (library.name, library.package, stem, *modules) if text}
