"""The list of handlers, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from lint_lambda.core.printable import printable
from lint_lambda.core.source import Location
from lint_lambda.core.verdict import Handler
from lint_lambda.deployment.model import Function


class Described(Protocol):
    """What is known of one handler; see `lint_lambda.engine.described`."""

    @property
    def handler(self) -> Handler: ...
    @property
    def location(self) -> Location: ...
    @property
    def functions(self) -> tuple[Function, ...]: ...
    @property
    def launches(self) -> int | None: ...
    @property
    def findings(self) -> Mapping[str, int]: ...
    @property
    def missing(self) -> tuple[str, ...]: ...


HEAD = ("handler", "declared", "runtime", "folders", "adapter", "found by", "launches", "findings", "missing imports")


def table(described: Sequence[Described]) -> str:
    """A line for each handler, under a head; a column in which nothing stands is left out."""
    rows = [_row(each) for each in described]
    kept = [column for column in range(len(HEAD)) if not rows or any(row[column] != "-" for row in rows)]
    lines = [[row[column] for column in kept] for row in (HEAD, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(kept))]
    return "".join("  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in lines)


def _row(each: Described) -> tuple[str, ...]:
    functions = each.functions
    folders = dict.fromkeys(root or "." for function in functions for root in (*function.roots, *function.layers))
    cells = (
        name_of(each),
        ", ".join(dict.fromkeys(f"{function.declared} ({function.name})" for function in functions)),
        ", ".join(dict.fromkeys(function.runtime for function in functions if function.runtime is not None)),
        ", ".join(folders),
        each.handler.adapter,
        "template" if each.functions and each.handler.source == "deployment" else each.handler.why,
        "" if each.launches is None else str(each.launches),
        ", ".join(f"{code} {count}" if count > 1 else code for code, count in each.findings.items()),
        ", ".join(each.missing),
    )
    return tuple(printable(cell) or "-" for cell in cells)  # a line's end in a name ends no line


def name_of(each: Described) -> str:
    """The handler as reports call it: by its template where its code stands there."""
    template, mark, _ = each.handler.path.partition("!")
    return f"{template}:{each.functions[0].name}" if mark and each.functions else str(each.handler)


def as_json(described: Sequence[Described]) -> str:
    return json.dumps([_entry(each) for each in described], indent=2, ensure_ascii=False) + "\n"


def _entry(each: Described) -> dict[str, Any]:
    handler, span = each.handler, each.location.span
    return {
        "path": each.location.path,
        "name": handler.name,
        "line": span.line,
        "column": span.column + 1,
        "source": handler.source,
        "why": handler.why,
        "adapter": handler.adapter or None,
        "application": handler.application,
        "managed": handler.managed,
        "functions": [_function(function) for function in each.functions],
        "launches": each.launches,
        "findings": dict(each.findings),
        "missing": list(each.missing),
    }


def _function(function: Function) -> dict[str, Any]:
    image = function.image
    return {
        "names": list(function.names),
        "format": function.declared.format,
        "declared": {"path": function.declared.file, "line": function.declared.line or None},
        "handler": function.handler,
        "runtime": function.runtime,
        "lifetime": function.lifetime,
        "timeout": function.timeout,
        "roots": [root or "." for root in function.roots],
        "layers": list(function.layers),
        "environment": sorted(name for name, _ in function.environment),
        "image": None
        if image is None
        else {"file": image.file, "context": image.context or ".", "command": list(image.command)},
    }
