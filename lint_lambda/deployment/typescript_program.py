"""Follow a TypeScript or JavaScript program of infrastructure through its files: which calls it comes to, and with which arguments.

It begins with what no call leads to. Functions and classes of the program are followed where they are called, with what they are
given there, once for each call and each turn of a loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.record import replace
from lint_lambda.deployment.files import Files
from lint_lambda.deployment.typescript import Module, name_of
from lint_lambda.deployment.typescript_syntax import (
    CLASSES,
    FUNCTIONS,
    Scope,
    bound,
    inner,
    pattern,
    returned,
    source,
    taken,
)
from lint_lambda.deployment.values import Made, Unknown, Value, text

if TYPE_CHECKING:
    from tree_sitter import Node

DEEPEST_CALL = 8
MOST_STEPS = 150_000
"""Expressions and statements that are looked at from one beginning on: loops in loops come to more than anybody wrote."""
MOST_CALLS = 2000
"""Calls of the program's own functions that are followed from one beginning on."""
MOST_OF_A_NAME = 3
"""Methods of one name that a call of an unknown object may mean."""
_WORD = re.compile(rb"\w+")
_MAKERS = frozenset(
    {b"handler", b"entry"} | {b"Function", b"PythonFunction", b"DockerImageFunction", b"SingletonFunction"}
)
"""What stands in a definition that makes a function itself."""
MAY_MAKE = re.compile(rb"handler|entry|Function\b")
"""What stands in a call that makes a function; the arguments of others are not evaluated."""


class Program:
    """The files at `paths`, and those that they import."""

    def __init__(self, files: Files, paths: Iterable[str], may_make: re.Pattern[bytes] = MAY_MAKE) -> None:
        """`may_make`: what stands in a call that makes a function."""
        self._may_make = may_make
        self._modules: dict[str, Module] = {}
        self._followed: set[int] = set()
        self._returning: set[int] = set()
        self._nearest: dict[int, list[Node]] = {}
        self._takes: dict[int, list[Node]] = {}
        self._words: dict[str, list[tuple[bytes, set[bytes]]]] = {}
        self._by_name: dict[str, list[tuple[Module, Node]]] = {}
        self._indexed = 0
        self._leading: set[bytes] = set()
        self._weighed = 0
        self._left = MOST_CALLS
        self._known: dict[tuple[int, str, str], tuple[int, list[tuple[str, Made]]]] = {}
        """What calls came to, by definition, arguments and object, with how deep they were made: a deeper one is followed less far."""
        self._steps = MOST_STEPS
        self._begun_in = ""
        self.too_much: dict[str, None] = {}
        """Files in which something was not followed to its end."""
        self._roots = [self._modules.get(path) or Module(path, files, self._modules, self) for path in paths]

    def module(self, path: str) -> Module:
        """One of the files that the program begins with."""
        return self._modules[path]

    def constructs(self) -> Iterator[tuple[str, Made]]:
        """Every `new` and every call with its arguments, and the file it stands in."""
        called = {_called_name(node) for module in self._roots for node in module.nodes if node.type in _CALLS}
        for module in self._roots:
            self._begin(module)
            yield from self._walk(module, None, module.root, {}, 0)
        for uncalled in (True, False):
            for module in self._roots:
                for cls, node, name in _definitions(module):
                    if node.id in self._followed or (uncalled and name in called):
                        continue
                    self._begin(module)
                    if node.type in CLASSES:
                        yield from self._class(module, node, [], 0, "")
                    elif name != "constructor":
                        yield from self._body(module, cls, node, bound(node, []), 0)
        self._note()
        self.too_much.update(dict.fromkeys(path for path, module in self._modules.items() if module.is_exhausted))

    def _begin(self, module: Module) -> None:
        """Begin with another part of the program, which has bounds of its own."""
        self._note()
        self._begun_in, self._steps, self._left = module.path, MOST_STEPS, MOST_CALLS

    def _note(self) -> None:
        if self._begun_in and (self._steps < 0 or self._left <= 0):
            self.too_much[self._begun_in] = None

    def _leads(self, module: Module, node: Node) -> bool:
        """Whether following a definition may come to a function: by what stands in it, and in what it names."""
        if len(self._modules) != self._weighed:
            self._weighed = len(self._modules)
            for path in self._modules.keys() - self._words.keys():
                self._words[path] = [
                    (name.encode(), set(_WORD.findall(definition.text or b"")))
                    for _, definition, name in _definitions(self._modules[path])
                ]
            words = [each for known in self._words.values() for each in known]
            self._leading = {name for name, said in words if not said.isdisjoint(_MAKERS)}
            found = True
            while found:
                more = {n for n, said in words if n not in self._leading and not said.isdisjoint(self._leading)}
                self._leading |= more
                found = bool(more)
        name = source(node.child_by_field_name("name")) if node.type in CLASSES else name_of(node)
        return not name or name.encode() in self._leading

    # --- names -------------------------------------------------------------------------------------------------------

    def _definition(self, module: Module, name: str) -> tuple[Module, Node] | None:
        """The function or class that a name stands for in a file."""
        found = module.origin(name) if name not in module.classes and name not in module.functions else None
        module, name = found if found is not None else (module, name)
        if not name:
            exported = next(module.exported(), None)
            node = inner(exported[0]) if exported is not None else None
            if node is not None and node.type == "identifier":
                return self._definition(module, source(node)) if source(node) != name else None
            return (module, node) if node is not None and node.type in FUNCTIONS | CLASSES else None
        if name in module.classes:
            return module, module.classes[name]
        functions = [each for each in module.functions.get(name, ()) if each.type != "method_definition"]
        return (module, functions[0]) if len(functions) == 1 else None

    def _targets(self, module: Module, cls: Node | None, call: Node) -> list[tuple[Module, Node]]:
        """What of the program a call may call."""
        callee = inner(call.child_by_field_name("constructor" if call.type == "new_expression" else "function"))
        if callee is None:
            return []
        if callee.type == "identifier":
            found = self._definition(module, source(callee))
            return [found] if found is not None else []
        if callee.type == "super" and cls is not None:
            above = self._base(module, cls)
            return [above] if above is not None else []
        if callee.type != "member_expression":
            return []
        base, name = callee.child_by_field_name("object"), source(callee.child_by_field_name("property"))
        if base is not None and base.type in ("this", "super") and cls is not None:
            own = self._method(module, cls, name, 0, base.type == "super")
            return [own] if own is not None else []
        if base is not None and base.type == "identifier":
            whole = module.namespace(source(base))
            found = self._definition(whole, name) if whole is not None else self._definition(module, source(base))
            if found is not None and whole is None and found[1].type in CLASSES:
                found = self._method(found[0], found[1], name, 0, False)
            if found is not None:
                return [found]
        return self._methods(module, name)

    def _base(self, module: Module, cls: Node) -> tuple[Module, Node] | None:
        """The class that a class extends, if it is the program's."""
        heritage = next((each for each in cls.named_children if each.type == "class_heritage"), None)
        clause = (
            next((each for each in heritage.named_children if each.type == "extends_clause"), heritage)
            if heritage
            else None
        )
        name = source(clause.named_children[0]) if clause is not None and clause.named_children else ""
        found = self._definition(module, name) if name else None
        return found if found is not None and found[1].type in CLASSES and found[1].id != cls.id else None

    def _method(self, module: Module, cls: Node, name: str, depth: int, above: bool) -> tuple[Module, Node] | None:
        own = next((each for each in _members(cls) if name_of(each) == name), None)
        if own is not None and not above:
            return module, own
        base = self._base(module, cls) if depth < DEEPEST_CALL else None
        return self._method(base[0], base[1], name, depth + 1, False) if base is not None else None

    def _methods(self, module: Module, name: str) -> list[tuple[Module, Node]]:
        """The methods of this name of the program's classes, where it cannot be told whose is called."""
        if len(self._modules) != self._indexed:
            self._by_name, self._indexed = {}, len(self._modules)
            for each in self._modules.values():
                for known, functions in each.functions.items():
                    methods = [node for node in functions if node.type == "method_definition"]
                    bodies = [(each, node) for node in methods if node.child_by_field_name("body") is not None]
                    self._by_name.setdefault(known, []).extend(bodies)
        found = self._by_name.get(name, [])
        return found if len(found) <= MOST_OF_A_NAME else []

    # --- what is returned --------------------------------------------------------------------------------------------

    def returned(self, module: Module, call: Node, scope: Scope, depth: int) -> Value:
        """What a function of the program returns for a call; None for any other call, and where it cannot be told."""
        if call.type != "call_expression":
            return None
        targets = self._targets(module, _class_around(call), call)
        if len(targets) != 1 or targets[0][1].type in CLASSES or targets[0][1].id in self._returning:
            return None
        other, function = targets[0]
        expressions = returned(function)
        if not expressions or len(expressions) > 4:
            return None
        own = {key: value for key, value in scope.items() if key.startswith("this.")}
        within = self._inside(other, function, {**own, **bound(function, _arguments(module, call, scope, depth))})
        self._returning.add(function.id)
        try:
            values = [other.value(each, within, depth + 1) for each in expressions]
        finally:
            self._returning.discard(function.id)
        known = [value for value in values if value is not None and not isinstance(value, Unknown)]
        return known[0] if known and all(_like(value) == _like(known[0]) for value in known) else None

    # --- walking -----------------------------------------------------------------------------------------------------

    def _walk(
        self, module: Module, cls: Node | None, node: Node, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]]:
        for child in self._below(node):
            yield from self._visit(module, cls, child, scope, depth)

    def _below(self, node: Node) -> list[Node]:
        """The nearest nodes in a node that anything depends on: calls, loops, and what is followed where it is called."""
        if node.id not in self._nearest:
            found: list[Node] = []
            pending = list(reversed(node.named_children))
            while pending:
                child = pending.pop()
                if child.type in _STOPS:
                    found.append(child)
                else:
                    pending.extend(reversed(child.named_children))
            self._nearest[node.id] = found
        return self._nearest[node.id]

    def _visit(
        self, module: Module, cls: Node | None, node: Node, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]]:
        self._steps -= 1
        if self._steps < 0 or node.type in CLASSES or (node.type in FUNCTIONS and name_of(node)):
            return  # followed where it is called
        if node.type in FUNCTIONS:
            yield from self._body(module, cls, node, {**scope, **bound(node, [])}, depth)
            return
        if node.type == "for_in_statement" and (body := node.child_by_field_name("body")) is not None:
            turns = module.turns(node.child_by_field_name("left"), node.child_by_field_name("right"), scope)
            for each in turns or [{}]:
                yield from self._walk(module, cls, body, {**scope, **module.declared(body), **each}, depth)
            return
        if node.type in _CALLS:
            turned = self._each(module, cls, node, scope, depth)
            if turned is not None:
                yield from turned
                return
            yield from self._call(module, cls, node, scope, depth)
        yield from self._walk(module, cls, node, scope, depth)

    def _each(
        self, module: Module, cls: Node | None, call: Node, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]] | None:
        """``[…].forEach((name) => …)``, followed turn by turn."""
        callee, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if callee is None or callee.type != "member_expression" or arguments is None:
            return None
        if source(callee.child_by_field_name("property")) not in ("forEach", "map", "flatMap"):
            return None
        function = next((each for each in arguments.named_children if each.type in FUNCTIONS), None)
        if function is None:
            return None
        names = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        first = names.named_children[0] if names is not None and names.named_children else names
        turns = module.turns(pattern(first), callee.child_by_field_name("object"), scope)
        found = (self._body(module, cls, function, {**scope, **each}, depth) for each in turns)
        return (made for turn in found for made in turn) if turns else None

    def _call(
        self, module: Module, cls: Node | None, call: Node, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]]:
        targets = [each for each in self._targets(module, cls, call) if self._leads(*each)]
        if not targets and not self._may_make.search(call.text or b""):
            return
        given = _arguments(module, call, scope, 0)
        found: list[tuple[str, Made]] = []
        own = {key: value for key, value in scope.items() if key.startswith("this.")}
        for other, definition in targets if depth < DEEPEST_CALL else ():
            found += self._followed_call(other, definition, given, own, depth + 1)
        if not any(_makes_function(each) for _, each in found):
            callee = call.child_by_field_name("constructor" if call.type == "new_expression" else "function")
            named = given[-1] if given and isinstance(given[-1], dict) else {}
            yield module.path, Made(source(callee), tuple(given), named, call.start_point[0] + 1)
        yield from ((path, replace(made, perhaps=True)) for path, made in found) if len(targets) > 1 else found

    def _followed_call(
        self, module: Module, definition: Node, given: list[Value], own: Scope, depth: int
    ) -> list[tuple[str, Made]]:
        """What a call of a function or class of the program comes to; the same call comes to the same again."""
        of_class = definition.type in CLASSES
        call = (definition.id, repr(given), "" if of_class else repr(own))
        known = self._known.get(call)
        if known is not None and known[0] <= depth:
            self._steps -= len(known[1])
            return known[1] if self._steps >= 0 else []
        if self._left <= 0:
            return []
        self._left -= 1
        if of_class:
            owner = next((name for name in map(text, given[:2]) if name), "")
            found = _each_once(self._class(module, definition, given, depth, owner))
        else:
            scope = {**own, **bound(definition, given)}
            found = _each_once(self._body(module, _class_around(definition), definition, scope, depth))
        if self._left > 0 and self._steps >= 0:
            self._known[call] = (depth, found)
        return found

    def _class(
        self, module: Module, cls: Node, given: list[Value], depth: int, owner: str
    ) -> Iterator[tuple[str, Made]]:
        """What making an object of a class comes to."""
        self._followed.add(cls.id)
        start = next((each for each in _members(cls) if name_of(each) == "constructor"), None)
        if start is None:
            base = self._base(module, cls)
            if base is not None and depth < DEEPEST_CALL:
                yield from self._class(base[0], base[1], given, depth + 1, owner)
            return
        yield from _owned(self._body(module, cls, start, bound(start, given), depth), owner)

    def _inside(self, module: Module, function: Node, scope: Scope) -> dict[str, Node | Value]:
        """What names mean in a function: its parameters, and what it declares."""
        body = function.child_by_field_name("body")
        if body is None:
            return dict(scope)
        found: dict[str, Node | Value] = {**module.declared(body), **scope}
        if function.id not in self._takes:
            self._takes[function.id] = list(_binding(body, name_of(function) == "constructor"))
        for node in self._takes[function.id]:
            name = node.child_by_field_name("name")
            if name is not None:
                found.update(taken(name, module.value(node.child_by_field_name("value"), found)))
            elif (left := source(node.child_by_field_name("left"))) not in found:
                found[left] = module.value(node.child_by_field_name("right"), found)
        return found

    def _body(
        self, module: Module, cls: Node | None, function: Node, scope: Scope, depth: int
    ) -> Iterator[tuple[str, Made]]:
        self._followed.add(function.id)
        body = function.child_by_field_name("body")
        if body is None:
            return
        within = self._inside(module, function, scope)
        if body.type in _CALLS:
            yield from self._visit(module, cls, body, within, depth)
        else:
            yield from self._walk(module, cls, body, within, depth)


_CALLS = ("new_expression", "call_expression")
_STOPS = frozenset({*_CALLS, "for_in_statement"}) | FUNCTIONS | CLASSES


def _binding(body: Node, constructs: bool) -> Iterator[Node]:
    """What takes values apart in a body, and, where that makes an object, what gives the object its members."""
    pending = list(reversed(body.named_children))
    while pending:
        node = pending.pop()
        if node.type in FUNCTIONS | CLASSES:
            continue
        name = node.child_by_field_name("name") if node.type == "variable_declarator" else None
        gives = constructs and node.type == "assignment_expression"
        if (name is not None and name.type == "object_pattern") or (
            gives and source(node.child_by_field_name("left")).startswith("this.")
        ):
            yield node
        pending.extend(reversed(node.named_children))


def _arguments(module: Module, call: Node, scope: Scope, depth: int) -> list[Value]:
    arguments = call.child_by_field_name("arguments")
    listed = arguments.named_children if arguments is not None else []
    return [module.value(each, scope, depth + 1) for each in listed if each.type != "comment"]


def _called_name(call: Node) -> str:
    callee = inner(call.child_by_field_name("constructor" if call.type == "new_expression" else "function"))
    return source(callee.child_by_field_name("property") or callee) if callee is not None else ""


def _members(cls: Node) -> Iterator[Node]:
    """The methods of a class, and the fields that are functions."""
    body = cls.child_by_field_name("body")
    for each in body.named_children if body is not None else ():
        if each.type == "method_definition":
            yield each
        elif each.type == "public_field_definition":
            value = each.child_by_field_name("value")
            if value is not None and value.type in FUNCTIONS:
                yield value


def _definitions(module: Module) -> Iterator[tuple[Node | None, Node, str]]:
    """Every named function and class of a file, the class that it is a method of, and its name."""
    for node in module.nodes:
        if node.type in CLASSES:
            yield None, node, source(node.child_by_field_name("name"))
        elif node.type in FUNCTIONS and (name := name_of(node)):
            yield _class_around(node), node, name


def _class_around(node: Node) -> Node | None:
    above = node.parent
    while above is not None and above.type not in CLASSES:
        above = above.parent
    return above


def _owned(found: Iterable[tuple[str, Made]], owner: str) -> Iterator[tuple[str, Made]]:
    """What a construct makes, by the name that the construct has."""
    for path, made in found:
        yield path, replace(made, owner=owner) if owner and not made.owner else made


def _each_once(found: Iterable[tuple[str, Made]]) -> list[tuple[str, Made]]:
    """What calls came to, without what the same call has come to more than once."""
    every: dict[tuple[object, ...], tuple[str, Made]] = {}
    for path, made in found:
        every[path, made.line, made.name, id(made.arguments), made.owner, made.perhaps] = (path, made)
    return list(every.values())


def _makes_function(made: Made) -> bool:
    return made.last.endswith("Function") or len({"handler", "entry", "code"} & made.named.keys()) > 1


def _like(value: Value) -> object:
    """What of a value decides where code is found."""
    if isinstance(value, Made):
        return (value.last, value.get("path", "directory", position=0))
    return value
