"""The names that a finding uses: of functions and handlers, and of the variables that hold a launch.

The latter come from the intermediate representation around the launch, without knowledge of any library or language.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lint_lambda.core import ir, walk
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.record import dataclass
from lint_lambda.core.verdict import Handler
from lint_lambda.knowledge.texts import say

HANDLERS_NAMED = 3
"""Handlers that a message names before it only counts them."""

_STARTERS = frozenset({"start"})
"""Methods that launch the very object they are called on, so that the object is the handle."""

_RECEIVERS = frozenset({"self", "cls", "this"})

_FILLERS = frozenset({"append", "add", "appendleft"})
"""Methods that put a handle into a container."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What the code around a launch calls it; an empty text where it has no name.

    - `handle`: the variable that holds this launch's handle (``t``, ``self._thread``), when there is just one.
    - `group`: the container that holds the handles of several launches.
    - `loops`: whether a loop repeats the launch; `loop`: that loop's site, where it has one.
    """

    handle: str = ""
    group: str = ""
    loops: bool = False
    loop: ir.Site | None = None

    @property
    def owned(self) -> bool:
        """Whether the handle belongs to an object that may outlive the function: an attribute, or the object itself."""
        return "." in self.handle or self.handle in _RECEIVERS


class Bodies:
    """The functions of a program, and the ways to what stands in their bodies."""

    def __init__(self, module: Callable[[str], ir.Module | None]) -> None:
        self._module = module
        self._functions: dict[str, dict[str, ir.Function]] = {}
        self._paths: dict[tuple[str, str], walk.Paths] = {}

    def function(self, path: str, qualname: str) -> ir.Function | None:
        """The function of that qualified name in a file."""
        return self._in_file(path).get(qualname)

    def names(self, path: str) -> list[str]:
        """The qualified names of the functions in a file."""
        return list(self._in_file(path))

    def _in_file(self, path: str) -> dict[str, ir.Function]:
        if path not in self._functions:
            module = self._module(path)
            self._functions[path] = {item.qualname: item for item in reversed(module.functions if module else ())}
        return self._functions[path]

    def way(self, path: str, qualname: str, site: ir.Site) -> list[Any]:
        """The nodes in a function's own body (not in one nested in it) down to the one with that site; empty when it is not there."""
        key = path, qualname
        if key not in self._paths:
            function = self.function(path, qualname)
            self._paths[key] = walk.Paths(() if function is None else function.body)
        return self._paths[key].to(site)


def holding(chain: list[Any]) -> Holding:
    """How a function holds the launch that `chain` leads to. A launch that is not in its body is held by no name."""
    if not chain:
        return Holding()
    handle, group = _names(chain)
    loop = next((node for node in reversed(chain) if isinstance(node, (ir.For, ir.While))), None)
    if loop is None:
        return Holding(handle, group)
    return Holding("", group or _group_in_loop(loop, handle), True, loop.site if isinstance(loop, ir.For) else None)


def _names(chain: list[Any]) -> tuple[str, str]:
    """The names of the handle and of the group, reading outwards from the launch."""
    launch = chain[-1]
    if isinstance(launch, ir.Call) and isinstance(launch.func, ir.Attr) and launch.func.name in _STARTERS:
        return _dotted(launch.func.base), ""
    several = False
    for depth in range(len(chain) - 2, -1, -1):
        node = chain[depth]
        if isinstance(node, (ir.Collection, ir.Comprehension)):
            several = True
        elif isinstance(node, ir.Bind):
            name = _dotted(node.target)
            return ("", name) if several else (name, "")
        elif isinstance(node, ir.Assign):
            return _assigned(node, several)
        elif isinstance(node, ir.Augment):
            return "", _dotted(node.target)
        elif isinstance(node, ir.Call):
            filled = node.func
            return "", _dotted(filled.base) if isinstance(filled, ir.Attr) and filled.name in _FILLERS else ""
        elif not isinstance(node, (ir.Await, ir.Choice, ir.Bool, ir.Spread, ir.Arg)):
            break
    return "", ""


def _assigned(node: ir.Assign, several: bool) -> tuple[str, str]:
    target = node.targets[0]
    if isinstance(target, ir.Unpack):
        return "", ""
    if isinstance(target, ir.Item):
        return "", _dotted(target.base)
    return ("", _dotted(target)) if several else (_dotted(target), "")


def _group_in_loop(loop: ir.For | ir.While, handle: str) -> str:
    """The container that a loop takes `handle` from, or puts it into."""
    if not handle:
        return ""
    if isinstance(loop, ir.For) and isinstance(loop.target, ir.Name) and loop.target.name == handle:
        return _dotted(loop.iterable)
    for node in walk.nodes(loop.body):
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Attr) and node.func.name in _FILLERS:
            if any(_dotted(argument.value) == handle for argument in node.args):
                return _dotted(node.func.base)
    return ""


def _dotted(node: Any) -> str:
    """``t`` or ``self._thread``; empty for anything that is not a plain name."""
    if isinstance(node, ir.Name):
        return node.name.partition("@")[0]  # a comprehension's own variables carry its site after the `@`
    if isinstance(node, ir.Attr):
        base = _dotted(node.base)
        return f"{base}.{node.name}" if base else ""
    return ""


def display(qualname: str) -> str:
    """A function as a sentence names it."""
    if qualname == MODULE_BODY:
        return say("phrases.module")
    parts = [part.partition("#")[0] for part in qualname.split(".") if part != "<locals>"]
    if parts[-1].startswith("<"):  # as front-ends call functions that have no name: `<lambda>`
        return say("phrases.nameless", kind=parts[-1].strip("<>"))
    return f"`{'.'.join(parts)}`"


def name_all(handlers: tuple[Handler, ...]) -> str:
    """The handlers for a sentence; their files are added where names alone do not distinguish them."""
    names = [handler.display_name for handler in handlers]
    most = HANDLERS_NAMED
    if len(set(names)) < len(names):
        names = [str(handler) for handler in handlers]
        most -= 1
    quoted = [f"`{name}`" for name in names]
    if len(quoted) > most:
        quoted[most - 1 :] = [say("phrases.other_handlers", count=len(quoted) - most + 1)]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
