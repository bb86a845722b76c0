"""Fixes that change the handler's outline: an async handler, work registered for the exit."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import Candidate, NoFix
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, CodeOf, Edits, dotted, unsafe, walk
from lint_lambda.frontends.python.edits.placing import wrapped_in_finally
from lint_lambda.frontends.python.edits.running import runners
from lint_lambda.knowledge.texts import say


def concerns(intent: FixIntent) -> bool:
    """Whether a fix is one of these."""
    return intent.kind in _MAKE


def candidates(intent: FixIntent, code_of: CodeOf) -> Iterator[Candidate]:
    """As `lint_lambda.frontends.python.edits.candidates`, for these kinds."""
    code = code_of(intent.launch.path)
    for title, edits in _MAKE[intent.kind](intent, code):
        yield unsafe(intent.launch.path, title, edits)


def _handler(intent: FixIntent, code: Code) -> Iterator[tuple[str, Edits]]:
    name = code.at(intent.launch.span, cst.Name)
    function = code.parent(name) if name is not None else None
    if name is None or not isinstance(function, cst.FunctionDef):
        raise NoFix(say("refusals.handler-elsewhere"))
    called = _named(intent, code)
    if isinstance(called, cst.Assign):
        yield from _assigned(intent, code, called)
    elif isinstance(called, cst.FunctionDef) and called is not function and called.asynchronous is not None:
        name, function = called.name, called  # what Lambda calls is what a decorator makes of it
    if function.asynchronous is None:
        raise NoFix(say("refusals.handler-result"))
    if any(isinstance(node, cst.Yield) for node in walk(function.body)):
        raise NoFix(say("refusals.async-generator"))
    uses = [node for node in walk(code.module) if isinstance(node, cst.Name) and node.value == name.value]
    if len(uses) > 1:
        raise NoFix(say("refusals.used-elsewhere", name=name.value))
    parameters = [*function.params.posonly_params, *function.params.params]
    owner, parameters = _owner(code, function, parameters)
    if len(parameters) != 2 or function.params.kwonly_params or isinstance(function.params.star_arg, cst.Param):
        raise NoFix(say("refusals.signature"))
    asyncio, imports = code.importing("asyncio")
    if not asyncio:
        raise NoFix(say("refusals.name-taken", name="asyncio"))
    plain = name.value.strip("_")
    inner = code.fresh(code.module, f"{plain}_async", f"async_{plain}")
    for moved in (True, False) if function.decorators else (False,):
        for before, run in _runs(intent, code, asyncio, owner):
            wrapper = _wrapper(code, function, owner, f"{run}{inner}", moved)
            edits = [*imports, (code.span(name), inner), code.after(function, f"{before}{wrapper}", indent="")]
            if moved:
                edits += [code.remove_line(decorator) for decorator in function.decorators]
            yield say("fixes.plain-handler", inner=inner, name=name.value), edits


def _named(intent: FixIntent, code: Code) -> cst.FunctionDef | cst.Assign | None:
    """What the module binds to the handler's name: a function, or another name for one."""
    names = {name for path, name in intent.handlers if path == intent.launch.path}
    for unit in code.module.body:
        if isinstance(unit, cst.FunctionDef) and unit.name.value in names:
            return unit
        for small in unit.body if isinstance(unit, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.Assign) and len(small.targets) == 1 and isinstance(small.value, cst.Name):
                if dotted(small.targets[0].target) in names and code.is_alone(small):
                    return small
    return None


def _assigned(intent: FixIntent, code: Code, assign: cst.Assign) -> Iterator[tuple[str, Edits]]:
    """``handler = main`` becomes a plain function that runs the coroutine."""
    asyncio, imports = code.importing("asyncio")
    name, inner = dotted(assign.targets[0].target), code.source(assign.value)
    for run in runners(intent, code, code.module) if asyncio else ():
        run = run.replace("asyncio.", f"{asyncio}.", 1)
        text = f"def {name}(event, context):{code.newline}{code.step()}return {run}{inner}(event, context))"
        yield say("fixes.plain-handler-of", inner=inner, name=name), [*imports, (code.span(assign), text)]


def _owner(
    code: Code, function: cst.FunctionDef, parameters: list[cst.Param]
) -> tuple[cst.ClassDef | None, list[cst.Param]]:
    """The class whose method the handler is, and the parameters that Lambda gives. Raises `NoFix` for other nested functions."""
    above = code.parent(function)
    if isinstance(above, cst.Module):
        return None, parameters
    owner = code.parent(above) if isinstance(above, cst.IndentedBlock) else None
    if not isinstance(owner, cst.ClassDef) or not isinstance(code.parent(owner), cst.Module) or len(parameters) != 3:
        raise NoFix(say("refusals.nested-handler"))
    return owner, parameters[1:]


def _runs(intent: FixIntent, code: Code, asyncio: str, owner: cst.ClassDef | None) -> Iterator[tuple[str, str]]:
    """What has to stand before the plain handler, and what runs the coroutine in it up to the opening parenthesis."""
    for run in runners(intent, code, code.module):
        yield "", run.replace("asyncio.", f"{asyncio}.", 1)
    if owner is None:
        # What belongs to one loop from one event to the next needs a loop that is kept.
        loop = code.fresh(code.module, "loop", "event_loop")
        yield f"\n\n{loop} = {asyncio}.new_event_loop()\n", f"{loop}.run_until_complete("


def _wrapper(code: Code, function: cst.FunctionDef, owner: cst.ClassDef | None, run: str, moved: bool) -> str:
    """The plain handler, as lines below the coroutine: `run` is what is called, up to the coroutine's name."""
    given = [each.name.value for each in (*function.params.posonly_params, *function.params.params)]
    indent = code.indent(function) if owner is not None else ""
    run, called = run[: run.rindex("(") + 1], run[run.rindex("(") + 1 :]
    called = f"{given[0]}.{called}" if owner is not None else called
    lines = [code.source(each).strip() for each in function.decorators] if moved else []
    lines.append(f"def {function.name.value}({', '.join(given)}):")
    lines.append(f"{code.step()}return {run}{called}({', '.join(given[-2:])}))")
    return ("\n" if owner is not None else "\n\n") + "\n".join(indent + line for line in lines)


def _atexit(intent: FixIntent, code: Code) -> Iterator[tuple[str, Edits]]:
    call = code.at(intent.launch.span, cst.Call)
    if intent.handler.path != intent.launch.path:
        raise NoFix(say("refusals.hook-elsewhere"))
    if call is None:
        yield from _decorated_atexit(intent, code)
        return
    statement = code.statement(call)
    if not isinstance(statement, cst.Expr) or not code.is_alone(statement) or not call.args:
        raise NoFix(say("refusals.hook-used"))
    first, *rest = call.args
    if first.star or first.keyword is not None or not dotted(first.value):
        raise NoFix(say("refusals.hook-unnamed"))
    if dotted(first.value).rpartition(".")[2] in ("stop", "close", "shutdown", "terminate"):
        raise NoFix(say("refusals.hook-ends", name=dotted(first.value)))
    arguments = ", ".join(code.source(argument).rstrip().rstrip(",") for argument in rest)
    run = f"{dotted(first.value)}({arguments})"
    unit = code.unit(statement)
    function = code.function(call)
    target = function if isinstance(function, cst.FunctionDef) else _definition(code, intent)
    body = list(bindings.suite(target.body)) if target is not None else []
    if isinstance(function, cst.FunctionDef):
        block = code.block(unit)
        body = block[block.index(unit) + 1 :] if block else []
    elif body and _is_docstring(body[0]):
        body = body[1:]
    if not body or not isinstance(body[0], (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
        raise NoFix(say("refusals.hook-last"))
    yield (
        say("fixes.not-at-exit", code=run),
        [
            *unimported(code, call),
            code.remove_line(unit),
            *wrapped_in_finally(code, body, run),
        ],
    )


def _decorated_atexit(intent: FixIntent, code: Code) -> Iterator[tuple[str, Edits]]:
    """Take ``@atexit.register`` away, and call the function in a ``finally`` block of the handler, which does not call it yet."""
    hook = code.at(intent.launch.span, cst.Attribute) or code.at(intent.launch.span, cst.Name)
    decorator = code.parent(hook) if hook is not None else None
    function = code.parent(decorator) if isinstance(decorator, cst.Decorator) else None
    handler = _definition(code, intent)
    if hook is None or decorator is None or not isinstance(function, cst.FunctionDef) or handler is None:
        raise NoFix(say("refusals.hook-decorator"))
    name = function.name.value
    given = function.params
    called = any(isinstance(node, cst.Call) and dotted(node.func) == name for node in walk(handler))
    if called or given.params or given.kwonly_params or given.posonly_params or function.asynchronous is not None:
        raise NoFix(say("refusals.hook-decorator"))
    if name in ("stop", "close", "shutdown", "terminate"):
        raise NoFix(say("refusals.hook-ends", name=name))
    body = list(bindings.suite(handler.body))
    body = body[1:] if _is_docstring(body[0]) else body
    if not body or not isinstance(body[0], (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
        raise NoFix(say("refusals.hook-last"))
    run = f"{name}()"
    edits = [*unimported(code, hook), code.remove_line(decorator), *wrapped_in_finally(code, body, run)]
    yield say("fixes.not-at-exit", code=run), edits


def unimported(code: Code, call: cst.BaseExpression) -> Edits:
    """Take away ``import atexit`` when this was its only use."""
    uses = [node for node in walk(code.module) if isinstance(node, cst.Name) and node.value == "atexit"]
    used = call.func if isinstance(call, cst.Call) else call
    if not isinstance(used, cst.Attribute) or len(uses) > 2:
        return []
    for unit in code.module.body:
        if isinstance(unit, cst.SimpleStatementLine) and code.source(unit) == "import atexit":
            return [code.remove_line(unit)]
    return []


def _definition(code: Code, intent: FixIntent) -> cst.FunctionDef | None:
    name = code.at(intent.handler.span, cst.Name)
    function = code.parent(name) if name is not None else None
    return function if isinstance(function, cst.FunctionDef) else None


def _is_docstring(unit: cst.CSTNode) -> bool:
    return (
        isinstance(unit, cst.SimpleStatementLine)
        and isinstance(unit.body[0], cst.Expr)
        and isinstance(unit.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )


_MAKE = {"handler": _handler, "atexit": _atexit}
"""By kind."""
