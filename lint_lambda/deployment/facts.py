"""What the bytes of each file say, as far as discovery asks: told once a file, and kept by the digest of its content.

The facts of a file are letters. Nothing else is known of most files, and in a run over what was seen before nothing else is
asked: so they are short, and stand in one entry of the cache.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path

from lint_lambda.core.text import is_refused
from lint_lambda.deployment.handlers import exported
from lint_lambda.deployment.handlers.hints import could_be_handler, is_annotated, may_hold_handler, scope_of
from lint_lambda.deployment.handlers.runtimes import may_hold_runtime
from lint_lambda.frontends.python.outline import Bound, outline
from lint_lambda.knowledge.models import Models
from lint_lambda.project.index import imported_words, words_of
from lint_lambda.project.scripts import is_script

HANDLER, PARSED, RUNTIME, APPLICATION, SPEAKS, REGISTRY, ADAPTER, REFUSED = "hpraskmw"
"""It may hold a handler; the interpreter can parse it (only told of those); it may be a custom runtime; it imports libraries
that have applications; those whose objects Lambda calls; it speaks of a registry of endpoints; it imports an adapter; no runtime
reads it, as it is written."""

_STALE = 4
_MAKERS = (
    "facts.py",
    "handlers/hints.py",
    "handlers/shape.py",
    "handlers/runtimes.py",
    "handlers/exported.py",
    "../project/index.py",
    "../core/text.py",
)
"""The code that tells facts, but for the front-end's, which every entry of the cache hangs on."""


class Facts:
    """- `known`: what is known already, by digest; nothing is learned by digest when it is None.

    `used` is what this run asked for or learned. `vocabulary` says what all of it hangs on.
    """

    def __init__(
        self,
        read: Callable[[str], bytes],
        models: Models,
        adapters: Collection[bytes] = (),
        known: Mapping[str, str] | None = None,
        digest: Callable[[str], str] = lambda path: "",
    ) -> None:
        self._read = read
        self._digest = digest
        self._known = known
        self._models = models
        self._words = {
            APPLICATION: models.application_words,
            SPEAKS: models.handler_words,
            REGISTRY: frozenset(name.encode() for name in models.registries),
            ADAPTER: frozenset(adapters),
        }
        self.vocabulary = "" if known is None else vocabulary(models, adapters)
        self._of: dict[str, str] = {}
        self._outlines: dict[str, list[Bound] | None] = {}
        self.used: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The facts of a file, in letters."""
        if path not in self._of:
            self._of[path] = self._tell(path)
        return self._of[path]

    def outline(self, path: str) -> list[Bound] | None:
        """What a file that may hold a handler binds at its top level; None when the interpreter cannot parse it."""
        if path not in self._outlines:
            self._outlines[path] = outline(self._read(path))
        return self._outlines[path]

    def overlaid(self, changed: Collection[str], read: Callable[[str], bytes], digest: Callable[[str], str]) -> Facts:
        """What is said where the files `changed` have other contents; what is known of the others is kept."""
        other = copy.copy(self)
        other._read, other._digest = read, digest
        other._outlines = {path: bound for path, bound in self._outlines.items() if path not in changed}
        other._of = {path: said for path, said in self._of.items() if path not in changed}
        other.used = {}
        return other

    def to_keep(self) -> dict[str, str] | None:
        """What the next run shall know: what this one used, and the rest unless that has become most of it; None for no news."""
        known = self._known or {}
        if self._known is None or self.used.keys() <= known.keys():
            return None
        return self.used if len(known) > _STALE * len(self.used) + 1000 else {**known, **self.used}

    def _tell(self, path: str) -> str:
        if self._known is None:
            return self._look(path)
        digest = self._digest(path)
        known = self._known.get(digest)
        if known is None:
            known = self._look(path)
        self.used[digest] = known
        return known

    def _look(self, path: str) -> str:
        source = self._read(path)
        words = self._spoken(source, path)
        found = "".join(letter for letter, said in self._words.items() if not said.isdisjoint(words))
        if may_hold_runtime(source, self._models.polls):
            found += RUNTIME
        signs = self._models.handlers
        if is_refused(source, path):
            found += REFUSED
        if is_script(path):
            return found + (HANDLER if exported.may_hold_handler(source) else "")
        if may_hold_handler(source, signs):
            bound = self._outlines[path] = outline(source)
            if bound is None:
                found += HANDLER
            else:
                scope = scope_of(bound)
                held = is_annotated(source) or any(could_be_handler(each, scope, signs) for each in bound)
                found += HANDLER + PARSED if held else PARSED
        return found

    def _spoken(self, source: bytes, path: str) -> frozenset[bytes]:
        """The words by which a file speaks of libraries: those of its imports, and the names of registries wherever they are."""
        if is_script(path):
            return words_of(source)
        registries = {name for name in self._words[REGISTRY] if name in source}
        return imported_words(source) | (registries and registries & words_of(source))


def vocabulary(models: Models, adapters: Collection[bytes]) -> str:
    """What stands for everything besides a file's content that decides its facts."""
    return _vocabulary(models, frozenset(adapters))


@lru_cache(maxsize=8)  # a server asks at each look, of the same models
def _vocabulary(models: Models, adapters: frozenset[bytes]) -> str:
    signs = models.handlers
    parts = [models.application_words, models.handler_words, models.registries, models.polls, signs.makers, adapters]
    digest = hashlib.sha256(repr([sorted(map(str, part)) for part in parts]).encode())
    for name in _MAKERS:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()
