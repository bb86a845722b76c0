"""Lower one JavaScript or TypeScript file: tree-sitter's tree, walked once by hand, becomes a `lint_lambda.core.ir.Module`.

Here are statements; expressions, functions, classes and modules are lowered in files of their own. What cannot be parsed costs the
statement that it stands in. The walk numbers the nodes that a finding may point at; `locate` repeats it and notes their places.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lint_lambda.core import ir
from lint_lambda.core.errors import NotAnalysed, SyntaxProblem
from lint_lambda.core.source import Span
from lint_lambda.core.text import refuse_wide
from lint_lambda.frontends.javascript import scopes, syntax
from lint_lambda.frontends.javascript.loops import LoopLowering
from lint_lambda.frontends.javascript.syntax import field, has, inner, text

if TYPE_CHECKING:
    from tree_sitter import Node

LANGUAGE = "javascript"
_TRUE = ir.Const(True)


def lower(source: bytes, path: str) -> ir.Module:
    """Parse `source` and lower it. Raises `SyntaxProblem` when it is surely wrong, `NotAnalysed` when it goes beyond limits."""
    refuse_wide(source, path)
    root = syntax.parse(source, path)
    found = syntax.wrong(root, source)
    if found is not None:
        line, column, hint = found
        language = "TypeScript" if path.endswith(syntax.TYPESCRIPT) else "JavaScript"
        raise SyntaxProblem(path, line + 1, column, f"this file is not valid {language}", hint)
    return _Lowering(path, source, lambda node: None).module(root)


def locate(source: bytes, path: str) -> tuple[Span, ...]:
    """The span of every site that `lower` numbers in `source`, indexed by site. Raises as `lower` does."""
    lines = source.split(b"\n")
    spans: list[Span] = []

    def column(row: int, offset: int) -> int:
        line = lines[row][:offset] if row < len(lines) else b""
        return offset if line.isascii() else len(line.decode("utf-8", "replace"))

    def record(node: Node) -> None:
        start, end = node.start_point, node.end_point
        spans.append(Span(start.row + 1, column(start.row, start.column), end.row + 1, column(end.row, end.column)))

    _Lowering(path, source, record).module(syntax.parse(source, path))
    return tuple(spans)


class _Lowering(LoopLowering):
    """One file's lowering: statements on top of everything else."""

    def __init__(self, path: str, source: bytes, record: Callable[[Node], None]) -> None:
        super().__init__(record)
        self.path = path
        self.source = source
        self.statements = {
            "expression_statement": self._expression,
            "variable_declaration": self._declaration,
            "lexical_declaration": self._declaration,
            "function_declaration": lambda node, out: None,  # it is hoisted
            "generator_function_declaration": lambda node, out: None,
            "class_declaration": self._class,
            "abstract_class_declaration": self._class,
            "interface_declaration": self._interface,
            "return_statement": self._return,
            "throw_statement": self._throw,
            "if_statement": self._if,
            "for_statement": self.for_,
            "for_in_statement": self.for_in_,
            "while_statement": self.while_,
            "do_statement": self.do_,
            "try_statement": self._try,
            "switch_statement": self._switch,
            "labeled_statement": self.labelled_,
            "break_statement": self._break,
            "continue_statement": self._continue,
            "statement_block": lambda node, out: out.extend(self.scoped(node)),
            "import_statement": self.import_statement,
            "export_statement": self.export_statement,
            "enum_declaration": self._enum,
            "internal_module": self._namespace,
            "module": self._namespace,
            "ERROR": self._broken,
        }

    def module(self, tree: Node) -> ir.Module:
        """Lower a whole tree. Raises `NotAnalysed` when it is nested deeper than the interpreter's stack."""
        statements = self.children(tree)
        site = self.site(tree)
        try:
            self.find_prototypes(self.source)
            for name in self.given_otherwise(statements, self.source):
                self.exports.add(name)
                self.scope.taken.add(name)
            for name in scopes.hoisted(statements):
                self.scope.declare(name)
            body = self.block(statements)
        except RecursionError as error:
            raise NotAnalysed(self.path, "it is nested too deeply") from error
        return ir.whole_module(self.path, LANGUAGE, body, site, self.functions, self.classes)

    # --- blocks ------------------------------------------------------------------------------------------------------

    def block(self, statements: Sequence[Node]) -> ir.Block:
        """Lower the statements of a block whose names belong to the innermost block of the scope."""
        for name in scopes.declared(statements):
            self.scope.declare(name)
        before, self.before = self.before, []
        out: list[ir.Stmt] = []
        for statement in statements:
            self._hoist(statement, out)
        for position, statement in enumerate(statements):
            if scopes.using(statement):
                self._using(statement, statements[position + 1 :], out)
                break
            self.statement(statement, out)
        self.before = before
        return tuple(out)

    def scoped(self, node: Node | None) -> ir.Block:
        """A block, or the one statement that stands in the place of one."""
        if node is None:
            return ()
        self.scope.blocks.append({})
        lowered = self.block(self.children(node) if node.type in ("statement_block", "else_clause") else [node])
        self.scope.blocks.pop()
        return lowered

    def _hoist(self, statement: Node, out: list[ir.Stmt]) -> None:
        """Function declarations count from the beginning of their block."""
        if statement.type == "export_statement":
            inside = field(statement, "declaration")
            if inside is None:
                return
            statement = inside
        if statement.type in ("function_declaration", "generator_function_declaration"):
            name = text(field(statement, "name"))
            if name:
                out.append(ir.Assign((self.name(name),), self.function_value(statement, name)))

    def statement(self, node: Node, out: list[ir.Stmt]) -> None:
        """Lower one statement; what has to run before it is put before it."""
        lowering = self.statements.get(node.type)
        if lowering is None:
            return
        made: list[ir.Stmt] = []
        lowering(node, made)
        out += self.before
        self.before = []
        out += made

    def _broken(self, node: Node, out: list[ir.Stmt]) -> None:
        """What could not be parsed: the statements that are whole in it count."""
        for child in self.children(node):
            if child.type in self.statements:
                self.statement(child, out)

    # --- simple statements -------------------------------------------------------------------------------------------

    def _expression(self, node: Node, out: list[ir.Stmt]) -> None:
        parts = self.children(node)
        value = inner(parts[0]) if parts else None
        if value is None or value.type == "string":
            return
        if value.type == "assignment_expression":
            self._assign(value, out)
        elif self.is_assigned_to_prototype(value):
            out += self.prototype_members(value)
        elif value.type in self.statements:
            self.statement(value, out)
        else:
            lowered = self.expr(value)
            if isinstance(lowered, ir.Bind):
                out.append(ir.Assign((lowered.target,), lowered.value))
            else:
                out.append(ir.Eval(lowered))

    def _assign(self, node: Node, out: list[ir.Stmt]) -> None:
        left, right = inner(field(node, "left")), field(node, "right")
        if left is not None and self.is_exports(left) and left.type == "member_expression":
            self.export_all(right, out)
            return
        members = self.on_prototype(left, right)
        if members:
            out += members
            return
        value = self.expr(self.named(right, left))
        targets: list[ir.Target] = []
        while isinstance(value, ir.Bind):  # a = b = c
            targets.append(value.target)
            value = value.value
        if left is not None and left.type in ("object_pattern", "array_pattern"):
            self.bind(left, value, out)
        else:
            out.append(ir.Assign((*reversed(targets), self.target(left)), value))

    def _declaration(self, node: Node, out: list[ir.Stmt]) -> None:
        for declarator in node.named_children:
            if declarator.type != "variable_declarator":
                continue
            name, value = field(declarator, "name"), field(declarator, "value")
            if value is None:
                if name is not None and node.type == "lexical_declaration":
                    out.append(ir.Assign((self.target(name),), ir.Const(None)))
                continue
            lowered = self.expr(self.named(value, name))
            self.called = ""
            out += self.before
            self.before = []
            self.bind(name, lowered, out)
            bound = out[-1]
            if isinstance(lowered, ir.Func) and isinstance(bound, ir.Assign):  # it may say who calls the function
                out[-1] = ir.Assign(bound.targets, bound.value, self.annotation(field(declarator, "type")))

    def _class(self, node: Node, out: list[ir.Stmt]) -> None:
        name = text(field(node, "name"))
        value = self.class_(node, name, ())
        out.append(ir.Assign((self.name(name),), value))

    def _interface(self, node: Node, out: list[ir.Stmt]) -> None:
        """It comes first: a value of the same name stands beside it, and is what code means."""
        out.insert(0, ir.Assign((self.name(text(field(node, "name"))),), self.interface(node)))

    def _return(self, node: Node, out: list[ir.Stmt]) -> None:
        parts = self.children(node)
        out.append(ir.Return(self.expr(parts[0]) if parts else None, self.site(node)))

    def _throw(self, node: Node, out: list[ir.Stmt]) -> None:
        out.append(ir.Raise(self.only(node), self.site(node)))

    def _break(self, node: Node, out: list[ir.Stmt]) -> None:
        label = text(field(node, "label"))
        out.append(ir.Break(f"{label}:" if label else self.labels[-1] if self.labels else ""))

    def _continue(self, node: Node, out: list[ir.Stmt]) -> None:
        label = text(field(node, "label"))
        turn = f"{label}:turn" if label else self.turns[-1] if self.turns else ""
        out.append(ir.Break(turn) if turn else ir.Continue())

    # --- branches ----------------------------------------------------------------------------------------------------

    def _if(self, node: Node, out: list[ir.Stmt]) -> None:
        arms: list[tuple[ir.Expr, ir.Block]] = []
        current: Node | None = node
        orelse: ir.Block = ()
        while current is not None:
            condition = field(current, "condition")
            test = self.expr(condition)
            if len(arms) == 0:
                out += self.before
                self.before = []
            if not _is_main(text(condition)):
                arms.append((test, self.scoped(field(current, "consequence"))))
            alternative = field(current, "alternative")
            inside = self.children(alternative)[0] if alternative is not None and self.children(alternative) else None
            if inside is None or inside.type != "if_statement":
                orelse = self.scoped(inside)
                break
            current = inside
        for test, body in reversed(arms):
            orelse = (ir.If(test, body, orelse),)
        out += orelse

    def _try(self, node: Node, out: list[ir.Stmt]) -> None:
        body = self.scoped(field(node, "body"))
        handler, finalizer = field(node, "handler"), field(node, "finalizer")
        catches: tuple[ir.Catch, ...] = ()
        if handler is not None:
            self.scope.blocks.append({})
            name: ir.Name | None = None
            prologue: list[ir.Stmt] = []
            parameter = field(handler, "parameter")
            if parameter is not None:
                for bound in scopes.of_pattern(parameter):
                    self.scope.declare(bound)
                if parameter.type == "identifier":
                    name = self.name(text(parameter))
                else:
                    name = self.scope.temporary()
                    self.bind(parameter, name, prologue)
            catches = (ir.Catch(None, name, (*prologue, *self.scoped(field(handler, "body")))),)
            self.scope.blocks.pop()
        final = () if finalizer is None else self.scoped(field(finalizer, "body"))
        out.append(ir.Try(body, catches, (), final))

    def _switch(self, node: Node, out: list[ir.Stmt]) -> None:
        """A case that does not leave goes on with the next one: its body holds that of the next, too."""
        held = self.scope.temporary()
        out.append(ir.Assign((held,), self.expr(field(node, "value"))))
        self.numbered += 1
        label = f"switch {self.numbered}:"
        self.labels.append(label)
        self.scope.blocks.append({})
        body = field(node, "body")
        written = [] if body is None else self.children(body)
        arms: list[tuple[ir.Expr | None, ir.Block]] = []
        for name in scopes.declared(part for arm in written for part in self.children(arm)):
            self.scope.declare(name)
        for arm in written:
            value = field(arm, "value")
            pattern = None if value is None else self.expr(value)
            arms.append((pattern, self.block([part for part in self.children(arm) if part != value])))
        self.scope.blocks.pop()
        self.labels.pop()
        cases: list[ir.Case] = []
        default: ir.Case | None = None
        following: ir.Block = ()
        for pattern, block in reversed(arms):
            following = block if block and isinstance(block[-1], (ir.Break, ir.Return, ir.Raise)) else block + following
            case = ir.Case(pattern, (), None, following, pattern is None)
            if pattern is None:
                default = case
            else:
                cases.append(case)
        every = (*reversed(cases), *(() if default is None else (default,)))
        out.append(ir.Labelled(label, (ir.Match(held, every),)))

    # --- others ------------------------------------------------------------------------------------------------------

    def _using(self, node: Node, rest: Sequence[Node], out: list[ir.Stmt]) -> None:
        """What is declared is disposed of at the end of its block."""
        items: list[ir.WithItem] = []
        for name, held in scopes.using(node):
            value = self.expr(held)
            items.append(ir.WithItem(value, self.target(name)))
        out += self.before
        self.before = []
        waits = has(node, "await") or node.named_children[0].type == "await_expression"
        inside: list[ir.Stmt] = []
        for position, statement in enumerate(rest):
            if scopes.using(statement):
                self._using(statement, rest[position + 1 :], inside)
                break
            self.statement(statement, inside)
        out.append(ir.With(tuple(items), tuple(inside), waits, self.site(node)))

    def _enum(self, node: Node, out: list[ir.Stmt]) -> None:
        keys: list[ir.Expr | None] = []
        values: list[ir.Expr] = []
        body = field(node, "body")
        for number, member in enumerate([] if body is None else self.children(body)):
            given = field(member, "value") if member.type == "enum_assignment" else None
            keys.append(self.key(field(member, "name") if member.type == "enum_assignment" else member))
            values.append(ir.Const(number) if given is None else self.expr(given))
        made = ir.Collection("dict", tuple(values), tuple(keys), self.site(node))
        out.append(ir.Assign((self.name(text(field(node, "name"))),), made))

    def _namespace(self, node: Node, out: list[ir.Stmt]) -> None:
        """What it gives are members of an object by its name."""
        body = field(node, "body")
        if body is None:
            return
        statements = self.children(body)
        self.scope.blocks.append({})
        out += self.block(statements)
        given = [name for each in statements if each.type == "export_statement" for name in scopes.declared([each])]
        values = tuple(self.name(name) for name in given)
        self.scope.blocks.pop()
        made = ir.Collection("dict", values, tuple(ir.Const(name) for name in given), self.site(node))
        out.append(ir.Assign((self.name(text(field(node, "name"))),), made))


def _is_main(condition: str) -> bool:
    """Whether this asks for the file to be the program itself, which it never is on Lambda."""
    return "require.main" in condition or ("import.meta" in condition and "argv" in condition)
