"""Read ``rules/conventions.toml``: names that mean something by custom, in code that no library model speaks of."""

from __future__ import annotations

import re
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
    - `limits`: what makes context managers in which waits are given up after a time; `lets_go`: those that say nothing of it;
      `given_up`: what the others raise.
    - `serves`: words in commands that go on until they are stopped.
    - `off`: settings with which a client does nothing at all.
    - `mints`: words in the names of functions that make an identifier nobody has seen yet.
    """

    ends: tuple[str, ...]
    tells: tuple[str, ...]
    limits: tuple[str, ...]
    given_up: tuple[str, ...]
    lets_go: tuple[str, ...]
    serves: tuple[str, ...]
    off: tuple[str, ...]
    mints: tuple[str, ...]

    def ends_object(self, method: str) -> bool:
        """Whether the object is of no use after this method."""
        return method in self.ends or method.partition("_")[0] in self.ends

    def serves_for_ever(self, command: str) -> bool:
        """Whether a command, or the code that holds it, seems to go on until it is stopped."""
        words = re.split(r"[^a-z]+", command.lower())
        return any(word in self.serves for word in words)

    def mints_identifier(self, name: str) -> bool:
        """Whether a function of this dotted name makes an identifier."""
        words = re.split(r"[^a-z]+", name.lower())
        return any(word in self.mints for word in words)


@cache
def load_conventions() -> Conventions:
    """Those shipped with the linter. Raises `KnowledgeError`."""
    try:
        return schema.read(Conventions, shipped.table(FILE))
    except schema.Problem as error:
        raise KnowledgeError(f"{FILE}: {error}") from error
