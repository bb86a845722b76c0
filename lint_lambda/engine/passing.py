"""Handlers that can launch nothing, told by names before their files are lowered; and kept by what that depends on.

All answers of a run stand in one entry of the cache, as there may be hundreds of such handlers and each depends on few files.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from lint_lambda.cache import Cache
from lint_lambda.engine import reaching
from lint_lambda.engine.versions import linter
from lint_lambda.knowledge.models import Models

if TYPE_CHECKING:
    from lint_lambda.engine.program import LoweredProgram

_STALE = 4
"""Answers are dropped when there are more than this many times those that a run asked for."""


class Passing:
    """Answers about one program. `models`: of the language whose functions' names are told."""

    def __init__(self, program: LoweredProgram, models: Models, cache: Cache, library: str) -> None:
        """`library`: what stands for the user's own models."""
        self._program = program
        self._models = models
        self._cache = cache
        self._name = hashlib.sha256(f"{linter()}\0{library}".encode("utf-8", "surrogateescape")).hexdigest()
        self._known: dict[str, str] | None = None
        self._used: dict[str, str] = {}
        self._told: dict[tuple[str, frozenset[str]], bool] = {}

    def overlaid(self, program: LoweredProgram, changed: Collection[str]) -> Passing:
        """The same about a program in which the files `changed` have other contents; what does not hang on these is kept."""
        other = copy.copy(self)
        other._program = program
        other._used = {}
        imports = self._program.imports
        other._told = {key: said for key, said in self._told.items() if imports(key[0]).isdisjoint(changed)}
        return other

    def may_launch(self, path: str, names: frozenset[str]) -> bool:
        """Whether functions of a file can launch anything, called by Lambda; over-approximate.

        Where they cannot, comments that silence something have been looked at in all that the file loads.
        """
        if (path, names) not in self._told:
            self._told[path, names] = self._tell(path, names)
        return self._told[path, names]

    def _tell(self, path: str, names: Collection[str]) -> bool:
        files = sorted(self._program.imports(path))
        key = self._digest(path, names, files) if self._cache.keeps else ""
        said = self._answers.get(key)
        if said is None:
            said = "y" if reaching.names_may_launch(self._program, self._models, files, set(names)) else ""
        if key:
            self._used[key] = said
        if not said:
            self._program.count_as_asked(frozenset(filter(self._program.may_launch, files)))
        return said != ""

    def keep(self) -> None:
        """Store what was found out, if anything was."""
        known = self._answers
        if not self._used.keys() <= known.keys():
            self._known = self._used if len(known) > _STALE * len(self._used) + 1000 else {**known, **self._used}
            self._cache.store_facts(self._name, self._known)

    @property
    def _answers(self) -> dict[str, str]:
        if self._known is None:
            self._known = self._cache.facts(self._name) or {}
        return self._known

    def _digest(self, path: str, names: Collection[str], files: Collection[str]) -> str:
        program, found = self._program, hashlib.sha256()
        for part in (path, *sorted(names), *files):
            found.update(part.encode("utf-8", "surrogateescape") + b"\0")
        for file in files:
            found.update(
                f"{program.project.digest(file)} {' '.join(program.imported(file))}\0".encode(
                    "utf-8", "surrogateescape"
                )
            )
        return found.hexdigest()
