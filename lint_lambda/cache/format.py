"""Small entries as JSON, and back: spans, and facts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from lint_lambda.core.source import Span


class BadEntry(ValueError):
    """A cache entry that does not hold what its name says."""


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
