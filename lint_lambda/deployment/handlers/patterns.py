"""Handlers that the user names: ``path-glob:name-glob``, in the configuration or with ``--handler``.

The path is a pattern as in ``.gitignore`` (``app.py`` in any folder, ``jobs/*.py`` from the project's root); in the name
``*`` stands for anything, dots included: ``*:*`` makes a handler of every function and method.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from lint_lambda.core import ir
from lint_lambda.core.globs import compiled
from lint_lambda.core.near import nearest
from lint_lambda.core.record import dataclass
from lint_lambda.core.verdict import Handler, Place
from lint_lambda.deployment.handlers.bindings import ModuleNames
from lint_lambda.deployment.handlers.signatures import definition_place, discover
from lint_lambda.knowledge.models import HandlerSigns
from lint_lambda.knowledge.texts import say

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_REDEFINED = re.compile(r"#\d+")
"""What `lint_lambda.core.ir` adds to the qualified name of a second definition of one name."""


@dataclass(frozen=True, eq=False)
class Pattern:
    """One pattern, and where it was written: in which `file`, whose folder is `prefix` (from the project's root)."""

    text: str
    files: GitIgnoreSpec
    name: str
    source: Literal["configuration", "option"]
    prefix: str = ""
    file: Path | None = None

    def covers(self, path: str) -> bool:
        """Whether the pattern speaks of this file."""
        if self.prefix and not path.startswith(f"{self.prefix}/"):
            return False
        return self.files.match_file(path[len(self.prefix) + 1 :] if self.prefix else path)

    def match(self, module: ir.Module, signs: HandlerSigns) -> list[Handler]:
        """The functions of a covered module that the pattern names, by name.

        Nested functions are not among them: Lambda can only load what a module or a class has as an attribute.
        """
        names = ModuleNames(module)
        wildcard = any(mark in self.name for mark in "*?[")
        places = {
            name: place
            for name, place in callables(names, redefined=self.name == "*")
            if fnmatch.fnmatchcase(_REDEFINED.sub("", name), self.name)
        }
        if not places:
            places = dict(named_exactly(names, self.name))
        why = say("handlers.configured" if self.source == "configuration" else "handlers.option", pattern=self.text)
        known = {handler.name for handler in discover(module, signs)} if wildcard else set(places)
        return [
            Handler(module.path, name, place, self.source, why, guessed=name not in known)
            for name, place in sorted(places.items())
        ]


def parse(text: str, source: Literal["configuration", "option"], prefix: str = "", file: Path | None = None) -> Pattern:
    """A pattern from its text. Raises `ValueError` when it is not ``path:name``, or ``path`` is no pattern."""
    path, colon, name = text.rpartition(":")
    if not (path and colon and name):
        raise ValueError(f"{text!r} must be written path:name, as in app.py:handler or jobs/*.py:*")
    return Pattern(text, compiled([path]), name, source, prefix, file)


def why_nothing(pattern: Pattern, modules: Iterable[ir.Module], root: Path) -> tuple[str, str]:
    """Why a pattern matched nothing, and a suggestion (or nothing), given the modules of the files it covers and the project's root."""
    paths, names = [], set()
    for module in modules:
        paths.append(module.path)
        names |= {name for name, _ in callables(ModuleNames(module))}
    if not paths:
        of_option = pattern.source == "option"
        hint = say("not_found.no-file-of-option" if of_option else "not_found.no-file-hint", root=root)
        return say("not_found.no-file"), hint
    one = len(paths) == 1
    problem = say(
        "not_found.in-file" if one else "not_found.in-files", path=paths[0], count=len(paths), name=pattern.name
    )
    near = nearest(pattern.name, sorted(names))
    return problem, say("not_found.near", name=near) if near else ""


def callables(names: ModuleNames, redefined: bool = False) -> Iterator[tuple[str, Place]]:
    """Functions and methods that are attributes of the module or of its classes.

    Of several definitions of one name the last is the one that counts; with `redefined` the earlier ones are yielded too,
    under the qualified names that tell them apart (``f`` and ``f#2``; the last has the bare name).
    """
    by_name: dict[str, list[ir.Function]] = {}
    for function in sorted(names.functions.values(), key=lambda function: function.site):
        if "<" not in function.qualname:
            by_name.setdefault(_REDEFINED.sub("", function.qualname), []).append(function)
    for name, functions in by_name.items():
        yield name, Place(names.path, functions[-1].site)
        if redefined:
            for number, function in enumerate(functions[:-1], 1):
                yield f"{name}#{number}", Place(names.path, function.site)


def named_exactly(names: ModuleNames, name: str) -> Iterator[tuple[str, Place]]:
    """An assigned or imported name, or a method that a class inherits."""
    head, _, tail = name.rpartition(".")
    if not head and name in names.bound:
        value = names.bound[name].value
        place = Place(names.path, value.site) if isinstance(value, ir.Import) else definition_place(names, value, name)
        yield name, place
    elif head in names.classes:
        method = names.method(names.classes[head], tail)
        if method is not None:
            yield name, Place(names.path, method.site)
