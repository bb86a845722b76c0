"""Lowered modules as JSON, and back.

It holds data only, so that a cache somebody else wrote cannot run code; and each node is made of what its type says, so that what somebody
else wrote cannot come to the analysis as anything but a module.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable
from functools import cache
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
    if code < 0:
        return tuple(parts)
    type_ = _NODES[code]
    fields: tuple[_Field, ...] = _fields(type_)
    for part, field in zip(parts, fields):
        if type(part) not in field.types and not field.admits(part):
            raise TypeError(f"no {type_.__name__} holds {type(part).__name__} {part!r:.40}")
    return type_(*parts)


class _Field:
    """What a field may hold: values of `types`, or what one of `others` says yes to (tuples, and certain texts)."""

    def __init__(self, type_: Any) -> None:
        self.types: set[type] = set()
        self._others: list[Callable[[Any], bool]] = []
        self._add(type_)

    def admits(self, value: Any) -> bool:
        return type(value) in self.types or any(other(value) for other in self._others)

    def _add(self, type_: Any) -> None:
        origin, given = typing.get_origin(type_), typing.get_args(type_)
        if origin in (typing.Union, types.UnionType):
            for each in given:
                self._add(each)
        elif origin is typing.Literal:
            self._others.append(lambda value: type(value) is str and value in given)
        elif origin is tuple:
            self._others.append(_admits_tuple(given))
        else:
            self.types.add(type_)


def _admits_tuple(types_: tuple[Any, ...]) -> Callable[[Any], bool]:
    """Whether a value is a tuple of these: of any number of the first, or of each of them."""
    fields = [_Field(type_) for type_ in types_ if type_ is not ...]
    if types_[-1] is ...:
        return lambda value: type(value) is tuple and all(map(fields[0].admits, value))
    return lambda value: (
        type(value) is tuple
        and len(value) == len(fields)
        and all(field.admits(each) for field, each in zip(fields, value))
    )


@cache
def _fields(type_: type) -> tuple[_Field, ...]:
    hints = typing.get_type_hints(type_)
    return tuple(_Field(hints[name]) for name in walk.FIELDS[type_])
