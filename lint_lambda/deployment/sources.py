"""From the handler of a Node function to the source of its module, which a compiler or a bundler may have moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lint_lambda.core.record import replace
from lint_lambda.deployment.alike import alike
from lint_lambda.deployment.files import Files, folder, join, upward
from lint_lambda.deployment.model import Function
from lint_lambda.deployment.values import PROJECT

ENDINGS = (".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx")
"""What the name of a module may end in; sources come before what is made of them."""

_BUILT = frozenset(
    [
        "dist",
        "build",
        "out",
        "lib",
        ".build",
        "bin",
        "target",
        "compiled",
        ".webpack",
        ".esbuild",
        ".aws-sam",
        "_optimize",
        "js",
    ]
)
"""Folders that compilers write to."""

_HANDLER = re.compile(r"((?:.*/)?[^/.][^/.]*)\.(.+)")


class Source(NamedTuple):
    """The file of a module, and the name in it; `guessed`: no folder that is deployed has it, and no other file can be meant."""

    path: str
    name: str
    guessed: bool = False


def find(function: Function, files: Files) -> Source | None:
    """The source of a function's handler; None where the project has none."""
    found = _HANDLER.fullmatch((function.handler or "").removeprefix("./").lstrip("/"))
    return None if found is None else _find(function, found[1], found[2], files)


def started(function: Function, file: str, files: Files) -> Source | None:
    """The source of a file that starts a server; None where the project has none."""
    return _find(replace(function, entries=()), _stem(file), "", files)


def _find(function: Function, module: str, name: str, files: Files) -> Source | None:
    for entry in function.entries:
        if len(function.entries) == 1 or _stem(entry).rpartition("/")[2] == module.rpartition("/")[2]:
            return Source(entry, name)
    for root in (*function.roots, *function.layers):
        for place in _places(root, module):
            path = next(_modules(place, files), None)
            if path is not None:
                return Source(path, name)
    if function.files and not function.roots:
        return Source(function.files[0], name)
    for inside, folder_ in function.placed:
        if module.startswith(f"{inside}/"):
            path = next(
                (p for place in _places(folder_, module[len(inside) + 1 :]) for p in _modules(place, files)), None
            )
            if path is not None:
                return Source(path, name)
    bundled = next(_modules(function.unmade.removeprefix(PROJECT).removesuffix(".bundle"), files), None)
    if function.unmade and bundled is not None:  # a folder of the source's name, that a bundler makes of it
        return Source(bundled, name)
    return _only_one(function, module, name, files)


def modules(function: Function, files: Files) -> list[str]:
    """The modules that a function's folders have as they are deployed; none where a compiler or a bundler makes others of them."""
    if function.entries or not _BUILT.isdisjoint("/".join((*function.roots, function.handler or "")).split("/")):
        return []
    found = (path[len(root) :].strip("/") for root in function.roots for path in files.below(root))
    return sorted({_stem(path) for path in found if path.endswith((".js", ".mjs", ".cjs"))})


def _places(root: str, module: str) -> Iterator[str]:
    """Where a module may stand, seen from a folder that is deployed: there, or where what is compiled to it stands."""
    for inside in _unbuilt(module):
        for outer in _unbuilt(root):
            for each in (f"{outer}/{inside}", f"{outer}/src/{inside}"):
                place = join("", each.strip("/"))
                if place is not None:
                    yield place


def unbuilt(path: str) -> str:
    """The path without the folders that compilers write to."""
    return _unbuilt(path)[-1]


def _unbuilt(path: str) -> list[str]:
    """The path, and what is left of it without the folders that compilers write to."""
    parts = path.split("/")
    kept = [part for part in parts if part not in _BUILT]
    return [path] if kept == parts else [path, "/".join(kept)]


def _modules(place: str, files: Files) -> Iterator[str]:
    for ending in ENDINGS:
        for path in (f"{place}{ending}", f"{place}/index{ending}"):
            if files.is_file(path):
                yield path


def _only_one(function: Function, module: str, name: str, files: Files) -> Source | None:
    """The module below the folder of the package around the template, if there is but one of its name."""
    home = folder(function.declared.file)
    package = next((each for each in upward(home) if files.is_file(join(each, "package.json") or "")), home)
    short = module.rpartition("/")[2]
    for wanted in (module, short) if short != "index" else (module,):
        near = [
            path
            for path in files.below(package)
            if path.endswith(ENDINGS) and (_stem(path) == wanted or _stem(path).endswith(f"/{wanted}"))
        ]
        kept = [path for path in near if not _BUILT.intersection(path.split("/"))] or near
        if len({_stem(path) for path in kept}) > 1:
            named = alike(function, sorted({_stem(path) for path in kept}))
            kept = [path for path in kept if _stem(path) == named]
        if kept:
            return Source(min(kept, key=lambda path: ENDINGS.index("." + path.rpartition(".")[2])), name, guessed=True)
    return None


def _stem(path: str) -> str:
    return path.rpartition(".")[0]
