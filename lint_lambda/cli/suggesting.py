"""``lambda-lint libraries --suggest``: imported packages that start work of their own, and the models to write for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lint_lambda.cli.options import Failure
from lint_lambda.output.telling import tell

if TYPE_CHECKING:
    from lint_lambda.config import Config
    from lint_lambda.knowledge.models import Models
    from lint_lambda.project.installed import Start

MOST = 5
"""Places that are shown of one package."""


def suggest(root: Path) -> None:
    """Print what the installed copies of imported packages start that no model speaks of. Nothing is imported or run."""
    from lint_lambda.config import ConfigError, load_config
    from lint_lambda.knowledge.loader import ModelError, load_languages
    from lint_lambda.project import installed

    try:
        config = load_config(root)
        models = load_languages(config.library, config.shown).of("python")
    except (ConfigError, ModelError) as error:
        raise Failure(str(error)) from error
    folders = installed.environments(config.root, os.environ.get("VIRTUAL_ENV"))
    missing = []
    told = 0
    for package in _imported(config, models):
        place = installed.location(package, folders)
        if place is None:
            missing.append(package)
            continue
        found = list(installed.starts(place))
        if found:
            told += 1
            _tell(package, found)
    if not told:
        tell("No imported package that is installed starts work which no library model covers.")
    if missing:
        tell(f"Not installed where it was looked for, so not read: {', '.join(missing)}")


def _imported(config: Config, models: Models) -> list[str]:
    """Top-level packages that the project imports: neither its own, nor the language's, nor known to the models."""
    from lint_lambda.project import Project
    from lint_lambda.project.index import imports

    project = Project.find(
        config.root,
        exclude=(*config.exclude, *config.extend_exclude),
        respect_gitignore=config.respect_gitignore,
        source_roots=config.source_roots,
        libraries=models.packages,
    )
    found: set[str] = set()
    for file in project.files:
        for name, level in imports(project.read(file)):
            top = name.partition(".")[0]
            if top and level == 0 and not project.is_local(file, top, 0):
                found.add(top)
    return sorted(found - models.packages - sys.stdlib_module_names)


def _tell(package: str, found: list[Start]) -> None:
    tell(f"{package}: starts work of its own ({', '.join(sorted({start.kind for start in found}))})")
    for start in found[:MOST]:
        tell(f"  {start.file}:{start.line}: {start.kind}" + (f" in {start.owner}" if start.owner else ""))
    if len(found) > MOST:
        tell(f"  and {len(found) - MOST} more")
    tell("  A model to begin with; read the library, then keep the rows that are true:")
    for line in _skeleton(package, found):
        tell(f"    {line}".rstrip())


def _skeleton(package: str, found: list[Start]) -> Iterator[str]:
    from lint_lambda.project.installed import WAITS

    yield "[[tool.lambda-lint.library]]"
    yield f'library = {{ name = "{package}", docs = "…", package = "{package}" }}'
    owners = {f"{start.module}.{start.owner}": start.methods for start in found if start.owner}
    for owner, methods in owners.items():
        works = [name for name in methods if name not in WAITS]
        waits = [name for name in WAITS if name in methods]
        yield ""
        yield "[[tool.lambda-lint.library.type]]"
        yield f'name = "{owner}"'
        if works:
            yield ""
            yield "[[tool.lambda-lint.library.launch]]  # of these, the calls that only queue"
            yield f"call = [{', '.join(_quoted(owner, works))}]"
            yield 'kind = "client"'
            yield 'handle = "self"'
            yield 'fate = "buffered"'
        if waits:
            yield ""
            yield "[[tool.lambda-lint.library.join]]  # of these, the calls that return when everything is sent"
            yield f"call = [{', '.join(_quoted(owner, waits))}]"
            yield 'target = "self"'
    if not owners:
        yield "# nothing of it is in a class: name the functions of the package that start it"


def _quoted(owner: str, names: list[str]) -> list[str]:
    return [f'"{owner}.{name}"' for name in names]
