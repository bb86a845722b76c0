"""What a launch runs, as a function and its arguments, and what is left of the code when something else runs it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import libcst as cst

from lint_lambda.core.finding import FixIntent
from lint_lambda.core.intent import NoFix
from lint_lambda.core.record import dataclass, field
from lint_lambda.frontends.python import bindings
from lint_lambda.frontends.python.edits.code import Code, Edits, dotted, own, own_body, walk
from lint_lambda.frontends.python.edits.unused import has_comment, is_commented, unneeded
from lint_lambda.knowledge.texts import say


@dataclass
class Work:
    """- `function`, `arguments`: source of what is called, and with what.
    - `coroutine`: source of the coroutine that the launch was given, where it was given one.
    - `made`: the construction of a thread that is started elsewhere. `delayed`: the launch would have begun later.
    """

    function: str
    arguments: tuple[str, ...]
    coroutine: str = ""
    made: cst.Call | None = None
    delayed: bool = False

    def call(self, name: str) -> str:
        """``name(function, arguments)``"""
        return f"{name}({', '.join((self.function, *self.arguments))})"


def work(code: Code, launch: cst.Call, intent: FixIntent) -> Work:
    """What the launch runs. Raises `NoFix` where that cannot be told."""
    if intent.remedy.kind.started:
        return _of_thread(code, launch, intent)
    return of_coroutine(code, launch) if intent.kind == "coroutine" else _of_call(code, launch, intent)


# --- threads and timers ----------------------------------------------------------------------------------------------


def _of_thread(code: Code, launch: cst.Call, intent: FixIntent) -> Work:
    kind = intent.call.split(".")[-2]
    if not isinstance(launch.func, cst.Attribute) or launch.func.attr.value != "start":
        raise NoFix(say("refusals.no-start"))
    base = launch.func.value
    if isinstance(base, cst.NamedExpr):
        _refuse_used(code, launch, dotted(base.target))
        base = base.value
    made = base if isinstance(base, cst.Call) else _construction(code, launch, dotted(base))
    if made is None or dotted(made.func).rpartition(".")[2] != kind:
        raise NoFix(say("refusals.subclass"))
    names = (
        ("interval", "function", "args", "kwargs") if kind == "Timer" else ("group", "target", "name", "args", "kwargs")
    )
    given = _bound(made, names)
    function = given.get("function" if kind == "Timer" else "target")
    if function is None:
        raise NoFix(say("refusals.no-target"))
    arguments = (*_elements(code, given.get("args")), *_pairs(code, given.get("kwargs")))
    return Work(code.source(function), arguments, made=None if made is base else made, delayed=kind == "Timer")


def _refuse_used(code: Code, launch: cst.Call, handle: str) -> None:
    uses = [node for node in walk(code.function(launch)) if isinstance(node, cst.Name) and node.value == handle]
    if len(uses) != 1:
        raise NoFix(say("refusals.used"))


def _bound(call: cst.Call, names: Sequence[str]) -> dict[str, cst.BaseExpression]:
    found: dict[str, cst.BaseExpression] = {}
    for position, argument in enumerate(call.args):
        if argument.star or (argument.keyword is None and position >= len(names)):
            raise NoFix(say("refusals.unclear-arguments"))
        found[names[position] if argument.keyword is None else argument.keyword.value] = argument.value
    return found


def _elements(code: Code, node: cst.BaseExpression | None) -> tuple[str, ...]:
    """``args=(a, b)`` as arguments."""
    if node is None or dotted(node) == "None":
        return ()
    if isinstance(node, (cst.Tuple, cst.List)):
        return tuple(
            f"*{code.source(element.value)}" if isinstance(element, cst.StarredElement) else code.source(element.value)
            for element in node.elements
        )
    return (f"*{_operand(code, node)}",)


def _pairs(code: Code, node: cst.BaseExpression | None) -> tuple[str, ...]:
    """``kwargs={"a": 1}`` as arguments."""
    if node is None or dotted(node) == "None":
        return ()
    if isinstance(node, cst.Dict):
        keys = [e.key if isinstance(e, cst.DictElement) else None for e in node.elements]
        named = [str(key.evaluated_value) for key in keys if isinstance(key, cst.SimpleString)]
        if len(named) == len(node.elements) and all(name.isidentifier() for name in named):
            return tuple(f"{name}={code.source(e.value)}" for name, e in zip(named, node.elements))
    if isinstance(node, cst.Call) and dotted(node.func) == "dict" and all(a.keyword is not None for a in node.args):
        return tuple(_argument(code, argument) for argument in node.args)
    return (f"**{_operand(code, node)}",)


def _operand(code: Code, node: cst.BaseExpression) -> str:
    plain = isinstance(node, (cst.Name, cst.Attribute, cst.Call, cst.Subscript)) or bool(node.lpar)
    return code.source(node) if plain else f"({code.source(node)})"


def _construction(code: Code, launch: cst.Call, handle: str) -> cst.Call | None:
    """The one call whose result the name holds."""
    function = code.function(launch)
    if not handle.isidentifier() or not isinstance(function, cst.FunctionDef):
        return None
    made = [node.value for node in own_body(function) if isinstance(node, cst.Assign) and _names(node) == [handle]]
    return made[0] if len(made) == 1 and isinstance(made[0], cst.Call) else None


# --- other launches --------------------------------------------------------------------------------------------------


def _of_call(code: Code, launch: cst.Call, intent: FixIntent) -> Work:
    """``pool.submit(f, x)``, ``create_task(f(x))``, ``loop.run_in_executor(None, f, x)``, ``loop.call_soon(f, x)``."""
    last = intent.call.rpartition(".")[2].removesuffix("()")
    if dotted(launch.func).rpartition(".")[2] != last and not code.source(launch.func).endswith(f".{last}"):
        raise NoFix(say("refusals.alias"))
    if last in ("create_task", "ensure_future"):
        if not launch.args or launch.args[0].star or not isinstance(launch.args[0].value, cst.Call):
            raise NoFix(say("refusals.made-before"))
        return of_coroutine(code, launch.args[0].value)
    if intent.remedy.work < 0:
        raise NoFix(say("refusals.not-one-function"))
    arguments = launch.args[intent.remedy.work :]
    if not arguments or arguments[0].star or arguments[0].keyword is not None:
        raise NoFix(say("refusals.unclear-arguments"))
    if intent.remedy.kind.loop == "always" and any(argument.keyword is not None for argument in arguments):
        raise NoFix(say("refusals.unclear-arguments"))  # a loop takes some for itself
    rest = tuple(_argument(code, argument) for argument in arguments[1:])
    return Work(code.source(arguments[0].value), rest, delayed=bool(intent.remedy.begins))


def of_coroutine(code: Code, call: cst.Call) -> Work:
    """``f(x)`` of a coroutine function as `f` and what it is called with. Raises `NoFix`."""
    name = dotted(call.func)
    if name == "asyncio.to_thread" and call.args and not call.args[0].star and call.args[0].keyword is None:
        function, *rest = call.args
        return Work(code.source(function.value), tuple(_argument(code, argument) for argument in rest))
    if name.startswith("asyncio."):
        raise NoFix(say("refusals.needs-loop"))
    return Work(code.source(call.func), tuple(_argument(code, a) for a in call.args), coroutine=code.source(call))


def _argument(code: Code, argument: cst.Arg) -> str:
    name = f"{argument.keyword.value}=" if argument.keyword is not None else ""
    return f"{argument.star}{name}{code.source(argument.value)}"


BINDS = (cst.Assign, cst.AugAssign, cst.AnnAssign, cst.For, cst.NamedExpr)
"""Nodes that give variables values."""


def bound_by(node: cst.CSTNode) -> Iterator[str]:
    """The variables that one of `BINDS` gives values to."""
    if isinstance(node, cst.Assign):
        for target in node.targets:
            yield from bindings.of_target(target.target)
    elif isinstance(node, (cst.AugAssign, cst.AnnAssign, cst.For, cst.NamedExpr)):
        yield from bindings.of_target(node.target)


# --- the code without the launch -------------------------------------------------------------------------------------


@dataclass
class Replaced:
    """`edits` put something else in the place of a launch; what they take away are the nodes `gone`, and whole `lines`."""

    edits: Edits
    gone: list[cst.CSTNode]
    lines: list[cst.CSTNode] = field(default_factory=list)

    def parts(self) -> list[cst.CSTNode]:
        """Every node that is taken away."""
        return [node for each in self.gone for node in walk(each)]


def replaced(code: Code, launch: cst.Call, found: Work, text: str, makers: Collection[str]) -> Replaced:
    """Write `text` in the place of the launch, and take its handle away. Raises `NoFix` where something uses the handle.

    `makers`: calls that make the object whose method launches, which is not needed any more if it was made for this alone.
    """
    result = _replaced(code, launch, found, text)
    if any(has_comment(node) for node in result.gone) or any(is_commented(code, line) for line in result.lines):
        raise NoFix(say("refusals.comment"))
    function = code.function(launch)
    if isinstance(function, cst.FunctionDef) and isinstance(launch.func, cst.Attribute):
        _drop_pool(code, function, launch, result, makers)
    _drop_imports(code, result, text)
    return result


def _replaced(code: Code, launch: cst.Call, found: Work, text: str) -> Replaced:
    function = code.function(launch)
    if not isinstance(function, cst.FunctionDef):
        raise NoFix(say("refusals.module-or-lambda"))
    statement = code.statement(launch)
    target = dotted(launch.func.value) if found.made is not None and isinstance(launch.func, cst.Attribute) else ""
    if target:
        return _without_handle(code, function, launch, target, text)
    if isinstance(statement, (cst.Assign, cst.AnnAssign)) and statement.value is launch:
        names = _names(statement)
        if len(names) == 1:
            _refuse_used(code, launch, names[0])
            return Replaced([(code.span(statement), text)], [statement])
    elif _is_dropped(code, launch):
        return Replaced([(code.span(launch), text)], [launch])
    raise NoFix(say("refusals.used"))


def _is_dropped(code: Code, launch: cst.Call) -> bool:
    if launch.lpar:
        return False
    above = code.parent(launch)
    while isinstance(above, (cst.BooleanOperation, cst.IfExp, cst.ListComp)):
        above = code.parent(above)
    return isinstance(above, cst.Expr)


def _without_handle(code: Code, function: cst.FunctionDef, launch: cst.Call, handle: str, text: str) -> Replaced:
    """``t = Thread(target=f)``, ``t.daemon = True``, ``t.start()``: all that is done with the name."""
    gone: list[cst.CSTNode] = []
    block = code.block(code.unit(code.statement(launch)))
    for node in walk(function):
        if isinstance(node, cst.Name) and node.value == handle:
            statement = code.statement(node)
            unit = code.unit(statement)
            if not code.is_alone(statement) or unit not in block or not _is_about(code, statement, launch, handle):
                raise NoFix(say("refusals.used"))
            if statement not in gone:
                gone.append(statement)
    start = code.statement(launch)
    first = code.unit(gone[0])
    between = block[block.index(first) : block.index(code.unit(start))]
    made = gone[0]
    reads = {node.value for node in walk(made) if isinstance(node, cst.Name)} - {handle}
    for unit in between:
        for node in own(unit):
            if node is not made and isinstance(node, BINDS) and reads & set(bound_by(node)):
                raise NoFix(say("refusals.changing-arguments"))
    lines = [statement for statement in gone if statement is not start]
    removed = [code.remove_line(code.unit(statement)) for statement in lines]
    return Replaced([(code.span(launch), text), *removed], gone, lines)


def _is_about(code: Code, statement: cst.CSTNode, launch: cst.Call, handle: str) -> bool:
    """Whether a statement only makes the thread, describes it, or starts it."""
    if isinstance(statement, cst.Assign):
        described = [dotted(target.target) for target in statement.targets]
        makes = isinstance(statement.value, cst.Call) and described == [handle]
        return makes or described in ([f"{handle}.daemon"], [f"{handle}.name"])
    if not isinstance(statement, cst.Expr) or not isinstance(statement.value, cst.Call):
        return False
    return statement.value is launch or dotted(statement.value.func) == f"{handle}.setDaemon"


def _names(statement: cst.Assign | cst.AnnAssign) -> list[str]:
    """The plain names that it assigns to; nothing for any other target."""
    targets = [t.target for t in statement.targets] if isinstance(statement, cst.Assign) else [statement.target]
    names = [dotted(target) for target in targets]
    return names if all(name.isidentifier() for name in names) else []


def _drop_pool(
    code: Code, function: cst.FunctionDef, launch: cst.Call, result: Replaced, makers: Collection[str]
) -> None:
    """Take away a pool that was made for this launch alone."""
    pool = dotted(launch.func.value) if isinstance(launch.func, cst.Attribute) else ""
    gone = set(map(id, result.parts()))
    names = {maker.rpartition(".")[2] for maker in makers}
    lines: list[cst.CSTNode] = []
    for node in walk(function):
        if isinstance(node, cst.Name) and node.value == pool and id(node) not in gone:
            line = code.statement(node)
            made = line.value if isinstance(line, cst.Assign) and _names(line) == [pool] else None
            makes = isinstance(made, cst.Call) and dotted(made.func).rpartition(".")[2] in names
            ends = isinstance(line, cst.Expr) and code.source(line).startswith(f"{pool}.shutdown(")
            if not (makes or ends):
                return
            if not code.is_alone(line) or is_commented(code, line) or len(code.block(code.unit(line))) < 2:
                return
            lines.append(line)
    result.edits += [code.remove_line(code.unit(line)) for line in lines]
    result.gone += lines


def _drop_imports(code: Code, result: Replaced, text: str) -> None:
    """Take away imports that nothing needs any more."""
    parts = result.parts()
    roots = [dotted(node.func).partition(".")[0] for node in parts if isinstance(node, cst.Call)]
    result.edits += unneeded(code, parts, roots, text)
