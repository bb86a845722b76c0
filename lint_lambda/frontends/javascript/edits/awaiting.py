"""`await` where work is launched, or at the call that gives it, with what has to be `async` for that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.source import Span
from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.code import (
    BRACKETS,
    Change,
    Code,
    Edits,
    before_returns,
    function_of,
    inside,
    is_async,
    statement_of,
    whole,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_TOP = (".mjs", ".mts")


def awaited(code: Code, call: Node, behind: str = "") -> Change | None:
    """`await` before the expression that a launch is, whatever it stands in; None where there can be none.

    `behind` is written after the launch itself.
    """
    expr = whole(call)
    parent = expr.parent
    if parent is None or not _may_wait(code, expr) or is_combined(expr) or _is_awaited_later(expr):
        return None
    if links(expr) or _is_used_as_promise(expr):
        return None
    said = f"await {code.short(call)}{behind}"
    tail = [code.after(call, behind)] if behind else []
    if parent.type == "await_expression":
        return (said, tail) if behind else None
    if parent.type == "arguments" and len(parent.named_children) == 1 and parent.parent is not None:
        taker = parent.parent
        taken = taker.parent is not None and taker.parent.type == "expression_statement"
        if taken and syntax.text(taker.child_by_field_name("function")).rpartition(".")[2] == "waitUntil":
            end = code.span(expr)
            rest = Span(end.end_line, end.end_column, code.span(taker).end_line, code.span(taker).end_column)
            return said, [code.until(taker, expr, "await "), (rest, "")]
    if parent.type == "unary_expression" and syntax.has(parent, "void"):
        return said, [code.until(parent, expr, "await "), *tail]
    if parent.type == "augmented_assignment_expression" or (
        parent.type == "assignment_expression"
        and parent.parent is not None
        and parent.parent.type != "expression_statement"
    ):
        return f"await ({syntax.text(parent.child_by_field_name('left'))} …)", [
            code.before(parent, "await ("),
            *tail,
            code.after(parent, ")"),
        ]
    if parent.type == "member_expression" and syntax.text(parent.child_by_field_name("property")) == "promise":
        return _without_promise(code, expr, parent)
    if parent.type in ("member_expression", "subscript_expression") and parent.child_by_field_name("object") == expr:
        return f"({said})", [code.before(expr, "(await "), *tail, code.after(expr, ")")]
    if parent.type == "binary_expression" and syntax.has(parent, "**"):
        return None
    return said, [code.before(expr, "await "), *tail]


def _without_promise(code: Code, expr: Node, member: Node) -> Change | None:
    """`await send()` of `send().promise()`: a promise has no such method, which belongs to the requests of the older SDK."""
    called = member.parent
    if called is None or called.type != "call_expression" or called.child_by_field_name("function") != member:
        return None
    outer = whole(called)
    start, end = code.span(expr), code.span(called)
    gone = (Span(start.end_line, start.end_column, end.end_line, end.end_column), "")
    awaits = outer.parent is not None and outer.parent.type == "await_expression"
    return f"await {code.short(expr)}", [gone] if awaits else [code.before(outer, "await "), gone]


def uses_of(expr: Node) -> list[Node]:
    """Where the variable that keeps a value is used, in the function that declares it."""
    declared = expr.parent
    function = function_of(expr)
    if declared is None or declared.type != "variable_declarator" or function is None:
        return []
    name = declared.child_by_field_name("name")
    own = syntax.text(name)
    return [
        each
        for each in inside(function)
        if each.type in ("identifier", "shorthand_property_identifier") and each != name and syntax.text(each) == own
    ]


def taken_by(use: Node) -> str:
    """What takes a promise as one: `race` of `Promise.race([…])`, the name of a method of it, `await`; empty for other uses."""
    parent = use.parent
    if parent is not None and parent.type in ("array", "spread_element"):
        parent = parent.parent
    if parent is not None and parent.type == "member_expression" and parent.child_by_field_name("object") == use:
        name = syntax.text(parent.child_by_field_name("property"))
        return name if name in ("then", "catch", "finally") else ""
    if parent is not None and parent.type == "await_expression":
        return "await"
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    callee = syntax.text(call.child_by_field_name("function")) if call is not None else ""
    return callee.removeprefix("Promise.") if callee.startswith("Promise.") else ""


_LIMITED = re.compile(r"time_?out|deadline|within|race|^p?any$", re.IGNORECASE)
"""Names of functions that give the promise up which they are handed."""


def is_raced(code: Code, expr: Node) -> bool:
    """Whether a promise, or the variable that keeps it, is given a limit: an unlimited wait for it would take that away."""
    return any(_is_limited(code, each) for each in (expr, *uses_of(expr)))


def _is_limited(code: Code, expr: Node) -> bool:
    """Whether a promise is handed to what may give it up: `Promise.race`, or a function named, or made, for that."""
    taken = expr.parent
    if taken is not None and taken.type == "array":
        taken = taken.parent
    call = taken.parent if taken is not None and taken.type == "arguments" else None
    callee = call.child_by_field_name("function") if call is not None else None
    if callee is None or callee.type not in ("identifier", "member_expression"):
        return False
    name = syntax.text(callee).rpartition(".")[2]
    if _LIMITED.search(name):
        return name not in ("setTimeout", "clearTimeout")
    body = re.search(rf"function {re.escape(name)}\b|\b{re.escape(name)} = ", syntax.text(code.root))
    defined = code.root.descendant_for_byte_range(body.start(), body.end()) if body is not None else None
    return defined is not None and "Promise.race(" in syntax.text(statement_of(defined) or defined)


def _is_used_as_promise(expr: Node) -> bool:
    """Whether the code calls a promise's methods by its name: what it resolves to has none of them."""
    return any(taken_by(use) in ("then", "catch", "finally") for use in uses_of(expr))


def _is_awaited_later(expr: Node) -> bool:
    """Whether variables keep this promise and another, and both are awaited: an error of the other would not be caught."""
    declared = expr.parent
    function = function_of(expr)
    if declared is None or declared.type != "variable_declarator" or function is None:
        return False
    awaited_names = {
        syntax.text(each.named_children[0])
        for each in inside(function)
        if each.type == "await_expression" and each.named_children and each.named_children[0].type == "identifier"
    }
    kept_names = {
        syntax.text(each.child_by_field_name("name"))
        for each in inside(function)
        if each.type == "variable_declarator" and function_of(each) == function
    }
    own = syntax.text(declared.child_by_field_name("name"))
    return own in awaited_names and len(awaited_names & kept_names) > 1


def links(expr: Node) -> bool:
    """Whether a promise becomes the next link of a chain in a variable: `chain = chain.then(…)`, which has to go on being a promise."""
    assigned = expr.parent
    if assigned is None or assigned.type != "assignment_expression" or assigned.child_by_field_name("right") != expr:
        return False
    name = syntax.text(assigned.child_by_field_name("left"))
    return syntax.text(expr).startswith(f"{name}.")


def is_combined(expr: Node) -> bool:
    """Whether a promise is one of several that a call of `Promise` is handed: to await it there would start the next one later."""
    parent = expr.parent
    if parent is not None and parent.type == "array":
        parent = parent.parent
    call = parent.parent if parent is not None and parent.type == "arguments" else None
    return call is not None and syntax.text(call.child_by_field_name("function")).startswith("Promise.")


def _may_wait(code: Code, node: Node) -> bool:
    function = function_of(node)
    if function is None:
        return code.path.endswith(_TOP) or _is_module(code)
    return is_async(function) and not _in_parameters(node, function)


def _in_parameters(node: Node, function: Node) -> bool:
    """Whether it is a default value, where `await` may not stand."""
    params = function.child_by_field_name("parameters")
    return params is not None and params.start_byte <= node.start_byte < params.end_byte


def _is_module(code: Code) -> bool:
    return any(child.type in ("import_statement", "export_statement") for child in code.root.children)


def made_async(code: Code, function: Node) -> Edits | None:
    """`async` before a function; None where it may not be."""
    if is_async(function) or syntax.has(function, "*") or function.type.startswith("generator"):
        return None
    if function.type == "method_definition":
        name = function.child_by_field_name("name")
        if (
            name is None
            or syntax.text(name) == "constructor"
            or syntax.has(function, "get")
            or syntax.has(function, "set")
        ):
            return None
        return [code.before(name, "async "), *_promising(code, function)]
    return [code.before(function, "async "), *_promising(code, function)]


def _promising(code: Code, function: Node) -> Edits:
    """`Promise<T>` in the place of the type that a function is said to return, which an async function may not."""
    given = _type_given(function)
    if given is None or _is_promise(given):
        return []
    return [code.before(given, "Promise<"), code.after(given, ">")]


def _type_given(function: Node) -> Node | None:
    annotation = function.child_by_field_name("return_type")
    return annotation.named_children[0] if annotation is not None and annotation.named_children else None


def _is_promise(given: Node) -> bool:
    return syntax.text(given).startswith(("Promise<", "PromiseLike<"))


def returned(code: Code, call: Node) -> Change | None:
    """`return` before a launch that ends a plain function's body, so that the function gives its promise."""
    function = function_of(call)
    expr = whole(call)
    statement = statement_of(call)
    if function is None or is_async(function) or statement is None or statement.type != "expression_statement":
        return None
    inner = statement.named_children[0]
    if inner != expr and not (inner.type == "unary_expression" and syntax.has(inner, "void")):
        return None
    body = function.child_by_field_name("body")
    given = _type_given(function)
    if body is None or not body.named_children or _last(body) != statement or not (given is None or _is_promise(given)):
        return None
    said = f"return {code.short(call)}"
    if inner != expr:
        return said, [code.until(inner, expr, "return ")]
    return said, [code.before(expr, "return ")]


def _last(body: Node) -> Node | None:
    return next((child for child in reversed(body.named_children) if child.type != "comment"), None)


def is_given(call: Node) -> bool:
    """Whether the function that a launch is in gives it to its caller."""
    expr = whole(call)
    parent = expr.parent
    while parent is not None and parent.type in (*BRACKETS, "ternary_expression"):
        expr, parent = parent, parent.parent
    if parent is None:
        return False
    return parent.type == "return_statement" or (
        parent.type == "arrow_function" and parent.child_by_field_name("body") == expr
    )


def is_handed_on(call: Node) -> bool:
    """Whether an async function gives it to its caller, awaited or not: it is for the caller to wait."""
    return is_given(call) and is_async(function_of(call))


_REGISTER = frozenset({"on", "once", "addListener", "prependListener", "addEventListener", "subscribe"})


def registers(call: Node) -> bool:
    """Whether a call only keeps the function that it is handed: what that returns is nobody's."""
    callee = call.child_by_field_name("function")
    name = callee.child_by_field_name("property") if callee is not None else None
    return name is not None and syntax.text(name) in _REGISTER


def key_given(call: Node) -> str:
    """The property of an object, which the function gives to its caller, that a promise is the value of; empty elsewhere."""
    pair = whole(call).parent
    if pair is None or pair.type != "pair" or pair.parent is None or not is_given(pair.parent):
        return ""
    key = pair.child_by_field_name("key")
    return syntax.text(key) if key is not None and key.type == "property_identifier" else ""


def kept_in(code: Code, call: Node, key: str) -> Change | None:
    """`await job.done` before each return, of a promise that is a property of what a call gives."""
    expr = whole(call)
    if expr.parent is not None and expr.parent.type == "await_expression":
        expr = expr.parent
    declared = expr.parent
    name = (
        declared.child_by_field_name("name")
        if declared is not None and declared.type == "variable_declarator"
        else None
    )
    function = function_of(call)
    if name is None or name.type != "identifier" or function is None or not is_async(function):
        return None
    words = f"await {syntax.text(name)}.{key}"
    edits = before_returns(code, call, function, f"{words};")
    return (words, edits) if edits else None


def kept(code: Code, call: Node) -> Change | None:
    """`await handle` before each return that does not come behind one, where the handle has a name that is used otherwise."""
    expr = whole(call)
    declared = expr.parent
    function = function_of(call)
    name = (
        declared.child_by_field_name("name")
        if declared is not None and declared.type == "variable_declarator"
        else None
    )
    if name is None or name.type != "identifier" or function is None or not is_async(function):
        return None
    handle = syntax.text(name)
    uses = uses_of(expr)
    if not uses or is_raced(code, expr):
        return None
    first = next(
        (use.start_byte for use in uses if use.parent is not None and use.parent.type == "await_expression"), None
    )
    edits = before_returns(code, call, function, f"await {handle};", first)
    return (f"await {handle}", edits) if edits else None


def through(steps: list[tuple[Code, Node]]) -> Iterator[tuple[str, dict[Code, Edits]]]:
    """Wait in a plain function that the handler calls: `steps` are the launch and the calls that lead to it, the nearest first."""
    edits: dict[Code, Edits] = {}
    said = ""
    for number, (code, node) in enumerate(steps):
        if number and code is not steps[number - 1][0] and said.startswith("await "):
            yield said, {each: [*made] for each, made in edits.items()}  # a framework of the other file may await it
        if registers(node):
            return
        if is_handed_on(node):
            continue
        direct = awaited(code, node)
        if direct is not None:
            if edits:
                yield f"{said}; {direct[0]}", {**edits, code: [*edits.get(code, ()), *direct[1]]}
            return
        function = function_of(node)
        given = returned(code, node)
        if is_given(node):
            continue
        if given is not None:
            said = given[0]
            edits.setdefault(code, []).extend(given[1])
            continue
        made = made_async(code, function) if function is not None else None
        expr = whole(node)
        if made is None or function is None or _in_parameters(node, function) or is_combined(expr) or links(expr):
            return
        said = f"await {code.short(node)}"
        edits.setdefault(code, []).extend([*made, code.before(expr, "await ")])
    if edits and said.startswith("await "):
        yield said, edits  # the last function is the handler, which Lambda waits for when it is async


def everywhere(code: Code, call: Node) -> Iterator[Change]:
    """Wait at every call of the same function in the file: work that it starts may be left by several of them."""
    callee = call.child_by_field_name("function")
    if callee is None:
        return
    name = syntax.text(callee)
    calls = [
        each
        for each in inside(code.root)
        if each.type == "call_expression" and syntax.text(each.child_by_field_name("function")) == name
    ]
    if len(calls) < 2:
        return
    edits: Edits = []
    for each in calls:
        outer = whole(each).parent
        if is_given(each) or (outer is not None and outer.type == "await_expression"):
            continue
        found = awaited(code, each) or returned(code, each)
        if found is None:
            return
        edits += found[1]
    yield f"await {code.short(call)}", edits
