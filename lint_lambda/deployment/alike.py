"""Which of several files a function's name speaks of, or that of its archive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lint_lambda.deployment.files import folder, upward
from lint_lambda.deployment.model import Function

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_KINDS = frozenset(
    {"function", "functions", "lambda", "lambdas", "handler", "fn", "func", "resource", "src", "code", "app"}
)
"""Words that say what something is, and not which."""


def alike(function: Function, paths: Sequence[str]) -> str | None:
    """The one of several files whose folder has a name of the function, or the name of its archive; None where it is not clear.

    A name may begin with what is around the folder (``orders-api-send``, of ``orders/api/send``). The files nearest to the template come first.
    """
    spoken = [words for words in map(_words, _names(function)) if words]
    for above in upward(folder(function.declared.file)):
        inside = [path for path in paths if not above or path.startswith(f"{above}/")]
        for fits in (_is, _ends_with):
            found = [path for path in inside if any(fits(words, path, function.declared.file) for words in spoken)]
            if len(found) == 1:
                return found[0]
            if found:
                return None
    return None


def _names(function: Function) -> Iterator[str]:
    yield from function.names
    for archive in (function.key, function.archive):
        yield archive.rpartition("/")[2].removesuffix(".zip")


def _words(name: str) -> list[str]:
    return [word for word in map(str.lower, _WORD.findall(name)) if word not in _KINDS]


def _folder_words(path: str) -> list[str]:
    """The words of the nearest folder that has a name of its own."""
    return next((words for above in upward(folder(path)) if (words := _words(above.rpartition("/")[2]))), [])


def _is(words: list[str], path: str, template: str) -> bool:
    return words == _folder_words(path)


def _ends_with(words: list[str], path: str, template: str) -> bool:
    """Whether the name ends as the folder is called.

    A single word may be anybody's: what comes before it has to be what the folders above it, or the template, are called.
    """
    other = _folder_words(path)
    if not other or len(words) <= len(other) or words[-len(other) :] != other:
        return False
    around = {word for place in (path, template) for part in place.split("/") for word in _words(part)}
    return len(other) > 1 or around.issuperset(words[: -len(other)])
