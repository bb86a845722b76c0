"""Which file an import statement loads: source roots, and what may shadow the standard library.

A repository of Lambda functions has many import roots, and no file says which. On Lambda, ``sys.path`` begins with the
function's own folder (``/var/task``), then layers (``/opt/python``), then the runtime's packages and the standard library.
So the importer's own folder is tried first, then each folder above it: the nearest wins.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

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

_LAYER_FOLDERS = frozenset({"layer", "layers", "lambda_layer", "lambda_layers", "lambda-layer", "lambda-layers"})


class Layout:
    """Module names to files, for one set of paths. Everything is looked up in memory."""

    def __init__(self, names: Mapping[str, str], source_roots: Sequence[str], libraries: Collection[str]) -> None:
        """- `names`: every path of a Python file, and the path it really has (they differ for symbolic links).
        - `source_roots`: configured roots, relative to the project, the first wins.
        - `libraries`: top-level names of well-known libraries; a folder of that name is rarely meant by an import.
        """
        self._names = names
        self._directories = set(directories(names))
        self._configured = tuple(root.strip("/").removeprefix("./") for root in source_roots)
        self._configured = tuple("" if root == "." else root for root in self._configured)
        self._guarded = STDLIB | frozenset(libraries)
        self._layers = sorted(directory for directory in self._directories if self._is_layer_root(directory))
        self._roots_of: dict[str, tuple[str, ...]] = {}
        self._resolved: dict[tuple[str, str, int], str | None] = {}

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

    def _relative(self, directory: str, module: str, level: int) -> str | None:
        for _ in range(level - 1):
            if not directory:
                return None
            directory = directory.rpartition("/")[0]
        inside = _join(directory, module.replace(".", "/")) if module else directory
        return self._file(inside) or self._namespace(inside)

    def _absolute(self, directory: str, module: str, _level: int) -> str | None:
        inside = module.replace(".", "/")
        top = inside.partition("/")[0]
        if not top or top in _LOADED_FIRST:
            return None
        guarded = top in self._guarded
        roots = (self._task_root(directory), *self._configured) if guarded else self._roots(directory)
        for root in roots:
            found = self._file(_join(root, inside))
            if found is not None:
                return found
        if guarded:
            return None  # an installed package wins over a directory without __init__.py, wherever that is on sys.path
        return next(filter(None, (self._namespace(_join(root, inside)) for root in roots)), None)

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
            roots = self._roots_of[directory] = tuple(dict.fromkeys((*above, *self._configured, *sources, *layers)))
        return roots

    def _is_layer_root(self, directory: str) -> bool:
        """A layer's ``python/`` folder, which Lambda puts on the path, or what a build tool makes one from."""
        parent, _, name = directory.rpartition("/")
        if _join(directory, "__init__.py") in self._names:
            return False
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
