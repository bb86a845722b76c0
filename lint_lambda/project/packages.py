"""The import roots that packaging declares: distributions of the project, their ``src``, what depends on what by path.

A distribution is a folder with ``pyproject.toml``, ``setup.py`` or ``setup.cfg``. Requirements name others by path (``-e ../lib``,
``lib @ file:../lib``), and so do the tables of uv, Poetry and PDM.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from lint_lambda.core.toml import parse

_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.(?:txt|in)")
_LINE = re.compile(
    r"(?:(?:-e|--editable)[ =]+)?(?P<path>\.{1,2}(?:/[^\s;#\[]*)?|[^\s;#\[@]+/[^\s;#\[]*)(?:\[[^\]]*\])?\s*(?:[;#].*)?"
)
_URL = re.compile(r"@\s*file:(?://)?(?P<path>[^\s;#]+)|(?:-e|--editable)[ =]+file:(?://)?(?P<editable>[^\s;#\[]+)")
_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)")
_PACKAGE_DIR = re.compile(r"package_dir\s*=\s*\{\s*[\"']{2}\s*:\s*[\"']([^\"']+)[\"']")
_WHERE = re.compile(r"find_(?:namespace_)?packages\(\s*(?:where\s*=\s*)?[\"']([^\"']+)[\"']")
_PYTHONPATH = re.compile(r"^\s*(?:export\s+)?PYTHONPATH\s*=\s*[\"']?([^\"'\n#]+)", re.MULTILINE)


_PACKAGED = ("pyproject.toml", "setup.cfg", "setup.py")


class Packages:
    """What packaging says of a project; a file is read when the first import is not found without it."""

    def __init__(self, names: Collection[str], others: Iterable[str], read: Callable[[str], bytes]) -> None:
        """`names` are the Python files, `others` the files beside them."""
        self._read = read
        self._directories = {"", *(parent for name in names for parent in _above(name))}
        self._others = sorted(others)
        self._metadata: dict[str, list[str]] = {}
        for path in self._others:
            directory, _, name = path.rpartition("/")
            if name in ("pyproject.toml", "setup.cfg", ".env") or _REQUIREMENTS.fullmatch(name) is not None:
                self._metadata.setdefault(directory, []).append(path)
        for path in names:
            directory, _, name = path.rpartition("/")
            if name == "setup.py":
                self._metadata.setdefault(directory, []).append(path)
        self._tables: dict[str, Mapping[str, Any]] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._required: dict[str, tuple[str, ...]] = {}

    def distributions(self) -> list[str]:
        """The folders whose metadata may name import roots, sorted."""
        named = (*_PACKAGED, ".env")
        return sorted(directory for directory in self._metadata if self._has(directory, named))

    def roots(self, distribution: str) -> tuple[str, ...]:
        """The folders from which a distribution's modules are imported: those it names, its ``src``, itself."""
        if distribution not in self._roots:
            own = ["src", "."] if self._has(distribution, _PACKAGED) else []
            places = (_join(distribution, place) for place in (*self._named(distribution), *own))
            kept = (place for place in places if place is not None and place in self._directories)
            self._roots[distribution] = tuple(dict.fromkeys(kept))
        return self._roots[distribution]

    def _has(self, directory: str, names: Collection[str]) -> bool:
        return any(path.rpartition("/")[2] in names for path in self._metadata.get(directory, ()))

    def required(self, directory: str) -> tuple[str, ...]:
        """The folders of the project that the metadata in a directory depends on, by path."""
        if directory not in self._required:
            places = (_join(directory, path) for path in self._paths(directory))
            self._required[directory] = tuple(dict.fromkeys(place for place in places if place is not None))
        return self._required[directory]

    def depended(self) -> frozenset[str]:
        """The top-level names that dependencies probably have: those of distributions that the metadata names."""
        names: set[str] = set()
        for directory, paths in self._metadata.items():
            for path in paths:
                name = path.rpartition("/")[2]
                if _REQUIREMENTS.fullmatch(name) is not None:
                    names |= {found[1] for line in self._text(path).splitlines() if (found := _NAME.match(line))}
            project = _table(self._pyproject(directory).get("project"))
            names |= {found[1] for line in _list(project.get("dependencies")) if (found := _NAME.match(str(line)))}
            poetry = _table(_table(self._pyproject(directory).get("tool")).get("poetry"))
            names |= set(_table(poetry.get("dependencies")))
        return frozenset(re.sub(r"[-.]+", "_", name).lower() for name in names)

    # --- what the files say ------------------------------------------------------------------------------------------

    def _named(self, directory: str) -> Iterator[str]:
        tool = _table(self._pyproject(directory).get("tool"))
        setuptools = _table(tool.get("setuptools"))
        yield from _values(_table(setuptools.get("package-dir")).get(""))
        yield from _values(_table(_table(setuptools.get("packages")).get("find")).get("where"))
        for package in _list(_table(tool.get("poetry")).get("packages")):
            yield from _values(_table(package).get("from"))
        targets = _table(_table(_table(tool.get("hatch")).get("build")).get("targets"))
        for package in _list(_table(targets.get("wheel")).get("packages")):
            yield posixpath.dirname(str(package)) or "."
        yield from _values(_table(_table(tool.get("pdm")).get("build")).get("package-dir"))
        yield from _values(_table(_table(tool.get("uv")).get("build-backend")).get("module-root"))
        pytest = _table(_table(tool.get("pytest")).get("ini_options"))
        yield from _values(pytest.get("pythonpath"))
        yield from _values(_table(tool.get("pyright")).get("extraPaths"))
        for path in self._metadata.get(directory, ()):
            yield from self._named_in(path)

    def _named_in(self, path: str) -> Iterator[str]:
        name = path.rpartition("/")[2]
        if name == "setup.py":
            text = self._text(path)
            yield from (found[1] for pattern in (_PACKAGE_DIR, _WHERE) for found in pattern.finditer(text))
        elif name == ".env":
            for found in _PYTHONPATH.finditer(self._text(path)):
                yield from re.split(r"[:;]", found[1].strip())
        elif name == "setup.cfg":
            import configparser  # here, as few projects have such a file

            parser = configparser.ConfigParser(interpolation=None, strict=False)
            try:
                parser.read_string(self._text(path))
            except configparser.Error:
                return  # packaging tools will say so
            options = parser.get("options", "package_dir", fallback="")
            yield from (line.partition("=")[2].strip() for line in options.splitlines() if line.strip().startswith("="))
            yield from parser.get("options.packages.find", "where", fallback="").split()
            yield from parser.get("tool:pytest", "pythonpath", fallback="").split()

    def _paths(self, directory: str) -> Iterator[str]:
        for path in self._metadata.get(directory, ()):
            if _REQUIREMENTS.fullmatch(path.rpartition("/")[2]) is not None:
                yield from map(_path_of, self._text(path).splitlines())
        document = self._pyproject(directory)
        tool = _table(document.get("tool"))
        for line in _list(_table(document.get("project")).get("dependencies")):
            yield _path_of(str(line))
        uv = _table(tool.get("uv"))
        for source in _table(uv.get("sources")).values():
            yield from _values(_table(source).get("path"))
        yield from self._members(directory, _table(uv.get("workspace")))
        poetry = _table(tool.get("poetry"))
        groups = (_table(group).get("dependencies") for group in _table(poetry.get("group")).values())
        for dependencies in (poetry.get("dependencies"), poetry.get("dev-dependencies"), *groups):
            for given in _table(dependencies).values():
                yield from _values(_table(given).get("path"))
        for lines in _table(_table(tool.get("pdm")).get("dev-dependencies")).values():
            yield from (_path_of(str(line)) for line in _list(lines))

    def _members(self, directory: str, workspace: Mapping[str, Any]) -> Iterator[str]:
        for pattern in _list(workspace.get("members")):
            whole = _join(directory, str(pattern))
            if whole is None:
                continue
            shape = re.compile(re.escape(whole).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"))
            yield from (posixpath.relpath(d or ".", directory or ".") for d in self._metadata if shape.fullmatch(d))

    def _pyproject(self, directory: str) -> Mapping[str, Any]:
        if directory not in self._tables:
            path = f"{directory}/pyproject.toml" if directory else "pyproject.toml"
            try:
                known = path in self._metadata.get(directory, ())
                self._tables[directory] = parse(self._text(path)) if known else {}
            except (ValueError, RecursionError):
                self._tables[directory] = {}  # packaging tools will say so
        return self._tables[directory]

    def _text(self, path: str) -> str:
        return self._read(path).decode("utf-8", "replace")


def _path_of(line: str) -> str:
    """The path in one requirement; empty where it has none."""
    line = line.strip()
    url = _URL.search(line)
    if url is not None:
        path = url["path"] or url["editable"]
        return re.sub(r"^(?:\$\{PROJECT_ROOT\}|/\$\{PROJECT_ROOT\})/?", "./", path)
    if "://" in line or line.startswith(("-r", "-c", "--req", "--con", "#")):
        return ""
    found = _LINE.fullmatch(line)
    return found["path"] if found is not None else ""


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _values(value: object) -> Iterator[str]:
    """One text, or those of a list."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, str) and each:
            yield each


def _join(directory: str, path: str) -> str | None:
    if not path or path.startswith("/") or "\0" in path:
        return None
    whole = posixpath.normpath(posixpath.join(directory, path))
    if whole == ".." or whole.startswith("../"):
        return None
    return "" if whole == "." else whole


def _above(name: str) -> Iterator[str]:
    while name:
        name = name.rpartition("/")[0]
        yield name
