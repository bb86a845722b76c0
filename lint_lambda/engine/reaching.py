"""Whether a process can launch anything at all, told by the names that its functions mention, before any of it is lowered."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from lint_lambda.core.mentions import ASYNC, GENERATOR, REFLECTS, Mentions, live
from lint_lambda.core.verdict import Handler
from lint_lambda.knowledge.models import Models

if TYPE_CHECKING:
    from lint_lambda.engine.program import LoweredProgram

_ENDPOINTS = b"/extension/"
"""In the addresses that an extension asks Lambda by, in whatever way they are put together."""


def may_launch(program: LoweredProgram, models: Models, process: Sequence[Handler]) -> bool:
    """Over-approximate. Applications are called by their frameworks in ways that names do not tell."""
    if any(handler.application or handler.adapter or handler.runtime for handler in process):
        return True
    files = sorted(frozenset().union(*(program.imports(handler.path) for handler in process)))
    roots = {part.partition("#")[0] for handler in process for part in handler.name.split(".")}
    return names_may_launch(program, models, files, roots)


def names_may_launch(program: LoweredProgram, models: Models, files: Collection[str], roots: set[str]) -> bool:
    """Whether functions of these names can launch anything in a process that loads these files; over-approximate."""
    if any(_ENDPOINTS in program.read(path) for path in files):
        return True
    told = [each for each in map(program.mentions, files) if each is not None]
    if len(told) < len(files):
        return True
    said = live(told, roots)
    if not said.isdisjoint((ASYNC, REFLECTS)) or any(GENERATOR in says for says in _named(told, roots)):
        return True
    return any(not needs or not needs.isdisjoint(said) for word, needs in models.launching.items() if word in said)


def _named(files: Sequence[Mentions], names: set[str]) -> Iterator[frozenset[str]]:
    """What the functions of these names say."""
    for file in files:
        for name in names:
            yield from file.pieces.get(name, ())
