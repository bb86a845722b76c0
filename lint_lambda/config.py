"""Settings: ``[tool.lambda-lint]`` of ``pyproject.toml``, or ``lambda-lint.toml``, read into one frozen `Config`.

The nearest file upwards of the first path that is checked counts. Whatever it does not say has the default below; the
command line overrides both (`dataclasses.replace`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lint_lambda.core.files import read_regular
from lint_lambda.core.finding import Confidence
from lint_lambda.core.globs import compiled
from lint_lambda.core.near import nearest
from lint_lambda.core.record import dataclass, field, replace
from lint_lambda.core.toml import parse
from lint_lambda.settings import AUTO, DISCOVERY, KEYS, ByPath

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

FILE_NAME = "lambda-lint.toml"
RULE_URL = "https://lambda-lint.readthedocs.io/en/stable/rules/{code}-{name}/"
"""Where the page of a rule is published."""
CACHE_NAME = ".lambda-lint-cache"
LARGEST = 10_000_000
"""Bytes of a configuration file that are read."""

DEFAULT_EXCLUDE = (
    ".aws-sam/",
    ".direnv/",
    ".eggs/",
    ".git/",
    ".hg/",
    f"{CACHE_NAME}/",
    ".mypy_cache/",
    ".nox/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".serverless/",
    ".svn/",
    ".terraform/",
    ".tox/",
    ".venv/",
    "__pycache__/",
    "__pypackages__/",
    "cdk.out/",
    "node_modules/",
    "site-packages/",
    "venv/",
)
"""Never the user's own source: version control, caches, virtual environments, what deployment tools build."""


HANDLER_STEPS = 100_000
"""Steps that the analysis of one handler may take: half a minute, perhaps."""


class ConfigError(Exception):
    """Settings that cannot be used; the message names the file, where it can the line, and the remedy."""


@dataclass(frozen=True)
class Config:
    """The settings of a run. Paths and patterns are relative to `root`; patterns are .gitignore's.

    - `root`: the project: where the configuration file is, else the nearest directory upwards that holds ``.git`` or
      ``pyproject.toml``, else the directory that was given; `load_for` goes on to what deploys it. Absolute.
    - `file`: the configuration file, or None.
    - `handlers`: ``path:qualname`` patterns, both sides with globs, of functions that Lambda calls.
    - `option_handlers`: the same, from ``--handler``.
    - `select`, `extend_select`, `ignore`: rule codes or their beginnings; ask `selects`.
    - `library`: the user's ``[[tool.lambda-lint.library]]`` tables, unread; the knowledge loader reads them.
    - `target`: where functions run, one of `TARGETS`. `adapter`: the name of what serves web applications; empty where that is
      read from the code and the deployment.
    - `discovery`: what tells a handler: `templates` of the deployment, `configuration`, the `shape` of a function.
    - `prefer`: which fix is made where there are several: wait before the response, or answer first and work after.
    - `rule_url`: the address of a rule's page, with ``{code}`` and ``{name}``. `output_format`: one of `OUTPUT_FORMATS`, or `AUTO`.
    - `baseline`: the file of accepted findings, absolute. `cache_dir`: absolute; None for no cache. `written`: the keys that the
      configuration file has.
    - `handler_steps`: how many steps the analysis of one handler may take; 0 for no end.
    - `extend`: the file that this one extends, as it says it. `alone`: no other configuration file counts, wherever it is. `base`: the settings of that.
    - `nested`: the settings of folders below that have their own, the deepest first. `overrides`: what the command line says, which
      holds for those, too.
    """

    root: Path
    file: Path | None = None
    handlers: tuple[str, ...] = ()
    option_handlers: tuple[str, ...] = ()
    select: tuple[str, ...] = ("LAM",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_confidence: Confidence = Confidence.MEDIUM
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    output_format: str = AUTO
    rule_url: str = RULE_URL
    baseline: Path | None = None
    library: tuple[Mapping[str, Any], ...] = ()
    target: ByPath = ByPath("lambda")
    adapter: ByPath = ByPath("")
    prefer: Literal["wait", "defer"] = "wait"
    respect_gitignore: bool = True
    discovery: tuple[str, ...] = DISCOVERY
    cache_dir: Path | None = None
    handler_steps: int = HANDLER_STEPS
    written: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    extend: str = ""
    alone: bool = False
    base: Config | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    nested: tuple[Config, ...] = ()

    @property
    def shown(self) -> str:
        """The configuration file as messages name it; empty where there is none."""
        return _shown(self.file) if self.file is not None else ""

    def of(self, path: str) -> tuple[Config, str]:
        """The settings that a file obeys, which are those nearest to it, and its path as they see it."""
        for inner in self.nested:
            prefix = f"{inner.root.relative_to(self.root).as_posix()}/"
            if path.startswith(prefix):
                return inner, path[len(prefix) :]
        return self, path

    def selects(self, code: str, path: str | None = None) -> bool:
        """Whether findings of rule `code` are wanted (in the file `path`, relative to the root).

        The longest beginning that fits decides, as in ruff: ``select = ["LAM"], ignore = ["LAM2"],
        extend-select = ["LAM201"]`` keeps LAM201 and drops LAM202. `ignore` wins a draw.
        """
        if path is not None and self.nested:
            nearest_, inside = self.of(path)
            if nearest_ is not self:
                return nearest_.selects(code, inside)
        chosen = _longest(code, (*self.select, *self.extend_select))
        if chosen == 0 or _longest(code, self.ignore) >= chosen:
            return False
        if path is None:
            return True
        if self.base is not None and self.base.ignores_in_file(code, self.root / path):
            return False
        return not any(_longest(code, codes) and spec.match_file(path) for spec, codes in self._file_ignores)

    def ignores_in_file(self, code: str, file: Path) -> bool:
        """Whether patterns of this file, or of one that it extends, leave a rule out of a file."""
        if self.base is not None and self.base.ignores_in_file(code, file):
            return True
        path = os.path.relpath(file, self.root).replace(os.sep, "/")
        return any(_longest(code, codes) and spec.match_file(path) for spec, codes in self._file_ignores)

    @cached_property
    def _file_ignores(self) -> list[tuple[GitIgnoreSpec, tuple[str, ...]]]:
        return [(compiled([glob]), codes) for glob, codes in self.per_file_ignores.items()]


def _longest(code: str, beginnings: Iterable[str]) -> int:
    return max((len(given) for given in beginnings if code.startswith(given)), default=0)


def load_config(start: Path, file: Path | None = None, *, isolated: bool = False) -> Config:
    """The settings for a run whose first path is `start`.

    `file` names the configuration file instead of looking for one; `isolated` reads none. Raises `ConfigError`.
    """
    start = start.resolve()
    directory = start if start.is_dir() else start.parent
    if file is not None:
        table = _read_table(file.resolve())
        if table is None:
            raise ConfigError(f"{_shown(file.resolve())}: no [tool.lambda-lint] table in this file")
        return replace(_build(file.resolve(), table), alone=True)
    if not isolated and (found := _find(directory)) is not None:
        return _build(*found)
    root = _project_root(directory)
    return Config(root=root, cache_dir=root / CACHE_NAME, alone=isolated)


def load_for(paths: Sequence[Path]) -> Config:
    """The settings for a run about several paths: those nearest to the folder that holds all of them.

    Where these extend those of a folder above, the project is that folder. Files that have settings nearer to them obey these: see `with_nested`. Raises `ConfigError`.
    """
    whole = [path.resolve() for path in paths]
    try:
        common = whole[0] if len(whole) == 1 else Path(os.path.commonpath(whole))
    except ValueError:  # on Windows, on different drives
        common = whole[0]
    config = load_config(common)
    while config.base is not None and config.base.root in config.root.parents:
        config = config.base  # a part of that project: its files may import what lies beside it
    return config if config.alone else _with_what_is_above(config)


def _with_what_is_above(config: Config) -> Config:
    """The settings of a folder for the project that it is a part of: what deploys it, and what it imports, may lie above it.

    Files of the folder still obey its settings (see `with_nested`). What can only be said once for a run is taken from them.
    """
    top = _deployed_from(config.root)
    if top == config.root:
        return config
    found = _find(top)
    above = _build(*found) if found is not None and found[0].parent == top else Config(root=top)
    inside = f"/{config.root.relative_to(top).as_posix()}/"
    if compiled((*above.exclude, *above.extend_exclude)).match_file(f"{inside[1:]}x.py"):
        return config  # that project leaves the folder out: it is one by itself
    taken = {key: getattr(config, key) for key in (*_INHERITED, *_ONCE) if key in _named(config) or above.file is None}
    excluded = tuple(_moved(pattern, inside) for pattern in config.extend_exclude)
    if "exclude" in _named(config):
        excluded += tuple(_moved(pattern, inside) for pattern in config.exclude)
    return replace(
        above,
        file=config.file or above.file,
        written=config.written | above.written,
        extend_exclude=(*above.extend_exclude, *excluded),
        **taken,
    )


_ONCE = ("baseline", "cache_dir", "handler_steps", "respect_gitignore")
"""What a run has one of."""

_DEPLOYS = re.compile(
    r"template\.(?:ya?ml|json)|serverless[\w.-]*\.(?:ya?ml|json|[tj]s)|samconfig\.toml|cdk\.json|sst\.config\.[tj]s|sst\.json"
    r"|Pulumi\.ya?ml|zappa_settings\.\w+|.*\.(?:tf|tofu|tf\.json)|\.chalice|copilot|amplify"
)
"""Files and folders that say how what is beside and below them is deployed."""
_HIGHEST = 8
"""Folders above the first that are looked at, where no repository ends them."""


def _deployed_from(directory: Path) -> Path:
    """The repository that a folder is in; else the nearest folder upwards that says how it is deployed; else itself."""
    above = (directory, *directory.parents)
    repository = next((parent for parent in above if (parent / ".git").exists()), None)
    if repository is not None:
        return repository
    home = Path.home()
    for parent in above[:_HIGHEST]:
        if parent == home or parent == parent.parent:
            break
        try:
            if any(_DEPLOYS.fullmatch(entry.name) for entry in parent.iterdir()):
                return parent
        except OSError:
            break  # what cannot be read says nothing
    return directory


def _named(config: Config) -> frozenset[str]:
    """The settings that a configuration file names, as they are called here."""
    return frozenset(key.replace("-", "_") for key in config.written)


def _moved(pattern: str, inside: str) -> str:
    """A pattern of .gitignore's for a folder, as one for a folder above; `inside` is the way down, between slashes."""
    negated, plain = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    anchored = "/" in plain.rstrip("/")
    return f"{negated}{inside}{plain.lstrip('/') if anchored else f'**/{plain}'}"


def with_nested(config: Config, files: Iterable[str]) -> Config:
    """The settings with those of the folders below that have their own; `files` are paths from `config.root`.

    Raises `ConfigError`, but not for a file that says nothing of this linter.
    """
    if config.alone:
        return config
    found: dict[Path, Config] = {}
    for path in sorted(files):
        folder, _, name = path.rpartition("/")
        if not folder or name not in (FILE_NAME, "pyproject.toml") or path.startswith("/"):
            continue
        file = config.root / path
        if file.parent in found or (name != FILE_NAME and b"lambda-lint" not in _bytes_of(file)):
            continue
        table = _read_table(file)
        if table is not None:
            found[file.parent] = _overridden(_build(file, table), config.overrides)
    deepest_first = sorted(found.values(), key=lambda inner: (-len(inner.root.parts), str(inner.root)))
    return replace(config, nested=tuple(deepest_first))


def read_for(config: Config, files: Iterable[str]) -> set[Path]:
    """The files that settings were read from, and those that were looked through for some; `files` as in `with_nested`."""
    found: set[Path] = set()
    for each in (config, *config.nested):
        base: Config | None = each
        while base is not None:
            found |= {base.file} if base.file is not None else set()
            base = base.base
    if not config.alone:
        found |= {config.root / path for path in files if path.rpartition("/")[2] in (FILE_NAME, "pyproject.toml")}
    return found


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()[:LARGEST]
    except OSError:
        return b""  # what reads the project's files says so


def _overridden(config: Config, overrides: Mapping[str, Any]) -> Config:
    """What the command line says replaces single values, and is added to lists of codes."""
    changes = dict(overrides)
    for key in ("extend_select", "ignore"):
        changes[key] = (*getattr(config, key), *overrides.get(key, ()))
    return replace(config, **changes)


def _find(directory: Path) -> tuple[Path, Mapping[str, Any]] | None:
    for parent in (directory, *directory.parents):
        for candidate in (parent / FILE_NAME, parent / "pyproject.toml"):
            if candidate.is_file() and (table := _read_table(candidate)) is not None:
                return candidate, table
    return None


def _project_root(directory: Path) -> Path:
    for parent in (directory, *directory.parents):
        if (parent / ".git").exists() or (parent / "pyproject.toml").is_file():
            return parent
    return directory


def _read_table(file: Path) -> Mapping[str, Any] | None:
    """The settings in `file`; None when it is a ``pyproject.toml`` without any."""
    try:
        document = parse(_text_of(file))
    except OSError as error:
        raise ConfigError(f"{_shown(file)}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{_shown(file)}: is not UTF-8: byte {error.start} cannot be read; save it as UTF-8"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{_shown(file)}: not valid TOML: {error}") from error
    except RecursionError as error:
        raise ConfigError(f"{_shown(file)}: not valid TOML: its values are nested too deeply") from error
    if file.name != "pyproject.toml":
        return document
    tools = document.get("tool", {})
    table = tools.get("lambda-lint") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{_shown(file)}: `tool.lambda-lint` must be a table")
    return table


def _text_of(file: Path) -> str:
    """Raises `OSError`, `UnicodeDecodeError`. A byte order mark, which some editors write, is passed over."""
    return read_regular(file, LARGEST).decode("utf-8-sig")


def _build(file: Path, table: Mapping[str, Any], seen: frozenset[Path] = frozenset()) -> Config:
    for key in table:
        if key not in KEYS:
            near = nearest(key, KEYS)
            hint = f"did you mean `{near}`?" if near else f"the keys are {', '.join(sorted(KEYS))}"
            raise ConfigError(f"{_place(file, key)}: unknown key `{key}`; {hint}")
    values: dict[str, Any] = {"cache_dir": file.parent / CACHE_NAME}
    for key, value in table.items():
        try:
            values[key.replace("-", "_")] = KEYS[key](value)
        except ValueError as error:
            raise ConfigError(f"{_place(file, key)}: `{key}` {error}") from error
    values["cache_dir"] = file.parent / values["cache_dir"]
    if "baseline" in values:
        values["baseline"] = file.parent / values["baseline"]
    if "extend" in values:
        base = _extended(file, values["extend"], seen)
        inherited = {key: getattr(base, key) for key in _INHERITED if key not in values}
        values = {**inherited, **values, "base": base}
    return Config(root=file.parent, file=file, written=frozenset(table), **values)


_INHERITED = (
    "select",
    "extend_select",
    "ignore",
    "min_confidence",
    "library",
    "prefer",
    "discovery",
    "output_format",
    "rule_url",
)
"""What a file has from the one that it extends; paths and patterns of that stay relative to it."""


def _extended(file: Path, given: str, seen: frozenset[Path]) -> Config:
    """The settings that a file extends."""
    other = (file.parent / given).resolve()
    if other in seen or other == file:
        raise ConfigError(f"{_place(file, 'extend')}: `extend` leads back to {_shown(other)}; remove one of them")
    if not other.is_file():
        raise ConfigError(f"{_place(file, 'extend')}: `extend` names {given}, which is not a file")
    table = _read_table(other)
    if table is None:
        raise ConfigError(f"{_place(file, 'extend')}: `extend` names {given}, which has no [tool.lambda-lint] table")
    return _build(other, table, seen | {file})


def written_at(config: Config, key: str) -> str:
    """The place in the configuration file that sets `key`; empty where none does."""
    return _place(config.file, key) if config.file is not None and key in config.written else ""


def _place(file: Path, key: str) -> str:
    line = _line_of(file, key)
    return f"{_shown(file)}:{line}" if line else _shown(file)


def _line_of(file: Path, key: str) -> int | None:
    """The line (from 1) that sets `key`, found in the text because TOML parsers do not tell; None if written unusually."""
    own = "tool.lambda-lint" if file.name == "pyproject.toml" else ""
    nested = f"{own}.{key}" if own else key
    table = ""
    for number, line in enumerate(_text_of(file).splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            table = re.sub(r"[\s\"']", "", header[1])
            if table == nested or table.startswith(f"{nested}."):
                return number
        elif table == own and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[=.]", line):
            return number
    return None


def _shown(file: Path) -> str:
    try:
        return file.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(file)
