"""What each function of a file mentions, by the interpreter's own parser: enough to tell that a handler gets to no launch.

A function is a piece with all that is nested in it, and so is a method. What is decorated, and methods of classes that something outside may
know, are called by whoever that is.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Union

from lint_lambda.core.mentions import ASYNC, GENERATOR, QUOTED, REFLECTS, Mentions

_Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLAIN_DECORATORS = _names("""
    abstractmethod cache cached_property classmethod contextmanager dataclass deleter final getter lru_cache overload override property
    setter staticmethod total_ordering wraps
""")
"""Those that give what they decorate to nobody else."""
_PLAIN_BASES = _names("ABC Enum Exception Flag Generic IntEnum IntFlag NamedTuple Protocol StrEnum TypedDict object")
_EXCEPTIONS = ("Error", "Exception", "Warning")
_REFLECTION = _names("""
    __dict__ __getattribute__ __import__ __subclasses__ attrgetter dir eval exec getmembers globals import_module import_string
    iter_modules locals locate methodcaller modules vars
""")
"""What finds things by names that need not stand in the code."""
_BY_NAME = frozenset(("getattr", "hasattr", "setattr", "delattr"))
_LONGEST_TEXT = 200
_WORD = re.compile(r"[^\W\d]\w*")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def mentions(source: bytes) -> Mentions | None:
    """What the file's pieces say; None when the interpreter cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    reader = _Reader()
    reader.import_time(tree.body)
    return reader.mentions()


class _Reader:
    """Collects the pieces of one file.

    - `always`, `pieces`, `aliases`: see `Mentions`. `imported`: what imports from elsewhere bind, each with its package.
    """

    def __init__(self) -> None:
        self.always: set[str] = set()
        self.pieces: dict[str, list[frozenset[str]]] = {}
        self.aliases: dict[str, set[str]] = {}
        self.imported: set[tuple[str, str]] = set()

    def mentions(self) -> Mentions:
        said = self.always.union(*(says for pieces in self.pieces.values() for says in pieces))
        # What is imported and never named is imported for what its import does.
        unused = {package for name, package in self.imported if name not in said}
        meant = {name: frozenset(words) for name, words in self.aliases.items()}
        return Mentions(frozenset(self.always | unused), self.pieces, meant)

    def import_time(self, body: Sequence[ast.stmt]) -> None:
        """What runs when a module is imported; functions are pieces of their own."""
        self.always |= self._says(body, self._apart)

    def _apart(self, node: ast.AST) -> bool:
        """Whether a statement has been read as pieces of its own."""
        if isinstance(node, _FUNCTIONS):
            self._function(node, node.name, always=_is_implicit(node.name))
        elif isinstance(node, ast.ClassDef):
            self._class(node)
        else:
            return False
        return True

    def _function(self, node: _Function, name: str, *, always: bool) -> None:
        self.always |= self._says([*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)])
        says = self._says([*node.body, *_annotations(node)])
        if isinstance(node, ast.AsyncFunctionDef):
            says.add(ASYNC)
        if always or not all(map(_is_plain, node.decorator_list)):
            self.always |= says - {GENERATOR}
        else:
            self.pieces.setdefault(name, []).append(frozenset(says))

    def _class(self, node: ast.ClassDef) -> None:
        """Methods run where their names are said, and those that the language calls where the class's is."""
        given = [*node.decorator_list, *node.bases, *(each.value for each in node.keywords)]
        self.always |= self._says(given)
        known = all(map(_is_plain, node.decorator_list)) and all(_last(each) in _PLAIN_BASES for each in node.bases)
        known = known and not node.keywords

        def apart(inner: ast.AST) -> bool:
            if not isinstance(inner, _FUNCTIONS):
                return self._apart(inner)
            self._function(inner, node.name if _is_implicit(inner.name) else inner.name, always=not known)
            return True

        self.always |= self._says(node.body, apart)

    def _says(self, nodes: Iterable[ast.AST], apart: Callable[[ast.AST], bool] | None = None) -> set[str]:
        """Every word of these nodes; statements that `apart` takes are left out. With `apart`, it is what runs at import."""
        found: set[str] = set()
        pending: list[ast.AST] = [*nodes]
        while pending:
            node = pending.pop()
            if apart is not None and isinstance(node, ast.stmt) and apart(node):
                continue
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a docstring
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found.update(self._import(node, at_import=apart is not None))
                continue
            says = _SAYS.get(node.__class__)
            if says is not None:
                says(node, found)
            for name in _inner(node._fields):
                inner = getattr(node, name, None)
                if inner.__class__ is list:
                    pending += [each for each in inner if isinstance(each, ast.AST)]
                elif isinstance(inner, ast.AST):
                    pending.append(inner)
        return found

    def _import(self, node: ast.Import | ast.ImportFrom, *, at_import: bool) -> Iterator[str]:
        """The name that an import binds means all that the import names; of a module's own imports nothing is said yet."""
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        absolute = isinstance(node, ast.Import) or node.level == 0
        for alias in node.names:
            parts = {part for part in (*module.split("."), *alias.name.split(".")) if part not in ("", "*")}
            package = (module or alias.name).split(".")[0]
            name = alias.asname or (alias.name if isinstance(node, ast.ImportFrom) else package)
            if absolute and (name == "*" or not at_import):
                yield from parts
            elif absolute:
                self.imported.add((name, package))
            if name != "*":
                self.aliases.setdefault(name, set()).update(parts - {name})


def _say_name(node: ast.Name, found: set[str]) -> None:
    _say(node.id, found)


def _say_attribute(node: ast.Attribute, found: set[str]) -> None:
    _say(node.attr, found)


def _say(name: str, found: set[str]) -> None:
    found.add(name)
    if name in _REFLECTION:
        found.add(REFLECTS)


def _say_constant(node: ast.Constant, found: set[str]) -> None:
    if isinstance(node.value, str) and len(node.value) < _LONGEST_TEXT:
        found.update([QUOTED + word for word in _WORD.findall(node.value)])


def _say_call(node: ast.Call, found: set[str]) -> None:
    if _last(node.func) in _BY_NAME:
        asked = node.args[1] if len(node.args) > 1 else None
        found.add(str(asked.value) if isinstance(asked, ast.Constant) else REFLECTS)


def _say_defined(node: _Function | ast.ClassDef, found: set[str]) -> None:
    found.add(node.name)
    if isinstance(node, ast.AsyncFunctionDef):
        found.add(ASYNC)


def _say_generator(node: ast.AST, found: set[str]) -> None:
    found.add(GENERATOR)


_SAYS: dict[type, Callable[[Any, set[str]], None]] = {
    ast.Name: _say_name,
    ast.Attribute: _say_attribute,
    ast.Constant: _say_constant,
    ast.Call: _say_call,
    ast.FunctionDef: _say_defined,
    ast.AsyncFunctionDef: _say_defined,
    ast.ClassDef: _say_defined,
    ast.Yield: _say_generator,
    ast.YieldFrom: _say_generator,
}
"""What one node says by itself."""


_SAYS_NOTHING = frozenset(("ctx", "op", "ops", "type_comment"))


@cache
def _inner(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Those fields of a node that may hold other nodes which say something."""
    return tuple(name for name in fields if name not in _SAYS_NOTHING)


def _is_implicit(name: str) -> bool:
    """Whether the language calls functions of this name where the name does not stand."""
    return name.startswith("_") and name.endswith("_")


def _is_plain(decorator: ast.expr) -> bool:
    return _last(decorator) in _PLAIN_DECORATORS


def _annotations(node: _Function) -> Iterator[ast.expr]:
    given = node.args
    for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
        if arg is not None and arg.annotation is not None:
            yield arg.annotation
    if node.returns is not None:
        yield node.returns


def _last(node: ast.expr) -> str:
    """``c`` of ``a.b.c``, ``a.b.c(…)`` and ``a.b.c[…]``; of an exception ``object``; empty when there is none."""
    while isinstance(node, (ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return "object" if name.endswith(_EXCEPTIONS) else name
