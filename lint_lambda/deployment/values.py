"""What an expression of a template or a program of infrastructure comes to, as far as it is written there."""

from __future__ import annotations

from typing import TypeAlias

from lint_lambda.core.record import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that only the deployment knows; `written` is how the source says it."""

    written: str


Value: TypeAlias = "str | float | bool | list[Value] | dict[str, Value] | Unknown | None"


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
        return value.written
    if isinstance(value, dict):
        return "{" + ", ".join(list(value)[:4]) + "}"
    shown = value if isinstance(value, str) and value.isprintable() else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
