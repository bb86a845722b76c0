"""What the expressions of a Python program of infrastructure come to, as far as they are literal.

Nothing is run. Names are followed to their one assignment, in this file or in one that it imports, paths are put together from
``__file__``, and what functions of the program return is put in their place.
"""

from __future__ import annotations

import ast
import warnings
from typing import Protocol

from lint_lambda.core.record import replace
from lint_lambda.deployment import inline
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.model import Inline
from lint_lambda.deployment.python_syntax import (
    Definition,
    Scope,
    assigned,
    attributes,
    dedented,
    dotted,
    formatted,
    join,
    joined,
    last,
    parent,
)
from lint_lambda.deployment.values import PROJECT, SPREAD, Made, Quoted, Unknown, Value, camel, text

DEEPEST = 25
MOST_EXPRESSIONS = 100_000
"""Expressions of one file that are evaluated: a few that double each other come to more than anybody wrote."""
MOST_TURNS = 200
"""Turns of one loop that are followed."""

_PATHS = frozenset(
    {
        "Path",
        "PurePath",
        "PosixPath",
        "str",
        "abspath",
        "realpath",
        "resolve",
        "absolute",
        "as_posix",
        "normpath",
        "fspath",
    }
)
"""Calls that leave a path what it is."""
_SIGNS = {"pardir": "..", "curdir": ".", "sep": "/"}
"""What `os` calls the parts of paths."""


class Program(Protocol):
    """The files that a module may take names from."""

    def imported(self, module: Module, name: str) -> tuple[Module, str] | None:
        """The module that a name is imported from, and its name there; empty for the module itself."""

    def fields(self, module: Module, callee: ast.expr) -> list[str]:
        """The fields of a class of the program that has no constructor of its own (a data class)."""

    def returned(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> Value:
        """What a function of the program returns for a call; None for any other call, and where it cannot be told."""


class Module:
    """One Python file. `functions`: those that it defines, anywhere, by name; `classes` likewise; `imports`: by the name it has
    here, the module that something is imported from, with its level, and the name it has there (empty for a module)."""

    def __init__(self, path: str, files: Files, program: Program) -> None:
        """Raises `SyntaxError` and `ValueError` as Python's parser does."""
        self.path = path
        self.files = files
        self.program = program
        self._left = MOST_EXPRESSIONS
        source = files.text(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the code under analysis: invalid escapes and the like
            self.tree = ast.parse(source)
        self.lines = source.splitlines()
        self.globals = assigned(self.tree.body)
        self._attributes = attributes(self.tree)
        self.functions: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.imports: dict[str, tuple[str, int, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, Definition):
                self.functions.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.ClassDef):
                self.classes.setdefault(node.name, node)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.imports[alias.asname or alias.name] = (node.module or "", node.level, alias.name)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname or "." not in alias.name:
                        self.imports[alias.asname or alias.name] = (alias.name, 0, "")

    @property
    def is_exhausted(self) -> bool:
        """Whether its expressions came to more than are evaluated."""
        return self._left < 0

    # --- expressions -------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr | None, scope: Scope, depth: int = 0) -> Value:
        """What an expression comes to."""
        self._left -= 1
        if node is None or depth > DEEPEST or self._left < 0:
            return None if node is None else Unknown("…")
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name):
            return self._name(node, scope, depth)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return [self.value(element, scope, depth + 1) for element in node.elts]
        if isinstance(node, ast.Dict):
            return self._dict(node, scope, depth)
        if isinstance(node, ast.JoinedStr):
            return self._joined(node, scope, depth)
        if isinstance(node, ast.BinOp):
            return self._operation(node, scope, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, scope, depth)
        if isinstance(node, ast.Subscript):
            return self._item(node, scope, depth)
        if isinstance(node, ast.Call):
            return self._called(node, scope, depth)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
            return self._comprehended(node, scope, depth)
        if isinstance(node, (ast.BoolOp, ast.IfExp)):
            return self._choice(node, scope, depth)
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return self.value(node.value, scope, depth + 1)
        return Unknown(ast.unparse(node)[:60])

    def _choice(self, node: ast.BoolOp | ast.IfExp, scope: Scope, depth: int) -> Value:
        """``a or b`` comes to the first that is known; where a condition decides, both branches have to say the same."""
        if isinstance(node, ast.BoolOp):
            values = [self.value(each, scope, depth + 1) for each in node.values]
            known = [value for value in values if value and not isinstance(value, (Unknown, Made))]
            if isinstance(node.op, ast.Or) and known:
                return known[0]
            return Unknown(ast.unparse(node)[:60])
        test = self.value(node.test, scope, depth + 1)
        then, otherwise = self.value(node.body, scope, depth + 1), self.value(node.orelse, scope, depth + 1)
        if isinstance(test, bool):
            return then if test else otherwise
        return then if then == otherwise else Unknown(ast.unparse(node)[:60])

    def _comprehended(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope, depth: int) -> Value:
        if len(node.generators) != 1 or node.generators[0].ifs:
            return Unknown(ast.unparse(node)[:60])
        turns = self.turns(node.generators[0].target, node.generators[0].iter, scope)
        if not turns:
            return Unknown(ast.unparse(node)[:60])
        return [self.value(node.elt, {**scope, **bound}, depth + 1) for bound in turns]

    def turns(self, target: ast.expr, over: ast.expr, scope: Scope) -> list[Scope]:
        """What a loop over literals binds, turn by turn; nothing where it cannot be told."""
        values = self.value(over, scope)
        if isinstance(values, dict):
            values = list(values)
        if not isinstance(values, list) or len(values) > MOST_TURNS:
            return []
        return [bound for value in values if (bound := _unpacked(target, value)) is not None]

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if isinstance(value, str):
            return Quoted(value, self._place(node, value)) if "\n" in value or "def " in value else value
        return value if isinstance(value, (bool, int, float)) or value is None else Unknown(repr(value)[:60])

    def _place(self, node: ast.Constant, value: str) -> Inline:
        """Where the characters of a literal stand; exact where it is written without escapes."""
        first = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""
        column = len(first.encode()[: node.col_offset].decode("utf-8", "ignore"))
        quote = next((q for q in ('"""', "'''", '"', "'") if first[column:].lstrip("rRuUbBfF").startswith(q)), "")
        start = column + len(first[column:]) - len(first[column:].lstrip("rRuUbBfF")) + len(quote) if quote else column
        parts = value.split("\n")
        raw = [first[start:], *self.lines[node.lineno : node.lineno + len(parts) - 1]]
        if quote and len(raw) == len(parts) and all(line.startswith(part) for line, part in zip(raw, parts)):
            return replace(inline.block(value, node.lineno, [start, *(0 for _ in parts[1:])]), file=self.path)
        return replace(inline.anywhere(value, node.lineno, column), file=self.path)

    def _put_together(self, whole: str, node: ast.expr) -> Quoted:
        """A text that several lines of the program make: each of its lines stands on one of them, if they are as many."""
        last_line = node.end_lineno or node.lineno
        return Quoted(whole, replace(inline.spread(whole, node.lineno, last_line, node.col_offset), file=self.path))

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> Value:
        if node.id == "__file__":
            return PROJECT + self.path
        if node.id not in scope and node.id not in self.globals:
            return self._imported(node.id, "", depth)
        known = scope[node.id] if node.id in scope else self.globals[node.id]
        if isinstance(known, ast.expr):
            outer = {name: value for name, value in scope.items() if name != node.id}
            return self.value(known, outer, depth + 1)
        return known

    def _imported(self, name: str, attribute: str, depth: int) -> Value:
        """A name of another file of the program, or an attribute of one that is imported whole."""
        found = self.program.imported(self, name)
        if found is None:
            return Unknown(f"{name}.{attribute}" if attribute else name)
        other, wanted = found
        wanted = wanted or attribute
        known = other.globals.get(wanted)
        return other.value(known, {}, depth + 1) if isinstance(known, ast.expr) else Unknown(wanted)

    def _dict(self, node: ast.Dict, scope: Scope, depth: int) -> Value:
        found: dict[str, Value] = {}
        for key, value in zip(node.keys, node.values):
            if key is None:
                spread = self.value(value, scope, depth + 1)
                found.update(spread if isinstance(spread, dict) else {})
            elif (name := text(self.value(key, scope, depth + 1))) is not None:
                found[name] = self.value(value, scope, depth + 1)
        return found

    def _joined(self, node: ast.JoinedStr, scope: Scope, depth: int) -> Value:
        parts: list[str] = []
        for part in node.values:
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part, scope, depth + 1)
            known = isinstance(value, (str, int, float)) and not isinstance(value, bool)
            parts.append(f"{value}" if known else "${" + ast.unparse(part).strip("f'\"{}")[:40] + "}")
        whole = "".join(parts)
        if "\n" in whole:
            return self._put_together(whole, node)
        return Unknown(ast.unparse(node)[:60]) if "${" in whole else whole

    def _operation(self, node: ast.BinOp, scope: Scope, depth: int) -> Value:
        left, right = self.value(node.left, scope, depth + 1), self.value(node.right, scope, depth + 1)
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            whole = str(left) + str(right)
            return self._put_together(whole, node) if "\n" in whole else whole
        if isinstance(node.op, ast.Add) and isinstance(left, list) and isinstance(right, list):
            return left + right
        if isinstance(node.op, ast.Div) and isinstance(left, str) and isinstance(right, str):
            return join(left, right)
        if isinstance(node.op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
            return {**left, **right}
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            given = right if isinstance(right, list) else [right]
            if all(isinstance(each, (str, int, float)) for each in given):
                try:
                    return str(left) % tuple(given)
                except (TypeError, ValueError):
                    return Unknown(ast.unparse(node)[:60])
        return Unknown(ast.unparse(node)[:60])

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> Value:
        unknown = Unknown(ast.unparse(node)[:60])
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            own = scope.get(f"self.{node.attr}", self._attributes.get(node.attr))
            return self.value(own, scope, depth + 1) if isinstance(own, ast.expr) else unknown if own is None else own
        if node.attr in _SIGNS and last(node.value) in ("os", "path"):
            return _SIGNS[node.attr]
        if isinstance(node.value, ast.Name) and node.value.id not in scope and node.value.id in self.imports:
            return self._imported(node.value.id, node.attr, depth) if node.value.id in self.imports else unknown
        base = self.value(node.value, scope, depth + 1)
        if node.attr == "parent":
            return parent(base) if isinstance(base, str) else unknown
        if isinstance(base, Made):
            return base.named.get(camel(node.attr), unknown)
        return unknown

    def _item(self, node: ast.Subscript, scope: Scope, depth: int) -> Value:
        key = self.value(node.slice, scope, depth + 1)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "parents" and isinstance(key, int):
            base = self.value(node.value.value, scope, depth + 1)
            for _ in range(key + 1):
                base = parent(base) if isinstance(base, str) else base
            return base
        base = self.value(node.value, scope, depth + 1)
        if isinstance(base, dict) and isinstance(key, str):
            return base.get(key, Unknown(ast.unparse(node)[:60]))
        if isinstance(base, list) and isinstance(key, int) and -len(base) <= key < len(base):
            return base[key]
        return Unknown(ast.unparse(node)[:60])

    def _called(self, node: ast.Call, scope: Scope, depth: int) -> Value:
        name = last(node.func)
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        given = self.program.returned(self, node, scope, depth)
        if given is not None:
            return given
        arguments = [self.value(argument, scope, depth + 1) for argument in node.args]
        if name in _PATHS:
            whole = arguments[0] if arguments else self.value(base, scope, depth + 1) if base is not None else None
            if name in ("Path", "PurePath") and len(arguments) > 1:
                return joined(arguments)
            return whole if isinstance(whole, str) else self.made(node, scope, depth)
        if name == "dirname" and arguments and isinstance(arguments[0], str):
            return parent(arguments[0])
        if name in ("join", "joinpath") and base is not None:
            return self._join(node, base, arguments, scope, depth)
        if name in ("dedent", "cleandoc") and arguments and isinstance(arguments[0], str):
            return dedented(arguments[0])
        if name in ("read", "read_text") and base is not None:
            opened = self.value(base.args[0], scope, depth + 1) if isinstance(base, ast.Call) and base.args else None
            opened = opened if name == "read" and isinstance(opened, str) else self.value(base, scope, depth + 1)
            if isinstance(opened, Made) and opened.last == "open" and opened.arguments:
                opened = opened.arguments[0]  # by the name that `with open(…) as file` gives it
            return (
                Made("read", (opened,), {}, node.lineno) if isinstance(opened, str) else self.made(node, scope, depth)
            )
        if name in ("getcwd", "cwd") and not arguments:
            return "."
        found = self._of_text(name, base, arguments, node, scope, depth) if base is not None else None
        if found is None:
            found = self._of_container(name, base, arguments, node, scope, depth)
        return self.made(node, scope, depth) if found is None else found

    def _of_text(
        self, name: str, base: ast.expr, arguments: list[Value], node: ast.Call, scope: Scope, depth: int
    ) -> Value:
        """A method of a text; None for any other call."""
        if name not in ("strip", "lstrip", "rstrip", "replace", "format", "relative_to", "with_suffix", "substitute"):
            return None
        held = self.value(base, scope, depth + 1)
        if isinstance(held, Made) and held.last == "Template" and name == "substitute" and held.arguments:
            return held.arguments[0]
        if not isinstance(held, str):
            return None
        if name == "format":
            named = {word.arg: self.value(word.value, scope, depth + 1) for word in node.keywords if word.arg}
            whole = formatted(held, arguments, named)
            return self._put_together(whole, node) if whole is not None and "\n" in whole else whole
        if name == "replace" and len(arguments) >= 2 and all(isinstance(each, str) for each in arguments[:2]):
            whole = str(held).replace(str(arguments[0]), str(arguments[1]))
            return whole if "\n" not in whole else held if whole == held else self._put_together(whole, node)
        return held if name != "with_suffix" else None

    def _of_container(
        self, name: str, base: ast.expr | None, arguments: list[Value], node: ast.Call, scope: Scope, depth: int
    ) -> Value:
        """What is looked up in a mapping, or made of other values; None for any other call."""
        if base is not None and name in ("items", "keys", "values", "get", "pop", "copy"):
            held = self.value(base, scope, depth + 1)
            if isinstance(held, dict):
                entries = {key: value for key, value in held.items() if key != SPREAD}
                if name == "items":
                    return [[key, value] for key, value in entries.items()]
                if name in ("keys", "values"):
                    return list(entries) if name == "keys" else list(entries.values())
                if name == "copy":
                    return held
                default: Value = arguments[1] if len(arguments) > 1 else Unknown(ast.unparse(node)[:60])
                return held.get(str(arguments[0]), default) if arguments else None
        if name in ("getenv", "get") and len(arguments) > 1 and "environ" in f"{dotted(node.func)}env":
            return arguments[1] if name == "getenv" or last(base or node) == "environ" else None
        if name == "dict" and base is None:
            named = {word.arg: self.value(word.value, scope, depth + 1) for word in node.keywords if word.arg}
            merged = [self.value(word.value, scope, depth + 1) for word in node.keywords if word.arg is None]
            whole = [*(each for each in arguments if isinstance(each, dict)), *merged, named]
            return {key: value for each in whole if isinstance(each, dict) for key, value in each.items()}
        if base is None and name in ("list", "tuple", "set", "sorted") and len(arguments) == 1:
            return arguments[0] if isinstance(arguments[0], list) else None
        if base is None and name == "enumerate" and arguments and isinstance(arguments[0], list):
            return [[number, value] for number, value in enumerate(arguments[0])]
        if base is None and name == "zip" and arguments and all(isinstance(each, list) for each in arguments):
            return [list(each) for each in zip(*(each for each in arguments if isinstance(each, list)))]
        if base is None and name == "range" and len(arguments) == 1 and isinstance(arguments[0], int):
            return list(range(min(arguments[0], MOST_TURNS)))
        return None

    def _join(self, node: ast.Call, base: ast.expr, arguments: list[Value], scope: Scope, depth: int) -> Value:
        """``os.path.join(…)``, ``path.joinpath(…)``, and ``"\\n".join([…])``."""
        before = self.value(base, scope, depth + 1)
        if isinstance(before, str) and len(arguments) == 1 and isinstance(arguments[0], list):
            parts = [part for part in arguments[0] if isinstance(part, str)]
            if len(parts) == len(arguments[0]):
                return self._put_together(str(before).join(parts), node)
            return Unknown(ast.unparse(node)[:60])
        return joined([before, *arguments] if isinstance(before, str) else arguments)

    def arguments(self, node: ast.Call, scope: Scope, depth: int = 0) -> tuple[list[Value], dict[str, Value]]:
        """What a call is given: by position, and by name."""
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope, depth + 1)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict):
                named.update(value)
            else:
                named[SPREAD] = value
        return [self.value(argument, scope, depth + 1) for argument in node.args], named

    def made(self, node: ast.Call, scope: Scope, depth: int = 0) -> Made:
        """What a call makes."""
        given, named = self.arguments(node, scope, depth)
        for name, value in zip(self.program.fields(self, node.func) if given else (), given):
            named.setdefault(name, value)
        return made_of(node, given, named)


def made_of(node: ast.Call, arguments: list[Value], named: dict[str, Value]) -> Made:
    """What a call makes of these arguments."""
    spelled = {key if key == SPREAD else camel(key): value for key, value in named.items()}
    return Made(dotted(node.func), tuple(arguments), spelled, node.lineno)


def _unpacked(target: ast.expr, value: Value) -> dict[str, ast.expr | Value] | None:
    """What the names of a loop stand for in one turn."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, list) and len(value) == len(target.elts):
        found: dict[str, ast.expr | Value] = {}
        for each, inner in zip(target.elts, value):
            found.update(_unpacked(each, inner) or {})
        return found
    return None
