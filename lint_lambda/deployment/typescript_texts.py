"""What methods of texts, and functions of paths, come to in a TypeScript or JavaScript program of infrastructure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lint_lambda.deployment.typescript_syntax import joined, parent
from lint_lambda.deployment.values import PROJECT, Made, Unknown, Value

METHODS = frozenset(
    {"toString", "trim", "replace", "replaceAll", "split", "substring", "slice", "toLowerCase", "toUpperCase"}
)
_JOINS = frozenset({"path.join", "path.resolve", "join", "resolve", "posix.join", "path.posix.join"})
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


def path_of(made: Made) -> Value:
    """The path that a call of ``node:path`` or ``node:url`` comes to; None for any other call.

    What the import calls them is no matter where the path is known to be one of the project.
    """
    if made.name == "process.cwd":
        return "."
    first = made.arguments[0] if made.arguments else None
    of_project = isinstance(first, str) and first.startswith(PROJECT)
    if made.name in _JOINS or (of_project and made.last in ("join", "resolve")):
        return joined(made.arguments, made.last == "resolve")
    if not isinstance(first, str):
        return None
    if made.name in ("path.dirname", "dirname") or (of_project and made.last == "dirname"):
        return parent(first)
    if made.last == "fileURLToPath" and of_project:
        return first
    base = made.arguments[1] if made.last == "URL" and len(made.arguments) == 2 else None
    if isinstance(base, str) and base.startswith(PROJECT):
        return joined((base if base.endswith("/") else parent(base), first), False)
    return None
