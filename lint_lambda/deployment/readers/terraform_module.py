"""One directory of Terraform's language: its blocks, what its variables are, and the instances of a block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.deployment import hcl_json
from lint_lambda.deployment.files import Files, folder, join
from lint_lambda.deployment.hcl import Block, Scope, parse
from lint_lambda.deployment.model import Declarations, Trouble
from lint_lambda.deployment.values import PROJECT, Value, text

if TYPE_CHECKING:
    from tree_sitter import Node

_VALUES = re.compile(r"terraform\.tfvars(?:\.json)?|.*\.auto\.tfvars(?:\.json)?")
_CHOSEN = re.compile(r".*\.tfvars(?:\.json)?")
MOST_INSTANCES = 500


class Module:
    """The blocks of one directory."""

    def __init__(self, directory: str, paths: list[str], files: Files, found: Declarations) -> None:
        self.directory = directory
        self.blocks: list[Block] = []
        for path in paths:
            source = files.read(path)[:2_000_000]
            block, broken = hcl_json.parse(path, source) if path.endswith(".json") else parse(path, source)
            if broken:
                found.troubles.append(Trouble(path, broken, "not valid Terraform; the rest of the file is read"))
            self.blocks += block.blocks
        self.local = {
            name: node for block in self.blocks if block.kind == "locals" for name, node in block.attributes.items()
        }
        self.given: dict[str, Node] = {}
        self.chosen: list[dict[str, Node]] = []
        """The files of values that somebody chooses from, such as one for each stage."""
        within = f"{directory}/" if directory else ""
        for path in sorted(path for path in files.others if path.startswith(within) and _CHOSEN.fullmatch(path)):
            name, beside = path.rpartition("/")[2], folder(path) == directory
            source = files.read(path)
            values = hcl_json.parse_values(path, source) if path.endswith(".json") else parse(path, source)[0]
            if beside and _VALUES.fullmatch(name):
                self.given.update(values.attributes)
            elif beside or folder(path).rpartition("/")[0] == directory:
                self.chosen.append(dict(values.attributes))

    def variables(self, root: str) -> dict[str, Value]:
        """What the variables are that nobody gives."""
        plain = Scope(self.directory, root, {}, {})
        found = {
            block.labels[0]: plain.value(block.attributes["default"])
            for block in self.of("variable")
            if block.labels and "default" in block.attributes
        }
        given = {name: plain.value(node) for name, node in self.given.items()}
        return {**self._agreed(plain), **found, **given}

    def _agreed(self, plain: Scope) -> dict[str, Value]:
        """What all files of values say of a variable that somebody chooses from, if they say the same."""
        every = [{name: plain.value(node) for name, node in chosen.items()} for chosen in self.chosen]
        first = every[0] if every else {}
        return {name: value for name, value in first.items() if all(each.get(name) == value for each in every)}

    def of(self, kind: str, *labels: str) -> Iterator[Block]:
        return (block for block in self.blocks if block.kind == kind and block.labels[: len(labels)] == labels)

    def uses(self) -> Iterator[str]:
        """The directories of the modules that this one uses by path."""
        empty = Scope(self.directory, self.directory, {}, {})
        for block in self.of("module"):
            source = text(empty.value(block.attributes.get("source")))
            if source is not None and source.startswith("."):
                place = join(self.directory, source)
                if place is not None and place != self.directory:
                    yield place


def turns(block: Block, scope: Scope) -> list[Scope]:
    """The scopes of a block's instances."""
    each = scope.value(block.attributes.get("for_each"))
    if isinstance(each, dict) and len(each) <= MOST_INSTANCES:
        return [scope.turn((key, value), None) for key, value in each.items()]
    if isinstance(each, list) and len(each) <= MOST_INSTANCES:
        return [scope.turn((value, value), None) for value in each]
    count = scope.value(block.attributes.get("count"))
    if isinstance(count, (int, float)) and not isinstance(count, bool):
        return [scope.turn(scope.each, index) for index in range(min(int(count), MOST_INSTANCES))]
    return [scope]


def place_of(scope: Scope, path: str | None, files: Files) -> str | None:
    """What a path means: a relative one is seen from where Terraform is run, that is the root module, or from the module."""
    if path is None:
        return None
    if path.startswith(PROJECT):
        return join("", path[len(PROJECT) :].lstrip("/") or ".")
    places = [join(directory, path) for directory in (scope.root, scope.directory)]
    here = (place for place in places if place is not None and (files.is_file(place) or files.is_directory(place)))
    return next(here, places[-1])
