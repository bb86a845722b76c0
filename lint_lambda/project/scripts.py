"""JavaScript and TypeScript files of a project, what they import, and which file a specifier means.

As Node and TypeScript do: a path from the importer, with the endings that may be left out; the aliases of the nearest
``tsconfig.json``; the packages of the project's own workspaces. ``node_modules`` is not read: what is in there is a library.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
"""How the names of such files end."""

_LAYERS = "/opt/"
"""Where Lambda puts what layers bring."""
_NOT_CODE = re.compile(r"\.d\.[mc]?ts\Z|\.min\.[mc]?js\Z")
_ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
"""The sources first: what is compiled from them may stand beside them."""
_MEANT = {".js": (".ts", ".tsx", ".js"), ".mjs": (".mts", ".mjs"), ".cjs": (".cts", ".cjs"), ".jsx": (".tsx", ".jsx")}
"""TypeScript names the file that it will be compiled to."""

_IMPORT = re.compile(rb"""(?:\bfrom|\bimport|\brequire)\s*\(?\s*(["'])([^"'\n\\]+)\1""")
_IMPORTED = re.compile(
    r"""^(?P<before>[^\n]*?)(?:\bfrom|\bimport|\brequire)[ \t]*\(?[ \t]*(["'])(?P<specifier>[^"'\n\\]+)\2""",
    re.MULTILINE,
)
_ONLY_TYPES = re.compile(r"\s*(?://|/?\*)|\s*(?:import|export)\s+type\b|.*\btypeof\s*\Z")
"""What stands before an import that loads nothing: a comment, or one that asks for types only."""
_NO_CODE = re.compile(
    r"\.(?:json|s?css|less|svg|png|jpe?g|gif|html?|txt|md|graphql|gql|sql|wasm|node|ya?ml|pem|proto|prisma)\Z|\?"
)
"""How specifiers end that mean no code."""
_JSON_NOISE = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)

Read = Callable[[str], bytes]


def is_script(path: str) -> bool:
    """Whether a path is that of a JavaScript or TypeScript file."""
    return path.endswith(SUFFIXES) and _NOT_CODE.search(path) is None


def imports(source: bytes) -> list[str]:
    """The specifiers that a file may import, in order. Over-approximate: what looks like an import inside a text counts."""
    return list(dict.fromkeys(match[2].decode("utf-8", "replace") for match in _IMPORT.finditer(source)))


def written(text: str) -> Iterator[tuple[str, int, int, int]]:
    """The specifiers that a file loads code by: each with its line, and the columns between which it stands."""
    for match in _IMPORTED.finditer(text):
        if _ONLY_TYPES.match(match["before"]) is None and _NO_CODE.search(match["specifier"]) is None:
            line = text.count("\n", 0, match.start()) + 1
            start = match.start("specifier") - match.start() - 1
            yield match["specifier"], line, start, start + len(match["specifier"]) + 2


class Specifiers:
    """Specifiers to files, for one set of paths. Configuration is read when the first specifier needs it."""

    def __init__(self, files: Collection[str], others: Collection[str], read: Read) -> None:
        """- `files`: every file of the project. `others`: those that may configure how others are found."""
        self._files = frozenset(filter(is_script, files))
        self._others = frozenset(others)
        self._read = read
        self._resolved: dict[tuple[str, str], str | None] = {}
        self._aliases_of: dict[str, tuple[str, Mapping[str, Any]] | None] = {}

    def extended(self, files: Collection[str]) -> Specifiers:
        """The same with more files."""
        return Specifiers(self._files | {*files}, self._others, self._read)

    def resolve(self, importer: str, specifier: str) -> str | None:
        """The file that `specifier` means in the file `importer`; None for what is no file of the project."""
        directory = importer.rpartition("/")[0]
        key = (directory, specifier)
        if key not in self._resolved:
            self._resolved[key] = self._find(directory, specifier)
        return self._resolved[key]

    def meant(self, importer: str, specifier: str) -> Iterator[str]:
        """The paths at which the project should have a file that is imported; nothing for what may be a library."""
        directory = importer.rpartition("/")[0]
        places: list[str | None] = []
        if specifier.startswith(_LAYERS):
            places = [specifier.removeprefix("/")]
        elif specifier.startswith("."):
            places = [_join(directory, specifier)]
        elif (configured := self._aliases(directory)) is not None:
            base, paths = configured
            for pattern, targets in paths.items():
                head, star, _ = pattern.partition("*")
                if head and star and specifier.startswith(head) and isinstance(targets, list):
                    inside = specifier[len(head) :]
                    places += [_join(base, str(target).replace("*", inside)) for target in targets]
        yield from (place for place in places if place)

    def _find(self, directory: str, specifier: str) -> str | None:
        if specifier.startswith("."):
            return self._file(_join(directory, specifier))
        if specifier.startswith(_LAYERS):
            return self._in_layer(directory, specifier.removeprefix(_LAYERS))
        if not specifier or specifier.startswith(("node:", "/", "data:", "http:", "https:")):
            return None
        if specifier.startswith("#") and (own := self._by_own_package(directory, specifier)) is not None:
            return own
        return self._by_alias(directory, specifier) or self._by_package(directory, specifier)

    def _in_layer(self, directory: str, inside: str) -> str | None:
        """A file that a layer brings: that of the folder of a layer which is nearest to whoever asks."""
        for meant in (inside, inside.removeprefix("nodejs/")):
            found = {root: file for root in self._layers if (file := self._file(_join(root, meant))) is not None}
            if found:
                nearest = min(
                    found, key=lambda root: (-len(posixpath.commonprefix([root, directory])), len(root), root)
                )
                return found[nearest]
        return None

    @cached_property
    def _layers(self) -> tuple[str, ...]:
        """Folders that may be put into a layer as they are."""
        folders: set[str] = set()
        for path in self._files:
            parts = path.split("/")[:-1]
            named = next((at for at, part in enumerate(parts) if "layer" in part.lower()), len(parts))
            folders.update("/".join(parts[: end + 1]) for end in range(named, len(parts)))
        return tuple(sorted(folders))

    def _file(self, inside: str | None) -> str | None:
        """The file at a path of which the ending, or the name ``index``, may be left out."""
        if inside is None:
            return None
        stem, dot, ending = inside.rpartition(".")
        for meant in _MEANT.get(f".{ending}", ()) if dot else ():
            if f"{stem}{meant}" in self._files:
                return f"{stem}{meant}"
        if inside in self._files:
            return inside
        for start in (inside, f"{inside}/index" if inside else "index"):
            for each in _ENDINGS:
                if f"{start}{each}" in self._files:
                    return f"{start}{each}"
        return None

    # --- tsconfig.json -----------------------------------------------------------------------------------------------

    def _by_alias(self, directory: str, specifier: str) -> str | None:
        configured = self._aliases(directory)
        if configured is None:
            return None
        base, paths = configured
        for pattern in sorted(paths, key=len, reverse=True):
            head, star, tail = pattern.partition("*")
            if star and specifier.startswith(head) and specifier.endswith(tail):
                inside = specifier[len(head) : len(specifier) - len(tail)]
            elif not star and specifier == pattern:
                inside = ""
            else:
                continue
            targets = paths[pattern]
            for target in targets if isinstance(targets, list) else []:
                found = self._file(_join(base, str(target).replace("*", inside)))
                if found is not None:
                    return found
        return self._file(_join(base, specifier)) if "baseUrl" in paths else None

    def _aliases(self, directory: str) -> tuple[str, Mapping[str, Any]] | None:
        """The folder from which the aliases count, and what each stands for: those of the nearest configuration that has any."""
        if directory not in self._aliases_of:
            found = None
            for name in ("tsconfig.json", "tsconfig.base.json", "jsconfig.json"):
                path = f"{directory}/{name}" if directory else name
                if found is None and path in self._others:
                    found = self._configured(path, 0)
            if found is None and directory:
                found = self._aliases(directory.rpartition("/")[0])
            self._aliases_of[directory] = found
        return self._aliases_of[directory]

    def _configured(self, path: str, depth: int) -> tuple[str, Mapping[str, Any]] | None:
        settings = self._table(path)
        options = settings.get("compilerOptions")
        options = options if isinstance(options, dict) else {}
        folder = path.rpartition("/")[0]
        paths, base = options.get("paths"), options.get("baseUrl")
        if isinstance(paths, dict) or isinstance(base, str):
            start = _join(folder, base) if isinstance(base, str) else folder
            known: dict[str, Any] = dict(paths) if isinstance(paths, dict) else {}
            return start or "", {**known, "baseUrl": []} if isinstance(base, str) else known
        parent = settings.get("extends")
        for each in parent if isinstance(parent, list) else [parent]:
            if isinstance(each, str) and each.startswith(".") and depth < 5:
                inherited = _join(folder, each)
                for name in (inherited, f"{inherited}.json"):
                    if name in self._others:
                        return self._configured(str(name), depth + 1)
        return None

    # --- package.json ------------------------------------------------------------------------------------------------

    def _by_package(self, directory: str, specifier: str) -> str | None:
        parts = specifier.split("/")
        length = 2 if specifier.startswith("@") else 1
        name, rest = "/".join(parts[:length]), "/".join(parts[length:])
        folder = self._packages.get(name)
        if folder is None:
            return None
        said = self._table(f"{folder}/package.json" if folder else "package.json")
        for target in (
            *_exported(said.get("exports"), f"./{rest}" if rest else "."),
            *(_main(said) if not rest else [rest]),
        ):
            for place in (target, *_sources(target)):
                found = self._file(_join(folder, place))
                if found is not None:
                    return found
        return self._file(_join(folder, f"src/{rest}" if rest else "src/index")) or self._file(
            folder if not rest else None
        )

    def _by_own_package(self, directory: str, specifier: str) -> str | None:
        """What the ``imports`` of the package name in which the importer stands."""
        above = directory
        while (path := _join(above, "package.json")) not in self._others and above:
            above = above.rpartition("/")[0]
        said = self._table(path).get("imports") if path in self._others else None
        own = {f".{name}": value for name, value in said.items()} if isinstance(said, dict) else {}
        for target in _exported(own, f".{specifier}"):
            for place in (target, *_sources(target)):
                found = self._file(_join(above, place)) if place.startswith(".") else None
                if found is not None:
                    return found
        return None

    @cached_property
    def _packages(self) -> dict[str, str]:
        """The project's own packages by name, each with its folder."""
        found: dict[str, str] = {}
        for path in sorted(self._others):
            if path.rpartition("/")[2] == "package.json":
                name = self._table(path).get("name")
                if isinstance(name, str):
                    found.setdefault(name, path.rpartition("/")[0])
        return found

    def _table(self, path: str) -> dict[str, Any]:
        """What a file of settings says; nothing where it is no table."""
        text = self._read(path)[:1_000_000].decode("utf-8-sig", "replace")
        try:
            table = json.loads(_JSON_NOISE.sub(lambda match: match[1] or "", text))
        except (ValueError, RecursionError):
            return {}
        return table if isinstance(table, dict) else {}


def _exported(exports: Any, wanted: str) -> Iterator[str]:
    """What a package's ``exports`` name for a subpath, under any condition."""
    pending: list[tuple[Any, str]] = [(exports, "" if wanted == "." else wanted)]
    for _ in range(100):
        if not pending:
            return
        said, inside = pending.pop()
        if isinstance(said, str) and not (inside and inside == wanted):
            yield said.replace("*", inside)
        elif isinstance(said, dict):
            for key, value in reversed(said.items()):
                if not key.startswith("."):
                    pending.append((value, inside))
                elif key == wanted:
                    pending.append((value, ""))
                elif "*" in key and wanted.startswith(key.partition("*")[0]):
                    pending.append((value, wanted[len(key.partition("*")[0]) :]))


def _main(said: Mapping[str, Any]) -> Iterator[str]:
    for key in ("source", "module", "main", "types"):
        if isinstance(said.get(key), str):
            yield re.sub(r"\.d\.ts\Z", ".ts", said[key])


def _sources(built: str) -> Iterator[str]:
    """Where the source of what a build wrote may stand."""
    for folder in ("dist", "lib", "build", "out"):
        inside = built.removeprefix("./")
        if inside.startswith(f"{folder}/"):
            yield inside.replace(f"{folder}/", "src/", 1)
            yield inside.replace(f"{folder}/", "", 1)


def _join(directory: str, path: str) -> str | None:
    """A path seen from a folder; None when it lies outside of the project."""
    whole = posixpath.normpath(posixpath.join(directory, path))
    if whole == ".." or whole.startswith(("../", "/")):
        return None
    return "" if whole == "." else whole
