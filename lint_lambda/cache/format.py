"""Lowered modules and spans as JSON, and back. It holds data only, so that a cache somebody else wrote cannot run code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from lint_lambda.core import ir, walk
from lint_lambda.core.source import Span

_NODES = tuple(walk.FIELDS)
_CODES = {type_: code for code, type_ in enumerate(_NODES)}


class BadEntry(ValueError):
    """A cache entry that does not hold what its name says."""


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


def encode_spans(spans: Iterable[Span]) -> str:
    numbers = [number for span in spans for number in (span.line, span.column, span.end_line, span.end_column)]
    return json.dumps(numbers, separators=(",", ":"))


def decode_spans(text: str) -> tuple[Span, ...]:
    """The spans that `encode_spans` wrote. Raises `BadEntry`."""
    try:
        numbers = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadEntry(str(error)) from error
    if not isinstance(numbers, list) or len(numbers) % 4 or not all(type(number) is int for number in numbers):
        raise BadEntry("it holds no spans")
    four = iter(numbers)
    return tuple(Span(*numbers) for numbers in zip(four, four, four, four))


def encode_facts(facts: Mapping[str, str]) -> str:
    return json.dumps(facts, separators=(",", ":"), sort_keys=True)


def decode_facts(text: str) -> dict[str, str]:
    """The facts that `encode_facts` wrote. Raises `BadEntry`."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadEntry(str(error)) from error
    if not isinstance(facts, dict) or not all(type(said) is str for said in facts.values()):
        raise BadEntry("it holds no facts")
    return facts
