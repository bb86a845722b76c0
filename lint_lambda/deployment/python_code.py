"""Read programs of infrastructure in Python: what their expressions come to, as far as they are literal.

Nothing is run. Names are followed to their one assignment, paths are put together from ``__file__``, and calls of a function of the
same file are followed by their arguments, so that a loop-free helper that makes functions is understood.
"""

from __future__ import annotations

import ast
import posixpath
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence

from lint_lambda.core.record import dataclass
from lint_lambda.deployment import inline
from lint_lambda.deployment.files import Files, folder
from lint_lambda.deployment.model import Inline
from lint_lambda.deployment.values import PROJECT, SPREAD, Made, Quoted, Unknown, Value, camel, table, text

DEEPEST = 25
MOST_EXPRESSIONS = 100_000
"""Expressions of one file that are evaluated: a few that double each other come to more than anybody wrote."""
MOST_CALLS = 200
"""Calls of one helper that are followed."""

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

Scope = Mapping[str, "ast.expr | Value"]


@dataclass(frozen=True, slots=True)
class Construct:
    """A call that may make a function: what it comes to, and the line it stands on."""

    made: Made
    line: int


class Module:
    """One Python file."""

    def __init__(self, path: str, files: Files) -> None:
        """Raises `SyntaxError` and `ValueError` as Python's parser does."""
        self.path = path
        self.files = files
        self._left = MOST_EXPRESSIONS
        source = files.text(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the code under analysis: invalid escapes and the like
            self.tree = ast.parse(source)
        self.lines = source.splitlines()
        self._globals = _assigned(self.tree.body)
        self._attributes = _attributes(self.tree)
        self._functions: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._functions.setdefault(node.name, []).append(node)

    def constructs(self) -> Iterator[Construct]:
        """Every call with its arguments; one inside a helper once for each call of that."""
        yield from self._within(self.tree, {}, None)

    def _within(
        self, node: ast.AST, scope: Scope, function: ast.FunctionDef | ast.AsyncFunctionDef | None
    ) -> Iterator[Construct]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for bound in self._calls_of(child):
                    yield from self._within(child, {**scope, **_assigned(child.body), **bound}, child)
                continue
            if isinstance(child, ast.For) and (turns := self._turns(child, scope)):
                for bound in turns:
                    for inner in child.body:
                        yield from self._within(
                            ast.Module([inner], []), {**scope, **_assigned(child.body), **bound}, function
                        )
                continue
            if isinstance(child, ast.Call):
                made = self._made(child, scope, 0)
                if made is not None:
                    yield Construct(made, child.lineno)
            yield from self._within(child, scope, function)

    def _turns(self, loop: ast.For, scope: Scope) -> list[Scope]:
        """What a loop over literals binds, turn by turn."""
        values = self.value(loop.iter, scope)
        if isinstance(values, Made) and values.last == "items":
            values = [[key, inner] for key, inner in table(values.named.get("of")).items()]
        if isinstance(values, dict):
            values = list(values)
        if not isinstance(values, list) or len(values) > MOST_CALLS:
            return []
        turns: list[Scope] = []
        for value in values:
            if isinstance(loop.target, ast.Name):
                turns.append({loop.target.id: value})
            elif isinstance(loop.target, ast.Tuple) and isinstance(value, list) and len(value) == len(loop.target.elts):
                turns.append({e.id: v for e, v in zip(loop.target.elts, value) if isinstance(e, ast.Name)})
        return turns

    def _calls_of(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[Scope]:
        """The arguments of each call of a function in this file; those of none are unknown."""
        found: list[Scope] = []
        arguments = function.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        defaults = dict(zip(names[len(names) - len(arguments.defaults) :], arguments.defaults))
        defaults.update({a.arg: d for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None})
        method = bool(names) and names[0] in ("self", "cls")
        for node in ast.walk(self.tree) if function.name != "__init__" and len(names) > method else ():
            if not isinstance(node, ast.Call) or _last(node.func) != function.name or len(found) >= MOST_CALLS:
                continue
            bound: dict[str, ast.expr | Value] = {**defaults}
            bound.update(zip(names[1:] if method else names, node.args))
            bound.update({keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None})
            found.append(
                {
                    name: self.value(each, self._globals) if isinstance(each, ast.expr) else each
                    for name, each in bound.items()
                }
            )
        return found or [{**defaults}]

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
        if isinstance(node, ast.Await):
            return self.value(node.value, scope, depth + 1)
        return Unknown(ast.unparse(node)[:60])

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if isinstance(value, str):
            return Quoted(value, self._place(node, value))
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
            return inline.block(value, node.lineno, [start, *(0 for _ in parts[1:])])
        return inline.anywhere(value, node.lineno, column)

    def _name(self, node: ast.Name, scope: Scope, depth: int) -> Value:
        if node.id == "__file__":
            return PROJECT + self.path
        if node.id not in scope and node.id not in self._globals:
            return Unknown(node.id)
        known = scope[node.id] if node.id in scope else self._globals[node.id]
        if isinstance(known, ast.expr):
            outer = {name: value for name, value in scope.items() if name != node.id}
            return self.value(known, outer, depth + 1)
        return known

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
            if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                return Unknown(ast.unparse(node)[:60])
            parts.append(f"{value}")
        return "".join(parts)

    def _operation(self, node: ast.BinOp, scope: Scope, depth: int) -> Value:
        left, right = self.value(node.left, scope, depth + 1), self.value(node.right, scope, depth + 1)
        if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
            return str(left) + str(right)
        if isinstance(node.op, ast.Add) and isinstance(left, list) and isinstance(right, list):
            return left + right
        if isinstance(node.op, ast.Div) and isinstance(left, str) and isinstance(right, str):
            return _join(left, right)
        return Unknown(ast.unparse(node)[:60])

    def _attribute(self, node: ast.Attribute, scope: Scope, depth: int) -> Value:
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            known = self._attributes.get(node.attr)
            return self.value(known, scope, depth + 1) if known is not None else Unknown(f"self.{node.attr}")
        if node.attr == "parent":
            base = self.value(node.value, scope, depth + 1)
            return _parent(base) if isinstance(base, str) else Unknown(ast.unparse(node)[:60])
        return Unknown(ast.unparse(node)[:60])

    def _item(self, node: ast.Subscript, scope: Scope, depth: int) -> Value:
        key = self.value(node.slice, scope, depth + 1)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "parents" and isinstance(key, int):
            base = self.value(node.value.value, scope, depth + 1)
            for _ in range(key + 1):
                base = _parent(base) if isinstance(base, str) else base
            return base
        base = self.value(node.value, scope, depth + 1)
        if isinstance(base, dict) and isinstance(key, str):
            return base.get(key, Unknown(ast.unparse(node)[:60]))
        if isinstance(base, list) and isinstance(key, int) and -len(base) <= key < len(base):
            return base[key]
        return Unknown(ast.unparse(node)[:60])

    def _called(self, node: ast.Call, scope: Scope, depth: int) -> Value:
        name = _last(node.func)
        base = node.func.value if isinstance(node.func, ast.Attribute) else None
        arguments = [self.value(argument, scope, depth + 1) for argument in node.args]
        if name in _PATHS:
            whole = arguments[0] if arguments else self.value(base, scope, depth + 1) if base is not None else None
            if name in ("Path", "PurePath") and len(arguments) > 1:
                return _joined(arguments)
            return whole if isinstance(whole, str) else self._made(node, scope, depth)
        if name == "dirname" and arguments and isinstance(arguments[0], str):
            return _parent(arguments[0])
        if name in ("join", "joinpath") and base is not None:
            return self._join(node, base, arguments, scope, depth)
        if name in ("dedent", "cleandoc") and arguments and isinstance(arguments[0], str):
            return _dedented(arguments[0])
        if name in ("read", "read_text") and base is not None:
            opened = self.value(base.args[0], scope, depth + 1) if isinstance(base, ast.Call) and base.args else None
            opened = opened if name == "read" and isinstance(opened, str) else self.value(base, scope, depth + 1)
            if isinstance(opened, Made) and opened.last == "open" and opened.arguments:
                opened = opened.arguments[0]  # by the name that `with open(…) as file` gives it
            return (
                Made("read", (opened,), {}, node.lineno) if isinstance(opened, str) else self._made(node, scope, depth)
            )
        if name in ("getcwd", "cwd") and not arguments:
            return "."
        if name in ("strip", "lstrip", "rstrip") and base is not None and not arguments:
            return self.value(base, scope, depth + 1)
        if name == "items" and base is not None:
            return Made("items", (), {"of": self.value(base, scope, depth + 1)}, node.lineno)
        if name == "dict" and base is None:
            return {
                keyword.arg: self.value(keyword.value, scope, depth + 1) for keyword in node.keywords if keyword.arg
            }
        return self._made(node, scope, depth)

    def _join(self, node: ast.Call, base: ast.expr, arguments: list[Value], scope: Scope, depth: int) -> Value:
        """``os.path.join(…)``, ``path.joinpath(…)``, and ``"\\n".join([…])``."""
        before = self.value(base, scope, depth + 1)
        if isinstance(before, str) and len(arguments) == 1 and isinstance(arguments[0], list):
            parts = [part for part in arguments[0] if isinstance(part, str)]
            if len(parts) == len(arguments[0]):
                return Quoted(str(before).join(parts), inline.anywhere(str(before).join(parts), node.lineno, 0))
            return Unknown(ast.unparse(node)[:60])
        return _joined([before, *arguments] if isinstance(before, str) else arguments)

    def _made(self, node: ast.Call, scope: Scope, depth: int) -> Made | None:
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope, depth + 1)
            if keyword.arg is not None:
                named[camel(keyword.arg)] = value
            elif isinstance(value, dict):
                named.update({camel(key): inner for key, inner in value.items()})
            else:
                named[SPREAD] = value
        arguments = tuple(self.value(argument, scope, depth + 1) for argument in node.args)
        return Made(_dotted(node.func), arguments, named, node.lineno)


def _assigned(body: Sequence[ast.stmt]) -> dict[str, ast.expr | Value]:
    """Names that are given one value, wherever that is among the statements of a body."""
    found: dict[str, ast.expr | Value] = {}
    twice: set[str] = set()
    pending = list(body)
    while pending:
        statement = pending.pop(0)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for field in ("body", "orelse", "finalbody"):
            pending += getattr(statement, field, ())
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        elif isinstance(statement, ast.With):
            for item in statement.items:
                if isinstance(item.optional_vars, ast.Name):
                    found[item.optional_vars.id] = item.context_expr
            continue
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                twice |= {target.id} & found.keys()
                found[target.id] = value
    for name in twice:
        del found[name]
    return found


def _attributes(tree: ast.Module) -> dict[str, ast.expr]:
    """Attributes of `self` that are given one value in the whole file, and of classes."""
    found: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == "self"
                ):
                    twice |= {target.attr} & found.keys()
                    found[target.attr] = node.value
        elif isinstance(node, ast.ClassDef):
            for name, value in _assigned(node.body).items():
                if isinstance(value, ast.expr):
                    twice |= {name} & found.keys()
                    found[name] = value
    return {name: value for name, value in found.items() if name not in twice}


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _join(left: str, right: str) -> str:
    if left.startswith(PROJECT):
        inside = posixpath.normpath(posixpath.join("/", left[len(PROJECT) :], right))
        return PROJECT + inside.lstrip("/")
    return posixpath.normpath(posixpath.join(left, right)) if left else right


def _joined(parts: Sequence[Value]) -> Value:
    whole = ""
    for part in parts:
        if not isinstance(part, str):
            return Unknown("a path that is put together")
        whole = _join(whole, part) if whole else part
    return whole


def _parent(path: str) -> str:
    if path.startswith(PROJECT):
        return PROJECT + folder(path[len(PROJECT) :])
    return posixpath.dirname(path) or "."


def _dedented(value: str) -> Value:
    """A text without its common indentation, its places moved along."""
    whole = textwrap.dedent(value)
    place = value.inline if isinstance(value, Quoted) else None
    before, after = value.split("\n"), whole.split("\n")
    if place is None or len(before) != len(after):
        return whole
    lines = []
    for old, new, (line, columns) in zip(before, after, place.lines):
        cut = len(old) - len(new) if old.endswith(new) else 0
        lines.append((line, columns[cut:] or columns[-1:]))
    return Quoted(whole, Inline(whole, tuple(lines), place.exact))
