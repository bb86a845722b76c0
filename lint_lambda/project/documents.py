"""Tables that stand in files beside the code: INI, JSON and YAML."""

from __future__ import annotations

import ast
import configparser
import json
import posixpath
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lint_lambda.project import Project

MOST_FILES = 60
"""A folder with more files of settings is no folder of settings."""

LARGEST = 100_000


def documents(project: Project, importer: str, name: str) -> list[dict[str, object]]:
    """The tables in the files called `name`, of any name where it is empty, in the nearest folder from `importer` upwards."""
    folder = posixpath.dirname(importer)
    while True:
        found = [table for path in _files(project, folder, name) for table in _read(project, path)]
        if found or not folder:
            return found
        folder = posixpath.dirname(folder)


def _files(project: Project, folder: str, name: str) -> Iterator[str]:
    try:
        every = list((project.root / folder).iterdir())
        project.looks.folder(str(project.root / folder), (entry.name for entry in every))
        entries = sorted(entry.name for entry in every if entry.is_file())
    except OSError:
        return
    named = [entry for entry in entries if PurePosixPath(entry).suffix in _READERS and name in ("", entry)]
    yield from (posixpath.join(folder, entry) for entry in (named if len(named) <= MOST_FILES else ()))


def _read(project: Project, path: str) -> Iterator[dict[str, object]]:
    content = project.peek(path)
    if len(content) > LARGEST:
        return
    try:
        table = _READERS[PurePosixPath(path).suffix](content.decode("utf-8"))
    except (ValueError, configparser.Error, RecursionError):
        return  # somebody else's file
    if isinstance(table, dict):
        yield {str(key): value for key, value in table.items()}


def _ini(text: str) -> object:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {section: {key: _literal(value) for key, value in parser[section].items()} for section in parser.sections()}


def _literal(text: str) -> object:
    """What stands there as a tuple or a table of constants; anything else is text."""
    if text[:1] not in "({":
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()


def _yaml(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError("no YAML") from error


_READERS: dict[str, Callable[[str], object]] = {
    ".ini": _ini,
    ".cfg": _ini,
    ".conf": _ini,
    ".json": json.loads,
    ".yaml": _yaml,
    ".yml": _yaml,
}
