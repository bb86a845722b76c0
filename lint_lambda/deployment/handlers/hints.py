"""Tell from a file's bytes, then from its outline, whether it can define a handler, so that most files are never lowered.

Over-approximate: whatever `lint_lambda.deployment.handlers.signatures.discover` finds in a file, these expressions see as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from lint_lambda.deployment.handlers.shape import EXACT, NEVER_FIRST, fits, looks_assigned
from lint_lambda.deployment.handlers.signatures import TEST_FILE
from lint_lambda.frontends.python.outline import Bound, Shape
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
_TARGET = re.compile(rb"(?:^|[=:;])[ \t]*(\w*)\Z", re.MULTILINE)


def _one_of(words: Collection[str]) -> bytes:
    return b"(?:" + "|".join(sorted(words)).encode() + b")"


_NAMED = re.compile(rb"(?:def|as)[ \t]+%s\b" % _one_of(EXACT))
_STEMS = frozenset(re.sub("^.*[hH]andler", "andler", name).encode() for name in EXACT)
"""Of which one is in each exact name: that it stands anywhere is quickly found out."""
_NEVER_FIRST = frozenset(name.encode() for name in NEVER_FIRST)
_ANNOTATED = re.compile(rb"\bLambdaContext\b")
_DECORATOR = re.compile(rb"@[ \t]*([\w.]+)")
_INSIDE = re.compile(rb"(?:async[ \t]+)?(?:def|class)\b")


def is_annotated(source: bytes) -> bool:
    """Whether the type of Lambda's context is named in a file that holds this."""
    return b"LambdaContext" in source and _ANNOTATED.search(source) is not None


def may_hold_handler(source: bytes, signs: HandlerSigns) -> bool:
    """Whether `discover` could find a handler in a file that holds this."""
    if is_annotated(source):
        return True
    if b"\r" in source:
        source = source.replace(b"\r", b"\n")  # it ends lines, too, and an empty line more changes nothing
    if any(_may_be_at_top_level(source, position) for position in _named(source)):
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


def could_be_handler(bound: Bound, scope: Scope, signs: HandlerSigns) -> bool:
    """Whether `discover` could find a handler of this name, in a module that binds all of `scope`. It knows more, and may still say no."""
    name, parameters = bound.name, bound.parameters
    if bound.kind == "import":
        return name in EXACT
    if bound.kind == "value":
        if bound.value is None or not looks_assigned(name):
            return False
        before = {**scope, name: [each for each in scope[name] if each is not bound]}
        return _could_handle(bound.value, name in EXACT, before)
    if bound.kind == "class":
        return False
    if name in EXACT or not bound.decorators.isdisjoint(signs.makers):
        return True
    return len(parameters) > 1 and fits(name, parameters[0], parameters[1]) != ""


def told_by_outline(
    outline: Sequence[Bound], named: Collection[str], shaped: bool, signs: HandlerSigns
) -> frozenset[str]:
    """The names of all handlers of a module, where its outline tells them; else none.

    `named`: those that the deployment declares. `shaped`: whether others are told by their looks.
    """
    scope = scope_of(outline)
    could = [each for each in outline if could_be_handler(each, scope, signs)] if shaped else []
    told = {*named, *(each.name for each in could)}
    plain = all(each.kind == "function" for name in told for each in scope.get(name, ()))
    if not plain or not told <= scope.keys() or (named and len(told) > len({*named})):
        return frozenset()
    sure = bool(named) or (len(could) == 1 and _is_surely_handler(could[0], signs))
    return frozenset(told) if sure else frozenset()


def _is_surely_handler(bound: Bound, signs: HandlerSigns) -> bool:
    """Whether `discover` finds a handler of this name, unless the whole file is another platform's."""
    plain = len(bound.parameters) == 2 and not bound.rest and bound.decorators.isdisjoint(signs.others)
    return plain and fits(bound.name, *bound.parameters) == "signature"


def may_belong(path: str, source: bytes, signs: HandlerSigns) -> bool:
    """Whether another platform may call the functions of a file."""
    for platform in signs.platforms:
        words = (*platform.functions, *(module.partition(".")[0] for module in platform.modules))
        if (platform.folders and re.search(platform.folders, path)) or any(word.encode() in source for word in words):
            return True
    return False


Scope = Mapping[str, Sequence[Bound]]
"""What a module binds at its top level, by name."""


def scope_of(outline: Iterable[Bound]) -> Scope:
    found: dict[str, list[Bound]] = {}
    for bound in outline:
        found.setdefault(bound.name, []).append(bound)
    return found


def _could_handle(value: Shape, exact: bool, scope: Scope) -> bool:
    """Whether a value that has a handler's name, or `exact` one, could be a handler."""
    if value.kind == "name":
        return any(_takes_two(each) for each in scope.get(value.name, ()))
    if value.kind == "choice":
        return any(_could_handle(each, exact, scope) for each in value.inner)
    if value.kind == "member":
        return _could_be_method(value, exact, scope)
    if value.kind != "call":
        return value.kind != "data"
    callee, *given = value.inner
    made = exact or callee.name == "partial" or any(map(_could_make, scope.get(callee.name, ())))
    return made or any(_wraps(each, scope) for each in given)


def _could_make(bound: Bound) -> bool:
    """Whether what a call of this gives could be a handler: that of a function, or of a class, of the module."""
    return bound.kind in ("function", "class") or (bound.value is not None and bound.value.kind == "name")


def _wraps(value: Shape, scope: Scope) -> bool:
    """Whether an argument of a call could be a handler that is wrapped there."""
    if value.kind == "name":
        return any(_takes_two(each) for each in scope.get(value.name, ()))
    return value.name in EXACT if value.kind == "member" else value.kind != "data"


def _takes_two(bound: Bound, ahead: int = 0) -> bool:
    """Whether a handler's two arguments could be given to this, `ahead` others before them. A value may be anything."""
    if bound.kind == "function":
        return bound.rest or len(bound.parameters) >= 2 + ahead
    return bound.kind == "value" or (bound.kind == "class" and bool(bound.decorators))


def _could_be_method(value: Shape, exact: bool, scope: Scope) -> bool:
    """Whether an attribute could be a method that handles; anything could where nothing is known of what has it."""
    (of,) = value.inner
    base = of.inner[0] if of.kind == "call" else of
    known = scope.get(base.name, ()) if base.kind == "name" else ()
    if exact and not (known and all(each.kind == "class" and not each.inherits for each in known)):
        return True
    ahead = 1 if exact and of.kind == "call" else 0
    classes = known if exact else [each for bounds in scope.values() for each in bounds if each.kind == "class"]
    return any(_could_have(each, value.name, ahead, exact) for each in classes)


def _could_have(class_: Bound, name: str, ahead: int, exact: bool) -> bool:
    """Whether a class could have a method of this name that handles; `exact`: or whether it has none, and something else may."""
    methods = [each for each in class_.methods if each.name == name]
    if not methods:
        return exact or class_.inherits
    return any(_takes_two(each, 0 if "staticmethod" in each.decorators else ahead) for each in methods)


def count_handlers(path: str, source: bytes, signs: HandlerSigns) -> int:
    """About how many handlers a file defines that is not parsed because nothing in its reach can launch."""
    if TEST_FILE.search(path) or not may_hold_handler(source, signs):
        return 0
    return len(set(_shaped(source))) or int(any(_assigned(source)))


def _shaped(source: bytes) -> Iterator[str]:
    """Names of functions and lambdas that have a handler's shape."""
    for match in _DEFINITION.finditer(source):
        if match[2] in _NEVER_FIRST:  # of methods, and so of most functions
            continue
        if _fits(*match.groups()) and _may_be_at_top_level(source, match.start()):
            yield _text(match[1])
    for match in _LAMBDA.finditer(source):
        target = _FIRST_NAME.match(source, source.rfind(b"\n", 0, match.start()) + 1)
        if target is not None and fits(_text(target[1]), *map(_text, match.groups())):
            yield _text(target[1])


@lru_cache(maxsize=10_000)  # the same parameters stand in many functions
def _fits(name: bytes, first: bytes, second: bytes) -> bool:
    return fits(_text(name), _text(first), _text(second)) != ""


def _named(source: bytes) -> Iterator[int]:
    """Where a function or an import gets an exact name; only lines that hold a stem of one are looked at."""
    for stem in _STEMS:
        end = 0
        while (position := source.find(stem, end)) >= 0:
            start = source.rfind(b"\n", end, position) + 1 or end
            end = source.find(b"\n", position)
            end = len(source) if end < 0 else end
            for match in _NAMED.finditer(source, start, end):
                yield match.start()


def _assigned(source: bytes) -> Iterator[bool]:
    """Whether each ``…handler = value`` that begins a statement binds a handler's name."""
    for match in _ASSIGNED.finditer(source):
        before = _TARGET.search(source, source.rfind(b"\n", 0, match.start()) + 1, match.start())
        if before is not None and looks_assigned(_text(before[1] + match[1])):
            yield _may_be_at_top_level(source, match.start())


def _text(name: bytes) -> str:
    return name.decode("ascii", "ignore")
