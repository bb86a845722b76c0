"""Waiting for each of many: `Promise.all` around a `map`, around what is awaited as a list, or of a list at each return."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lint_lambda.core.source import Span
from lint_lambda.frontends.javascript import syntax
from lint_lambda.frontends.javascript.edits.awaiting import awaited, links
from lint_lambda.frontends.javascript.edits.code import (
    FUNCTIONS,
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


def changes(code: Code, call: Node, hops: list[Node]) -> Iterator[Change]:
    """Every way to wait for what a launch is one of, the plainest first. `hops`: the calls that lead to it, the nearest first."""
    yield from _in_a_list(code, call)
    yield from _reduced(code, call)
    callback = _callback(call)
    if callback is not None:
        yield from _each(code, call, *callback)
    else:
        yield from _by_name(code, call)
    yield from _pushed(code, call, hops)
    yield from _chained(code, call, hops)


def gathered(call: Node) -> Node | None:
    """The call of `Promise.all`, or `allSettled`, that a promise is handed to: alone, in a list, or by the callback of a `map`."""
    expr = whole(call)
    while (parent := expr.parent) is not None:
        if parent.type == "array":
            expr = parent
            continue
        handed = parent.parent if parent.type == "arguments" else None
        if handed is not None and handed.type == "call_expression":
            callee = syntax.text(handed.child_by_field_name("function"))
            if callee in ("Promise.all", "Promise.allSettled"):
                return handed
        found = _callback(expr) if handed is None or expr.type in FUNCTIONS else None
        if found is None or found[2] == "forEach" or whole(found[1]) == expr:
            return None
        expr = whole(found[1])
    return None


def _in_a_list(code: Code, call: Node) -> Iterator[Change]:
    """`await Promise.all([…])` of `await […]`."""
    expr = whole(call)
    array = expr.parent
    if array is None or array.type != "array":
        return
    outer = whole(array)
    if outer.parent is not None and outer.parent.type == "await_expression":
        yield "await Promise.all([…])", [code.before(array, "Promise.all("), code.after(array, ")")]


def _reduced(code: Code, call: Node) -> Iterator[Change]:
    """`await before` as the first step of a callback of `reduce` that never awaits the promise of the step before it."""
    within = call if call.type in FUNCTIONS else None
    if within is None and call.type == "call_expression" and _method(call).startswith("reduce"):
        given = call.child_by_field_name("arguments")
        within = given.named_children[0] if given is not None and given.named_children else None
    taken = within.parent.parent if within is not None and within.parent is not None else None
    if within is None or taken is None or taken.type != "call_expression" or not is_async(within):
        return
    body, params = within.child_by_field_name("body"), within.child_by_field_name("parameters")
    first = params.named_children[0] if params is not None and params.named_children else None
    first = first.child_by_field_name("pattern") or first if first is not None else None
    if first is None or first.type != "identifier" or body is None or body.type != "statement_block":
        return
    name = syntax.text(first)
    statements = [each for each in body.named_children if each.type != "comment"]
    awaits = any(each.type == "await_expression" and name in syntax.text(each) for each in inside(body))
    if _method(taken).startswith("reduce") and statements and not awaits:
        yield f"await {name}", [code.before(statements[0], f"await {name};\n{code.indent(statements[0])}")]


def _callback(call: Node) -> tuple[Node, Node, str] | None:
    """The function that a launch is, or is in, the call of a method of a list that it is handed to, and the method."""
    within = [call] if call.type in FUNCTIONS else []
    function = function_of(call)
    within += [function] if function is not None else []
    for each in within:
        listed = each.parent
        handed = listed.parent if listed is not None and listed.type == "arguments" else None
        if handed is not None and handed.type == "call_expression" and listed is not None:
            name = _method(handed)
            if name in ("forEach", "map", "flatMap") and listed.named_children[0] == each:
                return each, handed, name
            if _makes_list(handed) and listed.named_children[1:2] == [each]:
                return each, handed, name
    if call.type == "call_expression" and _method(call) in ("forEach", "map", "flatMap"):
        listed = call.child_by_field_name("arguments")
        first = listed.named_children[0] if listed is not None and listed.named_children else None
        if first is not None and first.type in FUNCTIONS:
            return first, call, _method(call)
    if call.type == "call_expression" and _makes_list(call):
        second = call.child_by_field_name("arguments")
        given = second.named_children[1:2] if second is not None else []
        if given and given[0].type in FUNCTIONS:
            return given[0], call, _method(call)
    return None


def _makes_list(call: Node) -> bool:
    """Whether a call is `Array.from(list, function)`."""
    return syntax.text(call.child_by_field_name("function")) == "Array.from"


def _method(call: Node) -> str:
    callee = call.child_by_field_name("function")
    return (
        syntax.text(callee.child_by_field_name("property"))
        if callee is not None and callee.type == "member_expression"
        else ""
    )


def _each(code: Code, call: Node, function: Node, handed: Node, method: str) -> Iterator[Change]:
    outer = awaited(code, handed)
    callee = handed.child_by_field_name("function")
    if outer is None or callee is None or not is_async(function_of(handed)):
        return
    name = callee.child_by_field_name("property")
    inside = _given_by_callback(code, call, function)
    if name is None or inside is None:
        return
    before, after = code.before(handed, "await Promise.all("), code.after(handed, ")")
    renamed = [code.replaced(name, "map")] if method == "forEach" else []
    mapped = "map" if method == "forEach" else method
    said = f"await Promise.all({syntax.text(callee.child_by_field_name('object'))}.{mapped}(…))"
    returned = handed.parent is not None and handed.parent.type == "return_statement"
    if returned:
        before, said = code.before(handed, "Promise.all("), said.removeprefix("await ")
    void = handed.parent
    if void is not None and void.type == "unary_expression" and syntax.has(void, "void"):
        before = code.until(void, handed, "await Promise.all(")
    yield said, [before, *renamed, *inside, after]
    if method == "forEach":
        yield from _loop(code, call, function, handed, callee)


def _by_name(code: Code, call: Node) -> Iterator[Change]:
    """`await Promise.all(list.map(work))` of `list.forEach(work)`, where the function has a name."""
    callee = call.child_by_field_name("function") if call.type == "call_expression" else None
    name = callee.child_by_field_name("property") if callee is not None else None
    given = arguments(call)
    if callee is None or name is None or _method(call) != "forEach" or len(given) != 1:
        return
    outer = awaited(code, call)
    if given[0].type not in ("identifier", "member_expression") or outer is None or not _is_plain_in(call):
        return
    said = f"await Promise.all({syntax.text(callee.child_by_field_name('object'))}.map(…))"
    yield (
        said,
        [code.before(call, "await Promise.all("), code.replaced(name, "map"), code.after(call, ")")],
    )


def _given_by_callback(code: Code, call: Node, function: Node) -> Edits | None:
    """What makes a callback give the promise of the launch in it; None where that is not plain."""
    if is_async(function):
        if call is function or call.type != "call_expression" or function_of(call) != function:
            return []
        inner = awaited(code, call)
        return inner[1] if inner is not None else []
    body = function.child_by_field_name("body")
    expr = whole(call)
    if body is None or function_of(call) != function:
        return None
    if body == expr:
        return []
    statement = statement_of(call)
    if statement is None or statement.type == "return_statement":
        return [] if statement is not None else None
    return [code.before(function, "async "), code.before(expr, "await ")] if _is_plain(statement, expr) else None


def _is_plain(statement: Node, expr: Node) -> bool:
    return statement.type == "expression_statement" and statement.named_children[0] == expr


def _loop(code: Code, call: Node, function: Node, handed: Node, callee: Node) -> Iterator[Change]:
    """`for (const each of list) { … }`, of a `forEach` that is a statement of its own."""
    statement = handed.parent
    body, params = function.child_by_field_name("body"), function.child_by_field_name("parameters")
    single = function.child_by_field_name("parameter")
    names = [single] if single is not None else list(params.named_children) if params is not None else []
    values = callee.child_by_field_name("object")
    if statement is None or statement.type != "expression_statement" or body is None or values is None:
        return
    if (
        body.type != "statement_block"
        or len(names) != 1
        or names[0].type not in ("identifier", "array_pattern", "object_pattern")
    ):
        return
    if any(each.type == "return_statement" and function_of(each) == function for each in inside(body)):
        return
    inner: Edits = []
    if not is_async(function):
        expr = whole(call)
        if not _is_plain_in(expr):
            return
        inner = [code.before(expr, "await ")]
    head = f"for (const {syntax.text(names[0])} of {syntax.text(values)}) "
    span = code.span(handed)
    end = code.span(statement)
    start = code.span(body)
    opening = (Span(span.line, span.column, start.line, start.column), head)
    closing = (Span(start.end_line, start.end_column, end.end_line, end.end_column), "")
    yield f"for (const {syntax.text(names[0])} of …) await …", [opening, *inner, closing]


def _is_plain_in(expr: Node) -> bool:
    return expr.parent is not None and expr.parent.type == "expression_statement"


def _pushed(code: Code, call: Node, hops: list[Node]) -> Iterator[Change]:
    """`await Promise.all(list)` before each return that follows, of a launch that is pushed into a list."""
    expr = whole(call)
    arguments = expr.parent
    pushing = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    if pushing is None or pushing.type != "call_expression" or _method(pushing) not in ("push", "unshift", "add"):
        return
    callee = pushing.child_by_field_name("function")
    values = callee.child_by_field_name("object") if callee is not None else None
    if values is None or values.type not in ("identifier", "member_expression"):
        return
    yield from _where_async(code, [pushing, *hops], syntax.text(values), "Promise.all({name})")


def _chained(code: Code, call: Node, hops: list[Node]) -> Iterator[Change]:
    """`await chain` before each return that follows, of a variable that is given its own next link."""
    expr = whole(call)
    if links(expr) and expr.parent is not None:
        name = syntax.text(expr.parent.child_by_field_name("left"))
        yield from _where_async(code, [expr.parent, *hops], name, "{name}")


def _where_async(code: Code, nears: list[Node], name: str, words: str) -> Iterator[Change]:
    """A wait in the first async function of those around the nodes, by the name that what is waited for has there."""
    hops = nears[1:]
    for number, near in enumerate(nears):
        function = function_of(near)
        if function is None:
            return
        if is_async(function):
            said = f"await {words.format(name=name)}"
            edits = before_returns(code, near, function, f"{said};")
            if edits:
                yield said, edits
            return
        if name.startswith("this."):
            private = name.startswith("this.#")
            name = _seen_by_caller(name, hops[number]) if number < len(hops) and not private else ""
        elif declares(function, name.split(".", maxsplit=1)[0]):
            return  # the caller has no name for it
        if not name:
            return


def _seen_by_caller(name: str, hop: Node) -> str:
    """`this.jobs` of a method, as it is called where the method is: `service.jobs` for `service.start()`."""
    callee = hop.child_by_field_name("function")
    owner = callee.child_by_field_name("object") if callee is not None and callee.type == "member_expression" else None
    return (
        f"{syntax.text(owner)}.{name.removeprefix('this.')}"
        if owner is not None and "(" not in syntax.text(owner)
        else ""
    )
