"""What the parts of a file mention, and what of it can run where some handlers are called: told by names alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from lint_lambda.core.record import dataclass

ASYNC, GENERATOR, REFLECTS = "<async>", "<generator>", "<reflects>"
"""Said by code that defines coroutine functions, that is a generator, and that finds things by names which need not stand in it."""

QUOTED = "'"
"""Before a word that stands in a text: functions may be found by it, but it is no call of anything."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Over-approximate. A *piece* is code that runs, or not, as one; it *says* the names and words in it.

    - `always`: what is said by pieces that run when the file is imported, or whose callers cannot be told by names.
    - `pieces`: what the others say, by the name that has to be said for them to run.
    - `aliases`: the names that imports bind, with the words of the import.
    """

    always: frozenset[str]
    pieces: Mapping[str, Sequence[frozenset[str]]]
    aliases: Mapping[str, frozenset[str]]


def live(files: Collection[Mentions], roots: Iterable[str]) -> set[str]:
    """Everything that is said by what can run in these files where the functions `roots` are called."""
    pieces: dict[str, list[frozenset[str]]] = {}
    for file in files:
        for table in (file.pieces.items(), ((name, (words,)) for name, words in file.aliases.items())):
            for name, says in table:
                pieces.setdefault(name, []).extend(says)
    said: set[str] = set()
    fresh = frozenset(roots).union(*(file.always for file in files))
    while fresh:
        said |= fresh
        reached = (says for word in fresh for says in pieces.pop(word.removeprefix(QUOTED), ()))
        fresh = frozenset().union(*reached) - said
    return said
