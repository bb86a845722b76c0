"""How the functions of a project are deployed: on what, and behind which adapter.

Read from the patterns in the configuration; else from the code (a file that imports an adapter is served by it); else from
the default in the configuration, or the files beside the code: images, templates, settings of deployment tools.
"""

from __future__ import annotations

import difflib
import fnmatch
import os
import re
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from lint_lambda.config import MANAGED, Config, ConfigError
from lint_lambda.deployment.handlers import templates
from lint_lambda.knowledge.models import Models
from lint_lambda.project.index import imports

FAR_ENOUGH = 1_000_000
"""Bytes of a file beside the code that are looked at: a template that is larger is generated."""


class Deployments:
    """Answers for one project. A directory is listed once, when a file below it is asked about.

    `problems` gathers the templates that could not be read.
    """

    def __init__(self, config: Config, models: Models) -> None:
        """Raises `lint_lambda.config.ConfigError` for an adapter that no model knows."""
        self._config = config
        self._adapters = tuple(models.adapters.values())
        self._by_import = [adapter for adapter in self._adapters if adapter.module]
        self._words = [adapter.module.partition(".")[0].encode() for adapter in self._by_import]
        self._used: dict[str, str] = {}
        self._found: dict[str, str] = {}
        self._managed: dict[str, frozenset[tuple[str, str]]] = {}
        self.problems: list[str] = []
        for name in (config.adapter.default, *(name for _, name in config.adapter.patterns)):
            if name and name not in models.adapters:
                near = difflib.get_close_matches(name, models.adapters, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(models.adapters))}"
                raise ConfigError(f"adapter {name!r} is not known; {hint}")

    def in_code(self, path: str, read: Callable[[str], bytes]) -> str:
        """The adapter that a file itself uses; empty for none. `read` is asked once for each file."""
        if path not in self._used:
            self._used[path] = self._imported(read(path))
        return self._used[path]

    def _imported(self, source: bytes) -> str:
        if not any(word in source for word in self._words):
            return ""
        loaded = [f"{name}." for name, level in imports(source) if not level]
        used = (each for each in self._by_import if any(name.startswith(f"{each.module}.") for name in loaded))
        return next((each.name for each in used), "")

    def in_code_near(self, path: str, files: Sequence[str], read: Callable[[str], bytes]) -> str:
        """The adapter that the file nearest to `path` uses, of those of `files` that use one; empty for none."""
        using = ((file, self.in_code(file, read)) for file in files)
        shared = [(len(os.path.commonpath([path, file])), adapter) for file, adapter in using if adapter]
        return max(shared, key=lambda found: found[0])[1] if shared else ""

    def named(self, path: str) -> str:
        """The adapter that a pattern in the settings names for a file, whatever its code imports; empty for none."""
        return self._config.adapter.named(path)

    def beside(self, path: str) -> str:
        """The adapter of a file whose code tells none, by the settings or what lies in the nearest directory."""
        return self._config.adapter.default or self._signed(str(PurePosixPath(path).parent))

    def is_managed(self, path: str, name: str) -> bool:
        """Whether the function `name` of a file runs on a Managed Instance."""
        return self._config.target.of(path) == MANAGED or (path, name) in self._declared(path)

    def _signed(self, directory: str) -> str:
        if directory not in self._found:
            own = self._sign_in(directory)
            # What lies above the project is none of its files.
            inside = directory != "." and not directory.startswith("/")
            self._found[directory] = own or (self._signed(str(PurePosixPath(directory).parent)) if inside else "")
        return self._found[directory]

    def _sign_in(self, directory: str) -> str:
        for file in self._files(directory):
            fitting = [
                (adapter.name, sign.pattern)
                for adapter in self._adapters
                for sign in adapter.signs
                if fnmatch.fnmatch(file, sign.file)
            ]
            if fitting:
                text = self._text(Path(directory) / file)
                for name, pattern in fitting:
                    if re.search(pattern, text):
                        return name
        return ""

    def _declared(self, path: str) -> Collection[tuple[str, str]]:
        """Files and names of the functions that templates above `path` put on Managed Instances."""
        found: set[tuple[str, str]] = set()
        for parent in map(str, PurePosixPath(path).parents):
            if parent not in self._managed:
                self._managed[parent] = frozenset(self._managed_in(parent))
            found |= self._managed[parent]
        return found

    def _managed_in(self, directory: str) -> list[tuple[str, str]]:
        found = []
        for file in self._files(directory):
            place = Path(directory) / file
            if file in templates.FILES and templates.MANAGED in self._text(place):
                try:
                    declared = list(templates.managed(self._config.root / place))
                except templates.TemplateError as error:
                    self.problems.append(str(error))
                    continue
                found += [
                    (os.path.relpath(each.file, self._root).replace(os.sep, "/"), each.function) for each in declared
                ]
        return found

    @cached_property
    def _root(self) -> str:
        return os.path.realpath(self._config.root)

    def _files(self, directory: str) -> Sequence[str]:
        try:
            with os.scandir(self._config.root / directory) as entries:
                return sorted(entry.name for entry in entries if entry.is_file())
        except OSError:
            return ()  # the walk over the project has said so

    def _text(self, place: Path) -> str:
        try:
            with (self._config.root / place).open("rb") as file:
                return file.read(FAR_ENOUGH).decode("utf-8", "replace")
        except OSError as error:
            self.problems.append(f"{place.as_posix()}: cannot be read: {error.strerror}")
            return ""
