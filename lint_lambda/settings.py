"""The keys of the settings, and how each value is read: every reader returns the value or raises ValueError("must be …")."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from lint_lambda.core import globs
from lint_lambda.core.finding import Confidence
from lint_lambda.core.globs import compiled
from lint_lambda.core.near import nearest
from lint_lambda.core.record import dataclass

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

OUTPUT_FORMATS = ("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit")
"""Each is a module of `lint_lambda.output`."""
AUTO = "auto"
"""The format that fits the place."""
MANAGED = "managed-instances"
TARGETS = ("lambda", MANAGED)
DISCOVERY = ("templates", "configuration", "shape")


@dataclass(frozen=True)
class ByPath:
    """A setting that may differ from file to file: of the `patterns` that fit a path the last one counts, else `default`."""

    default: str
    patterns: tuple[tuple[str, str], ...] = ()

    def of(self, path: str) -> str:
        return self.named(path) or self.default

    def named(self, path: str) -> str:
        """What a pattern says of a path; empty where none does."""
        return next((value for spec, value in reversed(self._specs) if spec.match_file(path)), "")

    @cached_property
    def _specs(self) -> list[tuple[GitIgnoreSpec, str]]:
        return [(compiled([glob]), value) for glob, value in self.patterns]


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("must be a list of strings")
    return tuple(value)


def _codes(value: object) -> tuple[str, ...]:
    return parse_codes(_texts(value))


def parse_codes(given: Iterable[str]) -> tuple[str, ...]:
    """Rule codes or their beginnings; raises ValueError naming the one that cannot be any rule's."""
    codes = tuple(code.strip().upper() for code in given)
    for code in codes:
        if not re.fullmatch(r"LAM\d{0,3}", code):
            raise ValueError(f"must be a list of rule codes (LAM201) or prefixes (LAM2); {code!r} is neither")
    return codes


def _one_of(choices: Iterable[str]) -> Callable[[object], str]:
    known = tuple(choices)

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in known:
            near = nearest(str(value), known)
            raise ValueError(f"must be one of {', '.join(known)}" + (f"; did you mean {near!r}?" if near else ""))
        return value

    return read


def _some_of(choices: Iterable[str]) -> Callable[[object], tuple[str, ...]]:
    read = _one_of(choices)
    return lambda value: tuple(map(read, _texts(value)))


def _by_path(read: Callable[[object], str], default: str) -> Callable[[object], ByPath]:
    def build(value: object) -> ByPath:
        if isinstance(value, dict):
            parse_globs(value)
            return ByPath(default, tuple((pattern, read(given)) for pattern, given in value.items()))
        return ByPath(read(value))

    return build


def _confidence(value: object) -> Confidence:
    return Confidence[_one_of(level.label for level in Confidence)(value).upper()]


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("must be a whole number, 0 or more")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a string")
    return value


def _path(value: object) -> str:
    text = _text(value)
    if "\0" in text:
        raise ValueError("must be a path, which holds no null character")
    return text


def _globs(value: object) -> tuple[str, ...]:
    return parse_globs(_texts(value))


def parse_globs(given: Iterable[str]) -> tuple[str, ...]:
    """Patterns as in .gitignore; raises ValueError naming one that is none."""
    patterns = tuple(given)
    for pattern in patterns:
        _check_glob(pattern)
    return patterns


def _check_glob(pattern: str) -> None:
    try:
        globs.check(pattern)
    except globs.BadPattern as error:
        raise ValueError(f"must hold patterns as in .gitignore; {error}") from error


def _source_roots(value: object) -> tuple[str, ...]:
    roots = _texts(value)
    for root in roots:
        parts = PurePosixPath(root.replace("\\", "/"))
        if "\0" in root or parts.is_absolute() or ".." in parts.parts or root.startswith("~"):
            raise ValueError(f"must hold folders of the project, as they are named from here, not {root!r}")
    return roots


def _rule_url(value: object) -> str:
    text = _text(value)
    if not re.match(r"https?://", text) or set(re.findall(r"\{(.*?)\}", text)) - {"code", "name"}:
        raise ValueError("must be a web address, with {code} and {name} for those of the rule")
    return text


def _handlers(value: object) -> tuple[str, ...]:
    return parse_handlers(_texts(value))


def parse_handlers(given: Iterable[str]) -> tuple[str, ...]:
    """``path:qualname`` patterns; raises ValueError naming one without a colon."""
    patterns = tuple(given)
    for pattern in patterns:
        path, colon, name = pattern.rpartition(":")
        if not (path and colon and name):
            raise ValueError(f"must be written path:name, as in app.py:handler or jobs/*.py:*, not {pattern!r}")
        _check_glob(path)
    return patterns


def _file_ignores(value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise ValueError('must be a table of pattern = ["CODE", …]')
    parse_globs(value)
    return {pattern: _codes(codes) for pattern, codes in value.items()}


def _libraries(value: object) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("must be a list of tables: [[tool.lambda-lint.library]]")
    return tuple(value)


KEYS: dict[str, Callable[[object], Any]] = {
    "handlers": _handlers,
    "select": _codes,
    "extend-select": _codes,
    "ignore": _codes,
    "min-confidence": _confidence,
    "exclude": _globs,
    "extend-exclude": _globs,
    "source-roots": _source_roots,
    "per-file-ignores": _file_ignores,
    "extend": _path,
    "output-format": _one_of((AUTO, *OUTPUT_FORMATS)),
    "rule-url": _rule_url,
    "baseline": _path,
    "library": _libraries,
    "target": _by_path(_one_of(TARGETS), "lambda"),
    "adapter": _by_path(_text, ""),
    "prefer": _one_of(("wait", "defer")),
    "respect-gitignore": _flag,
    "discovery": _some_of(DISCOVERY),
    "cache-dir": _path,
    "handler-steps": _number,
}
