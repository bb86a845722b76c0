"""Where the sites of a lowered file stand, by the interpreter's own parser, which is a dozen times faster than libcst.

`lower` numbers nodes in the order of its walk; here the same walk goes over the tree of `ast`. Each site is told together
with what stands there, so that two walks that disagree are found out (`Positions.fit`).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lint_lambda.core import ir, walk
from lint_lambda.core.source import Span
from lint_lambda.frontends.python.syntax import python_expression

_LINE_END = re.compile(r"\r\n|\r|\n")
_DEFINED = re.compile(r"(?:async[ \t\f]+)?(?:def|class)[ \t\f]+(\w+)")
_DESCRIPTORS = frozenset({"property", "cached_property", "staticmethod", "classmethod", "getter"})
_F_STRINGS_ARE_EXACT = sys.version_info >= (3, 12)


class Positions:
    """The sites of one file. `spans` and `said` (what stands there, as `_said` puts it) are in their order."""

    def __init__(self, text: str, tree: ast.Module, descriptors: Mapping[str, str]) -> None:
        self.spans: list[Span] = []
        self.said: list[str] = []
        self._lines = _LINE_END.split(text)
        self._descriptors = descriptors
        self._whole: Span | None = None
        """The span of the text (an annotation, an f-string) in which nodes have no place of their own."""
        self._f_string = False
        self._in_class = False
        end = len(self._lines)
        self._record(Span(1, 0, end, len(self._lines[-1])), "Function")
        self._block(tree.body)

    def fit(self, module: ir.Module) -> bool:
        """Whether these are the sites of that module."""
        for definition in (*module.functions, *module.classes):
            for node in walk.nodes(definition):
                site = getattr(node, "site", None)
                if site is not None and not (site < len(self.said) and self.said[site] in ("", _said(node))):
                    return False
        return True

    # --- recording -----------------------------------------------------------------------------------------------

    def _record(self, span: Span, said: str) -> None:
        self.spans.append(span)
        self.said.append(said)

    def _site(self, node: Any, said: str) -> None:
        self._record(self._span(node), said)

    def _span(self, node: Any) -> Span:
        if self._whole is not None:
            return self._in_f_string(node) or self._whole
        first, last = self._lines[node.lineno - 1], self._lines[node.end_lineno - 1]
        span = Span(node.lineno, _column(first, node.col_offset), node.end_lineno, _column(last, node.end_col_offset))
        if isinstance(node, ast.GeneratorExp) or (isinstance(node, ast.Tuple) and self._has_own_brackets(node)):
            return self._inside(span)
        return span

    def _inside(self, span: Span) -> Span:
        """What stands in the brackets of `span`: to libcst, they are none of a tuple's own."""
        line, column = span.line, span.column + 1
        while line < span.end_line and not self._lines[line - 1][column:].strip(" \t\f\\"):
            line, column = line + 1, 0
        column += len(self._lines[line - 1][column:]) - len(self._lines[line - 1][column:].lstrip(" \t\f"))
        end_line, end = span.end_line, span.end_column - 1
        while end_line > line and not self._lines[end_line - 1][:end].strip(" \t\f\\"):
            end_line, end = end_line - 1, len(self._lines[end_line - 2])
        end = len(self._lines[end_line - 1][:end].rstrip(" \t\f"))
        return Span(line, column, end_line, end) if (line, column) < (end_line, end) else span

    def _in_f_string(self, node: Any) -> Span | None:
        """The place of a node in an f-string. Before Python 3.12 the parser told wrong ones, as the text there shows."""
        if not self._f_string:
            return None
        line = self._lines[node.lineno - 1] if node.lineno <= len(self._lines) else ""
        start, end = _column(line, node.col_offset), _column(line, node.end_col_offset)
        last = f".{node.attr}" if isinstance(node, ast.Attribute) else ")" if isinstance(node, ast.Call) else "\n"
        right = node.lineno == node.end_lineno and line[start:end].endswith(last) and line[start - 1 : start] in "{( ,["
        return Span(node.lineno, start, node.end_lineno, end) if right else None

    def _name_site(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, said: str) -> None:
        span = self._span(node)
        match = _DEFINED.match(self._lines[span.line - 1], span.column)
        if match is not None:
            span = Span(span.line, match.start(1), span.line, match.end(1))
        self._record(span, said)

    # --- statements ----------------------------------------------------------------------------------------------

    def _block(self, body: Sequence[ast.stmt]) -> None:
        for statement in body:
            handle = _STATEMENTS.get(type(statement))
            if handle is not None:
                handle(self, statement)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for decorator in node.decorator_list:
            self._expr(decorator)
        self._name_site(node, "Function")
        self._parameters(node.args)
        self._annotation(node.returns)
        outer, self._in_class = self._in_class, False
        self._block(node.body)
        self._in_class = outer
        for decorator in reversed(node.decorator_list):
            if not (self._in_class and getattr(decorator, "attr", getattr(decorator, "id", "")) in self._descriptors):
                self._site(decorator, "Call")

    def _class(self, node: ast.ClassDef) -> None:
        for expression in (*node.decorator_list, *node.bases, *(each.value for each in node.keywords)):
            self._expr(_plain(expression))
        self._name_site(node, "Class")
        outer, self._in_class = self._in_class, True
        self._block(node.body)
        self._in_class = outer
        for decorator in reversed(node.decorator_list):
            self._site(decorator, "Call")

    def _if(self, node: ast.If) -> None:
        current = node
        while True:
            self._expr(current.test)
            self._block(current.body)
            if len(current.orelse) != 1 or not isinstance(current.orelse[0], ast.If):
                break
            current = current.orelse[0]
        self._block(current.orelse)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self._expr(node.iter)
        self._target(node.target)
        self._block(node.body)
        self._block(node.orelse)
        self._site(node.iter, "For")

    def _while(self, node: ast.While) -> None:
        self._expr(node.test)
        self._block(node.body)
        self._block(node.orelse)

    def _try(self, node: Any) -> None:
        self._block(node.body)
        for handler in node.handlers:
            self._expr(handler.type)
            self._block(handler.body)
        self._block(node.finalbody)
        self._block(node.orelse)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self._expr(item.context_expr)
            if item.optional_vars is not None:
                self._target(item.optional_vars)
        self._site(node.items[0].context_expr, "With")
        self._block(node.body)

    def _match(self, node: ast.Match) -> None:
        self._expr(node.subject)
        for case in node.cases:
            self._expr(case.guard)
            if isinstance(case.pattern, ast.MatchValue):
                self._expr(case.pattern.value)
            self._block(case.body)

    def _assign(self, node: ast.Assign) -> None:
        self._expr(node.value)
        for target in node.targets:
            self._target(target)

    def _ann_assign(self, node: ast.AnnAssign) -> None:
        self._expr(node.value)
        self._annotation(node.annotation)
        self._target(node.target)

    def _aug_assign(self, node: ast.AugAssign) -> None:
        self._expr(node.value)
        self._target(node.target)

    def _return(self, node: ast.Return) -> None:
        self._expr(node.value)
        self._site(node, "Return")

    def _raise(self, node: ast.Raise) -> None:
        self._expr(node.exc)
        self._site(node, "Raise")

    def _delete(self, node: ast.Delete) -> None:
        only = node.targets[0]
        for target in only.elts if len(node.targets) == 1 and isinstance(only, (ast.Tuple, ast.List)) else node.targets:
            self._target(target)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self._site(node if alias.name == "*" else alias, "Import")

    # --- expressions ---------------------------------------------------------------------------------------------

    def _expr(self, node: ast.expr | None) -> None:
        if node is not None and (handle := _EXPRESSIONS.get(type(node))) is not None:
            handle(self, node)

    def _annotation(self, node: ast.expr | None) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                said = python_expression(node.value)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return
            self._whole = self._span(node)
            self._expr(said)
            self._whole = None
        elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            indices = self._indices(node.slice)
            if len(indices) != 1:
                self._subscript(node)
                return
            self._expr(node.value)
            self._annotation(indices[0])
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            self._annotation(node.left)
            self._annotation(node.right)
        else:
            self._expr(node)

    def _target(self, node: ast.expr) -> None:
        if isinstance(node, ast.Attribute):
            self._attribute(node)
        elif isinstance(node, ast.Subscript):
            self._subscript(node)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self._target(_plain(element))

    def _attribute(self, node: ast.Attribute) -> None:
        self._expr(node.value)
        self._site(node, f"Attr {node.attr}")

    def _call(self, node: ast.Call) -> None:
        self._expr(node.func)
        given = [(each.lineno, each.col_offset, _plain(each)) for each in node.args]
        if node.keywords:
            given += [(each.lineno, each.col_offset, each.value) for each in node.keywords]
            given.sort(key=lambda each: each[:2])
        for _, _, value in given:
            self._expr(value)
        self._site(node, "Call")

    def _formatted(self, node: ast.JoinedStr) -> None:
        outer = self._whole
        if not _F_STRINGS_ARE_EXACT and outer is None:
            self._whole, self._f_string = self._span(node), True
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self._expr(part.value)
        if outer is None:
            self._whole, self._f_string = None, False
        self._site(node, "Concat")

    def _subscript(self, node: ast.Subscript) -> None:
        self._expr(node.value)
        self._expr(_plain(self._indices(node.slice)[-1]))

    def _indices(self, index: ast.expr) -> list[ast.expr]:
        """What stands in brackets, one by one; a tuple in brackets of its own is one."""
        if not isinstance(index, ast.Tuple) or self._has_own_brackets(index):
            return [index]
        return index.elts

    def _has_own_brackets(self, node: ast.Tuple) -> bool:
        if not node.elts:
            return True
        first = node.elts[0]
        opened = self._between(node.lineno, node.col_offset, first.lineno, first.col_offset).count("(")
        last = node.elts[1] if len(node.elts) > 1 else None
        line, column = (node.end_lineno, node.end_col_offset) if last is None else (last.lineno, last.col_offset)
        behind = self._between(first.end_lineno or 0, first.end_col_offset or 0, line or 0, column or 0)
        return opened > behind.partition(",")[0].count(")")

    def _between(self, line: int, column: int, end_line: int, end_column: int) -> str:
        lines = [text.encode() for text in self._lines[line - 1 : end_line]]
        lines[-1] = lines[-1][:end_column]
        lines[0] = lines[0][column:]
        return b"\n".join(lines).decode(errors="replace")

    def _await(self, node: ast.Await) -> None:
        self._expr(node.value)
        self._site(node, "Await")

    def _each(self, node: ast.expr) -> None:
        """The parts, in source order, of what has no site of its own."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._expr(child)

    def _binary(self, node: ast.BinOp) -> None:
        spine = [node]
        while isinstance(spine[-1].left, ast.BinOp):
            spine.append(spine[-1].left)
        self._expr(spine[-1].left)
        for number in range(len(spine) - 1, -1, -1):
            each = spine[number]
            self._expr(each.right)
            merged = number > 0 and isinstance(each.op, ast.Add) and isinstance(spine[number - 1].op, ast.Add)
            if isinstance(each.op, (ast.Add, ast.Mod, ast.Sub, ast.BitAnd)) and not merged:
                self._site(each, "Concat")

    def _lambda(self, node: ast.Lambda) -> None:
        self._site(node, "Function")
        self._parameters(node.args)
        self._expr(node.body)
        self._site(node.body, "Return")

    def _parameters(self, given: ast.arguments) -> None:
        positional = [*given.posonlyargs, *given.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
        defaults += given.defaults
        pairs = list(zip(positional, defaults))
        if given.vararg is not None:
            pairs.append((given.vararg, None))
        pairs += zip(given.kwonlyargs, given.kw_defaults)
        if given.kwarg is not None:
            pairs.append((given.kwarg, None))
        for parameter, default in pairs:
            self._expr(default)
            self._annotation(parameter.annotation)

    def _elements(self, node: ast.List | ast.Tuple | ast.Set) -> None:
        for element in node.elts:
            self._expr(_plain(element))
        self._site(node, "Collection")

    def _dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values):
            self._expr(key)
            self._expr(value)
        self._site(node, "Collection")

    def _comprehension(self, node: Any) -> None:
        self._site(node, "Comprehension")
        for clause in node.generators:
            self._expr(clause.iter)
            self._target(clause.target)
            for condition in clause.ifs:
                self._expr(condition)
        if isinstance(node, ast.DictComp):
            self._expr(node.key)
            self._expr(node.value)
        else:
            self._expr(node.elt)

    def _named(self, node: ast.NamedExpr) -> None:
        self._expr(node.value)
        self._target(node.target)

    def _yield(self, node: ast.Yield | ast.YieldFrom) -> None:
        self._expr(node.value)
        self._site(node, "Yield")

    def _choice(self, node: ast.IfExp) -> None:
        self._expr(node.test)
        self._expr(node.body)
        self._expr(node.orelse)


def _said(node: Any) -> str:
    return f"Attr {node.name}" if type(node) is ir.Attr else type(node).__name__


def _plain(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Starred) else node


def _column(line: str, offset: int) -> int:
    """A column in characters, from one in bytes of UTF-8."""
    return offset if line.isascii() else len(line.encode()[:offset].decode(errors="replace"))


_Handle = Callable[[Positions, Any], None]
_STATEMENTS: dict[type[ast.AST], _Handle] = {
    ast.FunctionDef: Positions._function,
    ast.AsyncFunctionDef: Positions._function,
    ast.ClassDef: Positions._class,
    ast.If: Positions._if,
    ast.For: Positions._for,
    ast.AsyncFor: Positions._for,
    ast.While: Positions._while,
    ast.Try: Positions._try,
    ast.With: Positions._with,
    ast.AsyncWith: Positions._with,
    ast.Match: Positions._match,
    ast.Expr: lambda self, node: self._expr(node.value),
    ast.Assign: Positions._assign,
    ast.AnnAssign: Positions._ann_assign,
    ast.AugAssign: Positions._aug_assign,
    ast.Return: Positions._return,
    ast.Raise: Positions._raise,
    ast.Assert: lambda self, node: self._expr(node.test),
    ast.Delete: Positions._delete,
    ast.Import: Positions._import,
    ast.ImportFrom: Positions._import,
}
if sys.version_info >= (3, 11):
    _STATEMENTS[ast.TryStar] = Positions._try
_EXPRESSIONS: dict[type[ast.AST], _Handle] = {
    ast.Attribute: Positions._attribute,
    ast.Call: Positions._call,
    ast.JoinedStr: Positions._formatted,
    ast.Subscript: Positions._subscript,
    ast.Await: Positions._await,
    ast.BoolOp: Positions._each,
    ast.UnaryOp: Positions._each,
    ast.Compare: Positions._each,
    ast.BinOp: Positions._binary,
    ast.IfExp: Positions._choice,
    ast.Lambda: Positions._lambda,
    ast.List: Positions._elements,
    ast.Tuple: Positions._elements,
    ast.Set: Positions._elements,
    ast.Dict: Positions._dict,
    ast.ListComp: Positions._comprehension,
    ast.SetComp: Positions._comprehension,
    ast.GeneratorExp: Positions._comprehension,
    ast.DictComp: Positions._comprehension,
    ast.NamedExpr: Positions._named,
    ast.Yield: Positions._yield,
    ast.YieldFrom: Positions._yield,
}
