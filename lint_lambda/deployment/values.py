"""What an expression of a template or a program of infrastructure comes to, as far as it is written there."""

from __future__ import annotations

from typing import TypeAlias

from lint_lambda.core.record import dataclass
from lint_lambda.deployment.model import Inline


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that only the deployment knows; `written` is how the source says it."""

    written: str


@dataclass(frozen=True, slots=True)
class Made:
    """What a call makes: the callee as it is written, its arguments, and those that are named.

    `line` counts from 1. `owner`: the name of the construct of the program's own that makes it. `perhaps`: another call may be meant.
    """

    name: str
    arguments: tuple[Value, ...]
    named: dict[str, Value]
    line: int
    owner: str = ""
    perhaps: bool = False

    @property
    def last(self) -> str:
        """The callee's last name, in one spelling for all languages: ``from_asset`` and ``fromAsset`` are one."""
        return camel(self.name.rpartition(".")[2])

    def get(self, *names: str, position: int | None = None) -> Value:
        """A named argument, by the first of its names that is there, or the one at a position."""
        found = next((self.named[name] for name in names if name in self.named), None)
        if found is None and position is not None and position < len(self.arguments):
            return self.arguments[position]
        return found


class Quoted(str):
    """A text that knows where it stands: `inline` holds its characters' places."""

    __slots__ = ("inline",)

    inline: Inline

    def __new__(cls, text: str, inline: Inline) -> Quoted:
        made = super().__new__(cls, text)
        made.inline = inline
        return made


Value: TypeAlias = "str | float | bool | list[Value] | dict[str, Value] | Made | Unknown | None"

PROJECT = "//"
"""What paths begin with that are known from the project's root on, not from wherever a tool is started."""


SPREAD = "..."
"""The key under which a mapping holds what else is in it, and is not known."""


def camel(name: str) -> str:
    """A name as TypeScript spells it: ``code_uri`` is ``codeUri``."""
    head, *rest = name.strip("_").split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def text(value: Value) -> str | None:
    """A value as text; None where it is none, or holds what only the deployment knows."""
    return value if isinstance(value, str) and "${" not in value and "\0" not in value else None


def number(value: Value) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else None
    except ValueError:
        return None


def table(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def items(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def texts(value: Value) -> tuple[tuple[str, str], ...]:
    """The entries of a mapping whose values are literal."""
    found = ((key, inner) for key, inner in table(value).items())
    return tuple((key, known) for key, inner in found if (known := text(_spelled(inner))) is not None)


def _spelled(value: Value) -> Value:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, (int, float)) else value


def written(value: Value) -> str:
    """A value for a message."""
    if isinstance(value, Unknown):
        return _short(" ".join(value.written.split()))
    if isinstance(value, Made):
        return f"{value.name}(…)"
    if isinstance(value, dict):
        return "{" + ", ".join(list(value)[:4]) + "}"
    return _short(value if isinstance(value, str) and value.isprintable() else repr(value))


def _short(shown: str) -> str:
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
