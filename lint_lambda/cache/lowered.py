"""Lowered modules as JSON, and back. It holds data only, so that a cache somebody else wrote cannot run code."""

from __future__ import annotations

import json
from typing import Any

from lint_lambda.cache.format import BadEntry
from lint_lambda.core import ir, walk

_NODES = tuple(walk.FIELDS)
_CODES = {type_: code for code, type_ in enumerate(_NODES)}


def encode(module: ir.Module) -> str:
    """A module as JSON: a node is ``[code, field …]``, a tuple ``[-1, element …]``, anything else stands for itself."""
    return json.dumps(_encode(module), separators=(",", ":"))


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return [-1, *map(_encode, value)]
    fields = walk.FIELDS.get(type(value))
    if fields is None:
        return value
    return [_CODES[type(value)], *(_encode(getattr(value, name)) for name in fields)]


def decode(text: str) -> ir.Module:
    """The module that `encode` wrote. Raises `BadEntry`."""
    try:
        value = _decode(json.loads(text))
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise BadEntry(str(error)) from error
    if not isinstance(value, ir.Module):
        raise BadEntry("it holds no module")
    return value


def _decode(value: Any) -> Any:
    if type(value) is not list:
        return value
    code = value[0]
    parts = [_decode(part) if type(part) is list else part for part in value[1:]]
    return tuple(parts) if code < 0 else _NODES[code](*parts)
