"""Read ``rules/conventions.toml``: names that mean something by custom, in code that no library model speaks of."""

from __future__ import annotations

from functools import cache

from lint_lambda.core.record import dataclass
from lint_lambda.knowledge import schema, shipped
from lint_lambda.knowledge.errors import KnowledgeError

FILE = "conventions.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """The names.

    - `ends`: methods, or first words of their names, that leave the object unfit for use.
    - `tells`: methods that only show what they are given to a person.
    """

    ends: tuple[str, ...]
    tells: tuple[str, ...]

    def ends_object(self, method: str) -> bool:
        """Whether the object is of no use after this method."""
        return method in self.ends or method.partition("_")[0] in self.ends


@cache
def load_conventions() -> Conventions:
    """Those shipped with the linter. Raises `KnowledgeError`."""
    try:
        return schema.read(Conventions, shipped.table(FILE))
    except schema.Problem as error:
        raise KnowledgeError(f"{FILE}: {error}") from error
