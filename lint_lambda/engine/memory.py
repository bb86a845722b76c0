"""What one series of looks at a project has come to. Where a file changes, only the processes that load it are analysed again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lint_lambda.core.names import Symbol
from lint_lambda.core.remedy import Remedy
from lint_lambda.core.verdict import Handler
from lint_lambda.engine.concluded import Conclusion
from lint_lambda.knowledge.models import Models
from lint_lambda.knowledge.remedies import remedy


class Memory:
    """Conclusions by process, each with the files that it loads; and remedies, which hang on no file."""

    def __init__(self) -> None:
        self._of: dict[tuple[Handler, ...], tuple[frozenset[str], Conclusion, int]] = {}
        self._remedies: dict[tuple[int, Symbol, str], tuple[Models, Remedy]] = {}

    def of(self, process: Sequence[Handler]) -> Conclusion | None:
        """What was concluded of exactly these handlers, whose files are still the same; None where that is not known."""
        known = self._of.get(tuple(process))
        return None if known is None else known[1]

    def keep(self, process: Sequence[Handler], files: frozenset[str], found: Conclusion, steps: int) -> None:
        """`steps`: how many it took; none where it was known from an earlier run."""
        self._of[tuple(process)] = (files, found, steps)

    def steps(self, changed: Collection[str]) -> int:
        """How many steps it took, as far as that is known, to come to what no longer holds where `changed` have other contents."""
        return sum(steps for files, _, steps in self._of.values() if not files.isdisjoint(changed))

    def without(self, changed: Collection[str]) -> Memory:
        """What of it still holds where the files `changed` have other contents."""
        other = Memory()
        other._of = {process: known for process, known in self._of.items() if known[0].isdisjoint(changed)}
        other._remedies = self._remedies
        return other

    def remedy(self, models: Models, call: Symbol, kind: str) -> Remedy:
        """See `lint_lambda.knowledge.remedies.remedy`."""
        key = (id(models), call, kind)
        if key not in self._remedies:
            self._remedies[key] = (models, remedy(models, call, kind))  # with the models, whose `id` then stays theirs
        return self._remedies[key][1]
