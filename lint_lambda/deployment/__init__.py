"""The project as it is deployed: which functions there are, from which files and folders each is made, and where it runs."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from lint_lambda.deployment.files import Files, join
from lint_lambda.deployment.in_place import InPlace, Place, place_of
from lint_lambda.deployment.locating import Located, Lost, inline_path, locate
from lint_lambda.deployment.model import Function, Trouble
from lint_lambda.deployment.reading import read

__all__ = ["Deployment"]


class Deployment:
    """Everything that the files of a project declare, and where it leads.

    - `functions`: all of them. `troubles`: what could not be read. `built`: folders that a tool has made from others.
    - `foreign`: files and folders whose functions another platform calls.
    - `located`, `lost`: each function by where its handler is, or why that cannot be told.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        found = read(files)
        self.functions: tuple[Function, ...] = tuple(found.functions)
        self.troubles: tuple[Trouble, ...] = tuple(found.troubles)
        self.built = frozenset(found.built)
        self.foreign = frozenset(found.foreign)
        self.located: list[tuple[Function, Located]] = []
        self.lost: list[tuple[Function, Lost]] = []
        for function in self.functions:
            place = locate(function, files)
            if isinstance(place, Located):
                self.located.append((function, place))
            else:
                self.lost.append((function, place))

    @cached_property
    def in_place(self) -> InPlace:
        """The code that stands in templates, by the paths under which it is analysed."""
        return InPlace(self._places)

    def inline(self) -> dict[str, str]:
        """The texts of the code that stands in templates, by the same paths."""
        return {path: place.text for path, place in self._places.items()}

    @cached_property
    def _places(self) -> dict[str, Place]:
        return {
            place.path: place_of(function, function.inline)
            for function, place in self.located
            if function.inline is not None and place.path == inline_path(function)
        }

    def import_roots(self) -> dict[str, tuple[str, ...]]:
        """What is on the path of functions beside their own folder, by that folder."""
        found: dict[str, dict[str, None]] = {}
        for function, place in self.located:
            if function.inline is None:
                roots = [*function.roots, *function.layers, *_python_path(function, place.root)]
                found.setdefault(place.root, {}).update(dict.fromkeys(roots))
        return {folder: tuple(root for root in roots if root != folder) for folder, roots in found.items()}

    def placed(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """What functions import under another name than it has in the project, by their own folder: the name, and file or folder."""
        found: dict[str, dict[tuple[str, str], None]] = {}
        for function, place in self.located:
            if function.placed:
                found.setdefault(place.root, {}).update(dict.fromkeys(function.placed))
        return {root: tuple(placed) for root, placed in found.items()}

    def managed(self) -> frozenset[tuple[str, str]]:
        """File and name of what runs on Managed Instances."""
        return frozenset(
            (place.path, place.name) for function, place in self.located if function.lifetime == "managed-instances"
        )

    def warnings(self) -> list[str]:
        """What could not be read, what cannot be found though it is Python or JavaScript, and where a folder is missing."""
        unfound = [
            f"{function.declared}: {function.name}: {lost.why}"
            for function, lost in self.lost
            if not lost.absent and _is_to_be_found(function)
        ]
        taken = [
            f"{function.declared}: {function.name}: {function.unknown[0]}; {place.path} was taken for its module"
            for function, place in self.located
            if place.guessed and _is_doubtful(function)
        ]
        return list(dict.fromkeys([*map(str, self.troubles), *unfound, *taken]))

    def notes(self) -> list[str]:
        """Functions that are not of this project's Python code, as far as can be told."""
        said = set(self.warnings())
        guessed = [
            f"{function.declared}: {function.name}: its code is elsewhere; {place.path} was taken for its module"
            for function, place in self.located
            if place.guessed and not _is_doubtful(function)
        ]
        lines = (f"{function.declared}: {function.name}: {lost.why}" for function, lost in self.lost if not lost.absent)
        return [line for line in dict.fromkeys([*guessed, *lines]) if line not in said]

    def named(self, name: str) -> list[Function]:
        """The functions that a template, or AWS, calls so."""
        return [function for function in self.functions if name in function.names]

    def declared_in(self, templates: Collection[str]) -> frozenset[str]:
        """The files of the handlers that templates declare: whoever asks about a template asks about them."""
        return frozenset(place.path for function, place in self.located if function.declared.file in templates)

    def is_built(self, path: str) -> bool:
        """Whether a tool has copied this file from another of the project."""
        return any(path.startswith(f"{place}/") for place in self.built if place)

    def is_foreign(self, path: str) -> bool:
        """Whether another platform calls the file's functions."""
        return any(path == place or _inside(path, place) for place in self.foreign)

    def root_of(self, path: str) -> str | None:
        """The deepest folder around a file that is deployed as some function's; None where there is none."""
        roots = {place.root for _, place in self.located}
        return max((root for root in roots if _inside(path, root)), key=len, default=None)


def _is_to_be_found(function: Function) -> bool:
    """Whether a function is of a language that is analysed, and its code may be the project's."""
    runtime = function.runtime or ""
    names_source = function.is_node and bool(function.handler) and not function.elsewhere
    return runtime.startswith(("python", "nodejs")) and bool(function.unknown or function.archive or names_source)


def _is_doubtful(function: Function) -> bool:
    """Whether a template names a folder that is not here, and a handler without folders: either may be a mistake."""
    module = (function.handler or "").rpartition(".")[0]
    return bool(function.unmade and function.unknown) and not function.is_node and not re.search("[./]", module)


def _inside(path: str, root: str) -> bool:
    return not root or path.startswith(f"{root}/")


def _python_path(function: Function, root: str) -> Iterator[str]:
    """The folders of the task root that the function's environment puts on the path."""
    for path in dict(function.environment).get("PYTHONPATH", "").split(":"):
        inside = path.removeprefix("/var/task").strip("/")
        if path.startswith("/var/task/") or (path and not path.startswith("/")):
            place = join(root, inside)
            if place is not None:
                yield place


def by_place(located: Iterable[tuple[Function, Located]]) -> dict[str, list[tuple[Function, Located]]]:
    """What is declared, by file."""
    found: dict[str, list[tuple[Function, Located]]] = {}
    for function, place in located:
        found.setdefault(place.path, []).append((function, place))
    return found
