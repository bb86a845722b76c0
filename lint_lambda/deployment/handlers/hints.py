"""Tell from a file's bytes whether it can define a handler, so that most files are never parsed.

Over-approximate: whatever `lint_lambda.deployment.handlers.signatures.discover` finds in a file, these expressions see as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

from lint_lambda.deployment.handlers.shape import EXACT, fits, looks_assigned
from lint_lambda.deployment.handlers.signatures import TEST_FILE
from lint_lambda.knowledge.models import HandlerSigns

_BRACKETS = rb"\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]"
_AFTER_NAME = rb"(?:[^,()\[\]{}]|" + _BRACKETS + rb"|\([^()]*\)|\{[^{}]*\})*"  # a parameter's annotation and default
_SPACE = rb"(?:\s|#[^\n]*\n)*"
_TWO_PARAMETERS = rb"(\w+)" + _AFTER_NAME + rb"," + _SPACE + rb"(?:/\s*,\s*)?(\w+)"
_DEFINITION = re.compile(rb"def[ \t]+(\w+)[ \t]*\(" + _SPACE + _TWO_PARAMETERS)
_LAMBDA = re.compile(rb"=[ \t]*lambda[ \t]+(\w+)[^,:\n]*,[ \t]*(\w+)")
_ASSIGNED = re.compile(
    rb"((?:andler|ambda)\w*)[ \t]*(?::[^=\n]*)?=(?!=)[ \t]*(?!None|True|False|\d|logging\.|str\(|boto3\.)(?=[\w(\\])"
)
_FIRST_NAME = re.compile(rb"[ \t]*(\w+)")
_TARGET = re.compile(rb"(?:^|=)[ \t]*(\w*)\Z", re.MULTILINE)


def _one_of(words: Collection[str]) -> bytes:
    return b"(?:" + "|".join(sorted(words)).encode() + b")"


_NAMED = tuple(re.compile(expression % _one_of(EXACT)) for expression in (rb"def[ \t]+%s\b", rb"as[ \t]+%s\b"))
"""Each begins with fixed text, which is what makes searching for it fast."""


@cache
def _decorated(makers: frozenset[str]) -> re.Pattern[bytes]:
    return re.compile(rb"@[\w.]*%s\b" % _one_of(makers))


def may_hold_handler(path: str, source: bytes, signs: HandlerSigns) -> bool:
    """Whether `discover` could find a handler in this file."""
    if TEST_FILE.search(path):
        return False
    if b"LambdaContext" in source or any(expression.search(source) for expression in _NAMED):
        return True
    if signs.makers and _decorated(signs.makers).search(source):
        return True
    return any(_shaped(source)) or any(_assigned(source))


def count_handlers(path: str, source: bytes, signs: HandlerSigns) -> int:
    """About how many handlers a file defines that is not parsed because nothing in its reach can launch."""
    if not may_hold_handler(path, source, signs):
        return 0
    return len(set(_shaped(source))) or int(any(_assigned(source)))


def _shaped(source: bytes) -> Iterator[str]:
    """Names of functions and lambdas that have a handler's shape."""
    for match in _DEFINITION.finditer(source):
        name, first, second = map(_text, match.groups())
        if fits(name, first, second):
            yield name
    for match in _LAMBDA.finditer(source):
        target = _FIRST_NAME.match(source, source.rfind(b"\n", 0, match.start()) + 1)
        if target is not None and fits(_text(target[1]), *map(_text, match.groups())):
            yield _text(target[1])


def _assigned(source: bytes) -> Iterator[bool]:
    """Whether each ``…handler = value`` that begins a line binds a handler's name."""
    for match in _ASSIGNED.finditer(source):
        before = _TARGET.search(source, source.rfind(b"\n", 0, match.start()) + 1, match.start())
        if before is not None:
            yield looks_assigned(_text(before[1] + match[1]))


def _text(name: bytes) -> str:
    return name.decode("ascii", "ignore")
