"""Tell from a file's bytes, then from its outline, whether it can define a handler, so that most files are never lowered.

Over-approximate: whatever `lint_lambda.deployment.handlers.signatures.discover` finds in a file, these expressions see as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Set

from lint_lambda.deployment.handlers.shape import EXACT, fits, looks_assigned
from lint_lambda.deployment.handlers.signatures import TEST_FILE
from lint_lambda.frontends.python.outline import Bound
from lint_lambda.knowledge.models import HandlerSigns
from lint_lambda.project.index import words_of

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
_TARGET = re.compile(rb"(?:^|[=:;])[ \t]*(\w*)\Z", re.MULTILINE)


def _one_of(words: Collection[str]) -> bytes:
    return b"(?:" + "|".join(sorted(words)).encode() + b")"


_NAMED = tuple(re.compile(expression % _one_of(EXACT)) for expression in (rb"def[ \t]+%s\b", rb"as[ \t]+%s\b"))
"""Each begins with fixed text, which is what makes searching for it fast."""
_EXACT = frozenset(name.encode() for name in EXACT)
_DECORATOR = re.compile(rb"@[ \t]*([\w.]+)")
_INSIDE = re.compile(rb"(?:async[ \t]+)?(?:def|class)\b")


def may_hold_handler(source: bytes, words: Set[bytes], signs: HandlerSigns) -> bool:
    """Whether `discover` could find a handler in a file that holds this; `words` are the words in it."""
    if b"LambdaContext" in words:
        return True
    if b"\r" in source:
        source = source.replace(b"\r", b"\n")  # it ends lines, too, and an empty line more changes nothing
    if not words.isdisjoint(_EXACT):
        matches = (match for expression in _NAMED for match in expression.finditer(source))
        if any(_may_be_at_top_level(source, match.start()) for match in matches):
            return True
    if any(_text(name).rpartition(".")[2] in signs.makers for name in _DECORATOR.findall(source)):
        return True
    return any(_shaped(source)) or any(_assigned(source))


def _may_be_at_top_level(source: bytes, position: int) -> bool:
    """False where the last line before it that is not indented begins a function or a class, and no text is left open since."""
    start = source.rfind(b"\n", 0, position) + 1
    while start > 0 and source[start : start + 1] in _INDENTED:
        start = source.rfind(b"\n", 0, start - 1) + 1
    if _INSIDE.match(source, start) is None or b"\n" not in source[start:position]:
        return True
    between = source[start:position]
    return between.count(b'"""') % 2 == 1 or between.count(b"'''") % 2 == 1


_INDENTED = frozenset((b" ", b"\t", b"\f", b"\r", b"\n", b"#", b""))


def could_be_handler(bound: Bound, signs: HandlerSigns) -> bool:
    """Whether `discover` could find a handler of this name. It knows more, and may still say no."""
    name, parameters = bound.name, bound.parameters
    if bound.kind == "import":
        return name in EXACT
    if bound.kind == "value":
        return looks_assigned(name)
    if name in EXACT or not bound.decorators.isdisjoint(signs.makers):
        return True
    return len(parameters) > 1 and fits(name, parameters[0], parameters[1]) != ""


def count_handlers(path: str, source: bytes, signs: HandlerSigns) -> int:
    """About how many handlers a file defines that is not parsed because nothing in its reach can launch."""
    if TEST_FILE.search(path) or not may_hold_handler(source, words_of(source), signs):
        return 0
    return len(set(_shaped(source))) or int(any(_assigned(source)))


def _shaped(source: bytes) -> Iterator[str]:
    """Names of functions and lambdas that have a handler's shape."""
    for match in _DEFINITION.finditer(source):
        name, first, second = map(_text, match.groups())
        if fits(name, first, second) and _may_be_at_top_level(source, match.start()):
            yield name
    for match in _LAMBDA.finditer(source):
        target = _FIRST_NAME.match(source, source.rfind(b"\n", 0, match.start()) + 1)
        if target is not None and fits(_text(target[1]), *map(_text, match.groups())):
            yield _text(target[1])


def _assigned(source: bytes) -> Iterator[bool]:
    """Whether each ``…handler = value`` that begins a statement binds a handler's name."""
    for match in _ASSIGNED.finditer(source):
        before = _TARGET.search(source, source.rfind(b"\n", 0, match.start()) + 1, match.start())
        if before is not None and looks_assigned(_text(before[1] + match[1])):
            yield _may_be_at_top_level(source, match.start())


def _text(name: bytes) -> str:
    return name.decode("ascii", "ignore")
