"""What besides a project decides what is found in it: the linter as it is installed, and what it parses with."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import lint_lambda
from lint_lambda.knowledge.location import rules_directory

_PARSERS = ("libcst", "tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript")


@cache
def lowering_version() -> str:
    """What besides the source decides what is in the cache: the code that makes entries, and the parsers' versions.

    The code itself, so that nobody can forget to raise a number.
    """
    package = Path(lint_lambda.__file__).parent
    makers = [*sorted((package / "frontends").rglob("*.py")), package / "core" / "ir.py", package / "core" / "walk.py"]
    makers += sorted((package / "cache").rglob("*.py"))
    digest = hashlib.sha256(_parsers().encode())
    for file in makers:
        digest.update(file.read_bytes())
    return f"{lint_lambda.__version__} {digest.hexdigest()}"


@cache
def linter() -> str:
    """The linter as it is installed: its own files and the rules, by their size and time, and the versions of the parsers."""
    package = Path(lint_lambda.__file__).parent
    stats = sorted(_stats(str(package)))
    if not rules_directory().is_relative_to(package):
        stats += sorted(_stats(str(rules_directory())))
    return "\n".join((lint_lambda.__version__, _parsers(), *stats))


@cache
def _parsers() -> str:
    """The versions of the parsers, of which one is the interpreter's.

    Read off the names of folders, as `importlib.metadata` takes longer to import than all the rest that a small run needs.
    """
    found: dict[str, set[str]] = {name: set() for name in _PARSERS}
    for folder in filter(os.path.isdir, sys.path):
        for entry in os.listdir(folder):  # noqa: PTH208 - at each start
            name, _, rest = entry.partition("-")
            if name in found and rest.endswith(".dist-info"):
                found[name].add(entry)
    versions = [each.pop() if len(each) == 1 else _version(name) for name, each in found.items()]
    return " ".join((sys.version, *versions))


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def _stats(directory: str) -> Iterable[str]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _stats(entry.path)
            else:
                status = entry.stat()
                yield f"{entry.path} {status.st_size} {status.st_mtime_ns}"
