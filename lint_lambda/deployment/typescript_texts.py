"""What methods of texts come to in a TypeScript or JavaScript program of infrastructure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lint_lambda.deployment.values import PROJECT, Unknown, Value

METHODS = frozenset(
    {"toString", "trim", "replace", "replaceAll", "split", "substring", "slice", "toLowerCase", "toUpperCase"}
)
_REGEX = re.compile(r"/((?:[^\\/\[\](){}.*+?^$|]|\\[^\w])+)/([a-z]*)", re.DOTALL)
"""A regular expression that means one text only."""


def called(held: Value, method: str, arguments: Sequence[Value], here: str) -> Value:
    """What ``held.method(…)`` comes to; None where it is not known. `here`: the folder that the program is started in."""
    if method in ("toString", "trim"):
        return held
    if not isinstance(held, str):
        return None
    if method in ("replace", "replaceAll") and len(arguments) == 2:
        return _replaced(held, arguments[0], arguments[1], method == "replaceAll")
    if method == "split" and len(arguments) == 1:
        return _split(held, arguments[0], here)
    if method in ("substring", "slice") and arguments:
        return _part(held, arguments)
    if method in ("toLowerCase", "toUpperCase"):
        return held.lower() if method == "toLowerCase" else held.upper()
    return None


def _replaced(held: str, old: Value, new: Value, every: bool) -> Value:
    if isinstance(old, Unknown) and (regex := _REGEX.fullmatch(old.written)) is not None:
        old, every = re.sub(r"\\(.)", r"\1", regex[1]), "g" in regex[2]
    if not isinstance(old, str) or not isinstance(new, str):
        return None
    return str(held).replace(old, new, -1 if every else 1)


def _split(held: str, separator: Value, here: str) -> Value:
    """A path of the project is split at the folder that the program is started in, too."""
    if separator == "." and held.startswith(PROJECT):
        inside = held[len(PROJECT) :].strip("/")
        above = f"{here}/" if here else ""
        return ["", f"/{inside[len(above) :]}"] if f"{inside}/".startswith(above) else None
    return [*held.split(separator)] if isinstance(separator, str) and separator else None


def _part(held: str, arguments: Sequence[Value]) -> Value:
    bounds = [each for each in arguments[:2] if isinstance(each, int) and each >= 0]
    if len(bounds) != len(arguments):
        return None
    return held[bounds[0] : bounds[1] if len(bounds) > 1 else None]
