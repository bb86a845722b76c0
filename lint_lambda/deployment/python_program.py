"""Follow a Python program of infrastructure through its files: which calls it comes to, and with which arguments.

It begins with what no call leads to. Functions and classes of the program are followed where they are called, with what they are
given there, once for each call and each turn of a loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from lint_lambda.core.record import replace
from lint_lambda.deployment.files import Files, folder, join, upward
from lint_lambda.deployment.python_code import Module, made_of
from lint_lambda.deployment.python_syntax import Definition, Scope, assigned, bound, dotted, inside, last, returned
from lint_lambda.deployment.values import Made, Unknown, Value, text

DEEPEST_CALL = 8
MOST_STEPS = 150_000
"""Expressions and statements that are looked at from one beginning on: loops in loops come to more than anybody wrote."""
MOST_CALLS = 2000
"""Calls of the program's own functions that are followed from one beginning on."""
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_MAKES = frozenset({"handler", "entry", "code"})

Function: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


class Program:
    """The files at `paths`, and those that they import."""

    def __init__(self, files: Files, paths: Iterable[str]) -> None:
        self._files = files
        self._modules: dict[str, Module | None] = {}
        self._places: dict[tuple[str, str, int], str | None] = {}
        self._methods: dict[str, dict[str, list[tuple[Module, Function]]]] = {}
        self._followed: set[ast.AST] = set()
        self._returning: set[ast.AST] = set()
        self._left = MOST_CALLS
        self._steps = MOST_STEPS
        self._begun_in = ""
        self.too_much: dict[str, None] = {}
        """Files in which something was not followed to its end."""
        self._roots = [module for path in paths if (module := self.module(path)) is not None]

    def module(self, path: str) -> Module | None:
        """A file of the program; None where it cannot be parsed: it is no handler's file, or reported as such."""
        if path not in self._modules:
            self._modules[path] = None
            try:
                self._modules[path] = Module(path, self._files, self)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass
        return self._modules[path]

    def constructs(self) -> Iterator[tuple[str, Made]]:
        """Every call with its arguments, and the file it stands in."""
        called = {
            last(node.func) for module in self._roots for node in ast.walk(module.tree) if isinstance(node, ast.Call)
        }
        for module in self._roots:
            self._begin(module)
            yield from self._walk(module, None, module.tree, {}, 0)
        for uncalled in (True, False):
            for module in self._roots:
                for cls, definition in _definitions(module.tree):
                    if definition in self._followed or (uncalled and definition.name in called):
                        continue
                    self._begin(module)
                    if isinstance(definition, ast.ClassDef):
                        yield from self._class(module, definition, [], {}, 0, "")
                    elif definition.name != "__init__":
                        scope = bound(definition, [], {})
                        yield from self._body(module, cls, definition, scope, 0)
        self._note()
        spent = (path for path, module in self._modules.items() if module is not None and module.is_exhausted)
        self.too_much.update(dict.fromkeys(spent))

    def _begin(self, module: Module) -> None:
        """Begin with another part of the program, which has bounds of its own."""
        self._note()
        self._begun_in, self._steps, self._left = module.path, MOST_STEPS, MOST_CALLS

    def _note(self) -> None:
        if self._begun_in and (self._steps < 0 or self._left <= 0):
            self.too_much[self._begun_in] = None

    # --- names -------------------------------------------------------------------------------------------------------

    def imported(self, module: Module, name: str) -> tuple[Module, str] | None:
        """The module that a name is imported from, and its name there; empty for the module itself."""
        if name not in module.imports:
            return None
        source, level, wanted = module.imports[name]
        if wanted:  # it may be a module of a package
            inner = self._file(module.path, f"{source}.{wanted}".strip("."), level)
            if inner is not None and (found := self.module(inner)) is not None:
                return found, ""
        place = self._file(module.path, source, level)
        found = self.module(place) if place is not None else None
        return (found, wanted) if found is not None and found is not module else None

    def _file(self, importer: str, source: str, level: int) -> str | None:
        key = (folder(importer), source, level)
        if key not in self._places:
            self._places[key] = self._look_for(*key)
        return self._places[key]

    def _look_for(self, directory: str, source: str, level: int) -> str | None:
        inside_ = source.replace(".", "/")
        above = list(upward(directory))
        for base in above[level - 1 : level] if level else above:
            for name in (f"{inside_}.py", f"{inside_}/__init__.py") if inside_ else ("__init__.py",):
                place = join(base, name)
                if place is not None and self._files.is_file(place):
                    return place
        return None

    def _definition(self, module: Module, name: str) -> tuple[Module, ast.ClassDef | Function] | None:
        """The function or class that a name stands for in a file."""
        if name in module.classes:
            return module, module.classes[name]
        if len(module.functions.get(name, ())) == 1:
            return module, module.functions[name][0]
        found = self.imported(module, name)
        return self._definition(*found) if found is not None and found[1] else None

    def _target(
        self, module: Module, cls: ast.ClassDef | None, callee: ast.expr, depth: int = 0
    ) -> tuple[Module, ast.ClassDef | Function] | None:
        """What of the program a call calls."""
        if isinstance(callee, ast.Name):
            return self._definition(module, callee.id)
        if not isinstance(callee, ast.Attribute):
            return None
        base = callee.value
        if isinstance(base, ast.Name) and (found := self.imported(module, base.id)) is not None and not found[1]:
            return self._definition(found[0], callee.attr)
        if isinstance(base, ast.Call) and last(base.func) == "super" and cls is not None:
            return self._inherited(module, cls, callee.attr, depth)
        if isinstance(base, ast.Name) and base.id in ("self", "cls") and cls is not None:
            own = next((node for node in cls.body if isinstance(node, Definition) and node.name == callee.attr), None)
            return (module, own) if own is not None else self._inherited(module, cls, callee.attr, depth)
        if len(module.functions.get(callee.attr, ())) == 1:
            return module, module.functions[callee.attr][0]
        return self._method(module, callee.attr)

    def _inherited(self, module: Module, cls: ast.ClassDef, name: str, depth: int) -> tuple[Module, Function] | None:
        for base in cls.bases if depth < DEEPEST_CALL else ():
            found = self._definition(module, last(base))
            if found is None or not isinstance(found[1], ast.ClassDef) or found[1] is cls:
                continue
            own = next((node for node in found[1].body if isinstance(node, Definition) and node.name == name), None)
            if own is not None:
                return found[0], own
            if (above := self._inherited(found[0], found[1], name, depth + 1)) is not None:
                return above
        return None

    def _method(self, module: Module, name: str) -> tuple[Module, Function] | None:
        """The one method of this name of the classes that a file imports; of those that stand beside these, if none has it."""
        if module.path not in self._methods:
            own: dict[str, list[tuple[Module, Function]]] = {}
            beside: dict[str, list[tuple[Module, Function]]] = {}
            near: dict[str, Module] = {}
            for each in module.imports:
                definition = self._definition(module, each)
                if definition is not None and isinstance(definition[1], ast.ClassDef):
                    near[definition[0].path] = definition[0]
                    _methods_of(definition[0], definition[1], own)
            for holder in near.values():  # what an object holds is mostly made of a class of its own file
                for cls in holder.classes.values():
                    _methods_of(holder, cls, beside)
            self._methods[module.path] = {**beside, **own}
        found = self._methods[module.path].get(name, [])
        return found[0] if len(found) == 1 else None

    def fields(self, module: Module, callee: ast.expr) -> list[str]:
        """The fields of a class of the program that has no constructor of its own (a data class)."""
        found = self._definition(module, callee.id) if isinstance(callee, ast.Name) else None
        if found is None or not isinstance(found[1], ast.ClassDef):
            return []
        body = found[1].body
        if any(isinstance(node, Definition) and node.name == "__init__" for node in body):
            return []
        return [
            node.target.id for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        ]

    # --- what is returned --------------------------------------------------------------------------------------------

    def returned(self, module: Module, call: ast.Call, scope: Scope, depth: int) -> Value:
        """What a function of the program returns for a call; None for any other call, and where it cannot be told."""
        target = self._target(module, _class_around(module, call), call.func)
        if target is None:
            return None
        other, function = target
        if isinstance(function, ast.ClassDef) or function in self._returning:
            return None
        expressions = returned(function)
        if not expressions or len(expressions) > 4:
            return None
        given, named = module.arguments(call, scope, depth)
        own = {key: value for key, value in scope.items() if key.startswith("self.")} if other is module else {}
        within: Scope = {**own, **assigned(function.body), **bound(function, given, named)}
        self._returning.add(function)
        try:
            values = [other.value(each, within, depth + 1) for each in expressions]
        finally:
            self._returning.discard(function)
        known = [value for value in values if value is not None and not isinstance(value, Unknown)]
        return known[0] if known and all(_like(value) == _like(known[0]) for value in known) else None

    # --- walking -----------------------------------------------------------------------------------------------------

    def _walk(
        self, module: Module, cls: ast.ClassDef | None, node: ast.AST, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]]:
        for child in ast.iter_child_nodes(node):
            yield from self._visit(module, cls, child, scope, depth)

    def _visit(
        self, module: Module, cls: ast.ClassDef | None, node: ast.AST, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]]:
        self._steps -= 1
        if isinstance(node, (*Definition, ast.ClassDef)) or self._steps < 0:
            return  # followed where it is called
        if isinstance(node, ast.For) and (turns := module.turns(node.target, node.iter, scope)):
            for each in turns:
                inner = {**scope, **assigned(node.body), **each}
                for statement in node.body:
                    yield from self._visit(module, cls, statement, inner, depth)
            return
        if isinstance(node, _COMPREHENSIONS) and len(node.generators) == 1:
            over = node.generators[0]
            for each in module.turns(over.target, over.iter, scope) or [{}]:
                for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                    yield from self._visit(module, cls, part, {**scope, **each}, depth)
            return
        if isinstance(node, ast.Call):
            yield from self._call(module, cls, node, scope, depth)
        yield from self._walk(module, cls, node, scope, depth)

    def _call(
        self, module: Module, cls: ast.ClassDef | None, call: ast.Call, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]]:
        target = self._target(module, cls, call.func)
        if target is None and not _may_make(call):
            return
        given, named = module.arguments(call, scope)
        inner: list[tuple[str, Made]] = []
        if target is not None and depth < DEEPEST_CALL and self._left > 0:
            self._left -= 1
            other, definition = target
            owner = next(
                (name for name in map(text, (*given[:2], named.get("id"), named.get("construct_id"))) if name), ""
            )
            if isinstance(definition, ast.ClassDef):
                inner = list(self._class(other, definition, given, named, depth + 1, owner))
            else:
                own = {key: value for key, value in scope.items() if key.startswith("self.")}
                within = {**own, **bound(definition, given, named)}
                inner = list(self._body(other, _class_around(other, definition), definition, within, depth + 1))
        if not any(_makes_function(each) for _, each in inner):
            yield module.path, made_of(call, given, named)
        yield from inner

    def _class(
        self, module: Module, cls: ast.ClassDef, given: list[Value], named: dict[str, Value], depth: int, owner: str
    ) -> Iterator[tuple[str, Made]]:
        """What making an object of a class comes to."""
        self._followed.add(cls)
        start = next((node for node in cls.body if isinstance(node, Definition) and node.name == "__init__"), None)
        if start is None:
            found = self._inherited(module, cls, "__init__", 0)
            if found is not None and depth < DEEPEST_CALL:
                scope = bound(found[1], given, named)
                yield from _owned(self._body(found[0], cls, found[1], scope, depth + 1), owner)
            return
        scope = bound(start, given, named)
        yield from _owned(self._body(module, cls, start, scope, depth), owner)

    def _body(
        self,
        module: Module,
        cls: ast.ClassDef | None,
        function: Function,
        scope: Scope,
        depth: int,
    ) -> Iterator[tuple[str, Made]]:
        self._followed.add(function)
        inner: dict[str, ast.expr | Value] = {**assigned(function.body), **scope}
        if function.name == "__init__":
            for node in (each for each in inside(function) if isinstance(each, ast.Assign)):
                for target in node.targets:
                    if isinstance(target, ast.Attribute) and dotted(target.value) == "self":
                        inner[f"self.{target.attr}"] = module.value(node.value, inner)
        for statement in function.body:
            yield from self._visit(module, cls, statement, inner, depth)


def _definitions(tree: ast.Module) -> Iterator[tuple[ast.ClassDef | None, ast.ClassDef | Function]]:
    """Every function and class of a file, and the class that it is a method of."""
    pending: list[tuple[ast.ClassDef | None, ast.AST]] = [(None, tree)]
    while pending:
        cls, node = pending.pop(0)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (*Definition, ast.ClassDef)):
                yield cls, child
            pending.append((child if isinstance(child, ast.ClassDef) else cls, child))


def _methods_of(module: Module, cls: ast.ClassDef, found: dict[str, list[tuple[Module, Function]]]) -> None:
    """Add the methods of a class, by name."""
    for node in cls.body:
        if isinstance(node, Definition):
            found.setdefault(node.name, []).append((module, node))


def _class_around(module: Module, node: ast.AST) -> ast.ClassDef | None:
    """The class whose text holds a node."""
    line = getattr(node, "lineno", 0)
    around = [cls for cls in module.classes.values() if cls.lineno <= line <= (cls.end_lineno or 0)]
    return max(around, key=lambda cls: cls.lineno, default=None)


def _owned(found: Iterable[tuple[str, Made]], owner: str) -> Iterator[tuple[str, Made]]:
    """What a construct makes, by the name that the construct has."""
    for path, made in found:
        yield path, replace(made, owner=owner) if owner and not made.owner else made


def _may_make(call: ast.Call) -> bool:
    """Whether a call of something from elsewhere may make a function: by its name, or by what it is given."""
    named = {keyword.arg for keyword in call.keywords}
    return last(call.func).endswith("Function") or None in named or not named.isdisjoint(_MAKES)


def _makes_function(made: Made) -> bool:
    return made.last.endswith("Function") or len(_MAKES & made.named.keys()) > 1


def _like(value: Value) -> object:
    """What of a value decides where code is found."""
    if isinstance(value, Made):
        return (value.last, value.get("path", "directory", position=0))
    return value
