"""Which file an import statement loads: source roots, and what may shadow the standard library.

A repository of Lambda functions has many import roots, and no file says which. On Lambda, ``sys.path`` begins with the
function's own folder (``/var/task``), then layers (``/opt/python``), then the runtime's packages and the standard library.
So the importer's own folder is tried first, then each folder above it: the nearest wins. Then come the roots that the
configuration names, those that the function's deployment puts on the path, what the packaging around the importer depends on, and
every distribution of the project. Where nothing declares it, the one folder that has what is imported is taken, and remembered as
a guess.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from lint_lambda.project.packages import Packages
from lint_lambda.project.walk import directories

_REMOVED_FROM_STDLIB = (
    "asynchat asyncore cgi cgitb crypt distutils imghdr imp lib2to3 nntplib pipes smtpd sndhdr telnetlib uu xdrlib"
)
STDLIB = sys.stdlib_module_names | frozenset(_REMOVED_FROM_STDLIB.split())
"""Top-level names of the standard library, whichever Python runs the linter."""

_RUNTIME_IMPORTS = (
    "abc atexit codecs collections contextlib copyreg decimal encodings enum functools genericpath importlib io json keyword "
    "linecache logging numbers operator os posixpath re reprlib stat string textwrap threading token tokenize traceback types "
    "warnings weakref"
)
_LOADED_FIRST = frozenset(_RUNTIME_IMPORTS.split()) | frozenset(sys.builtin_module_names)
"""Modules in `sys.modules` before Lambda imports the handler: built into Python, or imported by the runtime client
(observed with awslambdaric 4.2 on CPython 3.11). A file of the same name in the task root is never loaded."""

INLINE = "!"
"""What stands, in the name of code that stands in a template, behind that of the template."""

_LAYER_FOLDERS = frozenset({"layer", "layers", "lambda_layer", "lambda_layers", "lambda-layer", "lambda-layers"})


class Layout:
    """Module names to files, for one set of paths. Everything is looked up in memory."""

    def __init__(
        self,
        names: Mapping[str, str],
        source_roots: Sequence[str],
        libraries: Collection[str],
        packages: Packages | None = None,
    ) -> None:
        """- `names`: every path of a Python file, and the path it really has (they differ for symbolic links).
        - `packages`: what the project's packaging says.
        - `source_roots`: configured roots, relative to the project, the first wins.
        - `libraries`: top-level names of well-known libraries; a folder of that name is rarely meant by an import.
        """
        self._names = names
        self._given = (source_roots, libraries, packages)
        self._directories = set(directories(names))
        self._configured = tuple(root.strip("/").removeprefix("./") for root in source_roots)
        self._configured = tuple("" if root == "." else root for root in self._configured)
        self._guarded = STDLIB | frozenset(libraries)
        self._layers = sorted(directory for directory in self._directories if self._is_layer_root(directory))
        self._packages = packages if packages is not None else Packages(names, (), lambda path: b"")
        self._deployed: dict[str, tuple[str, ...]] = {}
        self._configured_in: dict[str, tuple[str, ...]] = {}
        self._placed: dict[str, tuple[tuple[str, str], ...]] = {}
        self._roots_of: dict[str, tuple[str, ...]] = {}
        self._ends: dict[str, list[str]] | None = None
        self.guessed: dict[tuple[str, str], str] = {}
        """Folders that nothing declares as import roots and that were taken for one: by importing folder and module, the root."""
        self._resolved: dict[tuple[str, str, int], str | None] = {}

    def extended(self, files: Iterable[str]) -> Layout:
        """The same with more files."""
        other = Layout({**self._names, **{path: path for path in files}}, *self._given)
        other._deployed = self._deployed
        other._configured_in = self._configured_in
        other._placed = self._placed
        return other

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The file that ``import module`` in the file `importer` loads; `level` counts a relative import's dots.

        ``pkg/mod.py``, ``pkg/__init__.py``, ``pkg/`` for a directory without ``__init__.py``, or None for what is not in
        the project: a library, the standard library, or a module that does not exist.
        """
        directory = importer.rpartition("/")[0]
        key = (directory, module, level)
        if key not in self._resolved:
            find = self._relative if level else self._absolute
            self._resolved[key] = find(directory, module, level)
        return self._resolved[key]

    def deploying(
        self,
        folders: Mapping[str, Sequence[str]],
        configured: Mapping[str, Sequence[str]] = MappingProxyType({}),
        placed: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType({}),
    ) -> Layout:
        """The same with the `folders` that deployments put on the path beside a function's own (the key).

        `placed`: by that folder, what a deployment puts into the task root under another name: the path there, and the file or folder.
        """
        other = Layout(self._names, *self._given)
        other._deployed = {folder: tuple(roots) for folder, roots in folders.items()}
        other._configured_in = {folder: tuple(roots) for folder, roots in configured.items()}
        other._placed = {folder: tuple(each) for folder, each in placed.items()}
        return other

    def is_local(self, importer: str, module: str, level: int) -> bool:
        """Whether an import is meant to load a file of the project: by its dots, or because its first part is one's name."""
        top = module.partition(".")[0]
        if INLINE in importer:
            return False  # code in a template stands alone; what Lambda puts beside it (`cfnresponse`) is no file
        if level or not top:
            return bool(level)
        if top in self._guarded or top in _LOADED_FIRST or top.lower() in self._dependencies:
            return False
        return bool(self._by_end().get(f"{top}.py")) or top in self._folders

    @cached_property
    def _folders(self) -> frozenset[str]:
        """The names of all folders."""
        return frozenset(directory.rpartition("/")[2] for directory in self._directories)

    @cached_property
    def _dependencies(self) -> frozenset[str]:
        return self._packages.depended()

    def _relative(self, directory: str, module: str, level: int) -> str | None:
        start = directory
        for _ in range(level - 1):
            if not directory:
                return None
            directory = directory.rpartition("/")[0]
        inside = _join(directory, module.replace(".", "/")) if module else directory
        found = self._file(inside) or self._namespace(inside)
        return found if found is not None else self._other_portion(start, inside)

    def _other_portion(self, directory: str, inside: str) -> str | None:
        """What a relative import means in a namespace package that several distributions have a part of."""
        if _join(inside.rpartition("/")[0], "__init__.py") in self._names:
            return None
        for root in self._roots(directory):
            if root and inside.startswith(f"{root}/") and root in self._distribution_roots:
                return self._absolute(directory, inside[len(root) + 1 :].replace("/", "."), 0)
        return None

    def _absolute(self, directory: str, module: str, _level: int) -> str | None:
        inside = module.replace(".", "/")
        top = inside.partition("/")[0]
        if not top or top in _LOADED_FIRST:
            return None
        guarded = top in self._guarded
        roots = (self._task_root(directory), *self._configured) if guarded else self._roots(directory)
        if guarded and top not in STDLIB and top != inside:  # a library would hardly have a module of just this path
            roots = (*roots, *self._roots(directory))
        for root in roots:
            found = self._file(_join(root, inside))
            if found is not None:
                return found
        if guarded:
            return None  # an installed package wins over a directory without __init__.py, wherever that is on sys.path
        found = self._renamed(directory, inside) or self._anywhere(directory, inside)
        if found is not None:
            return found
        return next(filter(None, (self._namespace(_join(root, inside)) for root in roots)), None)

    def _renamed(self, directory: str, inside: str) -> str | None:
        """The file, or folder, of what the function around `directory` has in its task root under another name."""
        for above in _upward(directory) if self._placed else ():
            for name, place in self._placed.get(above, ()):
                stem = name.removesuffix(".py")
                if inside == stem and place in self._names:
                    return self._names[place]
                if inside == stem or inside.startswith(f"{stem}/"):
                    path = _join(place, inside[len(stem) + 1 :]) if len(inside) > len(stem) else place
                    found = self._file(path) or self._namespace(path)
                    if path and found is not None:
                        return found
        return None

    def _anywhere(self, directory: str, inside: str) -> str | None:
        """The file of the one folder that has what is imported, where nothing declares that folder; a guess.

        A module alone is not looked for so: it may be any function's own.
        """
        ends = self._by_end()
        name = inside.rpartition("/")[2]
        paths = ends.get(f"{name}/__init__.py", []) + (ends.get(f"{name}.py", []) if "/" in inside else [])
        roots: dict[str, str] = {}
        for path in paths:
            stem = path.removesuffix(".py").removesuffix("/__init__")
            root = stem[: -len(inside)].rstrip("/")
            if stem == _join(root, inside) and self._may_be_root(root, directory):
                roots.setdefault(root, path)
        best = max((_shared(root, directory) for root in roots), default=0)
        nearest = [root for root in roots if _shared(root, directory) == best]
        if len(nearest) != 1:
            return None
        self.guessed[directory, inside.replace("/", ".")] = nearest[0]
        return self._names[roots[nearest[0]]]

    def _may_be_root(self, root: str, importer: str) -> bool:
        """Whether a folder may be an import root: it is no package (but for a layer's), and no other function's own."""
        if _join(root, "__init__.py") in self._names and root.rpartition("/")[2] != "python":
            return False
        return root not in self._deployed or importer == root or importer.startswith(f"{root}/")

    def _by_end(self) -> dict[str, list[str]]:
        """Files by their own name, those of packages with the package's."""
        if self._ends is None:
            self._ends = {}
            for path in sorted(self._names):
                folder, _, name = path.rpartition("/")
                key = f"{folder.rpartition('/')[2]}/{name}" if name == "__init__.py" else name
                self._ends.setdefault(key, []).append(path)
        return self._ends

    def _file(self, inside: str) -> str | None:
        """The package or module at a path without suffix; as in Python, the package wins."""
        for path in (_join(inside, "__init__.py"), f"{inside}.py"):
            if path in self._names:
                return self._names[path]
        return None

    def _namespace(self, inside: str) -> str | None:
        return f"{inside}/" if inside in self._directories else None

    def _task_root(self, directory: str) -> str:
        """The nearest folder at or above `directory` that is no package: the one that is surely on `sys.path`."""
        while directory and _join(directory, "__init__.py") in self._names:
            directory = directory.rpartition("/")[0]
        return directory

    def _roots(self, directory: str) -> tuple[str, ...]:
        roots = self._roots_of.get(directory)
        if roots is None:
            above = list(_upward(directory))
            sources = [root for root in (_join(place, "src") for place in above) if root in self._directories]
            layers = sorted(self._layers, key=lambda root: (-_shared(root, directory), root))
            own = (root for place in above for root in self._configured_in.get(place, ()))
            every = (*above, *own, *self._configured, *self._deployed_with(above), *sources, *layers)
            required = (
                root for place in above for wanted in self._packages.required(place) for root in self._of(wanted)
            )
            near = sorted(self._distribution_roots, key=lambda root: (-_shared(root, directory), root))
            roots = self._roots_of[directory] = tuple(dict.fromkeys((*every, *required, *near)))
        return roots

    def _deployed_with(self, above: Sequence[str]) -> tuple[str, ...]:
        return next((self._deployed[place] for place in above if place in self._deployed), ())

    def _of(self, distribution: str) -> tuple[str, ...]:
        return self._packages.roots(distribution)

    @cached_property
    def _distribution_roots(self) -> tuple[str, ...]:
        """The import roots of all distributions; one that stands inside a package is none of its own."""
        roots = (root for each in self._packages.distributions() for root in self._of(each))
        return tuple(dict.fromkeys(root for root in roots if _join(root, "__init__.py") not in self._names))

    def _is_layer_root(self, directory: str) -> bool:
        """A layer's ``python/`` folder, which Lambda puts on the path, or what a build tool makes one from."""
        parent, _, name = directory.rpartition("/")
        if _join(directory, "__init__.py") in self._names:
            # A stray one, where the folder above it is no package.
            return name == "python" and _join(parent, "__init__.py") not in self._names and "layer" in parent.lower()
        return name == "python" or parent.rpartition("/")[2] in _LAYER_FOLDERS or name.endswith(("_layer", "-layer"))


def _join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory else name


def _upward(directory: str) -> Iterator[str]:
    yield directory
    while directory:
        directory = directory.rpartition("/")[0]
        yield directory


def _shared(one: str, other: str) -> int:
    """How many leading folders two directories share."""
    count = 0
    for mine, theirs in zip(_parts(one), _parts(other)):
        if mine != theirs:
            break
        count += 1
    return count


def _parts(directory: str) -> Iterable[str]:
    return directory.split("/")
