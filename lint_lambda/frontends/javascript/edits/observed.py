"""What does nothing before somebody subscribes to it, or is only subscribed to: `await lastValueFrom(…)` begins it and waits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.finding import FixIntent
from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.awaiting import awaited
from lint_lambda.frontends.javascript.edits.code import Change, Code, Edits, arguments, chain_of

if TYPE_CHECKING:
    from tree_sitter import Node

_EMPTY = "{ defaultValue: undefined }"
"""What makes the promise of an observable that ends without a value no error."""

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "identifier", "member_expression"})


def changes(intent: FixIntent, code: Code, call: Node) -> Iterator[Change]:
    """For a call whose value the library has a function for that gives a promise; nothing for any other."""
    module, _, name = intent.remedy.promised.partition(":")
    if not name:
        return
    callee = call.child_by_field_name("function")
    method = callee.child_by_field_name("property") if callee is not None else None
    subscribed = callee.child_by_field_name("object") if syntax.text(method) == "subscribe" and callee else None
    expr = chain_of(call) if subscribed is None else call
    waits: Edits = []
    if not _is_awaited(expr):
        found = awaited(code, expr)
        if found is None:
            return
        waits = found[1]
    if subscribed is not None and arguments(call):
        yield from _each(code, call, waits, subscribed)
        return
    imported = _importing(code, module, name)
    if imported is None:
        return
    inner = subscribed or expr
    edits = [*imported, *waits, (code.before(inner, f"{name}("))]
    edits.append(code.after(inner, f", {_EMPTY})"))
    if subscribed is not None:
        start, end = code.span(subscribed), code.span(call)
        gone = type(start)(start.end_line, start.end_column, end.end_line, end.end_column)
        edits[-1] = (gone, f", {_EMPTY})")
    yield f"await {name}({code.short(inner)})" if inner.type == "call_expression" else f"await {name}(…)", edits


def _each(code: Code, call: Node, waits: Edits, observable: Node) -> Iterator[Change]:
    """`await observable.forEach(each)` of `observable.subscribe(each)`."""
    given = arguments(call)
    callee = call.child_by_field_name("function")
    method = callee.child_by_field_name("property") if callee is not None else None
    if method is not None and len(given) == 1 and given[0].type in _FUNCTIONS:
        yield "await ….forEach(…)", [*waits, code.replaced(method, "forEach")]


def _is_awaited(expr: Node) -> bool:
    return expr.parent is not None and expr.parent.type == "await_expression"


def _importing(code: Code, module: str, name: str) -> Edits | None:
    """What imports the name, nothing where it is imported already; None where it means something else."""
    source = syntax.text(code.root)
    place = rf"[\"']{re.escape(module)}[\"']"
    whole = re.compile(rf"\{{([^}}]*)\}}\s*(?:from\s*|=\s*require\(\s*){place}")
    for child in code.root.children:
        text = syntax.text(child)
        found = whole.search(text)
        if found is None or text.startswith("import type"):
            continue
        if re.search(rf"(^|[,\s]){name}([,\s]|$)", found[1]):
            return []
        names = next((each for each in _below(child) if each.type in ("named_imports", "object_pattern")), None)
        if names is not None and names.named_children:
            return [code.before(names.named_children[0], f"{name}, ")]
    if re.search(rf"\b{name}\b", source):
        return None
    imports = [child for child in code.root.children if child.type == "import_statement"]
    if imports:
        return [code.before(imports[0], f'import {{ {name} }} from "{module}";\n')]
    required = next((child for child in code.root.children if "require(" in syntax.text(child)), None)
    return [code.before(required, f'const {{ {name} }} = require("{module}");\n')] if required is not None else None


def _below(node: Node) -> Iterator[Node]:
    for child in node.named_children:
        yield child
        yield from _below(child)
