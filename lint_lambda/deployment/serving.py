"""How handlers and applications are served: on what, and behind which adapter.

Read from the patterns in the configuration; else from the code (a file that imports an adapter is served by it); else from
the default in the configuration, or the files beside the code: images, templates, settings of deployment tools.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Collection, Sequence

from lint_lambda.config import Config, ConfigError
from lint_lambda.core.near import nearest
from lint_lambda.deployment.files import Files
from lint_lambda.knowledge.models import Models
from lint_lambda.project.index import imports
from lint_lambda.settings import MANAGED


class Serving:
    """Answers for one project."""

    def __init__(
        self, config: Config, models: Models, files: Files, managed: Collection[tuple[str, str]] = frozenset()
    ) -> None:
        """`managed`: file and name of what is declared to run on Managed Instances.

        Raises `lint_lambda.config.ConfigError` for an adapter that no model knows.
        """
        self._config = config
        self._files = files
        self._adapters = tuple(models.adapters.values())
        self._by_import = [adapter for adapter in self._adapters if adapter.module]
        # What stands in every file that imports an adapter.
        self.words = [adapter.module.partition(".")[0].encode() for adapter in self._by_import]
        self._signs = [
            (adapter.name, re.compile(fnmatch.translate(os.path.normcase(sign.file))), sign.pattern)
            for adapter in self._adapters
            for sign in adapter.signs
        ]
        self._any_sign = re.compile("|".join(named.pattern for _, named, _ in self._signs) or r"(?!)")
        self._used: dict[str, str] = {}
        self._found: dict[str, str] = {}
        self._managed = managed
        settings = [each.adapter for each in (config, *config.nested)]
        for name in (name for each in settings for name in (each.default, *(name for _, name in each.patterns))):
            if name and name not in models.adapters:
                near = nearest(name, models.adapters)
                hint = f"did you mean {near!r}?" if near else f"known are {', '.join(sorted(models.adapters))}"
                raise ConfigError(f"adapter {name!r} is not known; {hint}")

    def in_code(self, path: str, read: Callable[[str], bytes]) -> str:
        """The adapter that a file itself uses; empty for none. `read` is asked once for each file."""
        if path not in self._used:
            self._used[path] = self._imported(read(path))
        return self._used[path]

    def _imported(self, source: bytes) -> str:
        if not any(word in source for word in self.words):
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
        config, inside = self._config.of(path)
        return config.adapter.named(inside)

    def beside(self, path: str) -> str:
        """The adapter of a file whose code tells none, by the settings or what lies in the nearest directory."""
        return self._config.of(path)[0].adapter.default or self._signed(
            path.rpartition("/")[0] or ("/" if path.startswith("/") else ".")
        )

    def is_managed(self, path: str, name: str) -> bool:
        """Whether the function `name` of a file runs on a Managed Instance."""
        config, inside = self._config.of(path)
        return config.target.of(inside) == MANAGED or (path, name) in self._managed

    def _signed(self, directory: str) -> str:
        if directory not in self._found:
            own = self._sign_in("" if directory == "." else directory)
            # What lies above the project is none of its files.
            inside = directory != "." and not directory.startswith("/")
            self._found[directory] = own or (self._signed(directory.rpartition("/")[0] or ".") if inside else "")
        return self._found[directory]

    def _sign_in(self, directory: str) -> str:
        for file in self._files.beside(directory):
            normal = os.path.normcase(file)
            if self._any_sign.match(normal):
                fitting = [(name, pattern) for name, named, pattern in self._signs if named.match(normal)]
                text = self._files.text(f"{directory}/{file}" if directory else file)
                for name, pattern in fitting:
                    if re.search(pattern, text):
                        return name
        return ""
