"""What to call instead of a call that does not wait: for timers, emitters and queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.source import Span
from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits import answering, callbacks, piped
from lint_lambda.frontends.javascript.edits.awaiting import awaited
from lint_lambda.frontends.javascript.edits.code import (
    Change,
    Code,
    Edits,
    arguments,
    before_returns,
    declares,
    function_of,
    inside,
    is_async,
    statement_of,
    whole,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_STARTS = ("", ".promise()", ".exec()", ".execute()")
"""What has to be called on a query that is only built, so that awaiting it sends it."""


_ENDS = {"node:child_process.": "close", "node:worker_threads.": "exit", "node:http.": "close", "node:https.": "close"}
"""The event with which what a module starts ends."""

_READS = re.compile(r"\.resume\(|\.pipe\(|[\"']data[\"']|for await")
"""How code reads a response to its end. A request whose response nobody reads does not close."""


def changes(intent: FixIntent, code: Code, call: Node) -> Iterator[Change]:
    """Each is for one form of call, and nothing for any other."""
    yield from _slept(code, call)
    yield from _cleared(code, call)
    yield from _emitted(intent, code, call)
    if intent.kind == "coroutine" and call.parent is not None and call.parent.type == "expression_statement":
        yield from _read(code, call)
    if intent.remedy.kind.alike and intent.remedy.kind.unstarted:
        yield from (found for start in _STARTS if (found := awaited(code, call, start)) is not None)
    for module, event in _ENDS.items():
        if intent.call.startswith(module):
            unread = module.startswith("node:http") and not _READS.search(syntax.text(call))
            yield from _ended(code, call, "response" if unread else event)
    yield from _settled_by(code, call)
    yield from answering.changes(intent, code, call)
    yield from piped.changes(code, call)
    yield from callbacks.changes(intent, code, call)


def _read(code: Code, call: Node) -> Iterator[Change]:
    """`for await (const _ of rows()) {}` of an asynchronous generator that is declared in the file, and that nothing reads."""
    name = syntax.text(call.child_by_field_name("function"))
    makers = (each for each in inside(code.root) if each.type == "generator_function_declaration" and is_async(each))
    declared = any(syntax.text(each.child_by_field_name("name")) == name for each in makers)
    statement = call.parent
    if declared and statement is not None and is_async(function_of(call)):
        said = f"for await (const _ of {code.short(call)}) {{}}"
        yield said, [code.replaced(statement, f"for await (const _ of {syntax.text(call)}) {{}}")]


def _cleared(code: Code, call: Node) -> Iterator[Change]:
    """`clearInterval(timer)` before each return, for an interval that beats while a function works."""
    function = function_of(call)
    if function is None or not is_async(function) or syntax.text(call.child_by_field_name("function")) != "setInterval":
        return
    if call.parent is not None and call.parent.type == "expression_statement" and not declares(function, "timer"):
        edits = before_returns(code, call, function, "clearInterval(timer);")
        if edits:
            yield "clearInterval(timer)", [code.before(call, "const timer = "), *edits]
        return
    declared = call.parent
    name = declared.child_by_field_name("name") if declared is not None else None
    if declared is None or declared.type != "variable_declarator" or name is None or name.type != "identifier":
        return
    words = f"clearInterval({syntax.text(name)})"
    edits = before_returns(code, call, function, f"{words};")
    if edits:
        yield words, edits


def _slept(code: Code, call: Node) -> Iterator[Change]:
    """Sleep, then call: the callback of a timeout, where that is a statement of its own."""
    given = arguments(call)
    whole_call = _unreferenced(call) or call
    statement = whole_call.parent
    if statement is None or statement.type != "expression_statement" or len(given) != 2:
        return
    if not syntax.text(call.child_by_field_name("function")).endswith("setTimeout") or not is_async(function_of(call)):
        return
    callback, delay = given
    yield (
        "await new Promise((resolve) => setTimeout(resolve, …)).then(…)",
        [
            code.until(
                call, callback, f"await new Promise((resolve) => setTimeout(resolve, {syntax.text(delay)})).then("
            ),
            (_between(code, callback, whole_call), ")"),
        ],
    )


def _unreferenced(call: Node) -> Node | None:
    """`timer().unref()` of `timer()`; None where it is not."""
    member = call.parent
    called = member.parent if member is not None and member.type == "member_expression" else None
    if member is None or called is None or called.type != "call_expression":
        return None
    return called if syntax.text(member.child_by_field_name("property")) == "unref" else None


def _between(code: Code, callback: Node, call: Node) -> Span:
    first, last = code.span(callback), code.span(call)
    return Span(first.end_line, first.end_column, last.end_line, last.end_column)


def _emitted(intent: FixIntent, code: Code, call: Node) -> Iterator[Change]:
    """`emitAsync`, where the emitter has it; or each listener called and awaited."""
    callee = call.child_by_field_name("function")
    if callee is None or callee.type != "member_expression" or not is_async(function_of(call)):
        return
    name, emitter = callee.child_by_field_name("property"), callee.child_by_field_name("object")
    waited = awaited(code, call)
    at = (
        waited[1]
        if waited is not None
        else []
        if call.parent is not None and call.parent.type == "await_expression"
        else None
    )
    if name is None or emitter is None or at is None:
        return
    yield from _promisified(code, at, syntax.text(name))
    if syntax.text(name) != "emit":
        return
    if not intent.call.startswith("node:"):
        yield f"await {syntax.text(emitter)}.emitAsync(…)", [*at, code.replaced(name, "emitAsync")]
        return
    given = arguments(call)
    if not given or emitter.type not in ("identifier", "this", "member_expression"):
        return
    passed = ", ".join([syntax.text(emitter), *(syntax.text(each) for each in given[1:])])
    event = syntax.text(given[0])
    listeners = f"{syntax.text(emitter)}.rawListeners({event})"
    whole = f"Promise.all({listeners}.map((listener) => listener.call({passed})))"
    yield f"await Promise.all({listeners}.map(…))", [*at, code.replaced(call, whole)]


def _ended(code: Code, call: Node, event: str) -> Iterator[Change]:
    """`once(…, "close")` of what is started: at once, or of the variable that it is kept in, before each return."""
    function = function_of(call)
    if function is None or not is_async(function):
        return
    once, imported = _once(code)
    parent = call.parent
    if parent is not None and parent.type == "expression_statement":
        said = f'await {once}({code.short(call)}, "{event}")'
        yield said, [*imported, code.before(call, f"await {once}("), code.after(call, f', "{event}")')]
    elif parent is not None and parent.type == "variable_declarator":
        name = parent.child_by_field_name("name")
        words = f'await {once}({syntax.text(name)}, "{event}")'
        edits = before_returns(code, call, function, f"{words};")
        if name is not None and name.type == "identifier" and edits:
            yield words, [*imported, *_referenced(code, function, syntax.text(name)), *edits]


def _referenced(code: Code, function: Node, name: str) -> Edits:
    """Without `child.unref();`, as nothing else keeps the process up while it waits."""
    gone: Edits = []
    for each in inside(function):
        if each.type == "expression_statement" and syntax.text(each).rstrip(";") == f"{name}.unref()":
            start, end = each.start_point, each.end_point
            alone = not code.line(start.row)[: start.column].strip() and not code.line(end.row)[end.column :].strip()
            gone.append((Span(start.row + 1, 0, end.row + 2, 0), "") if alone else code.replaced(each, ""))
    return gone


def _once(code: Code) -> tuple[str, Edits]:
    """How `once` of `node:events` is called in a file, and what imports it."""
    source = syntax.text(code.root)
    if re.search(r"\{[^}]*\bonce\b[^}]*\}\s*(=\s*require\(|from\s*)[\"'](node:)?events[\"']", source):
        return "once", []
    imports = [child for child in code.root.children if child.type == "import_statement"]
    required = [
        child
        for child in code.root.children
        if child.type in ("lexical_declaration", "variable_declaration") and "require(" in syntax.text(child)
    ]
    if re.search(r"\bonce\b", source) or not (imports or required):
        return 'require("node:events").once', []
    if imports:
        return "once", [code.before(imports[0], 'import { once } from "node:events";\n')]
    return "once", [code.before(required[0], 'const { once } = require("node:events");\n')]


def _settled_by(code: Code, call: Node) -> Iterator[Change]:
    """`resolve(work())` of `work(); resolve();`, in the executor of a promise."""
    function = function_of(call)
    statement, expr = statement_of(call), whole(call)
    made = function.parent.parent if function is not None and function.parent is not None else None
    if (
        function is None
        or made is None
        or made.type != "new_expression"
        or statement is None
        or expr.parent != statement
    ):
        return
    params = function.child_by_field_name("parameters")
    single = function.child_by_field_name("parameter")
    first = single or (params.named_children[0] if params is not None and params.named_children else None)
    after = statement.next_named_sibling
    last = statement
    while after is not None and after.type == "comment":
        last, after = after, after.next_named_sibling
    if first is None or after is None or syntax.text(after).rstrip(";") != f"{syntax.text(first)}()":
        return
    resolve = syntax.text(first)
    start, end = code.span(last), code.span(after)
    rest = Span(start.end_line, start.end_column, end.end_line, end.end_column)
    yield f"{resolve}({code.short(call)})", [code.before(expr, f"{resolve}("), code.after(expr, ")"), (rest, "")]


def _promisified(code: Code, at: Edits, name: str) -> Iterator[Change]:
    """`promisify: true` beside `async: true`, so that what emits is given the listeners' promises."""
    options = [
        each
        for each in inside(code.root)
        if each.type == "object" and "async: true" in syntax.text(each) and "promisify" not in syntax.text(each)
    ]
    if options and name == "emitAsync":
        yield "promisify: true", [*at, *(code.after(each.named_children[-1], ", promisify: true") for each in options)]
