"""The small languages of a library model: selectors say *which value*, conditions say *when*.

Selectors
    ``self``          the object the method is called on
    ``return``        the call's result
    ``arg:0|fs``      the argument at position 0, or named ``fs``; ``arg:*`` every positional argument; ``arg:1+`` those from
                      position 1 on; ``arg:2.retry`` what the argument, an object, holds under ``retry``
    ``callback``      the last argument, where it is a function
    ``global:posthog``  the one object of that name that a library keeps for the whole process; ``launched:posthog`` what was
                      launched on it
    ``loop``          the running event loop
    ``running``       whether an event loop runs this code: true in a coroutine and what it calls, false in a thread and in a plain
                      handler; not given where the callers differ
    ``init:target``   the argument ``target`` that `self` was constructed with; ``init:app.debug`` that of that argument
                      in turn, ``init:self`` the object whose method made it or whose attribute it is,
                      where an argument was an object, the part after a dot may be what it holds under that name,
                      ``init:kept`` given when it outlives the call that made it (made at import, held by a module, a class
                      or what these hold, or memoised), ``init:served`` when something
                      runs it for ever
    ``above:propagate``  `self`, and the named objects above it, up to the first whose attribute ``propagate`` is false
    ``set:a.b``       the value that the code assigns to ``b`` of the library module or class ``a``
    ``adapter:close``  when what serves the application runs such hooks: see `lint_lambda.knowledge.verbs.AdapterModel`
    a trailing ``[*]`` means the elements of that value, ``[?]`` one of them, ``[~]`` some of them,
                      perhaps none, ``[*][*]`` the elements of those

Conditions
    ``arg:timeout``             given, and not None
    ``arg:wait = false``        equal to a literal (``true``, ``false``, ``none``, a number, or a word)
    ``arg:0|command ~ &$``      its text, as far as it is known, matches a regular expression
    ``arg:0 is a.b.Type``       it is an instance of a library type
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from lint_lambda.core.record import dataclass

Base = Literal[
    "self", "return", "arg", "callback", "init", "loop", "running", "global", "launched", "above", "set", "adapter"
]


@dataclass(frozen=True, slots=True)
class Selector:
    """A parsed selector; `position` is -1 where only a name is given, `name` is empty where only a position is.

    `every`: all positional arguments, from `position` on. `path`: the names under which an argument holds what is meant.
    """

    base: Base
    position: int = -1
    name: str = ""
    every: bool = False
    elements: bool = False
    one: bool = False
    deep: bool = False
    part: bool = False
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition: `op` is ``given``, ``=``, ``!=``, ``~`` or ``is``."""

    selector: Selector
    op: Literal["given", "=", "!=", "~", "is"]
    value: str = ""


SELECTOR = r"^(self|return|loop|running|callback|arg:[\w|*]+\+?(?:\.\w+)*|(?:init|above):[\w.]+|(?:global|launched):[\w.@/:-]+|set:[\w@][\w.@/:-]*\.\w+|adapter:(?:background|close|lifespan))(\[[*?~]\]|\[\*\]\[\*\])?$"
"""What a selector looks like."""

CONDITION = r"^(\S+)(?:\s*(!=|=|~|\bis\b)\s*(.+))?$"
"""What a condition looks like; the first part is a selector."""

_SELECTOR = re.compile(SELECTOR)
_CONDITION = re.compile(CONDITION)


@cache
def parse_selector(text: str) -> Selector:
    """Parse a selector. Raises `ValueError` with the remedy when it is not one."""
    match = _SELECTOR.match(text)
    if match is None:
        raise ValueError(
            f"holds {text!r}, which is not a selector; write self, return, running, callback, arg:NAME, arg:0|NAME, arg:*, init:NAME, "
            "global:NAME, set:MODULE.NAME or adapter:background|close|lifespan"
        )
    head: Any = match.group(1)
    suffix = match.group(2) or ""
    how: Any = {
        "elements": suffix.startswith("[*]"),
        "one": suffix == "[?]",
        "deep": suffix == "[*][*]",
        "part": suffix == "[~]",
    }
    if head in ("self", "return", "loop", "running", "callback"):
        return Selector(head, **how)
    kind: Any = head.partition(":")[0]
    rest: str = head.partition(":")[2]
    if kind in ("init", "global", "launched", "above", "set", "adapter"):
        return Selector(kind, name=rest, **how)
    rest, *path = rest.split(".")
    how["path"] = tuple(path)
    if rest == "*":
        return Selector("arg", every=True, **how)
    if rest.endswith("+"):
        return Selector("arg", position=int(rest[:-1]), every=True, **how)
    first, _, second = rest.partition("|")
    if first.isdigit():
        return Selector("arg", position=int(first), name=second, **how)
    return Selector("arg", name=first, **how)


@cache
def parse_condition(text: str) -> Condition:
    """Parse a condition. Raises `ValueError` with the remedy when it is not one."""
    match = _CONDITION.match(text)
    if match is None:
        raise ValueError(
            f"holds {text!r}, which is not a condition; write SELECTOR, SELECTOR = VALUE or SELECTOR ~ REGEX"
        )
    selector = parse_selector(match.group(1))
    op = match.group(2)
    if op is None:
        return Condition(selector, "given")
    value = match.group(3).strip()
    if op == "~":
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"holds {value!r}, which is not a regular expression: {error}") from error
        return Condition(selector, "~", value)
    if op == "is":
        return Condition(selector, "is", value)
    return Condition(selector, "=" if op == "=" else "!=", value)
