"""Records as plain data (lists, texts, numbers), and back: what is read is checked against the types of the fields.

Nothing but records, enumerations, tuples and plain values is ever made, so data that somebody else wrote can do no harm.
"""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from lint_lambda.core.record import is_record, names_of

T = TypeVar("T")

Reader = Callable[[Any], Any]
"""Makes a value of one type of plain data, or raises `TypeError`."""


def plain(value: Any) -> Any:
    """`value` as plain data: a record or a tuple is the list of what it holds, a member of an enumeration its name."""
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, (tuple, frozenset)):
        return [plain(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    if is_record(type(value)):
        return [plain(getattr(value, name)) for name in names_of(type(value))]
    return value


def made(type_: type[T], data: Any) -> T:
    """The value of this type that `plain` made `data` of. Raises `TypeError` where it cannot have done so."""
    reader: Reader = _reader(type_)  # type: ignore[arg-type]  # mypy takes types for unhashable
    value: T = reader(data)
    return value


@cache
def _reader(type_: Any) -> Reader:
    origin, given = typing.get_origin(type_), typing.get_args(type_)
    if origin is typing.Literal:
        return _one_of(frozenset(given))
    if origin in (typing.Union, types.UnionType):
        return _union(given)
    if origin is frozenset:
        listed = _tuple((*given, ...))
        return lambda data: frozenset(listed(data))
    if origin is tuple:
        return _tuple(given)
    if isinstance(type_, typing.NewType):
        return _reader(type_.__supertype__)
    if is_record(type_):
        return _record(type_)
    if issubclass(type_, enum.Enum):
        return _member(type_)
    return _itself(type_)


def _itself(type_: type) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is not type_:
            raise TypeError(f"{type(data).__name__} where {type_.__name__} was expected")
        return data

    return read


def _one_of(allowed: frozenset[Any]) -> Reader:
    def read(data: Any) -> Any:
        if isinstance(data, list) or data not in allowed:
            raise TypeError("none of the values that there are")
        return data

    return read


def _member(type_: type[enum.Enum]) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is not str or data not in type_.__members__:
            raise TypeError(f"no {type_.__name__}")
        return type_.__members__[data]

    return read


def _union(types_: tuple[Any, ...]) -> Reader:
    """Of a union, one member at most is written as a list."""
    readers = [_reader(each) for each in types_ if each is not types.NoneType]
    optional = len(readers) < len(types_)

    def read(data: Any) -> Any:
        if data is None and optional:
            return None
        for reader in readers[:-1]:
            try:
                return reader(data)
            except TypeError:
                continue  # it may be of the next type
        return readers[-1](data)

    return read


def _tuple(types_: tuple[Any, ...]) -> Reader:
    def read(data: Any) -> Any:
        if type(data) is not list:
            raise TypeError("no list")
        if len(types_) == 2 and types_[1] is ...:
            each = _reader(types_[0])
            return tuple([each(item) for item in data])
        if len(data) != len(types_):
            raise TypeError(f"{len(data)} values where {len(types_)} were expected")
        return tuple([_reader(type_)(item) for type_, item in zip(types_, data)])

    return read


def _record(type_: Any) -> Reader:
    readers: list[Reader] = []

    def read(data: Any) -> Any:
        if not readers:
            named = typing.get_type_hints(type_)
            readers.extend(_reader(named[name]) for name in names_of(type_))
        if type(data) is not list or len(data) != len(readers):
            raise TypeError(f"no {type_.__name__}")
        return type_(*[reader(item) for reader, item in zip(readers, data)])

    return read
