"""Lower one Python file: libcst's tree, walked once by hand, becomes a `lint_lambda.core.ir.Module`.

Expressions are lowered in `expressions`; here are statements, definitions and scopes. The walk numbers the nodes that
a finding may point at; `positions` repeats it over a tree with positions, so spans cost nothing where nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from lint_lambda.core import ir
from lint_lambda.core.errors import NotAnalysed
from lint_lambda.core.names import MODULE_BODY
from lint_lambda.core.source import Span
from lint_lambda.core.text import decode
from lint_lambda.frontends.python import bindings, syntax
from lint_lambda.frontends.python.expressions import ASSIGNMENTS, ExpressionLowering, Scope
from lint_lambda.frontends.python.positions import Positions


def lower(source: bytes, path: str) -> ir.Module:
    """Parse `source` and lower it.

    Raises `SyntaxProblem` when it is not valid Python, and `NotAnalysed` when it goes beyond limits.
    """
    return _Lowering(path, source, lambda node: None).module(syntax.parse(source, path))


def locate(source: bytes, path: str, module: ir.Module | None = None) -> tuple[Span, ...]:
    """The span of every site that `lower` numbers in `source`, indexed by site; `module` is what it made, if that is at hand.

    Raises as `lower` does.
    """
    text = decode(source, path)
    try:
        found = Positions(text, syntax.python_tree(text), _DESCRIPTORS)
    except (SyntaxError, RecursionError, MemoryError):  # the code is of another version than the interpreter
        return _by_libcst(source, path)
    return tuple(found.spans) if found.fit(module or lower(source, path)) else _by_libcst(source, path)


def _by_libcst(source: bytes, path: str) -> tuple[Span, ...]:
    """The same, by libcst's own account of where its nodes stand, which takes as long as parsing."""
    wrapper = MetadataWrapper(syntax.parse(source, path), unsafe_skip_copy=True)
    positions: Mapping[cst.CSTNode, CodeRange] = wrapper.resolve(PositionProvider)
    spans: list[Span] = []

    def record(node: cst.CSTNode) -> None:
        start, end = positions[node].start, positions[node].end
        spans.append(Span(start.line, start.column, end.line, end.column))

    _Lowering(path, source, record).module(wrapper.module)
    return tuple(spans)


class _Lowering(ExpressionLowering):
    """One file's lowering: statements and definitions on top of expressions."""

    def __init__(self, path: str, source: bytes, record: Callable[[cst.CSTNode], None]) -> None:
        super().__init__(b":=" in source, record)
        self.path = path
        self._shares = b"global" in source

    def module(self, tree: cst.Module) -> ir.Module:
        """Lower a whole tree. Raises `NotAnalysed` when it is nested deeper than the interpreter's stack."""
        try:
            site = self.site(tree)
            bound = bindings.of_body(tree.body, self.walrus)
            if self._shares:
                bound.own |= bindings.of_functions(tree.body)
            self.scope = Scope("module", MODULE_BODY, bound, None, tree.body)
            body = self.block(tree.body)
        except RecursionError as error:
            raise NotAnalysed(self.path, "it is nested too deeply") from error
        return ir.whole_module(self.path, "python", body, site, self.functions, self.classes)

    # --- statements ----------------------------------------------------------------------------------------------

    def block(self, statements: Iterable[cst.CSTNode]) -> ir.Block:
        out: list[ir.Stmt] = []
        for statement in statements:
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self._small(small, out)
            else:
                self._compound(statement, out)
        return tuple(out)

    def suite(self, body: cst.BaseSuite) -> ir.Block:
        return self.block(bindings.suite(body))

    def _compound(self, node: cst.CSTNode, out: list[ir.Stmt]) -> None:
        if isinstance(node, cst.FunctionDef):
            self._function_def(node, out)
        elif isinstance(node, cst.ClassDef):
            self._class_def(node, out)
        elif isinstance(node, cst.If):
            out.append(self._if(node))
        elif isinstance(node, cst.For):
            iterable = self.expr(node.iter)
            out.append(
                ir.For(
                    target=self.target(node.target),
                    iterable=iterable,
                    body=self.suite(node.body),
                    orelse=self._else(node.orelse),
                    is_async=node.asynchronous is not None,
                    site=self.site(node.iter),
                )
            )
        elif isinstance(node, cst.While):
            out.append(ir.While(self.expr(node.test), self.suite(node.body), self._else(node.orelse)))
        elif isinstance(node, (cst.Try, cst.TryStar)):
            out.append(self._try(node))
        elif isinstance(node, cst.With):
            items = tuple(
                ir.WithItem(
                    manager=self.expr(item.item),
                    target=None if item.asname is None else self.target(item.asname.name),
                )
                for item in node.items
            )
            site = self.site(node.items[0].item)
            out.append(ir.With(items, self.suite(node.body), node.asynchronous is not None, site))
        elif isinstance(node, cst.Match):
            out.append(self._match(node))
        else:
            self._small(node, out)

    def _small(self, node: cst.CSTNode, out: list[ir.Stmt]) -> None:
        if isinstance(node, cst.Expr):
            if not isinstance(node.value, (cst.SimpleString, cst.Ellipsis)):
                out.append(ir.Eval(self.expr(node.value)))
        elif isinstance(node, cst.Assign):
            value = self.expr(node.value)
            out.append(ir.Assign(tuple(self.target(target.target) for target in node.targets), value))
        elif isinstance(node, cst.AnnAssign):
            value_or_none = None if node.value is None else self.expr(node.value)
            annotation = self.annotation(node.annotation.annotation)
            if self.scope.kind == "class" and isinstance(node.target, cst.Name):
                self.scope.fields.append((node.target.value, annotation))
            out.append(ir.Assign((self.target(node.target),), value_or_none, annotation))
        elif isinstance(node, cst.AugAssign):
            op = ASSIGNMENTS[type(node.operator)]
            value = self.expr(node.value)
            out.append(ir.Augment(self.target(node.target), op, value))
        elif isinstance(node, cst.Return):
            returned = None if node.value is None else self.expr(node.value)
            out.append(ir.Return(returned, self.site(node)))
        elif isinstance(node, cst.Raise):
            raised = None if node.exc is None else self.expr(node.exc)
            out.append(ir.Raise(raised, self.site(node)))
        elif isinstance(node, cst.Assert):
            out.append(ir.Eval(self.expr(node.test)))
        elif isinstance(node, cst.Del):
            elements = node.target.elements if isinstance(node.target, (cst.Tuple, cst.List)) else None
            parts = [node.target] if elements is None else [element.value for element in elements]
            out.append(ir.Delete(tuple(self.target(part) for part in parts)))
        elif isinstance(node, cst.Break):
            out.append(ir.Break())
        elif isinstance(node, cst.Continue):
            out.append(ir.Continue())
        elif isinstance(node, cst.Import):
            for alias in node.names:
                self._import(alias, out)
        elif isinstance(node, cst.ImportFrom):
            self._import_from(node, out)

    def _if(self, node: cst.If) -> ir.If:
        arms: list[tuple[ir.Expr, ir.Block]] = []
        current = node
        while True:
            arms.append((self.expr(current.test), self.suite(current.body)))
            if not isinstance(current.orelse, cst.If):
                break
            current = current.orelse
        orelse = self._else(current.orelse)
        for test, body in reversed(arms):
            orelse = (ir.If(test, body, orelse),)
        only = orelse[0]
        assert isinstance(only, ir.If)
        return only

    def _else(self, node: cst.Else | None) -> ir.Block:
        return () if node is None else self.suite(node.body)

    def _try(self, node: cst.Try | cst.TryStar) -> ir.Try:
        body = self.suite(node.body)
        catches: list[ir.Catch] = []
        for handler in node.handlers:
            types = None if handler.type is None else self.expr(handler.type)
            name = None
            if handler.name is not None and isinstance(handler.name.name, cst.Name):
                name = self.name(handler.name.name.value)
            catches.append(ir.Catch(types, name, self.suite(handler.body)))
        final = () if node.finalbody is None else self.suite(node.finalbody.body)
        return ir.Try(body, tuple(catches), self._else(node.orelse), final)

    def _match(self, node: cst.Match) -> ir.Match:
        subject = self.expr(node.subject)
        cases: list[ir.Case] = []
        for case in node.cases:
            names = tuple(self.name(name) for name in bindings.of_pattern(case.pattern))
            guard = None if case.guard is None else self.expr(case.guard)
            pattern: ir.Expr | None = None
            if isinstance(case.pattern, (cst.MatchValue, cst.MatchSingleton)):
                pattern = self.expr(case.pattern.value)
            wildcard = isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None
            cases.append(ir.Case(pattern, names, guard, self.suite(case.body), wildcard and guard is None))
        return ir.Match(subject, tuple(cases))

    # --- imports -------------------------------------------------------------------------------------------------

    def _import(self, alias: cst.ImportAlias, out: list[ir.Stmt]) -> None:
        dotted = bindings.dotted_name(alias.name)
        module = dotted if alias.asname is not None else dotted.split(".", 1)[0]
        target = self.name(bindings.bound_by_alias(alias, whole_module=True))
        out.append(ir.Import(target, module, None, 0, dotted, self.site(alias)))

    def _import_from(self, node: cst.ImportFrom, out: list[ir.Stmt]) -> None:
        module = "" if node.module is None else bindings.dotted_name(node.module)
        level = len(node.relative)
        if isinstance(node.names, cst.ImportStar):
            out.append(ir.Import(ir.Name("*", self.scope.owner_for_own), module, "*", level, module, self.site(node)))
            return
        for alias in node.names:
            target = self.name(bindings.bound_by_alias(alias, whole_module=False))
            name = bindings.dotted_name(alias.name)
            out.append(ir.Import(target, module, name, level, module, self.site(alias)))

    # --- definitions ---------------------------------------------------------------------------------------------

    def _function_def(self, node: cst.FunctionDef, out: list[ir.Stmt]) -> None:
        binding: str = "function"
        applied: list[tuple[cst.Decorator, ir.Expr]] = []
        decorators: list[ir.Expr] = []
        for decorator in node.decorators:
            lowered = self.expr(decorator.decorator)
            decorators.append(lowered)
            kind = _descriptor(lowered) if self.scope.kind == "class" else None
            if kind is None:
                applied.append((decorator, lowered))
            else:
                binding = kind
        body = bindings.suite(node.body)
        site = self.site(node.name)
        qualname = self.function(
            node.name.value,
            node.params,
            body,
            is_async=node.asynchronous is not None,
            binding=binding,
            decorators=tuple(decorators),
            returns=None if node.returns is None else node.returns.annotation,
            site=site,
        )
        value: ir.Expr = ir.Func(qualname)
        for decorator, lowered in reversed(applied):
            value = ir.Call(lowered, (ir.Arg(value),), self.site(decorator.decorator), decorates=True)
        target = self.name(node.name.value)
        if any(isinstance(decorator, ir.Attr) and decorator.name == "setter" for decorator in decorators):
            value, target = ir.Func(qualname), ir.Name(ir.SETTER.format(node.name.value), ir.LOCAL)
        out.append(ir.Assign((target,), value))

    def _class_def(self, node: cst.ClassDef, out: list[ir.Stmt]) -> None:
        decorators = tuple(self.expr(decorator.decorator) for decorator in node.decorators)
        bases = tuple(self.expr(argument.value) for argument in node.bases)
        options = tuple(
            ir.Arg(self.expr(argument.value), None if argument.keyword is None else argument.keyword.value)
            for argument in node.keywords
        )
        site = self.site(node.name)
        qualname = self.unique(self.scope.child(node.name.value), self.classes)
        outer = self.scope
        body = bindings.suite(node.body)
        self.scope = Scope("class", qualname, bindings.of_body(body, self.walrus), outer, body)
        lowered = self.block(body)
        fields = tuple(self.scope.fields)
        self.scope = outer
        self.classes[qualname] = ir.Class(qualname, bases, lowered, decorators, fields, site, options=options)
        value: ir.Expr = ir.Class_(qualname)
        for decorator, expression in zip(reversed(node.decorators), reversed(decorators)):
            value = ir.Call(expression, (ir.Arg(value),), self.site(decorator.decorator), decorates=True)
        out.append(ir.Assign((self.name(node.name.value),), value))

    def function_body(self, body: Sequence[cst.CSTNode]) -> ir.Block:
        return self.block(body)


_DESCRIPTORS = {
    "property": "property",
    "cached_property": "kept",
    "staticmethod": "static",
    "classmethod": "class",
    "getter": "property",
}


def _descriptor(decorator: ir.Expr) -> str | None:
    """How a class hands out a function so decorated, or None when the decorator is an ordinary call."""
    if isinstance(decorator, ir.Name):
        return _DESCRIPTORS.get(decorator.name)
    if isinstance(decorator, ir.Attr):
        return _DESCRIPTORS.get(decorator.name)
    return None
