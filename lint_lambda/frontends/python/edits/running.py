"""How a plain function runs a coroutine: in the event loop that the code keeps, or in one that takes nobody's away.

`asyncio.run` leaves the thread without a current event loop. Where other code asks for that, as Mangum does in every invocation,
the next invocation would fail.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.source import Span
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, own, own_body, walk

_MAKERS = ("get_event_loop", "new_event_loop")
"""Functions of asyncio's, and of policies, whose result is a loop that can be kept."""


def runners(intent: FixIntent, code: Code, near: cst.CSTNode) -> Iterator[str]:
    """What runs a coroutine at `near`, up to the opening parenthesis; best first.

    Every one but ``asyncio.run`` is known to leave the current event loop where it is.
    """
    loop = kept_loop(code, near)
    if loop:
        yield f"{loop}.run_until_complete("
    if "current-loop" not in intent.traits:
        yield "asyncio.run("
    elif _asks_for_current(code):
        yield "asyncio.get_event_loop().run_until_complete("


def kept_loop(code: Code, near: cst.CSTNode) -> str:
    """The name of an event loop that is made before `near`, by the function around it or by the module, and not closed."""
    function = code.function(near)
    if isinstance(function, cst.FunctionDef):
        before = [node for node in own_body(function) if code.span(node) < code.span(near)]
        around = {id(each) for above in code.ancestors(near) for each in _block(above)}
        for node in before:
            if isinstance(node, cst.Assign) and id(code.unit(node)) in around:
                name = _loop_made_by(node)
                if name and f"{name}.close" not in map(_called, before):
                    return name
    for unit in code.module.body:
        for node in own(unit) if isinstance(unit, cst.SimpleStatementLine) else ():
            if isinstance(node, cst.Assign):
                name = _loop_made_by(node)
                if name and f"{name}.close" not in map(_called, walk(code.module)) and not _hidden(function, name):
                    return name
    return ""


def in_a_loop_of_its_own(code: Code, node: cst.BaseExpression) -> tuple[str, Edits] | None:
    """The statement around the coroutine `node`, with a loop that is made for it and closed behind it; what is said of that."""
    statement = code.statement(node)
    unit = code.unit(statement)
    if not isinstance(statement, cst.BaseSmallStatement) or not code.is_alone(statement):
        return None
    if not all(isinstance(above, (cst.Expr, cst.Assign, cst.Return)) for above in (code.parent(node),)):
        return None
    name = code.fresh(node, "loop", "event_loop")
    asyncio, imports = code.importing("asyncio")
    contextlib, more = code.importing("contextlib")
    if not asyncio or not contextlib:
        return None
    begin = f"{name}.run_until_complete("
    indent = code.indent(unit)
    header = f"with {contextlib}.closing({asyncio}.new_event_loop()) as {name}:{code.newline}{indent}"
    edits = [*imports, *more, code.insert(statement, header), *code.indented([unit])[1:]]
    edits += [code.insert(statement, code.step()), code.insert(node, begin), code.append(node, ")")]
    return f"{begin}…)", edits


def made_async(code: Code, node: cst.Call) -> tuple[str, Edits] | None:
    """Make the plain function around the coroutine `node` async, where all that this file does with it is to call it in coroutines."""
    function = code.function(node)
    if not isinstance(function, cst.FunctionDef) or function.decorators or _yields(function):
        return None
    name = function.name.value
    uses = [each for each in walk(code.module) if isinstance(each, cst.Name) and each.value == name]
    calls = [_call_of(code, use) for use in uses if use is not function.name]
    if not calls or not all(call is not None and code.is_async(call) for call in calls):
        return None
    edits = [code.insert(function, "async "), _awaiting(code, node)]
    edits += [_awaiting(code, call) for call in calls if call is not None]
    closing = [code.append(each, ")") for each in (node, *calls) if each is not None and _binds(code, each)]
    return f"await {name}(…)", [*edits, *closing]


def _call_of(code: Code, name: cst.Name) -> cst.Call | None:
    """The call of what the name stands for, also of a method of that name; None where it is used in another way."""
    above = code.parent(name)
    func = above if isinstance(above, cst.Attribute) and above.attr is name else name
    call = code.parent(func)
    return call if isinstance(call, cst.Call) and call.func is func else None


def _awaiting(code: Code, call: cst.Call) -> tuple[Span, str]:
    return code.insert(call, "(await " if _binds(code, call) else "await ")


def _binds(code: Code, call: cst.Call) -> bool:
    """Whether what stands behind the call would be read with it."""
    above = code.parent(call)
    return isinstance(above, (cst.Attribute, cst.Subscript)) or (isinstance(above, cst.Call) and above.func is call)


def _yields(function: cst.FunctionDef) -> bool:
    return any(isinstance(node, cst.Yield) for node in own_body(function))


def _block(node: cst.CSTNode) -> list[cst.CSTNode]:
    return list(node.body) if isinstance(node, (cst.IndentedBlock, cst.SimpleStatementSuite)) else []


def _loop_made_by(node: cst.Assign) -> str:
    """The plain name that an assignment gives to a new, or the current, event loop."""
    if not isinstance(node.value, cst.Call) or dotted(node.value.func).rpartition(".")[2] not in _MAKERS:
        return ""
    names = [dotted(target.target) for target in node.targets]
    return names[0] if len(names) == 1 and names[0].isidentifier() else ""


def _called(node: cst.CSTNode) -> str:
    return dotted(node.func) if isinstance(node, cst.Call) else ""


def _hidden(function: cst.FunctionDef | cst.Lambda | cst.Module, name: str) -> bool:
    """Whether the function has a variable of its own of that name."""
    return isinstance(function, cst.FunctionDef) and name in bindings.of_body(bindings.suite(function.body), True).own


def _asks_for_current(code: Code) -> bool:
    """Whether the file itself asks for the current event loop by asyncio's name."""
    return any(_called(node) == "asyncio.get_event_loop" for node in walk(code.module))
