"""Waiting for streams: `await pipeline(a, b, c)` in the place of `a.pipe(b).pipe(c)`, which also fails where one of them does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.code import Change, Code, Edits, arguments, function_of, is_async

if TYPE_CHECKING:
    from tree_sitter import Node

_MODULE = "stream/promises"


def changes(code: Code, call: Node) -> Iterator[Change]:
    """For a chain of pipes that is a statement of its own, in an async function."""
    if call.parent is None or call.parent.type != "expression_statement" or not is_async(function_of(call)):
        return
    streams: list[str] = []
    node = call
    while node.type == "call_expression":
        callee = node.child_by_field_name("function")
        if callee is None or syntax.text(callee.child_by_field_name("property")) != "pipe" or len(arguments(node)) != 1:
            break
        streams.insert(0, syntax.text(arguments(node)[0]))
        source = callee.child_by_field_name("object")
        if source is None:
            return
        node = source
    if not streams or re.search(r"\bpipeline\b", syntax.text(code.root)):
        return
    words = f"await pipeline({', '.join([syntax.text(node), *streams])})"
    yield "await pipeline(…)", [*_imported(code), code.replaced(call, words)]


def _imported(code: Code) -> Edits:
    """The import of `pipeline` in the file's own way, ahead of the others."""
    imports = [child for child in code.root.children if child.type == "import_statement"]
    if imports:
        return [code.before(imports[0], f'import {{ pipeline }} from "node:{_MODULE}";\n')]
    first = next((child for child in code.root.named_children if child.type not in ("comment", "hash_bang_line")), None)
    line = f'const {{ pipeline }} = require("node:{_MODULE}");\n'
    return [code.before(first, line)] if first is not None else []
